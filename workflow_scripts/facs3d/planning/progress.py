"""What a run says: a line per finished step, and how the log of a failed one ends.

Snakemake's own ten lines per step are all in the run's log file (``.snakemake/log``), which its
quiet modes would empty, too. A logger plugin would have to be installed wherever the workflow runs;
a handler of its log needs no package but Snakemake's own.
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from functools import partial
from logging import FileHandler, LogRecord
from pathlib import Path
from typing import TYPE_CHECKING, Any

from snakemake.logging import ColorizingTextHandler, logger
from snakemake_interface_logger_plugins.common import LogEvent

if TYPE_CHECKING:
    from snakemake.workflow import Workflow

BAR = 20
LOG_LINES = 10
FAILED_BY_ITSELF = "returned non-zero exit status 1."
OF_NO_USE = (
    "Assuming unrestricted shared filesystem usage",
    "host: ",
    "Using shell: ",
    "Conda environments: ignored",
    "Group jobs: inactive",
    "Select jobs to execute",
    "Removing temporary output",
)
"""How messages begin that help nobody who watches and that bear no other mark."""


def show_steps(workflow: "Workflow") -> None:
    """Let a run say a line per step, unless Snakemake is told to say more (``--verbose``,
    ``--printshellcmds``, a dry run) or less (``--quiet``), or has another logger."""
    settings = workflow.output_settings
    told = settings.verbose or settings.printshellcmds or settings.debug_dag or settings.quiet
    if told or settings.dryrun or not workflow.is_main_process:
        return
    for handler in list(logger.handlers):
        if type(handler) is ColorizingTextHandler:
            logger.removeHandler(handler)
            limits = partial(rule_limits, workflow)
            seen = partial(seen_from, workflow.rundir)
            logger.addHandler(StepHandler(handler, limits, partial(held_up, workflow), seen))


def seen_from(folder: str | Path, path: str | Path) -> str:
    """How one who started the run in ``folder`` finds a path of the working directory: as it is
    from there, absolute if that is another folder (``--directory``)."""
    here = Path.cwd()
    whole = here / path
    near = here == Path(folder) and whole.is_relative_to(here)
    return str(whole.relative_to(here) if near else whole)


def rule_limits(workflow: "Workflow") -> dict[str, float]:
    """The time limit of each rule that has one, in minutes, unless it is worked out by the job."""
    limits = ((rule.name, rule.resources.get("runtime")) for rule in workflow.rules)
    known = ((name, limit.value) for name, limit in limits if limit and not limit.is_evaluable())
    return {name: minutes for name, minutes in known if minutes is not None}


def held_up(workflow: "Workflow", step: int) -> dict[int, str] | None:
    """The steps that this run leaves undone where one has failed, by number, and their rules: that
    one and all that need what it makes; None if the run starts no other step either."""
    if not workflow.execution_settings.keep_going:
        return None
    dag = workflow.dag
    failed = (job for job in dag.jobs if dag.jobid(job) == step)
    held = dag.bfs(dag.depending, *failed)
    return {dag.jobid(job): job.rule.name for job in held if dag.needrun(job)}


class TimeLeft:
    """How long a run still takes, from the steps that it has done. Times are seconds."""

    def __init__(self, steps: Mapping[str, int], limits: Mapping[str, float]) -> None:
        """``steps``: how many there are of each rule; ``limits``: the rules' time limits, in any
        unit. A rule of which nothing is done is taken to keep within its limit as the others do."""
        self._to_do = Counter(steps)
        self._limits = limits
        self._running: dict[int, tuple[str, float]] = {}
        self._done: Counter[str] = Counter()
        self._took: dict[str, float] = {}
        self._at_once = 1
        self._held_up: dict[int, Mapping[int, str] | None] = {}

    def start(self, step: int, rule: str, now: float) -> None:
        """A step, by its number, starts; if it failed before, it is tried again."""
        self._held_up.pop(step, None)
        self._running[step] = (rule, now)
        self._at_once = len(self._running)

    def end(self, step: int, now: float) -> float:
        """A step is done; returns how long it took."""
        rule, start = self._running.pop(step, ("", now))
        self._to_do[rule] -= 1
        self._done[rule] += 1
        self._took[rule] = self._took.get(rule, 0) + now - start
        return now - start

    def fail(self, step: int, now: float, held_up: Mapping[int, str] | None) -> float:
        """A step failed, which leaves others undone (:func:`held_up`); returns how long it took."""
        self._held_up[step] = held_up
        return now - self._running.pop(step, ("", now))[1]

    def left(self, now: float) -> float | None:
        """The time left if as many steps run at once as when the last one started; None while
        nothing tells, or after a failure that ends the run."""
        undone: dict[int, str] = {}
        for held_up in self._held_up.values():
            if held_up is None:
                return None
            undone.update(held_up)
        limit = sum(n * self._limits.get(rule, 0) for rule, n in self._done.items())
        if not limit:
            return None
        pace = sum(self._took.values()) / limit
        to_do = self._to_do - Counter(undone.values())
        work = sum(n * self._typical(rule, pace) for rule, n in to_do.items())
        for rule, start in self._running.values():
            work -= min(now - start, self._typical(rule, pace))
        return max(work, 0) / self._at_once

    def _typical(self, rule: str, pace: float) -> float:
        if self._done[rule]:
            return self._took[rule] / self._done[rule]
        return pace * self._limits.get(rule, 0)


class StepHandler(ColorizingTextHandler):
    """Says a run's records in few lines, in the place of Snakemake's handler."""

    def __init__(
        self,
        own: ColorizingTextHandler,
        limits: Callable[[], Mapping[str, float]],
        held_up: Callable[[int], Mapping[int, str] | None],
        seen: Callable[[str], str],
    ) -> None:
        """``own``: Snakemake's handler; ``limits``: gives the rules' time limits in minutes;
        ``held_up``: what the run leaves undone where a step has failed; ``seen``: how whoever
        watches finds a file (:func:`seen_from`)."""
        super().__init__(nocolor=own.nocolor, stream=own.stream)
        self._limits, self._held_up, self._seen = limits, held_up, seen
        self._time = TimeLeft({}, {})
        self._names: dict[int, str] = {}
        self._finished: list[str] = []

    def emit(self, record: LogRecord) -> None:
        """Say what there is to say of a record."""
        try:
            if text := self.text(record):
                self.stream.write(f"{self.decorate(record, text)}\n")
                self.flush()
        except Exception:
            self.handleError(record)

    def text(self, record: Any) -> str:
        """What is said of a record, whose attributes are its event's: lines, or nothing."""
        match getattr(record, "event", None):
            case None | LogEvent.ERROR:
                return _passed_on(str(record.msg or ""))
            case LogEvent.RUN_INFO:
                return self._plan(record)
            case LogEvent.JOB_INFO:
                self._names[record.jobid] = _name(record.rule_name, record.wildcards)
                self._time.start(record.jobid, record.rule_name, record.created)
            case LogEvent.JOB_FINISHED:
                took = self._time.end(record.job_id, record.created)
                name = self._names.get(record.job_id, f"job {record.job_id}")
                self._finished.append(f"{name} ({_duration(took)})")
            case LogEvent.PROGRESS:
                return self._steps(record)
            case LogEvent.JOB_ERROR:
                held = self._held_up(record.jobid)
                took = self._time.fail(record.jobid, record.created, held)
                # Of a group all are said to have failed, whether they ran or not.
                if not record.indent or any(map(_tells_an_error, record.log)):
                    name = self._names.get(record.jobid, record.rule_name)
                    message = str(record.rule_msg or "")
                    return self._failure(f"{name} ({_duration(took)})", message, record.log)
            case LogEvent.GROUP_ERROR:
                name = f"a group of {len(record.job_error_info)} steps"
                return self._failure(name, "", record.aux_logs)
        return ""

    def _plan(self, record: Any) -> str:
        steps = {rule: n for rule, n in record.stats.items() if rule != "total"}
        self._time = TimeLeft(steps, self._limits())
        files = [h.baseFilename for h in logger.handlers if isinstance(h, FileHandler)]
        full = "".join(f" Full log: {self._seen(file)}" for file in files)
        return f"Steps to do: {record.stats['total']}.{full}"

    def _steps(self, record: Any) -> str:
        first = record.done - len(self._finished) + 1
        left = self._time.left(record.created)
        said = "" if left is None else f"{_duration(left)} left"
        lines = []
        for done, name in enumerate(self._finished, first):
            bar = "#" * (BAR * done // record.total)
            count = f"{done:{len(str(record.total))}}/{record.total}"
            when = "done" if done == record.total else said
            lines.append(f"[{bar:.<{BAR}}] {count} {when:>11}  {name}")
        self._finished = []
        return "\n".join(lines)

    def _failure(self, name: str, message: str, logs: list[str]) -> str:
        said = [f"FAILED: {name}"]
        said += [f"    {line}" for line in message.splitlines()]
        for log in logs:
            said.append(f"    the end of {self._seen(log)}:")
            said += [f"    | {line}" for line in _lines(log)[-LOG_LINES:]]
        return "\n".join(said)


def _passed_on(message: str) -> str:
    """A message of Snakemake's. Of a command that was killed how it ended; of another that failed
    nothing, for the step's log says why and the run's the command. Of what a user got wrong not the
    line of the rules that found it."""
    if message.startswith("RuleException:\nCalledProcessError"):
        ended = message.rpartition("' ")[2].strip()
        return "" if ended == FAILED_BY_ITSELF else f"A command {ended}"
    if message.startswith("WorkflowError"):
        return re.sub(r'(\n  File ".*", line \d+, in .*)+\s*$', "", message)
    return "" if message.startswith(OF_NO_USE) else message


def _name(rule: str, wildcards: Mapping[str, str]) -> str:
    return " ".join([rule, *(f"{name}={value}" for name, value in wildcards.items())])


def _duration(seconds: float) -> str:
    if seconds < 99.5:
        return f"{seconds:.0f} s"
    if seconds < 99.5 * 60:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"


def _lines(log: str) -> list[str]:
    """The lines of a log; of a progress bar that redraws itself, what it last was."""
    path = Path(log)
    # Bytes, for text would be read with a line per return.
    text = path.read_bytes().decode("utf-8", "replace") if path.is_file() else ""
    return [line.rpartition("\r")[2] for line in text.rstrip().split("\n")]


def _tells_an_error(log: str) -> bool:
    return _lines(log)[-1].startswith("error: ")

"""What a run says of its steps, from records as Snakemake logs them."""

import io
from logging import makeLogRecord

import pytest
from snakemake.api import OutputSettings, ResourceSettings, SnakemakeApi
from snakemake.logging import ColorizingTextHandler
from snakemake.settings.types import Quietness
from snakemake_interface_logger_plugins.common import LogEvent

from facs3d.planning.progress import StepHandler, TimeLeft, held_up, rule_limits, seen_from
from tests.support.workflow import read_rules

LIMITS = {"register_faces": 10, "train": 120}
STEPS = {"register_faces": 4, "train": 2, "all": 1}
HELD_UP = {2: {2: "register_faces", 5: "train", 7: "all"}}
"""Of step 2; a run in which another fails starts no more."""

CHAIN = """
rule all:
    input: "b.txt", "c.txt"
rule b:
    input: "a.txt"
    output: "b.txt"
    shell: "touch {output}"
rule a:
    output: "a.txt"
    shell: "touch {output}"
rule c:
    output: "c.txt"
    shell: "touch {output}"
"""


class Run:
    """A handler that is told what Snakemake logs, and what it has said."""

    def __init__(self):
        self.stream = io.StringIO()
        own = ColorizingTextHandler(stream=self.stream)
        self.handler = StepHandler(own, lambda: LIMITS, HELD_UP.get, str)
        self.log(LogEvent.RUN_INFO, stats=STEPS | {"total": 7})
        self.said()

    def log(self, event: LogEvent | None, now: float = 0, level: str = "INFO", **content) -> None:
        record = {"event": event, "created": now, "levelname": level, "msg": None}
        self.handler.handle(makeLogRecord(record | content))

    def start(self, number: int, rule: str, now: float, **wildcards: str) -> None:
        self.log(LogEvent.JOB_INFO, now, jobid=number, rule_name=rule, wildcards=wildcards)

    def finish(self, *numbers: int, done: int, now: float) -> None:
        for number in numbers:
            self.log(LogEvent.JOB_FINISHED, now, job_id=number)
        self.log(LogEvent.PROGRESS, now, done=done, total=7)

    def fail(self, number: int, rule: str, *logs: str, indent: bool = False, message=None) -> None:
        names = {"jobid": number, "rule_name": rule, "rule_msg": message}
        self.log(LogEvent.JOB_ERROR, 60, "ERROR", log=list(logs), indent=indent, **names)

    def said(self) -> list[str]:
        """What was said since this was last asked."""
        text = self.stream.getvalue()
        self.stream.seek(0)
        self.stream.truncate()
        return text.splitlines()


@pytest.fixture
def run() -> Run:
    return Run()


# --- the time left


def test_the_time_left_follows_from_what_is_done_and_the_limits_of_what_is_not():
    time = TimeLeft(STEPS, LIMITS)
    assert time.left(0) is None
    time.start(1, "register_faces", 100)
    assert time.end(1, 102) == 2
    # Three of 2 s, and of the two trainings each 120/10 times that.
    assert time.left(102) == 3 * 2 + 2 * 24
    time.start(5, "train", 102)
    time.start(2, "register_faces", 102)
    time.end(2, 108)
    # Now 4 s, so a training 48 s, of which one has run for 6 s; two at once.
    assert time.left(108) == (2 * 4 + 2 * 48 - 6) / 2
    time.end(5, 112)
    assert time.left(112) == (2 * 4 + 10) / 2


def test_of_a_failed_step_and_those_that_need_it_no_time_is_left_unless_it_is_tried_again():
    time = TimeLeft({"train": 3, "all": 1}, LIMITS)
    time.start(1, "train", 0)
    time.end(1, 10)
    time.start(2, "train", 10)
    assert time.fail(2, 40, {2: "train", 9: "all"}) == 30
    assert time.left(40) == 10
    time.start(3, "train", 40)
    time.fail(3, 50, {3: "train", 9: "all"})
    assert time.left(50) == 0
    time.start(2, "train", 50)
    assert time.left(54) == 6


def test_no_step_takes_less_than_no_time_and_no_run_that_ends_has_any():
    time = TimeLeft({"train": 2}, LIMITS)
    time.start(1, "train", 0)
    time.end(1, 10)
    time.start(2, "train", 10)
    assert time.left(99) == 0
    time.fail(2, 99, None)
    assert time.left(99) is None


@pytest.mark.parametrize("keep_going", [True, False])
def test_a_failed_step_holds_up_what_needs_its_outputs(keep_going, tmp_path):
    """a -> b -> all and c -> all; of all there is what the run has to do."""
    snakefile = tmp_path / "Snakefile"
    snakefile.write_text(CHAIN)
    with SnakemakeApi(OutputSettings(quiet={Quietness.ALL})) as api:
        workflow = api.workflow(ResourceSettings(cores=1), snakefile=snakefile, workdir=tmp_path)
        workflow.dag().execute_workflow(pseudo_executor="dryrun")
        inner = workflow._workflow
        inner.execution_settings.keep_going = keep_going
        numbers = {job.rule.name: inner.dag.jobid(job) for job in inner.dag.jobs}
        found = held_up(inner, numbers["a"])
    rules = ("a", "b", "all")
    assert found == ({numbers[rule]: rule for rule in rules} if keep_going else None)


def test_the_limits_are_the_rules():
    with read_rules() as rules:
        limits = rule_limits(rules[0].workflow)
    assert limits.items() >= {("train", 120), ("register_faces", 10), ("plot_aus", 5)}
    assert "all" not in limits


# --- lines


def test_a_finished_step_is_one_line(run):
    run.start(1, "register_faces", 0, video="F001_T1")
    run.log(LogEvent.SHELLCMD, msg="Shell command: python register_faces.py")
    run.log(None, msg="Select jobs to execute...")
    run.log(LogEvent.JOB_STARTED, msg="Execute 1 jobs...", jobs=[1])
    assert run.said() == []
    run.finish(1, done=1, now=2)
    assert run.said() == [
        "[##..................] 1/7   54 s left  register_faces video=F001_T1 (2 s)"
    ]


def test_a_step_that_nobody_saw_start_is_a_line(run):
    run.finish(9, done=1, now=2)
    assert run.said() == ["[##..................] 1/7              job 9 (0 s)"]


def test_steps_of_a_group_are_a_line_each(run):
    run.start(1, "register_faces", 0, video="F001_T1")
    run.start(2, "train", 0, model="facs3d", fold="1")
    run.finish(1, 2, done=7, now=7200)
    assert run.said() == [
        # Three and one of two hours, two at once.
        "[#################...] 6/7  4.0 h left  register_faces video=F001_T1 (2.0 h)",
        "[####################] 7/7        done  train model=facs3d fold=1 (2.0 h)",
    ]


def test_snakemakes_messages_and_errors_are_passed_on(run):
    run.log(None, msg="Trying to restart job 3.")
    run.log(LogEvent.ERROR, level="ERROR", msg="WorkflowError:\nno video given")
    assert run.said() == ["Trying to restart job 3.", "WorkflowError:", "no video given"]


def test_of_what_a_user_got_wrong_the_rules_that_found_it_are_not_shown(run):
    found = 'WorkflowError in file "/w/rules/prediction.smk", line 50:\npredict: no video given'
    where = (
        '\n  File "/w/Snakefile", line 26, in <module>\n  File "/w/a b.smk", line 5, in <module>'
    )
    run.log(None, level="ERROR", msg=f"{found}{where}")
    assert run.said() == found.splitlines()
    bug = f'NameError in file "/w/rules/prediction.smk", line 50:\nno x{where}'
    run.log(None, level="ERROR", msg=bug)
    assert run.said() == bug.splitlines()


def test_paths_are_absolute_for_who_started_the_run_elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert seen_from(tmp_path, "logs/a.log") == "logs/a.log"
    assert seen_from(str(tmp_path), tmp_path / "logs" / "a.log") == "logs/a.log"
    assert seen_from(tmp_path, "/else/a.log") == "/else/a.log"
    for folder in (tmp_path / "sub", tmp_path.parent):
        assert seen_from(folder, "logs/a.log") == f"{tmp_path}/logs/a.log"


# --- failures


def test_after_a_failure_no_time_is_said_for_what_is_not_done(run):
    run.start(1, "register_faces", 0)
    run.start(2, "register_faces", 0)
    run.finish(1, done=1, now=2)
    # Two more registrations, and trainings of 24 s, of which one is done without the other.
    run.fail(2, "register_faces")
    run.said()
    run.start(3, "register_faces", 60)
    run.finish(3, done=2, now=62)
    assert "26 s left" in run.said()[0]
    run.fail(4, "register_faces")
    run.said()
    run.start(6, "train", 62)
    run.finish(6, done=3, now=70)
    assert run.said() == ["[########............] 3/7              train (8 s)"]


def test_of_a_command_that_failed_by_itself_its_log_is_enough(run):
    command = "Command 'set -e;\n    python train.py' returned non-zero exit status 1."
    run.log(LogEvent.ERROR, level="ERROR", msg=f"RuleException:\nCalledProcessError:\n{command}")
    assert run.said() == []


def test_of_a_command_that_was_killed_how_it_ended_is_said(run):
    command = "Command 'set -e;\n    python train.py 'a' 2>&1'"
    where = 'CalledProcessError in file "rules/training.smk", line 9:'
    run.log(LogEvent.ERROR, level="ERROR", msg=f"RuleException:\n{where}\n{command} died with 9.")
    assert run.said() == ["A command died with 9."]


def test_a_failed_step_shows_how_its_log_ends(run, tmp_path):
    log = tmp_path / "train.log"
    bar = "\r".join(f"epoch {epoch}" for epoch in range(50))
    log.write_text("\n".join([f"line {n}" for n in range(20)] + [bar, "error: no label\n"]))
    run.start(3, "train", 0, model="facs3d", fold="1")
    run.fail(3, "train", str(log), message="exited")
    said = run.said()
    assert said[:3] == [
        "FAILED: train model=facs3d fold=1 (60 s)",
        "    exited",
        f"    the end of {log}:",
    ]
    assert said[3:] == [f"    | line {n}" for n in range(12, 20)] + [
        "    | epoch 49",
        "    | error: no label",
    ]


def test_a_log_that_is_not_there_is_empty(run, tmp_path):
    run.fail(3, "train", str(tmp_path / "none.log"))
    assert run.said() == [
        "FAILED: train (0 s)",
        f"    the end of {tmp_path / 'none.log'}:",
        "    | ",
    ]


def test_of_a_failed_group_the_steps_that_tell_an_error_are_shown(run, tmp_path):
    for name, text in (
        ("good", "done\n"),
        ("bad", "error: no face\n"),
        ("slurm", "out of memory\n"),
    ):
        (tmp_path / name).write_text(text)
    run.log(
        LogEvent.GROUP_ERROR,
        level="ERROR",
        job_error_info=[{}, {}, {}],
        aux_logs=[str(tmp_path / "slurm")],
    )
    run.fail(1, "register_faces", str(tmp_path / "good"), indent=True)
    run.fail(2, "register_faces", str(tmp_path / "bad"), indent=True)
    run.fail(3, "register_faces", str(tmp_path / "none"), indent=True)
    assert run.said() == [
        "FAILED: a group of 3 steps",
        f"    the end of {tmp_path / 'slurm'}:",
        "    | out of memory",
        "FAILED: register_faces (0 s)",
        f"    the end of {tmp_path / 'bad'}:",
        "    | error: no face",
    ]

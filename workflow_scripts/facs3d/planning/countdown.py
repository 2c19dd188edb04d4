"""How far a run over many new videos is: a line for each that is done, with the time left."""

import logging
import sys
import time
from collections.abc import Callable, Mapping


class Countdown(logging.Handler):
    """Follows Snakemake's log by its events. Once the last job of a video has finished, or one has
    failed, it prints how many videos are done of all, and the time left if the others take as long.

    ``jobs``: the video of every job that this run has to do, by the job's number; ``clock`` tells
    seconds. Of a single video nothing is printed.
    """

    def __init__(
        self, jobs: Mapping[int, str], clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__()
        self._left = dict(jobs)
        self._running = {*self._left.values()}
        self._count = len(self._running)
        self._clock, self._started = clock, clock()

    def emit(self, record: logging.LogRecord) -> None:
        """Take note of a record; what is no end of one of the jobs is passed over."""
        event = getattr(getattr(record, "event", None), "name", "")
        if event == "JOB_FINISHED":
            video = self._left.pop(vars(record).get("job_id", -1), "")
            if video not in self._left.values():
                self._end(video, "done")
        elif event == "JOB_ERROR":
            self._end(self._left.get(vars(record).get("jobid", -1), ""), "failed")

    def _end(self, video: str, how: str) -> None:
        if video not in self._running:
            return
        self._running.remove(video)
        if self._count == 1:
            return
        n_ended = self._count - len(self._running)
        seconds = (self._clock() - self._started) / n_ended * len(self._running)
        left = f", about {in_words(seconds)} left" if self._running else ""
        print(f"{video}: {how}, {n_ended} of {self._count} videos{left}", file=sys.stderr)


def in_words(seconds: float) -> str:
    """``40 -> "40 s"``, ``100 -> "2 min"``, ``5000 -> "1 h 23 min"``."""
    if seconds < 60:
        return f"{seconds:.0f} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"

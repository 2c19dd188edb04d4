"""How far a run over many new videos is: a line for each that is done."""

import logging
import sys
from collections.abc import Mapping


class Countdown(logging.Handler):
    """Follows Snakemake's log by its events. Once the last job of a video has finished, or one has
    failed, it prints how many videos are done of all. The time left is for
    :class:`facs3d.planning.progress.StepHandler` to say, which knows how long steps take.

    ``jobs``: the video of every job that this run has to do, by the job's number. Of a single video
    nothing is printed.
    """

    def __init__(self, jobs: Mapping[int, str]) -> None:
        super().__init__()
        self._left = dict(jobs)
        self._running = {*self._left.values()}
        self._count = len(self._running)

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
        if self._count > 1:
            ended = self._count - len(self._running)
            print(f"{video}: {how}, {ended} of {self._count} videos", file=sys.stderr)

"""A line per finished video of a run, with the time left, by records as Snakemake logs them."""

import logging

import pytest
from snakemake_interface_logger_plugins.common import LogEvent

from facs3d.planning.countdown import Countdown, in_words

JOBS = {1: "a", 2: "a", 3: "b", 4: "b", 5: "c"}


@pytest.fixture
def run():
    """A logger whose records are followed, at a time that the test sets."""
    now = [100.0]
    logger = logging.Logger("snakemake")
    logger.addHandler(Countdown(JOBS, lambda: now[0]))

    def log(seconds, event, **numbers):
        now[0] = 100.0 + seconds
        logger.info("", extra={"event": event, **numbers})

    return log


def test_a_line_for_each_video_with_the_time_left(run, capsys):
    run(1, LogEvent.JOB_INFO, jobid=1)
    run(5, LogEvent.JOB_FINISHED, job_id=1)
    run(5, LogEvent.JOB_FINISHED, job_id=77)
    run(6, LogEvent.PROGRESS, done=1, total=5)
    assert capsys.readouterr().err == ""
    run(45, LogEvent.JOB_FINISHED, job_id=2)
    assert capsys.readouterr().err == "a: done, 1 of 3 videos, about 2 min left\n"
    run(60, LogEvent.JOB_FINISHED, job_id=5)
    assert capsys.readouterr().err == "c: done, 2 of 3 videos, about 30 s left\n"
    run(70, LogEvent.JOB_FINISHED, job_id=3)
    run(80, LogEvent.JOB_FINISHED, job_id=4)
    assert capsys.readouterr().err == "b: done, 3 of 3 videos\n"


def test_a_video_fails_once_and_counts(run, capsys):
    run(10, LogEvent.JOB_ERROR, jobid=3)
    assert capsys.readouterr().err == "b: failed, 1 of 3 videos, about 20 s left\n"
    run(11, LogEvent.JOB_ERROR, jobid=4)
    run(12, LogEvent.JOB_FINISHED, job_id=3)
    run(12, LogEvent.JOB_FINISHED, job_id=4)
    assert capsys.readouterr().err == ""


def test_of_a_single_video_nothing_is_said(capsys):
    logger = logging.Logger("snakemake")
    logger.addHandler(Countdown({4: "a"}))
    logger.info("", extra={"event": LogEvent.JOB_FINISHED, "job_id": 4})
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.4, "0 s"), (59, "59 s"), (100, "2 min"), (3599, "1 h 0 min"), (5000, "1 h 23 min")],
)
def test_times_in_words(seconds, words):
    assert in_words(seconds) == words

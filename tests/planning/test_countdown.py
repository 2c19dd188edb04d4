"""A line per finished video of a run, by records as Snakemake logs them."""

import logging

import pytest
from snakemake_interface_logger_plugins.common import LogEvent

from facs3d.planning.countdown import Countdown

JOBS = {1: "a", 2: "a", 3: "b", 4: "b", 5: "c"}


@pytest.fixture
def run():
    """A logger whose records are followed."""
    logger = logging.Logger("snakemake")
    logger.addHandler(Countdown(JOBS))
    return lambda event, **numbers: logger.info("", extra={"event": event, **numbers})


def test_a_line_for_each_video(run, capsys):
    run(LogEvent.JOB_INFO, jobid=1)
    run(LogEvent.JOB_FINISHED, job_id=1)
    run(LogEvent.JOB_FINISHED, job_id=77)
    run(LogEvent.PROGRESS, done=1, total=5)
    assert capsys.readouterr().err == ""
    run(LogEvent.JOB_FINISHED, job_id=2)
    assert capsys.readouterr().err == "a: done, 1 of 3 videos\n"
    run(LogEvent.JOB_FINISHED, job_id=5)
    assert capsys.readouterr().err == "c: done, 2 of 3 videos\n"
    run(LogEvent.JOB_FINISHED, job_id=3)
    run(LogEvent.JOB_FINISHED, job_id=4)
    assert capsys.readouterr().err == "b: done, 3 of 3 videos\n"


def test_a_video_fails_once_and_counts(run, capsys):
    run(LogEvent.JOB_ERROR, jobid=3)
    assert capsys.readouterr().err == "b: failed, 1 of 3 videos\n"
    run(LogEvent.JOB_ERROR, jobid=4)
    run(LogEvent.JOB_FINISHED, job_id=3)
    run(LogEvent.JOB_FINISHED, job_id=4)
    assert capsys.readouterr().err == ""


def test_of_a_single_video_nothing_is_said(capsys):
    logger = logging.Logger("snakemake")
    logger.addHandler(Countdown({4: "a"}))
    logger.info("", extra={"event": LogEvent.JOB_FINISHED, "job_id": 4})
    assert capsys.readouterr().err == ""

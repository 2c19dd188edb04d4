"""Programs that end with those who started them: real processes, SIGKILL."""

import signal
import subprocess
import sys

import pytest

from facs3d.planning.code_digest import LIBRARY

JOB = """
import os, signal, sys, time
from facs3d.core.program import run
def main():
    signal.signal(signal.SIGUSR1, lambda *_: os.write(1, b"still runs\\n"))
    print("runs", flush=True)
    time.sleep(float(sys.argv[1]))
run(main)
"""


@pytest.fixture
def parent():
    """A process that stands for Snakemake, or for a job's shell."""
    process = subprocess.Popen(["sleep", "60"])
    yield process
    process.kill()
    process.wait()


def job(seconds: float, **environment: str) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-c", JOB, str(seconds)],
        env={"PYTHONPATH": str(LIBRARY.parent)} | environment,
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("order", ["{parent} {me}", "{me} {parent}"])
def test_a_job_dies_at_once_with_any_of_its_parents(parent, order):
    other = subprocess.Popen(["sleep", "60"])
    child = job(60, JOB_PARENTS=order.format(parent=parent.pid, me=other.pid))
    assert child.stdout.readline() == "runs\n"
    child.send_signal(signal.SIGUSR1)
    assert child.stdout.readline() == "still runs\n"
    parent.kill()
    assert child.wait(5) == -signal.SIGKILL
    other.kill()
    other.wait()


def test_a_job_dies_while_it_still_imports(parent):
    slow = "import facs3d.core.errors, time; print('imports', flush=True); time.sleep(60)"
    child = subprocess.Popen(
        [sys.executable, "-c", slow],
        env={"PYTHONPATH": str(LIBRARY.parent), "JOB_PARENTS": str(parent.pid)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout.readline() == "imports\n"
    parent.kill()
    assert child.wait(5) == -signal.SIGKILL


def test_a_job_whose_parent_is_gone_already_does_nothing(parent):
    parent.kill()
    parent.wait()
    child = job(60, JOB_PARENTS=str(parent.pid))
    assert child.wait(10) == -signal.SIGKILL
    assert child.stdout.read() == ""


def test_a_python_without_pidfd_open_has_the_system_call(parent, tmp_path):
    """conda's Pythons may be built where it is unknown."""
    (tmp_path / "sitecustomize.py").write_text("import os\ndel os.pidfd_open\n")
    child = job(60, JOB_PARENTS=str(parent.pid), PYTHONPATH=f"{tmp_path}:{LIBRARY.parent}")
    assert child.stdout.readline() == "runs\n"
    parent.kill()
    assert child.wait(5) == -signal.SIGKILL


@pytest.mark.parametrize("number", ["0", "-5"])
def test_a_process_that_cannot_be_watched_is_not_waited_for(number):
    assert job(0, JOB_PARENTS=number).wait(10) == 0


def test_a_program_started_by_hand_and_one_with_living_parents_end_by_themselves(parent):
    for environment in ({}, {"JOB_PARENTS": str(parent.pid)}):
        assert job(0, **environment).wait(10) == 0


def test_a_shell_that_became_the_program_is_not_its_parent():
    command = f'export JOB_PARENTS=$$; exec {sys.executable} -c "$JOB" 0'
    done = subprocess.run(
        ["bash", "-c", command], env={"JOB": JOB, "PYTHONPATH": str(LIBRARY.parent)}, check=False
    )
    assert done.returncode == 0

"""Devices: GPUs are handed out to real concurrent processes; threads; what a missing GPU says."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from facs3d.core.errors import InputError
from facs3d.planning.code_digest import LIBRARY
from facs3d.training import devices
from facs3d.training.devices import take_gpu

# Taking a GPU is none of torch's business, which would take a second to import.
TAKE = """
import os, sys, types
sys.modules["torch"] = types.SimpleNamespace(device=object)
from facs3d.training.devices import take_gpu
take_gpu(int(sys.argv[1]))
print(os.environ.get("CUDA_VISIBLE_DEVICES"), flush=True)
sys.stdin.read()
"""


class Jobs:
    """Processes that take a GPU and keep it until they are told to end."""

    def __init__(self, folder: Path):
        self.environment = {"PYTHONPATH": str(LIBRARY.parent), "TMPDIR": str(folder)}
        self.processes: list[subprocess.Popen] = []

    def start(self, count: int, **environment: str) -> subprocess.Popen:
        process = subprocess.Popen(
            [sys.executable, "-c", TAKE, str(count)],
            env=self.environment | environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.processes.append(process)
        return process

    def taken(self, process: subprocess.Popen) -> str:
        return process.stdout.readline().strip()


@pytest.fixture
def jobs(tmp_path):
    jobs = Jobs(tmp_path)
    yield jobs
    for process in jobs.processes:
        process.kill()
        process.communicate()


def test_as_many_jobs_as_devices_get_different_ones(jobs):
    started = [jobs.start(4) for _ in range(4)]
    assert {jobs.taken(process) for process in started} == {"0", "1", "2", "3"}


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_one_job_more_waits_for_the_device_of_the_one_that_dies(jobs, number):
    first, second = jobs.start(2), jobs.start(2)
    taken = {jobs.taken(process): process for process in (first, second)}
    third = jobs.start(2)
    assert third.stderr.readline() == "waiting for one of 2 GPUs, all in use\n"
    taken["1"].send_signal(number)
    assert jobs.taken(third) == "1"


def test_several_listed_devices_are_chosen_from(jobs):
    listed = {"CUDA_VISIBLE_DEVICES": "3, GPU-5e1f"}
    assert {jobs.taken(jobs.start(2, **listed)) for _ in range(2)} == {"3", "GPU-5e1f"}


@pytest.mark.parametrize(
    ("listed", "count", "names"),
    [
        ("0,1,", 2, {"0", "1"}),
        ("MIG-GPU-5e1f/1/0,MIG-GPU-5e1f/2/0", 2, {"MIG-GPU-5e1f/1/0", "MIG-GPU-5e1f/2/0"}),
        ("../../x,1", 2, {"../../x", "1"}),
    ],
)
def test_odd_names_of_devices_are_names(jobs, tmp_path, listed, count, names):
    started = [jobs.start(count, CUDA_VISIBLE_DEVICES=listed) for _ in names]
    assert {jobs.taken(process) for process in started} == names
    (folder,) = tmp_path.iterdir()
    assert len(list(folder.iterdir())) == len(names)


def test_a_place_that_keeps_no_locks_is_said(monkeypatch, tmp_path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    (tmp_path / f"facs3d-gpus-{os.getuid()}").write_text("")
    with pytest.raises(InputError, match="no lock on a GPU can be kept there"):
        take_gpu(2, {})


@pytest.mark.parametrize("listed", ["0", "", "MIG-7a3c", "0,-1", "0,7", "0,0"])
def test_where_cuda_sees_one_device_the_choice_is_left_alone(jobs, listed):
    started = [jobs.start(1, CUDA_VISIBLE_DEVICES=listed) for _ in range(2)]
    assert [jobs.taken(process) for process in started] == [listed, listed]


def test_without_a_gpu_nothing_is_taken(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    environment: dict[str, str] = {}
    take_gpu(0, environment)
    assert environment == {}
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("cuda", "hip", "message"),
    [
        (None, None, r"built for CPUs only; remake its environment, envs/training.yaml"),
        ("12.9", None, r"torch sees no GPU \(CUDA_VISIBLE_DEVICES is 7\); check the driver"),
        (None, "6.4", r"torch sees no GPU \(CUDA_VISIBLE_DEVICES is 7\); check the driver"),
    ],
)
def test_a_missing_gpu_names_its_cause(monkeypatch, cuda, hip, message):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.version, "cuda", cuda)
    monkeypatch.setattr(torch.version, "hip", hip)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "7")
    with pytest.raises(InputError, match=message):
        devices.choose_device("cuda")


@pytest.mark.parametrize(("allowed", "threads"), [("1", 1), ("8", 2), (None, 2)])
def test_no_more_threads_than_the_job_has_cores(monkeypatch, allowed, threads):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    if allowed:
        monkeypatch.setenv("OMP_NUM_THREADS", allowed)
    used = []
    monkeypatch.setattr(torch, "set_num_threads", used.append)
    monkeypatch.setattr(sys, "platform", "test")
    devices.use_threads(2)
    assert used == [threads]

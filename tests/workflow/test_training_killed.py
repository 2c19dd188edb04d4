"""Trainings killed under Snakemake: its deletion of outputs leaves the checkpoint alone."""

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from facs3d.core.action_units import PAPER_AUS
from tests.support.checkout import Checkout, make_checkout
from tests.support.random_clips import write_random_clips

pytestmark = [pytest.mark.workflow, pytest.mark.slow]

FOLDER = Path("results/tiny/models/facs3d/repeat1/fold1")
TARGETS = (str(FOLDER / "weights.pt"), str(FOLDER / "predictions.csv"))
OPTIONS = ("--allowed-rules", "train", "--configfile", "tiny.yaml", "long.yaml", "--nolock")
LOG = Path("results/tiny/logs/train/facs3d_repeat1_fold1.log")


@pytest.fixture(scope="module")
def trained(tmp_path_factory) -> Checkout:
    checkout = checkout_with_clips(tmp_path_factory.mktemp("trained") / "checkout")
    done = checkout.snakemake(*OPTIONS, "--", *TARGETS)
    assert done.returncode == 0, done.stdout + done.stderr
    return checkout


def checkout_with_clips(folder: Path) -> Checkout:
    """A checkout that lacks nothing but the trainings, each of a few seconds."""
    checkout = make_checkout(folder)
    (folder / "long.yaml").write_text("dataset: {folds: 2}\ntraining: {epochs: 60}\n")
    checkout.results.mkdir(parents=True)
    _, folds = write_random_clips(checkout.results, clip_shape=(8, 48, 48), action_units=PAPER_AUS)
    (checkout.results / "folds").mkdir()
    folds.rename(checkout.results / "folds" / "repeat1.csv")
    (checkout.results / "clips.sha256").write_text("of random clips\n")
    return checkout


def start(checkout: Checkout, *options: str) -> subprocess.Popen:
    return checkout.start("--cores", "1", *OPTIONS, *options, "--", *TARGETS)


def wait_for_checkpoint(checkout: Checkout, snakemake: subprocess.Popen) -> None:
    """Return when a checkpoint newer than this call is there."""
    path, called = checkout.folder / FOLDER / "checkpoint.pt", time.time()
    while not (path.exists() and path.stat().st_mtime > called):
        assert snakemake.poll() is None, snakemake.stderr.read()
        time.sleep(0.005)


def training_process(checkout: Checkout) -> int:
    """The process of this checkout's only training."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_text().split("\0")
            at_home = (folder / "cwd").resolve() == checkout.folder.resolve()
        except OSError:
            continue
        if at_home and words[1:2] == [str(checkout.folder / "workflow_scripts" / "train.py")]:
            return int(folder.name)
    raise AssertionError("no training runs")


def check_same(checkout: Checkout, trained: Checkout) -> None:
    assert "going on after epoch" in (checkout.folder / LOG).read_text()
    for target in TARGETS:
        assert (checkout.folder / target).read_bytes() == (trained.folder / target).read_bytes()
    assert not list((checkout.folder / FOLDER).glob("*checkpoint*"))


def test_the_jobs_shell_is_the_training(tmp_path):
    """So that a signal to the shell reaches it, and none lives on when the shell has ended."""
    checkout = checkout_with_clips(tmp_path / "checkout")
    snakemake = start(checkout)
    wait_for_checkpoint(checkout, snakemake)
    status = Path(f"/proc/{training_process(checkout)}/status").read_text()
    parent = next(line.split()[1] for line in status.splitlines() if line.startswith("PPid:"))
    assert int(parent) == snakemake.pid
    os.killpg(snakemake.pid, signal.SIGKILL)
    snakemake.communicate()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_snakemake_starts_a_killed_training_again_and_it_goes_on(trained, tmp_path, number):
    checkout = checkout_with_clips(tmp_path / "checkout")
    snakemake = start(checkout)
    wait_for_checkpoint(checkout, snakemake)
    os.kill(training_process(checkout), number)
    output = snakemake.communicate(timeout=300)[1]
    assert snakemake.returncode == 0, output
    assert "Trying to restart job" in output
    check_same(checkout, trained)


def test_everything_killed_at_once_the_next_run_goes_on(trained, tmp_path):
    """A machine that loses power, in the middle of `--rerun-incomplete`, too."""
    checkout = checkout_with_clips(tmp_path / "checkout")
    for _ in range(2):
        snakemake = start(checkout, "--rerun-incomplete")
        wait_for_checkpoint(checkout, snakemake)
        os.killpg(snakemake.pid, signal.SIGKILL)
        snakemake.communicate()
        # An output that a kill has left behind: Snakemake deletes it, and only it.
        (checkout.folder / TARGETS[0]).write_bytes(b"half")
    snakemake = start(checkout, "--rerun-incomplete")
    output = snakemake.communicate(timeout=300)[1]
    assert snakemake.returncode == 0, output
    check_same(checkout, trained)

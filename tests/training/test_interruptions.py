"""A training that is killed, told to end, or runs out of disk: real processes, real signals."""

import os
import re
import resource
import shutil
import signal
import subprocess
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from facs3d.core.errors import InputError
from facs3d.core.program import Preempted
from facs3d.training.checkpoint import Checkpoint, Progress
from facs3d.training.step import TrainingStep
from tests.support.scripts import SCRIPTS, run_code, run_process, run_script, start_script
from tests.support.trainings import (
    LONG,
    OUTPUTS,
    SETTINGS,
    new_model,
    run_training,
    same_weights,
    train_options,
)

KILL_WHILE_WRITING = """
import os, runpy, signal, sys
from facs3d.training import checkpoint as checkpoints
skip, keep = int(sys.argv.pop(1)), float(sys.argv.pop(1))
write = checkpoints.write_torch_file
def write_part_and_die(content, path):
    global skip
    skip -= 1
    write(content, path)
    if skip < 0:
        os.truncate(path, int(keep * os.path.getsize(path)))
        os.kill(os.getpid(), signal.SIGKILL)
checkpoints.write_torch_file = write_part_and_die
sys.argv.pop(0)
runpy.run_path(sys.argv[0], run_name="__main__")
"""


@pytest.fixture(scope="module")
def whole(data, tmp_path_factory) -> Path:
    """The outputs of a training that nothing interrupted."""
    folder = tmp_path_factory.mktemp("whole")
    go_on(data, folder)
    return folder


@pytest.fixture(scope="module")
def ended(data, tmp_path_factory) -> tuple[Path, int, str]:
    """Of a training that got SIGTERM after two checkpoints: folder, exit status, stderr."""
    folder = tmp_path_factory.mktemp("ended")
    process = start(data, folder)
    wait_for_change(folder / "checkpoint.before.pt", process)
    process.terminate()
    errors = process.communicate()[1]
    return folder, process.returncode, errors


@pytest.fixture
def begun(ended, tmp_path) -> Path:
    """A copy of its folder, to go on in."""
    return Path(shutil.copytree(ended[0], tmp_path / "begun"))


def check_same(folder: Path, whole: Path, extra: tuple[str, ...] = ()) -> None:
    for file in ("weights.pt", "predictions.csv"):
        assert (whole / file).read_bytes() == (folder / file).read_bytes()
    losses = [
        [line.split(",")[:3] for line in (place / "history.csv").read_text().splitlines()]
        for place in (folder, whole)
    ]
    assert losses[0] == losses[1]
    assert sorted(os.listdir(folder)) == sorted((*OUTPUTS.values(), *extra))


def start(data, folder: Path) -> subprocess.Popen:
    return start_script("train", *train_options(data, folder, LONG))


def go_on(data, folder: Path) -> str:
    """Train to the end; returns what was said."""
    done = run_script("train", *train_options(data, folder, LONG))
    assert done.returncode == 0, done.stderr
    return done.stderr


def wait_for_change(path: Path, process: subprocess.Popen) -> None:
    """Return when the file is there and newer than at the call."""
    before = path.stat().st_mtime_ns if path.exists() else 0
    while process.poll() is None:
        try:
            if path.stat().st_mtime_ns > before:
                return
        except FileNotFoundError:
            pass
        time.sleep(0.001)


@pytest.mark.slow
def test_killed_at_random_moments_it_goes_on_to_the_same_bytes(data, whole, tmp_path):
    random, said = np.random.default_rng(5), ""
    # The three together do not see its end.
    for n_epochs in random.integers(2, 7, 3):
        process = start(data, tmp_path)
        for _ in range(n_epochs):
            begun = time.monotonic()
            wait_for_change(tmp_path / "checkpoint.pt", process)
        # Anywhere in the next epoch, if it takes as long as the last one.
        time.sleep(random.uniform(0, time.monotonic() - begun))
        process.kill()
        said += process.communicate()[1]
        assert process.returncode == -signal.SIGKILL
    said += go_on(data, tmp_path)
    assert "going on after epoch" in said
    check_same(tmp_path, whole)


@pytest.mark.parametrize(("saves", "share"), [(0, 0.5), (3, 0.7)])
def test_killed_while_the_checkpoint_is_written(data, whole, tmp_path, saves, share):
    script, options = SCRIPTS / "train.py", train_options(data, tmp_path, LONG)
    killed = run_code(KILL_WHILE_WRITING, saves, share, script, *options)
    assert killed.returncode == -signal.SIGKILL
    errors = go_on(data, tmp_path)
    assert (f"going on after epoch {saves} of" in errors) == (saves > 0)
    check_same(tmp_path, whole)


def test_ended_between_the_renames_the_checkpoint_before_serves(data, whole, begun):
    (begun / "checkpoint.pt").unlink()
    assert "checkpoint.before.pt" in go_on(data, begun)
    check_same(begun, whole)


def test_a_truncated_checkpoint_falls_back_to_the_one_before(data, whole, begun):
    content = (begun / "checkpoint.before.pt").read_bytes()
    (begun / "checkpoint.pt").write_bytes(content[: len(content) // 2])
    errors = go_on(data, begun)
    assert "damaged" in errors
    assert "checkpoint.before.pt" in errors
    check_same(begun, whole, extra=("checkpoint.damaged.pt",))


def test_sigterm_keeps_the_state_and_exits_as_terminated(data, whole, ended, begun):
    folder, status, errors = ended
    assert status == 143
    assert errors.splitlines()[-1].startswith("SIGTERM: state kept in ")
    assert not (folder / "weights.pt").exists()
    done = run_process("train", *train_options(data, begun, LONG))
    assert done.returncode == 0, done.stderr
    assert "going on after" in done.stderr
    check_same(begun, whole)


def test_a_full_disk_is_one_line_and_the_last_checkpoint_is_whole(data, whole, begun):
    before = (begun / "checkpoint.pt").read_bytes()
    limit = len(before) // 2
    full = run_process(
        "train",
        *train_options(data, begun, LONG),
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )
    assert full.returncode == 1
    assert "Traceback" not in full.stderr
    assert "could not be written (File too large), the last one is whole" in full.stderr
    assert (begun / "checkpoint.pt").read_bytes() == before
    go_on(data, begun)
    check_same(begun, whole)


@pytest.mark.parametrize("frames_per_clip", [0, 2])
def test_sigterm_after_any_batch_changes_no_bit(clips, tmp_path, monkeypatch, frames_per_clip):
    """With dropout, a schedule and augmentation, all of which must go on where they were."""
    settings = replace(SETTINGS, frames_per_clip=frames_per_clip, shift=1, mirror=True)
    expected = new_model(clips)
    history = run_training(expected, clips, settings, tmp_path / "whole")
    take = TrainingStep.__call__

    def take_and_be_told_to_end(step, batch):
        loss = take(step, batch)
        os.kill(os.getpid(), signal.SIGTERM)
        return loss

    monkeypatch.setattr(TrainingStep, "__call__", take_and_be_told_to_end)
    # Three epochs of three batches; after the very last there is nothing left to end.
    for number in range(8):
        # Later models start from other weights, all of which the checkpoint must replace.
        model = new_model(clips, seed=1 if number == 0 else 5)
        with pytest.raises(Preempted) as stop:
            run_training(model, clips, settings, tmp_path / "stopped")
        assert stop.value.code == 143
    model = new_model(clips, seed=5)
    found = run_training(model, clips, settings, tmp_path / "stopped")
    assert same_weights(expected, model)
    assert [row["loss"] for row in found] == [row["loss"] for row in history]


# --- the checkpoint file


def saved(folder: Path, **identity) -> tuple[Checkpoint, torch.nn.Module]:
    torch.manual_seed(0)
    network = torch.nn.Linear(3, 2)
    checkpoint = Checkpoint(folder / "checkpoint.pt", identity)
    checkpoint.save(Progress([{"epoch": 1, "loss": 0.5}]), {"model": network})
    return checkpoint, network


def test_all_differences_to_another_training_are_named_and_nothing_is_loaded(tmp_path, capsys):
    saved(tmp_path, data="aa", code="bb", epochs=3)
    other = Checkpoint(tmp_path / "checkpoint.pt", {"data": "cc", "code": "dd", "epochs": 3})
    network = torch.nn.Linear(3, 2)
    untouched = torch.nn.Linear(3, 2)
    untouched.load_state_dict(network.state_dict())
    assert other.restore({"model": network}, torch.device("cpu")) == Progress()
    message = capsys.readouterr().err
    assert "code is 'bb' there, 'dd' here; data is 'aa' there, 'cc' here" in message
    assert "epochs" not in message
    assert same_weights(network, untouched)


@pytest.mark.parametrize("kind", ["truncated", "a bit flipped", "empty"])
def test_a_damaged_checkpoint_is_set_aside_for_the_one_before(tmp_path, capsys, kind):
    checkpoint, network = saved(tmp_path)
    checkpoint.save(Progress([{"epoch": 1}, {"epoch": 2}]), {"model": network})
    content = bytearray(checkpoint.path.read_bytes())
    if kind == "a bit flipped":
        content[content.index(network.weight.detach().numpy().tobytes())] ^= 1
    parts = {"truncated": content[: len(content) // 2], "empty": b""}
    checkpoint.path.write_bytes(parts.get(kind, content))
    found = checkpoint.restore({"model": network}, torch.device("cpu"))
    assert len(found.history) == 1
    assert re.search("warning: .*checkpoint.pt: .*damaged", capsys.readouterr().err)
    assert (tmp_path / "checkpoint.damaged.pt").exists()


def test_a_checkpoint_that_runs_code_is_refused(tmp_path, capsys):
    class Hostile:
        def __reduce__(self):
            return os.system, (f"touch {tmp_path / 'harm'}",)

    checkpoint, network = saved(tmp_path)
    torch.save({"identity": {}, "states": Hostile()}, checkpoint.path)
    assert checkpoint.restore({"model": network}, torch.device("cpu")) == Progress()
    assert "not a file of weights or damaged" in capsys.readouterr().err
    assert not (tmp_path / "harm").exists()


def test_a_bit_turned_anywhere_never_ends_the_training(tmp_path):
    """In a name, an offset, a flag or a value: the checkpoint is whole, or set aside."""
    checkpoint, network = saved(tmp_path)
    whole = checkpoint.path.read_bytes()
    random = np.random.default_rng(0)
    # Names of members lie in the local headers, which zipfile reads as text.
    starts = [match.start() + 30 for match in re.finditer(b"PK\x03\x04", whole)]
    for place in [*starts, *random.integers(0, len(whole), 150).tolist()]:
        turned = bytearray(whole)
        turned[place] ^= 0x80
        checkpoint.path.write_bytes(turned)
        found = checkpoint.restore({"model": network}, torch.device("cpu"))
        assert len(found.history) in (0, 1)


@pytest.mark.parametrize(
    "change",
    [
        {"identity": None},
        {"identity": {1: 2}},
        {"states": {}},
        {"states": {"model": {}, "optimizer": {}}},
        {"progress": {"history": []}},
    ],
)
def test_a_checkpoint_of_another_shape_fills_nothing(tmp_path, capsys, change):
    checkpoint, _ = saved(tmp_path)
    content = torch.load(checkpoint.path, weights_only=True)
    torch.save(content | change, checkpoint.path)
    other = torch.nn.Linear(3, 2)
    before = other.weight.clone()
    assert checkpoint.restore({"model": other}, torch.device("cpu")) == Progress()
    assert torch.equal(other.weight, before)
    assert "not a checkpoint of this training" in capsys.readouterr().err


def test_two_trainings_of_one_fold_do_not_meet(data, tmp_path):
    first = start(data, tmp_path)
    wait_for_change(tmp_path / "checkpoint.before.pt", first)
    second = Checkpoint(tmp_path / "checkpoint.pt", {})
    message = "another training is at work there; wait for it, or end it"
    with pytest.raises(InputError, match=message), second.alone(patience=0):
        pass
    first.kill()
    first.communicate()
    with second.alone():
        pass


def test_a_failed_save_names_the_file_and_keeps_the_one_before(tmp_path, monkeypatch):
    checkpoint, network = saved(tmp_path)
    before = checkpoint.path.read_bytes()

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(InputError, match=r"checkpoint.pt: .*No space left on device.*whole"):
        checkpoint.save(Progress([{"epoch": 1}, {"epoch": 2}]), {"model": network})
    monkeypatch.undo()
    assert checkpoint.before.read_bytes() == before
    assert len(checkpoint.restore({"model": network}, torch.device("cpu")).history) == 1


def test_a_failed_first_save_promises_nothing(tmp_path, monkeypatch):
    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(InputError, match="there is none before it; make room and start again$"):
        Checkpoint(tmp_path / "checkpoint.pt", {}).save(Progress(), {})
    assert not list(tmp_path.iterdir())


def test_a_broken_off_epoch_goes_on_from_its_next_batch(tmp_path):
    progress = Progress(
        [{"epoch": 1, "loss": 0.5}], [0.25, 0.125], 3.5, {"cpu": torch.get_rng_state()}
    )
    network = torch.nn.Linear(3, 2)
    checkpoint = Checkpoint(tmp_path / "checkpoint.pt", {})
    checkpoint.save(progress, {"model": network})
    found = checkpoint.restore({"model": network}, torch.device("cpu"))
    assert (found.history, found.losses, found.seconds) == (
        progress.history,
        progress.losses,
        progress.seconds,
    )
    assert torch.equal(found.random_states["cpu"], progress.random_states["cpu"])

"""What of training only a GPU can show."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from facs3d.training.batches import BatchOptions, draw_batches
from facs3d.training.checkpoint import Checkpoint
from facs3d.training.clip_memory import ResidentClips, StreamedClips
from facs3d.training.loop import make_optimizer, train
from facs3d.training.step import TrainingStep
from tests.support.trainings import SETTINGS, new_model, same_weights

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device"),
]
GPU = torch.device("cuda")
ORDER = [np.array([3, 0]), np.array([4, 1]), np.array([2, 5]), np.array([6, 7])]


def new_step(clips, **change) -> TrainingStep:
    settings = replace(SETTINGS, device="cuda", optimizer="sgd", **change)
    model = new_model(clips).to(GPU)
    optimizer, schedule = make_optimizer(model, settings, len(clips))
    weights = torch.ones(len(clips.action_units), device=GPU)
    return TrainingStep(model, optimizer, schedule, weights, settings.precision)


def test_streamed_clips_are_the_resident_ones(clips):
    frames = torch.from_numpy(clips.frames)
    streamed = [batch.clone() for batch in StreamedClips(frames, GPU).batches(ORDER)]
    resident = list(ResidentClips(frames.to(GPU)).batches(ORDER))
    assert all(map(torch.equal, streamed, resident))


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_a_step_does_not_make_the_host_wait(clips, precision):
    step = new_step(clips, precision=precision)
    memory = ResidentClips(torch.from_numpy(clips.frames).to(GPU))
    options = BatchOptions(frames_per_clip=2, mirror=True, shift=1)
    batches = draw_batches(clips, memory, ORDER, options, seed=1, epoch=1)
    step(next(batches))
    torch.cuda.set_sync_debug_mode("error")
    try:
        for batch in batches:
            step(batch)
    finally:
        torch.cuda.set_sync_debug_mode("default")


def test_the_micro_batch_is_sized_by_a_pass_that_leaves_nothing(clips):
    memory = ResidentClips(torch.from_numpy(clips.frames).to(GPU))
    batch = next(draw_batches(clips, memory, [np.arange(8)], BatchOptions(), seed=1, epoch=1))
    step, fixed = new_step(clips), new_step(clips)
    fixed.micro_batch = 8
    for one in (step, fixed):
        torch.manual_seed(0)
        one(batch)
    assert step.micro_batch == 8
    for name, value in step.model.state_dict().items():
        torch.testing.assert_close(value, fixed.model.state_dict()[name])


def test_deterministic_gives_the_same_bytes(clips, tmp_path, monkeypatch):
    monkeypatch.setenv("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    settings = replace(SETTINGS, device="cuda", deterministic=True, micro_batch_clips=3)
    torch.use_deterministic_algorithms(True)
    try:
        models = [new_model(clips).to(GPU) for _ in range(2)]
        for number, model in enumerate(models):
            train(model, clips, settings, 1, Checkpoint(tmp_path / f"{number}.pt", {}))
    finally:
        torch.use_deterministic_algorithms(False)
    assert same_weights(*models)

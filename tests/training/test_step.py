"""Micro-batches, memory that runs out, recomputation, precision, placement of the clips."""

import copy
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from facs3d.core.errors import InputError
from facs3d.training.acceleration import (
    ReproduciblePool3d,
    make_reproducible,
    use_arithmetic,
)
from facs3d.training.batches import Batch
from facs3d.training.clip_memory import RESIDENT_SHARE, ResidentClips, StreamedClips, place_clips
from facs3d.training.losses import weighted_loss
from facs3d.training.models import MODELS, Architecture, build_model
from facs3d.training.step import TrainingStep, even_part, split

ARCHITECTURE = Architecture(
    channels=(4, 6, 6), features=8, lstm_units=5, padding="same", pool_padding=1
)
N_CLIPS, N_AUS = 5, 3


def new_model(name: str = "facs3d", dropout: float = 0.0):
    return build_model(name, replace(ARCHITECTURE, dropout=dropout), (6, 32, 32), N_AUS, seed=1)


def random_batch(n_frames: int | None = None) -> Batch:
    random = np.random.default_rng(0)
    clips = torch.from_numpy(random.integers(0, 256, (N_CLIPS, 6, 32, 32), np.uint8))
    labels = torch.from_numpy(random.choice([1, 0, -1], (N_CLIPS, 6, N_AUS)).astype(np.int8))
    if n_frames is None:
        return Batch(clips, None, labels)
    frames = torch.arange(n_frames).expand(N_CLIPS, n_frames)
    return Batch(clips, frames, labels[:, :n_frames])


def new_step(model, micro_batch: int = 0, precision: str = "fp32") -> TrainingStep:
    optimizer = torch.optim.SGD(model.parameters(), 0.1, momentum=0.9)
    schedule = torch.optim.lr_scheduler.ConstantLR(optimizer, factor=1.0)
    weights = torch.tensor([0.5, 1.0, 1.5])
    return TrainingStep(model, optimizer, schedule, weights, precision, micro_batch)


def freeze_norms(model) -> None:
    """Let batch normalisation use its running statistics, which no micro-batch can change."""
    for layer in model.modules():
        if isinstance(layer, nn.BatchNorm2d | nn.BatchNorm3d):
            layer.train = lambda mode=True, layer=layer: layer
            layer.eval()
            layer.training = False


def assert_same(one, other, tolerance: float = 0.0) -> None:
    for name, value in one.state_dict().items():
        torch.testing.assert_close(
            value, other.state_dict()[name], rtol=tolerance, atol=tolerance, msg=name
        )


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("micro_batch", [1, 2, 4])
@pytest.mark.parametrize("n_frames", [None, 3])
def test_gradients_of_micro_batches_add_up_to_the_batchs(name, micro_batch, n_frames):
    models = [new_model(name) for _ in range(2)]
    losses = []
    for model, size in zip(models, (N_CLIPS, micro_batch), strict=True):
        freeze_norms(model)
        losses.append(new_step(model, size)(random_batch(n_frames)))
    torch.testing.assert_close(losses[0], losses[1], rtol=1e-6, atol=0)
    assert_same(*models, tolerance=1e-6)


def test_the_norms_of_a_micro_batch_see_that_micro_batch_only():
    model, batch = new_model(), random_batch()
    new_step(model, micro_batch=2)(batch)
    expected = new_model().train()
    with torch.no_grad():
        for part in split(batch, 2):
            expected(part.clips / 255)
    for (name, found), value in zip(model.named_buffers(), expected.buffers(), strict=True):
        torch.testing.assert_close(found, value, msg=name)
    assert model.frame_stream.norm1.num_batches_tracked == 3


@pytest.mark.parametrize("fitting", [1, 3])
def test_out_of_memory_halves_the_micro_batch_and_nothing_of_the_failed_try_stays(
    monkeypatch, capsys, fitting
):
    forward = MODELS["facs3d"].forward
    attempts = []

    def limited(self, clips, frames=None):
        attempts.append(len(clips))
        logits = forward(self, clips, frames)
        # After the pass, which has changed the statistics and drawn for dropout.
        if len(clips) > fitting:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return logits

    model = new_model(dropout=0.5)
    step = new_step(model)
    torch.manual_seed(3)
    with monkeypatch.context() as patch:
        patch.setattr(MODELS["facs3d"], "forward", limited)
        loss = step(random_batch())
    assert step.micro_batch == fitting
    assert attempts[0] == N_CLIPS
    assert f"out of memory: {fitting} clips at once" in capsys.readouterr().err
    expected = new_model(dropout=0.5)
    torch.manual_seed(3)
    assert torch.equal(new_step(expected, fitting)(random_batch()), loss)
    assert_same(model, expected)


def test_memory_that_runs_out_late_in_a_batch_undoes_all_of_it(monkeypatch):
    forward, calls = MODELS["cnn2d"].forward, []

    def fails_once(self, clips, frames=None):
        calls.append(len(clips))
        if len(calls) == 2:
            raise torch.OutOfMemoryError
        return forward(self, clips, frames)

    models = [new_model("cnn2d", dropout=0.5) for _ in range(2)]
    torch.manual_seed(3)
    new_step(models[0], 2)(random_batch())
    torch.manual_seed(3)
    new_step(models[1], 1)(random_batch())
    halved = new_model("cnn2d", dropout=0.5)
    monkeypatch.setattr(MODELS["cnn2d"], "forward", fails_once)
    torch.manual_seed(3)
    new_step(halved, 2)(random_batch())
    assert calls == [2, 2, 1, 1, 1, 1, 1]
    assert_same(halved, models[1])


def test_one_clip_that_does_not_fit_says_what_to_do(monkeypatch):
    def full(self, clips, frames=None):
        raise torch.OutOfMemoryError

    monkeypatch.setattr(MODELS["cnn2d"], "forward", full)
    with pytest.raises(InputError, match="does not hold one clip; set precision: bf16"):
        new_step(new_model("cnn2d"))(random_batch())


def test_the_micro_batch_found_is_part_of_the_state():
    step = new_step(new_model("cnn2d"))
    step(random_batch())
    other = new_step(new_model("cnn2d"))
    other.load_state_dict(step.state_dict())
    assert other.micro_batch == N_CLIPS


@pytest.mark.parametrize(
    ("n_clips", "largest", "expected"),
    [(20, 20, 20), (20, 19, 10), (20, 7, 7), (20, 6, 5), (1, 9, 1)],
)
def test_parts_are_even(n_clips, largest, expected):
    assert even_part(n_clips, largest) == expected <= largest


@pytest.mark.parametrize("padding", [0, 1])
@pytest.mark.parametrize("shape", [(2, 3, 7, 9, 8), (1, 2, 3, 4, 5)])
def test_the_reproducible_pooling_is_torchs(padding, shape):
    maps = torch.randn(shape, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    ours, theirs = maps.clone().requires_grad_(), maps.clone().requires_grad_()
    pooled = ReproduciblePool3d(padding)(ours)
    expected = nn.MaxPool3d(3, stride=2, padding=padding)(theirs)
    assert torch.equal(pooled, expected)
    factors = torch.arange(pooled.numel(), dtype=torch.float64).reshape(pooled.shape)
    (pooled * factors).sum().backward()
    (expected * factors).sum().backward()
    torch.testing.assert_close(ours.grad, theirs.grad)


def test_a_reproducible_network_has_the_same_weights_and_logits():
    model = new_model().eval()
    other = copy.deepcopy(model)
    make_reproducible(other)
    assert list(other.state_dict()) == list(model.state_dict())
    assert not any(isinstance(layer, nn.MaxPool3d) for layer in other.modules())
    clips = random_batch().clips / 255
    assert torch.equal(model(clips), other(clips))


def test_bfloat16_computes_near_the_same_loss_and_keeps_float32_weights():
    models = [new_model() for _ in range(2)]
    losses = [
        new_step(model, precision=precision)(random_batch())
        for model, precision in zip(models, ("fp32", "bf16"), strict=True)
    ]
    assert losses[1].dtype == torch.float32
    torch.testing.assert_close(losses[0], losses[1], rtol=0.02, atol=0)
    assert losses[0] != losses[1]
    assert all(value.dtype == torch.float32 for value in models[1].parameters())


def test_switches_of_the_arithmetic():
    try:
        use_arithmetic("bf16", autotune=True, deterministic=True)
        assert torch.are_deterministic_algorithms_enabled()
        assert torch.backends.cuda.matmul.allow_tf32
        assert not torch.backends.cudnn.benchmark
    finally:
        use_arithmetic("fp32", autotune=True, deterministic=False)
    assert not torch.are_deterministic_algorithms_enabled()
    assert not torch.backends.cuda.matmul.allow_tf32
    assert torch.backends.cudnn.benchmark


def test_parts_of_the_loss_add_up():
    generator = torch.Generator().manual_seed(0)
    logits = torch.randn(6, 4, N_AUS, generator=generator)
    labels = torch.randint(-1, 2, logits.shape, generator=generator)
    weights = torch.tensor([0.5, 1.0, 1.5])
    n_frames = (labels != -1).any(dim=-1).sum()
    parts = [
        weighted_loss(*both, weights, n_frames)
        for both in zip(logits.split(2), labels.split(2), strict=True)
    ]
    torch.testing.assert_close(sum(parts), weighted_loss(logits, labels, weights))


def test_clips_lie_on_the_gpu_when_they_fit(monkeypatch):
    frames = np.random.default_rng(0).integers(0, 256, (5, 2, 4, 4), np.uint8)
    gpu, free = torch.device("cuda"), {"bytes": 0}
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device: (free["bytes"], 2**40))
    monkeypatch.setattr(torch.Tensor, "to", lambda tensor, device: tensor)
    for room, kind in ((1.1, ResidentClips), (0.9, StreamedClips)):
        free["bytes"] = int(frames.nbytes * room / RESIDENT_SHARE)
        assert isinstance(place_clips(frames, gpu), kind)
    monkeypatch.undo()
    order = [np.array([3, 0]), np.array([4])]
    batches = list(place_clips(frames, torch.device("cpu")).batches(order))
    for indices, batch in zip(order, batches, strict=True):
        np.testing.assert_array_equal(batch, frames[indices])

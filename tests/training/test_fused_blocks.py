"""The fused blocks against the layers that they replace; on a GPU, or in Triton's interpreter
(``TRITON_INTERPRET=1``) where Triton is installed."""

import copy
import os

import pytest
import torch
from torch import nn

from facs3d.training.acceleration import fuse_blocks
from facs3d.training.models import Architecture, build_model

INTERPRETED = os.environ.get("TRITON_INTERPRET") == "1"
needs_gpu = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
needs_triton = pytest.mark.skipif(
    not torch.cuda.is_available() and not INTERPRETED,
    reason="needs a CUDA device, or Triton and TRITON_INTERPRET=1",
)
DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")
SMALL = Architecture(channels=(16, 32, 16), features=16)
CLIP_SHAPE = (62, 84, 84)


@pytest.fixture(autouse=True)
def full_precision():
    backends = torch.backends.cudnn, torch.backends.cuda.matmul
    before = [backend.allow_tf32 for backend in backends]
    for backend in backends:
        backend.allow_tf32 = False
    yield
    for backend, value in zip(backends, before, strict=True):
        backend.allow_tf32 = value


def new_model(name: str, architecture: Architecture = SMALL):
    """With normalisations that are not the identity, some of them negative."""
    model = build_model(name, architecture, CLIP_SHAPE, 3, seed=0)
    random = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for layer in model.modules():
            if isinstance(layer, nn.BatchNorm2d | nn.BatchNorm3d):
                layer.weight.copy_(torch.randn(layer.weight.shape, generator=random))
                layer.bias.copy_(torch.randn(layer.bias.shape, generator=random))
    return model.to(DEVICE)


def random_clips(n_clips: int) -> torch.Tensor:
    return torch.rand(n_clips, *CLIP_SHAPE, generator=torch.Generator().manual_seed(1)).to(DEVICE)


def pass_through(model, clips):
    """Logits and gradients by name of a pass in training mode."""
    logits = model.train()(clips)
    weights = torch.linspace(-1, 1, logits.numel(), device=DEVICE).view_as(logits)
    (logits.float() * weights).sum().backward()
    return logits.detach(), {name: value.grad for name, value in model.named_parameters()}


@pytest.mark.gpu
@needs_triton
@pytest.mark.parametrize("name", ["facs3d", "cnn2d_lstm"])
def test_the_same_as_layer_by_layer(name):
    layers = new_model(name)
    fused = copy.deepcopy(layers)
    assert fuse_blocks(fused)
    clips = random_clips(1 if INTERPRETED else 3)
    (logits, gradients), (same, same_gradients) = (pass_through(m, clips) for m in (layers, fused))
    torch.testing.assert_close(same, logits, rtol=0, atol=2e-5)
    for parameter, gradient in gradients.items():
        if same_gradients[parameter] is None:
            # In front of a normalisation a bias changes nothing: what it gets is rounding error.
            assert ".conv" in parameter
            assert parameter.endswith("bias")
            continue
        error = (same_gradients[parameter] - gradient).norm() / gradient.norm()
        assert error < 0.02, parameter
    for (buffer, value), same_value in zip(layers.named_buffers(), fused.buffers(), strict=True):
        torch.testing.assert_close(same_value, value, rtol=1e-4, atol=1e-5, msg=buffer)


@pytest.mark.gpu
@needs_gpu
def test_the_same_bytes_again_in_bfloat16():
    runs = []
    for _ in range(2):
        model = new_model("facs3d")
        assert fuse_blocks(model)
        torch.use_deterministic_algorithms(True)
        try:
            with torch.autocast("cuda", torch.bfloat16):
                runs.append(pass_through(model, random_clips(3)))
        finally:
            torch.use_deterministic_algorithms(False)
    (first, gradients), (second, same_gradients) = runs
    assert torch.equal(first, second)
    for name, gradient in gradients.items():
        assert gradient is None or torch.equal(gradient, same_gradients[name]), name


@pytest.mark.gpu
@needs_gpu
def test_bfloat16_is_no_further_from_full_precision_than_the_layers_are():
    layers = new_model("facs3d")
    exact, _ = pass_through(copy.deepcopy(layers), random_clips(3))
    fused = copy.deepcopy(layers)
    fuse_blocks(fused)
    with torch.autocast("cuda", torch.bfloat16):
        errors = [
            (pass_through(m, random_clips(3))[0] - exact).abs().mean() for m in (layers, fused)
        ]
    assert errors[1] < 1.2 * errors[0]


def test_layers_that_cannot_be_fused_stay_and_it_is_said(capsys):
    architecture = Architecture(channels=(16, 16, 16), features=8, padding="same", pool_padding=1)
    model = new_model("facs3d", architecture)
    assert not fuse_blocks(model)
    assert "not fused" in capsys.readouterr().err
    assert "forward" not in vars(model.frame_stream)


@pytest.mark.gpu
@needs_gpu
def test_evaluation_runs_the_layers():
    layers = new_model("facs3d").eval()
    fused = copy.deepcopy(layers)
    fuse_blocks(fused)
    clips = random_clips(2)
    with torch.inference_mode():
        assert torch.equal(layers(clips), fused(clips))

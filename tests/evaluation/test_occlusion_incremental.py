"""The incremental engine against full forward passes: every alignment, border and kind of layer."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch import nn

from facs3d.core.errors import InputError
from facs3d.evaluation.occlusion.incremental import IncrementalEngine, Patch
from facs3d.evaluation.occlusion.sensitivity import NaiveEngine, patch_edges
from facs3d.training.models import MODELS, ActionUnitModel, Architecture, build_model

MEMORY = 2**30
SMALL = Architecture(channels=(3, 4, 5), features=6, lstm_units=4)
DEMO = Architecture(channels=(16, 32, 32), features=64, padding="same", pool_padding=1)
N_AUS = 3
TOTAL_STRIDE = 16


def random_model(
    name: str, architecture: Architecture, clip_shape: tuple[int, int, int], seed: int = 1
) -> ActionUnitModel:
    """A network whose every weight matters: normalisation and the mean are not neutral."""
    model = build_model(name, architecture, clip_shape, N_AUS, seed).eval()
    random = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        model.input_mean.fill_(0.4)
        for layer in model.modules():
            if isinstance(layer, nn.BatchNorm2d | nn.BatchNorm3d):
                for values in (layer.weight, layer.bias, layer.running_mean):
                    values.copy_(torch.randn(values.shape, generator=random))
                layer.running_var.uniform_(0.5, 2, generator=random)
    return model


def random_clip(clip_shape: tuple[int, int, int], seed: int = 0) -> torch.Tensor:
    return torch.rand(clip_shape, generator=torch.Generator().manual_seed(seed))


def largest_error(
    model: ActionUnitModel,
    clip: torch.Tensor,
    positions: np.ndarray,
    patch: Patch,
    memory: int = MEMORY,
) -> float:
    """Largest difference of a logit from the naive engine's, which must see the patch."""
    shape = tuple(clip.shape)
    with torch.inference_mode():
        naive = NaiveEngine(model, shape, patch, 2**26)
        engine = IncrementalEngine(model, shape, patch, memory)
        for each in (naive, engine):
            each.prepare(clip)
        expected = torch.cat([naive.logits(positions[b]) for b in naive.batches(positions)])
        found = torch.empty_like(expected)
        for batch in engine.batches(positions):
            found[batch] = engine.logits(positions[batch])
        assert (expected - model(clip.unsqueeze(0))).abs().max() > 0
    return float((found - expected).abs().max())


def every_start(side: int, patch: int) -> np.ndarray:
    """Positions that meet every patch start modulo the total stride on both axes, and all four
    borders: along one axis every start there is, along the other some that move with it."""
    starts = np.arange(side - patch + 1)
    others = [starts, starts[::-1], starts * 7 % len(starts), 0 * starts, 0 * starts + starts[-1]]
    pairs = [
        np.stack(pair, axis=1) for other in others for pair in ((starts, other), (other, starts))
    ]
    return np.unique(np.concatenate(pairs), axis=0)


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("padding", ["none", "same"])
@pytest.mark.parametrize("pool_padding", [0, 1])
@pytest.mark.parametrize("side", [76, 81])
def test_every_start_modulo_the_total_stride(name, padding, pool_padding, side):
    architecture = replace(SMALL, padding=padding, pool_padding=pool_padding)
    short = name != "facs3d" or (padding, pool_padding) == ("same", 1)
    clip_shape = (12 if short else 56, side, side)
    model = random_model(name, architecture, clip_shape)
    positions = every_start(side, 15)
    assert len({tuple(position) for position in positions % TOTAL_STRIDE}) > 3 * TOTAL_STRIDE
    positions = positions[:: 1 if short else 6]
    assert largest_error(model, random_clip(clip_shape), positions, Patch(15, 0.5)) <= 1e-5


@pytest.mark.parametrize("name", MODELS)
def test_the_demos_network_at_corners_borders_and_within(name):
    clip_shape = (12, 80, 80)
    model = random_model(name, DEMO, clip_shape)
    edges = patch_edges(80, 15, 3)[[0, 1, 6, 10, 20, 21]]
    positions = np.stack(np.meshgrid(edges, edges), axis=-1).reshape(-1, 2)
    assert largest_error(model, random_clip(clip_shape), positions, Patch(15, 0.5)) <= 1e-5


@pytest.mark.slow
@pytest.mark.parametrize("name", MODELS)
def test_the_papers_network_on_the_papers_clip(name):
    clip_shape = (126, 200, 200)
    model = build_model(name, Architecture(), clip_shape, 12, seed=1).eval()
    positions = np.array([(0, 0), (93, 87), (183, 90)])
    assert largest_error(model, random_clip(clip_shape), positions, Patch(15, 0.5)) <= 1e-5


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_any_size_patch_and_filters(data):
    draw = data.draw
    name = draw(st.sampled_from(list(MODELS)))
    architecture = Architecture(
        channels=draw(st.lists(st.integers(1, 4), min_size=1, max_size=3).map(tuple)),
        features=4,
        lstm_units=3,
        padding=draw(st.sampled_from(["none", "same"])),
        pool_padding=draw(st.sampled_from([0, 1])),
    )
    side = draw(st.integers(12, 64))
    clip_shape = (draw(st.integers(7, 40)), side, side)
    try:
        model = random_model(name, architecture, clip_shape, seed=draw(st.integers(0, 99)))
    except InputError:
        assume(False)
    patch = Patch(draw(st.integers(1, side)), draw(st.sampled_from([0.0, 0.5, 1.0])))
    starts = st.integers(0, side - patch.side)
    positions = np.array(draw(st.lists(st.tuples(starts, starts), min_size=1, max_size=5)))
    clip = random_clip(clip_shape)
    with torch.inference_mode():
        naive = NaiveEngine(model, clip_shape, patch, MEMORY)
        engine = IncrementalEngine(model, clip_shape, patch, draw(st.sampled_from([1, MEMORY])))
        for each in (naive, engine):
            each.prepare(clip)
        error = (naive.logits(positions) - engine.logits(positions)).abs().max()
    assert error <= 1e-5


class OwnLayers(ActionUnitModel):
    """A changed network: other kernels, strides and paddings, no normalisation here, a pooling
    before the ReLU there, a stage without pooling, one without ReLU, a layer after the features."""

    def __init__(self, side: int, n_frames: int) -> None:
        nn.Module.__init__(self)
        self.register_buffer("input_mean", torch.tensor(0.3))
        self.frame_stream = nn.Sequential(
            nn.Conv2d(1, 3, (3, 4), stride=(1, 3), padding=(2, 0)),
            nn.MaxPool2d((2, 3), stride=(3, 1), padding=(1, 1)),
            nn.ReLU(),
            nn.Dropout(0.5),
            nn.Conv2d(3, 4, 3, stride=2, bias=False),
            nn.BatchNorm2d(4),
            nn.Conv2d(4, 2, 2),
            nn.ReLU(),
            nn.Flatten(),
            nn.LazyLinear(5),
            nn.Tanh(),
        )
        self.clip_stream = nn.Sequential(
            nn.Conv3d(1, 2, (2, 3, 5), stride=(3, 2, 4), padding=(0, 1, 2)),
            nn.ReLU(),
            nn.MaxPool3d((2, 2, 1), stride=(1, 3, 1)),
            nn.Flatten(),
            nn.LazyLinear(4),
        )
        self.output = nn.Linear(9, N_AUS)
        with torch.no_grad():
            self(torch.zeros(1, n_frames, side, side))

    def head(self, frame_features: torch.Tensor, clip_features: torch.Tensor) -> torch.Tensor:
        shared = clip_features.unsqueeze(1).expand(-1, frame_features.shape[1], -1)
        return self.output(torch.cat((frame_features, shared), dim=2))


@pytest.mark.parametrize(("side", "patch"), [(31, 6), (26, 3), (40, 17)])
def test_windows_follow_from_the_models_own_layers(side, patch):
    torch.manual_seed(0)
    model = OwnLayers(side, 9).eval()
    starts = np.arange(side - patch + 1)
    positions = np.stack(np.meshgrid(starts, starts), axis=-1).reshape(-1, 2)
    assert largest_error(model, random_clip((9, side, side)), positions, Patch(patch, 0.5)) <= 1e-5


def test_a_patch_on_rows_that_no_filter_reads_changes_nothing():
    torch.manual_seed(0)
    model = random_model("cnn2d", replace(SMALL, channels=(3, 4)), (2, 27, 27))
    # 27 -> 12 -> 6 -> 2 -> 1: the last rows reach no output.
    clip, positions = random_clip((2, 27, 27)), np.array([(26, 26), (26, 0), (25, 26)])
    with torch.inference_mode():
        engine = IncrementalEngine(model, (2, 27, 27), Patch(1, 0.5), MEMORY)
        engine.prepare(clip)
        logits = engine.logits(positions)
        expected = model(clip.unsqueeze(0)).expand(3, -1, -1)
    torch.testing.assert_close(logits, expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize(
    ("layer", "named"),
    [
        (nn.AvgPool2d(2), r"pool2 of the 2D stream, AvgPool2d"),
        (nn.Conv2d(3, 3, 3, dilation=2), r"pool2 of the 2D stream, Conv2d.*dilation=\(2, 2\)"),
        (nn.Conv2d(3, 3, 3, groups=3), r"pool2 of the 2D stream, Conv2d.*groups=3"),
        (nn.Conv2d(3, 3, 3, padding="same"), r"pool2 of the 2D stream, Conv2d.*padding=same"),
        (nn.MaxPool2d(2, ceil_mode=True), r"pool2 of the 2D stream, MaxPool2d.*ceil_mode=True"),
    ],
)
def test_an_unknown_layer_is_named(layer, named):
    model = random_model("cnn2d", SMALL, (2, 80, 80))
    model.frame_stream.pool2 = layer
    with pytest.raises(InputError, match=f"does not know layer {named}.* set occlusion.engine to"):
        IncrementalEngine(model, (2, 80, 80), Patch(15, 0.5), MEMORY)


def test_one_relu_at_every_place_counts_at_every_place():
    model, relu = random_model("cnn2d", SMALL, (2, 80, 80)), nn.ReLU()
    for name in [name for name in model.frame_stream._modules if name.startswith("relu")]:
        setattr(model.frame_stream, name, relu)
    positions = np.array([(0, 0), (31, 12), (65, 65)])
    assert largest_error(model, random_clip((2, 80, 80)), positions, Patch(15, 0.5)) <= 1e-5


def test_large_logits_are_as_exact_as_small_ones():
    model = random_model("facs3d", DEMO, (12, 80, 80))
    clip = random_clip((12, 80, 80))
    with torch.no_grad():
        last = [layer for layer in model.modules() if isinstance(layer, nn.Linear)][-1]
        scale = 15 / model(clip.unsqueeze(0)).abs().max()
        last.weight.mul_(scale)
        last.bias.mul_(scale)
        assert model(clip.unsqueeze(0)).abs().max() > 14
    positions = np.array([(0, 0), (31, 12), (65, 65), (7, 40)])
    assert largest_error(model, clip, positions, Patch(15, 0.5)) <= 1e-5


def test_layers_behind_the_linear_one_see_frames_as_the_network_does():
    model = random_model("cnn2d", SMALL, (6, 80, 80))
    model.frame_stream.add_module("tail", nn.BatchNorm1d(6).eval())
    with torch.no_grad():
        model.frame_stream.tail.running_mean.copy_(torch.arange(6.0))
    positions = np.array([(0, 0), (31, 12)])
    assert largest_error(model, random_clip((6, 80, 80)), positions, Patch(15, 0.5)) <= 1e-5


class LeakyConv(nn.Conv2d):
    def forward(self, images):
        return super().forward(images) + 1


@pytest.mark.parametrize(
    ("place", "layer"),
    [
        ("conv2", LeakyConv(3, 4, 5)),
        ("relu1", nn.MaxPool2d(2)),
        ("norm1", nn.BatchNorm2d(3, track_running_stats=False)),
        ("flatten", nn.Flatten(2)),
        ("features", nn.Linear(7, 6)),
    ],
)
def test_a_layer_used_in_an_unknown_way_is_refused_by_name(place, layer):
    model = random_model("cnn2d", SMALL, (2, 80, 80))
    setattr(model.frame_stream, place, layer)
    with pytest.raises(InputError, match="does not know layer"):
        IncrementalEngine(model.eval(), (2, 80, 80), Patch(15, 0.5), MEMORY)


def test_hooks_and_training_mode_are_refused():
    model = random_model("cnn2d", SMALL, (2, 80, 80))
    hook = model.frame_stream.relu1.register_forward_hook(lambda layer, given, out: 2 * out)
    with pytest.raises(InputError, match="relu1 of the 2D stream"):
        IncrementalEngine(model, (2, 80, 80), Patch(15, 0.5), MEMORY)
    hook.remove()
    with pytest.raises(InputError, match="training mode"):
        IncrementalEngine(model.train(), (2, 80, 80), Patch(15, 0.5), MEMORY)


def test_a_model_that_computes_otherwise_is_refused():
    class Other(type(random_model("cnn2d", SMALL, (2, 80, 80)))):
        def forward(self, clips: torch.Tensor) -> torch.Tensor:
            return super().forward(clips)[..., :1]

    with pytest.raises(InputError, match="how Other computes"):
        IncrementalEngine(Other(SMALL, (2, 80, 80), N_AUS), (2, 80, 80), Patch(15, 0.5), MEMORY)


def test_batches_adapt_to_the_memory_and_change_no_number():
    clip_shape = (12, 80, 80)
    model, clip = random_model("facs3d", DEMO, clip_shape), random_clip(clip_shape)
    edges = patch_edges(80, 15, 12)
    positions = np.stack(np.meshgrid(edges, edges), axis=-1).reshape(-1, 2)
    with torch.inference_mode():
        results, sizes = [], []
        for memory in (1, 2**18, 2**30):
            engine = IncrementalEngine(model, clip_shape, Patch(15, 0.5), memory)
            engine.prepare(clip)
            batches = engine.batches(positions)
            assert sorted(np.concatenate(batches).tolist()) == list(range(len(positions)))
            sizes.append(len(batches))
            logits = torch.empty(len(positions), 12, N_AUS)
            for batch in batches:
                logits[batch] = engine.logits(positions[batch])
            results.append(logits)
    assert sizes[0] == len(positions) > sizes[1] > sizes[2] == 1
    for other in results[1:]:
        torch.testing.assert_close(other, results[0], rtol=0, atol=1e-6)


def test_bfloat16_differences_are_close():
    clip_shape = (12, 80, 80)
    model, clip = random_model("facs3d", DEMO, clip_shape), random_clip(clip_shape)
    positions = np.array([(0, 0), (30, 33), (65, 12)])
    with torch.inference_mode():
        logits = []
        for dtype in (torch.float32, torch.bfloat16):
            engine = IncrementalEngine(model, clip_shape, Patch(15, 0.5), MEMORY, dtype)
            engine.prepare(clip)
            logits.append(engine.logits(positions))
    assert 0 < (logits[0] - logits[1]).abs().max() < 1e-2


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_the_same_numbers_on_a_gpu(monkeypatch):
    monkeypatch.setattr(torch.backends.cudnn, "allow_tf32", False)
    clip_shape = (12, 80, 80)
    model, clip = random_model("facs3d", DEMO, clip_shape).cuda(), random_clip(clip_shape).cuda()
    positions = np.array([(0, 0), (30, 33), (65, 12)])
    assert largest_error(model, clip, positions, Patch(15, 0.5)) <= 1e-5

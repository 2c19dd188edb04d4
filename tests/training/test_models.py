"""The networks, against sizes and parameter counts worked out by hand (Sec. IV-A.4)."""

import pytest
import torch
from torch import nn

from facs3d.core.errors import InputError
from facs3d.training.losses import weighted_loss
from facs3d.training.models import (
    MODELS,
    ActionUnitModel,
    Architecture,
    build_model,
    make_stream,
)

PAPER_CLIP = (126, 200, 200)
SMALL = Architecture(channels=(4, 6), features=8, lstm_units=5, padding="same", pool_padding=1)
SMALL_CLIP = (10, 32, 32)
N_AUS = 3


def small_model(name: str, **choices: object) -> ActionUnitModel:
    architecture = Architecture(**{**vars(SMALL), **choices})
    return build_model(name, architecture, SMALL_CLIP, N_AUS, seed=1).eval()


def random_clips(n_clips: int = 2) -> torch.Tensor:
    return torch.rand((n_clips, *SMALL_CLIP), generator=torch.Generator().manual_seed(0))


def map_sizes(stream: nn.Sequential, size: tuple[int, ...]) -> list[tuple[int, ...]]:
    """Sizes of the maps after each convolution and pooling, by running it without values."""
    values, sizes = torch.empty((2, 1, *size), device="meta"), []
    for name, layer in stream.named_children():
        values = layer(values)
        if name.startswith(("conv", "pool")):
            sizes.append(tuple(values.shape[2:]))
    return sizes


def n_parameters(module: nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


def test_2d_stream_at_paper_size():
    with torch.device("meta"):
        stream = make_stream(Architecture(), (200, 200))
    # conv 5, stride 2: (200-5)//2+1 = 98; pool 2: 49; conv 5: 45; pool: 22; conv 5: 18; pool: 9.
    assert [size[0] for size in map_sizes(stream, (200, 200))] == [98, 49, 45, 22, 18, 9]
    assert stream.features.in_features == 128 * 9 * 9 == 10368
    assert n_parameters(stream) == (
        (64 * 1 * 25 + 64)
        + 2 * 64
        + (128 * 64 * 25 + 128)
        + 2 * 128
        + (128 * 128 * 25 + 128)
        + 2 * 128
        + (10368 * 400 + 400)
    )
    assert n_parameters(stream) == 4_764_560


def test_3d_stream_at_paper_size():
    with torch.device("meta"):
        stream = make_stream(Architecture(), PAPER_CLIP)
    # conv 3, stride 2: (126-3)//2+1 = 62, (200-3)//2+1 = 99; pool 3, stride 2: (62-3)//2+1 = 30, …
    assert map_sizes(stream, PAPER_CLIP) == [
        (62, 99, 99),
        (30, 49, 49),
        (28, 47, 47),
        (13, 23, 23),
        (11, 21, 21),
        (5, 10, 10),
    ]
    assert stream.features.in_features == 128 * 5 * 10 * 10 == 64000
    assert n_parameters(stream) == (
        (64 * 1 * 27 + 64)
        + 2 * 64
        + (128 * 64 * 27 + 128)
        + 2 * 128
        + (128 * 128 * 27 + 128)
        + 2 * 128
        + (64000 * 400 + 400)
    )
    assert n_parameters(stream) == 26_266_640


def test_models_at_paper_size():
    with torch.device("meta"):
        counts = {
            name: n_parameters(model(Architecture(), PAPER_CLIP, 12))
            for name, model in MODELS.items()
        }
    frame_stream, clip_stream = 4_764_560, 26_266_640
    last = 400 * 12 + 12
    # An LSTM has four gates, each with weights for the input and the state and two biases.
    lstm = 4 * (400 * 256 + 256 * 256 + 2 * 256)
    assert counts == {
        "cnn2d": frame_stream + (400 * 400 + 400) + last,
        "cnn2d_lstm": frame_stream + lstm + (256 * 12 + 12),
        "facs3d": frame_stream + clip_stream + (800 * 400 + 400) + last,
    }
    assert counts == {"cnn2d": 4_929_772, "cnn2d_lstm": 5_441_436, "facs3d": 31_356_412}


def test_paddings_keep_small_clips_alive():
    architecture = Architecture(channels=(4, 4, 4), padding="same", pool_padding=1)
    # conv 5, padding 2: (64+4-5)//2+1 = 32, then only poolings halve.
    assert map_sizes(make_stream(architecture, (64, 64)).to("meta"), (64, 64)) == [
        (32, 32),
        (16, 16),
        (16, 16),
        (8, 8),
        (8, 8),
        (4, 4),
    ]
    # conv 3, padding 1: (12+2-3)//2+1 = 6; pool 3, padding 1: (6+2-3)//2+1 = 3, then 2, then 1.
    assert map_sizes(make_stream(architecture, (12, 64, 64)).to("meta"), (12, 64, 64)) == [
        (6, 32, 32),
        (3, 16, 16),
        (3, 16, 16),
        (2, 8, 8),
        (2, 8, 8),
        (1, 4, 4),
    ]


@pytest.mark.parametrize(
    ("clip_shape", "layer"),
    [((126, 40, 40), "conv3 of the 2D stream"), ((12, 200, 200), "conv2 of the 3D stream")],
)
def test_a_clip_too_small_names_the_layer(clip_shape, layer):
    with pytest.raises(InputError, match=layer), torch.device("meta"):
        build_model("facs3d", Architecture(), clip_shape, 12, seed=0)


@pytest.mark.parametrize("name", MODELS)
def test_logits_for_every_frame_or_a_choice(name):
    model, clips = small_model(name), random_clips()
    everything = model(clips)
    assert everything.shape == (2, 10, N_AUS)
    frames = torch.tensor([[0, 7], [3, 9]])
    expected = torch.stack([everything[0, [0, 7]], everything[1, [3, 9]]])
    torch.testing.assert_close(model(clips, frames), expected, rtol=1e-5, atol=1e-6)


def test_3d_stream_runs_once_a_clip_and_2d_stream_once_a_batch():
    model, calls = small_model("facs3d"), []
    for stream in (model.clip_stream, model.frame_stream):
        stream.register_forward_hook(lambda _, inputs, __: calls.append(tuple(inputs[0].shape)))
    model(random_clips())
    assert sorted(calls) == [(2, 1, 10, 32, 32), (20, 1, 32, 32)]


def test_gradients_of_the_shared_3d_stream_equal_the_per_frame_scheme():
    model, clips = small_model("facs3d"), random_clips()
    labels = torch.randint(0, 2, (2, 10, N_AUS), generator=torch.Generator().manual_seed(3))
    weights = torch.ones(N_AUS)
    weighted_loss(model(clips), labels, weights).backward()
    shared = [parameter.grad.clone() for parameter in model.parameters()]
    model.zero_grad()
    for frame in range(10):
        chosen = torch.full((2, 1), frame)
        logits = model(clips, chosen)
        (weighted_loss(logits, labels[:, [frame]], weights) / 10).backward()
    for parameter, gradient in zip(model.parameters(), shared, strict=True):
        torch.testing.assert_close(parameter.grad, gradient, rtol=1e-4, atol=1e-5)


def test_only_models_of_time_see_other_frames():
    clips = random_clips(1)
    changed = clips.clone()
    changed[0, 0] = 0.5
    effect = {}
    for name in MODELS:
        model = small_model(name)
        effect[name] = (model(changed) - model(clips))[0, -1].abs().max().item()
    assert effect["cnn2d"] == 0
    assert effect["cnn2d_lstm"] > 0
    assert effect["facs3d"] > 0


@pytest.mark.parametrize("name", MODELS)
def test_the_mean_is_subtracted(name):
    model, clips = small_model(name), random_clips()
    expected = model(clips - 0.25)
    model.input_mean.fill_(0.25)
    torch.testing.assert_close(model(clips), expected, rtol=0, atol=0)


def test_kernels_of_zero_mean_see_change_only():
    clips = random_clips(1)[:, :1].expand(-1, 10, -1, -1)
    unpadded = {"channels": (4,), "padding": "none"}
    still = small_model("facs3d", temporal_init="zero_mean", **unpadded).clip_stream.conv1
    default = small_model("facs3d", **unpadded).clip_stream.conv1
    response = still(clips.unsqueeze(1)) - still.bias.view(1, -1, 1, 1, 1)
    assert response.abs().max() < 1e-6
    assert default(clips.unsqueeze(1)).std() > 0.01


def test_hidden_activation_and_dropout_are_choices():
    assert isinstance(small_model("cnn2d").classifier[2], nn.ReLU)
    linear = small_model("cnn2d", hidden_activation="none", dropout=0.5).classifier
    assert isinstance(linear[2], nn.Identity)
    assert [layer.p for layer in linear if isinstance(layer, nn.Dropout)] == [0.5, 0.5]


def test_initialisation_comes_from_the_seed_alone():
    before = torch.random.get_rng_state()
    first, again = small_model("facs3d"), small_model("facs3d")
    assert torch.equal(before, torch.random.get_rng_state())
    for one, other in zip(first.parameters(), again.parameters(), strict=True):
        assert torch.equal(one, other)
    other = build_model("facs3d", SMALL, SMALL_CLIP, N_AUS, seed=2)
    assert not torch.equal(first.frame_stream.conv1.weight, other.frame_stream.conv1.weight)


def test_a_fourth_model_is_a_class_and_a_name(monkeypatch):
    class Brightness(ActionUnitModel):
        def __init__(self, architecture, clip_shape, n_action_units):
            super().__init__(architecture, clip_shape)
            self.output = nn.Linear(architecture.features, n_action_units)

        def head(self, frame_features, clip_features):
            return self.output(frame_features)

    monkeypatch.setitem(MODELS, "brightness", Brightness)
    assert small_model("brightness")(random_clips()).shape == (2, 10, N_AUS)


def test_unknown_names_and_values_are_refused():
    with pytest.raises(InputError, match="unknown model 'cnn4d'; known models: cnn2d, "):
        build_model("cnn4d", SMALL, SMALL_CLIP, N_AUS, seed=0)
    for choice, message in (
        ({"padding": "valid"}, "padding is 'valid', expected none or same"),
        ({"channels": (16, 0)}, r"channels is \[16, 0\], expected at least 1"),
        ({"channels": ()}, r"channels is \[\], expected 1 or more"),
        ({"dropout": 1.0}, "dropout is 1.0"),
        ({"pool_padding": 2}, "pool_padding is 2, expected 0 or 1"),
        ({"hidden_activation": "tanh"}, "hidden_activation is 'tanh'"),
        ({"temporal_init": "zero"}, "temporal_init is 'zero'"),
    ):
        with pytest.raises(InputError, match=message):
            Architecture(**choice)


def test_gray_values_become_0_to_1():
    frames = torch.tensor([[0, 51, 255]], dtype=torch.uint8)
    torch.testing.assert_close(small_model("cnn2d").as_input(frames), torch.tensor([[0, 0.2, 1]]))
    assert frames.tolist() == [[0, 51, 255]]


def test_a_standardised_frame_is_the_same_under_any_light():
    """One frame, half black and half white, by hand: mean 0.5, deviation 0.5."""
    model = small_model("cnn2d")
    model.standardise = True
    bright = torch.zeros(1, 2, 4, 4, dtype=torch.uint8)
    bright[..., :2] = 255
    step = 0.22 * 0.5 / 0.53
    expected = torch.full((1, 2, 4, 4), 0.5 - step)
    expected[..., :2] = 0.5 + step
    torch.testing.assert_close(model.as_input(bright), expected)
    dark = bright.clone()
    dark[:, 1] = dark[:, 1] // 5 + 10
    torch.testing.assert_close(model.as_input(dark)[:, 0], expected[:, 0])
    deviation = 51 / 255 / 2
    found = model.as_input(dark)[:, 1].amax().item()
    assert found == pytest.approx(0.5 + 0.22 * deviation / (deviation + 0.03), abs=1e-5)
    blank = torch.full((1, 2, 4, 4), 77, dtype=torch.uint8)
    torch.testing.assert_close(model.as_input(blank), torch.full((1, 2, 4, 4), 0.5))

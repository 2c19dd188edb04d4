"""The networks of the paper (Sec. III-B, IV-A.4): 2D CNN, 2D CNN-LSTM and FACS3D-Net.

All three share one 2D stream, as in the paper. A stream is a plain ``nn.Sequential`` of
convolution → batch normalisation → ReLU → max pooling, three times, then one fully connected
layer. FACS3D-Net adds a 3D stream that sees the whole clip; it runs once per clip and its features
are shared by all frames.

A new model is a subclass of :class:`ActionUnitModel` and its name in :data:`MODELS`. Several
trainings of one are used together as a :class:`MeanModel`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, cast

import torch
from torch import Tensor, nn

from facs3d.core.errors import InputError
from facs3d.core.seeding import generator
from facs3d.core.settings import Settings, setting

FIRST_STRIDE = 2
KERNEL = {2: 5, 3: 3}
MEAN_GRAY, CONTRAST = 0.5, 0.22
"""Mean and standard deviation of a standardised frame, black 0 to white 1."""
LEAST_CONTRAST = 0.03
"""Added to a frame's standard deviation, so that noise of an empty frame is not blown up."""


@dataclass(frozen=True)
class Architecture(Settings, section="architecture"):
    """Sizes of the networks and the choices the paper leaves open."""

    channels: tuple[int, ...] = setting(
        (64, 128, 128),
        "filters of the convolutional layers, in order",
        minimum=1,
        paper="64 128 128",
    )
    features: int = setting(400, "units of the fully connected layers", minimum=1, paper="400")
    lstm_units: int = setting(256, "units of the LSTM", minimum=1, paper="256")
    padding: str = setting(
        "none",
        "padding of the convolutions; same is half the kernel, which short, small clips need",
        choices=("none", "same"),
        paper="silent; the authors' released 2D network has none",
    )
    pool_padding: int = setting(0, "padding of the 3D poolings", choices=(0, 1), paper="silent")
    dropout: float = setting(
        0.0,
        "probability before each layer after the streams",
        minimum=0,
        below=1,
        paper="silent",
    )
    hidden_activation: str = setting(
        "relu",
        "between the last two fully connected layers",
        choices=("relu", "none"),
        paper="silent; two linear layers in a row would be one",
    )
    temporal_init: str = setting(
        "default",
        "first 3D kernels as PyTorch makes them, or of zero mean over time: blind to what does "
        "not change",
        choices=("default", "zero_mean"),
        paper="silent",
    )


class ActionUnitModel(nn.Module):
    """Clips (B, T, S, S) float32, as :meth:`as_input` makes them -> logits (B, T, A), one for every
    frame and AU.

    ``frame_stream`` maps single frames (N, 1, S, S) to features (N, F); ``clip_stream`` maps whole
    clips (B, 1, T, S, S) to (B, F), or is None. A subclass makes its layers and defines
    :meth:`head`. The buffer ``input_mean`` (scalar in [0, 1]) is subtracted from every pixel.
    """

    input_mean: Tensor
    standardise = False
    """Whether every frame is given the same mean and contrast first."""
    reads_sequence = False
    """Whether :meth:`head` needs the features of all frames of a clip, in order."""

    def __init__(self, architecture: Architecture, clip_shape: tuple[int, int, int]) -> None:
        super().__init__()
        self.frame_stream = make_stream(architecture, clip_shape[1:])
        self.clip_stream: nn.Sequential | None = None
        self.register_buffer("input_mean", torch.zeros(()))

    def extra_repr(self) -> str:
        return f"standardise={self.standardise}"

    def as_input(self, frames: Tensor) -> Tensor:
        """Gray frames (…, S, S) uint8 0-255 -> float32: in [0, 1], or with :attr:`standardise` each
        frame's mean at 0.5 and its standard deviation near :data:`CONTRAST`."""
        images = frames.to(torch.float32).div_(255)
        if not self.standardise:
            return images
        deviation, mean = torch.std_mean(images, dim=(-2, -1), correction=0, keepdim=True)
        return images.sub_(mean).mul_(CONTRAST / (deviation + LEAST_CONTRAST)).add_(MEAN_GRAY)

    def forward(self, clips: Tensor, frames: Tensor | None = None) -> Tensor:
        """Logits (B, T, A), or (B, F, A) of the ``frames`` (B, F) int64 of each clip."""
        clips = clips - self.input_mean
        shown = clips if frames is None or self.reads_sequence else _pick(clips, frames)
        features = self.frame_stream(shown.flatten(0, 1).unsqueeze(1)).unflatten(0, shown.shape[:2])
        summary = None if self.clip_stream is None else self.clip_stream(clips.unsqueeze(1))
        logits = self.head(features, summary)
        return _pick(logits, frames) if frames is not None and self.reads_sequence else logits

    def head(self, frame_features: Tensor, clip_features: Tensor | None) -> Tensor:
        """Logits (B, F, A) from the streams' features, (B, F, features) and (B, features)."""
        raise NotImplementedError


class CNN2D(ActionUnitModel):
    """2D CNN: every frame alone."""

    def __init__(
        self, architecture: Architecture, clip_shape: tuple[int, int, int], n_action_units: int
    ) -> None:
        super().__init__(architecture, clip_shape)
        self.classifier = make_classifier(architecture, architecture.features, n_action_units)

    def head(self, frame_features: Tensor, clip_features: Tensor | None) -> Tensor:
        return self.classifier(frame_features)


class CNN2DLSTM(ActionUnitModel):
    """2D CNN-LSTM: one LSTM layer over the frames' features, first spatial, then temporal."""

    reads_sequence = True

    def __init__(
        self, architecture: Architecture, clip_shape: tuple[int, int, int], n_action_units: int
    ) -> None:
        super().__init__(architecture, clip_shape)
        self.dropout = nn.Dropout(architecture.dropout)
        self.lstm = nn.LSTM(architecture.features, architecture.lstm_units, batch_first=True)
        self.output = nn.Linear(architecture.lstm_units, n_action_units)

    def head(self, frame_features: Tensor, clip_features: Tensor | None) -> Tensor:
        hidden, _ = self.lstm(self.dropout(frame_features))
        return self.output(self.dropout(hidden))


class FACS3DNet(ActionUnitModel):
    """FACS3D-Net (Fig. 2): each frame's 2D features beside the 3D features of the whole clip."""

    def __init__(
        self, architecture: Architecture, clip_shape: tuple[int, int, int], n_action_units: int
    ) -> None:
        super().__init__(architecture, clip_shape)
        self.clip_stream = make_stream(architecture, clip_shape)
        self.classifier = make_classifier(architecture, 2 * architecture.features, n_action_units)
        if architecture.temporal_init == "zero_mean":
            with torch.no_grad():
                kernels: Tensor = self.clip_stream.get_parameter("conv1.weight")
                kernels -= kernels.mean(dim=2, keepdim=True)

    def head(self, frame_features: Tensor, clip_features: Tensor | None) -> Tensor:
        assert clip_features is not None  # for it has a clip stream
        shared = clip_features.unsqueeze(1).expand(-1, frame_features.shape[1], -1)
        return self.classifier(torch.cat((frame_features, shared), dim=2))


class MeanModel(nn.Module):
    """The mean of the logits of two or more trainings of one model, ``members``, asked as each of
    them is: what one training gets wrong by chance, others do not."""

    def __init__(self, members: Sequence[ActionUnitModel]) -> None:
        super().__init__()
        self.members = nn.ModuleList(members)

    @property
    def _first(self) -> ActionUnitModel:
        return cast(ActionUnitModel, self.members[0])

    @property
    def standardise(self) -> bool:
        return self._first.standardise

    @property
    def input_mean(self) -> Tensor:
        """The first member's; each subtracts its own."""
        return self._first.input_mean

    def as_input(self, frames: Tensor) -> Tensor:
        """As :meth:`ActionUnitModel.as_input`."""
        return self._first.as_input(frames)

    def forward(self, clips: Tensor) -> Tensor:
        """Logits (B, T, A)."""
        return torch.stack([member(clips) for member in self.members]).mean(dim=0)


Network = ActionUnitModel | MeanModel
"""What predicts clips."""

MODELS: dict[str, Callable[[Architecture, tuple[int, int, int], int], ActionUnitModel]] = {
    "cnn2d": CNN2D,
    "cnn2d_lstm": CNN2DLSTM,
    "facs3d": FACS3DNet,
}


def build_model(
    name: str,
    architecture: Architecture,
    clip_shape: tuple[int, int, int],
    n_action_units: int,
    seed: int,
) -> ActionUnitModel:
    """The network ``name`` for clips of ``clip_shape`` (T, S, S), initialised from ``seed``.

    Raises :class:`InputError` for an unknown name or a clip too small for the network.
    """
    if name not in MODELS:
        raise InputError(f"unknown model {name!r}; known models: {', '.join(MODELS)}")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(int(generator(seed, "weights", name).integers(2**63)))
        return MODELS[name](architecture, clip_shape, n_action_units)


def make_stream(architecture: Architecture, input_size: tuple[int, ...]) -> nn.Sequential:
    """The 2D or 3D stream for inputs (N, 1, *input_size); its output is (N, features).

    Raises :class:`InputError` naming the layer that the input is too small for.
    """
    dimensions = len(input_size)
    convolution = nn.Conv2d if dimensions == 2 else nn.Conv3d
    normalisation = nn.BatchNorm2d if dimensions == 2 else nn.BatchNorm3d
    kernel = KERNEL[dimensions]
    padding = kernel // 2 if architecture.padding == "same" else 0

    def pooling() -> nn.Module:
        if dimensions == 2:
            return nn.MaxPool2d(2)
        return nn.MaxPool3d(3, stride=2, padding=architecture.pool_padding)

    stream = nn.Sequential()
    size, n_inputs = tuple(input_size), 1
    for number, n_filters in enumerate(architecture.channels, start=1):
        stride = FIRST_STRIDE if number == 1 else 1
        layers = {
            "conv": convolution(n_inputs, n_filters, kernel, stride, padding),
            "norm": normalisation(n_filters),
            "relu": nn.ReLU(inplace=True),
            "pool": pooling(),
        }
        for kind, layer in layers.items():
            if kind in ("conv", "pool"):
                size = _output_size(layer, size, f"{kind}{number} of the {dimensions}D stream")
            stream.add_module(f"{kind}{number}", layer)
        n_inputs = n_filters
    stream.add_module("flatten", nn.Flatten())
    n_values = n_inputs * torch.Size(size).numel()
    stream.add_module("features", nn.Linear(n_values, architecture.features))
    # Measured on CPU: a training step takes 30 % less time with the channels innermost.
    channels_last = torch.channels_last if dimensions == 2 else torch.channels_last_3d
    return stream.to(memory_format=channels_last)  # type: ignore[call-overload]  # not in its stubs


def make_classifier(
    architecture: Architecture, n_inputs: int, n_action_units: int
) -> nn.Sequential:
    """The last two fully connected layers (Sec. IV-A.4)."""
    activated = architecture.hidden_activation == "relu"
    return nn.Sequential(
        nn.Dropout(architecture.dropout),
        nn.Linear(n_inputs, architecture.features),
        nn.ReLU() if activated else nn.Identity(),
        nn.Dropout(architecture.dropout),
        nn.Linear(architecture.features, n_action_units),
    )


def _output_size(layer: nn.Module, size: tuple[int, ...], name: str) -> tuple[int, ...]:
    """Size of the map after a convolution or pooling without dilation."""

    def per_axis(value: Any) -> tuple[int, ...]:
        return value if isinstance(value, tuple) else (value,) * len(size)

    parameters = map(per_axis, (layer.kernel_size, layer.stride, layer.padding))
    output = tuple(
        (length + 2 * padding - kernel) // stride + 1
        for length, kernel, stride, padding in zip(size, *parameters, strict=True)
    )
    if min(output) < 1:
        raise InputError(
            f"model: {name} cannot take a map of {'×'.join(map(str, size))}; use longer clips, "
            "larger images, padding 'same' or pool_padding 1"
        )
    return output


def _pick(values: Tensor, frames: Tensor) -> Tensor:
    """Rows ``frames`` (B, F) along the second axis of ``values`` (B, T, …): (B, F, …)."""
    return values[torch.arange(len(values), device=values.device).unsqueeze(1), frames]

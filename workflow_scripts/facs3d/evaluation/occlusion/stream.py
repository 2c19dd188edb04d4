"""One stream of a network under occlusion: only what the patch changes is computed.

A convolution is linear: that of the difference which the patch makes (without bias) is the
difference of its outputs. Added to what was kept of the unoccluded clip it gives the occluded
values, which pass ReLU and pooling; what was kept of the stage's output, subtracted, gives the next
stage's difference. All are small windows; :mod:`facs3d.evaluation.occlusion.reach` says where they
lie.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any, TypeGuard, TypeVar

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.fusion import fuse_conv_bn_eval

from facs3d.evaluation.occlusion.reach import (
    NO_POOLING,
    Reach,
    StageFilters,
    StepShape,
    filters,
    reach,
    unknown_layer,
)

CONVOLUTIONS = {2: functional.conv2d, 3: functional.conv3d}
LAYERS: dict[
    int,
    tuple[
        type[nn.Conv2d | nn.Conv3d],
        type[nn.BatchNorm2d | nn.BatchNorm3d],
        type[nn.MaxPool2d | nn.MaxPool3d],
    ],
] = {
    2: (nn.Conv2d, nn.BatchNorm2d, nn.MaxPool2d),
    3: (nn.Conv3d, nn.BatchNorm3d, nn.MaxPool3d),
}
WITHOUT_EFFECT = (nn.Identity, nn.Dropout, nn.Dropout2d, nn.Dropout3d)
"""Layers that pass their input on in evaluation mode."""
Layer = TypeVar("Layer", bound=nn.Module)


@dataclass(frozen=True)
class Stage:
    """A convolution with all that follows it up to the next.

    ``convolution``: with a batch normalisation that follows it folded in; ``filters``: by axis;
    ``rectified``: whether a ReLU is in the stage (before or after the pooling: they commute);
    ``pooled``: whether a pooling is.
    """

    convolution: nn.Conv2d | nn.Conv3d
    filters: tuple[StageFilters, ...]
    rectified: bool = False
    pooled: bool = False

    def output_size(self, size: tuple[int, ...]) -> tuple[int, ...]:
        """Size of the stage's maps for an input of ``size``."""
        steps = zip(size, self.filters, strict=True)
        return tuple(step.pooling.size(step.convolution.size(length)) for length, step in steps)

    def pool(self, values: Tensor) -> Tensor:
        """Max pooling of ``values`` (…, H, W, C), padded already, then ReLU."""
        for axis, (_, pooling) in enumerate(self.filters, start=-1 - len(self.filters)):
            values = _slide_maximum(values, axis, pooling.kernel, pooling.stride)
        return values.relu() if self.rectified else values


@dataclass(frozen=True)
class KeptStage:
    """What is kept of the unoccluded clip: the convolution's output (T, H, W, C), in a border of
    -inf as wide as the pooling's padding, and the stage's output (T', H', W', C)."""

    convolved: Tensor
    pooled: Tensor


@dataclass
class KeptClip:
    """The unoccluded clip (T, S, S), what is kept of its stages, and its features (T or 1, F)."""

    clip: Tensor
    stages: list[KeptStage] = field(default_factory=list)
    features: Tensor = field(init=False)


class IncrementalStream:
    """A stream of an :class:`facs3d.training.models.ActionUnitModel` for clips of ``clip_shape``
    (T, S, S).

    ``dimensions`` 2: it sees every frame alone; 3: the whole clip. Its layers are convolutions,
    batch normalisations right behind them, ReLUs and max poolings, then Flatten, Linear and
    anything. ``dtype``: of the differences in the convolutions. Maps are (P, T, H, W, C), channels
    innermost, so that a row of a window is one block of memory. Raises :class:`InputError` naming
    a layer that it does not know.
    """

    def __init__(
        self,
        stream: nn.Sequential,
        dimensions: int,
        clip_shape: tuple[int, int, int],
        dtype: torch.dtype = torch.float32,
    ) -> None:
        self.dimensions, self.dtype = dimensions, dtype
        self.n_frames, *self.image_size = clip_shape
        self.stages, self.linear, self.tail = read_stream(stream, dimensions)
        tail = len(self.tail)
        self.unfolded = stream[: len(stream) - tail] if tail else stream
        self.kernels = [
            _channels_last(stage.convolution.weight).to(dtype).detach() for stage in self.stages
        ]
        size, n_channels = tuple(clip_shape[3 - dimensions :]), 1
        for stage in self.stages:
            size, n_channels = stage.output_size(size), stage.convolution.out_channels
        if self.linear.in_features != n_channels * math.prod(size):
            raise unknown_layer(f"the {dimensions}D stream's linear layer", self.linear)
        # (y, x, (t, channel), feature): the weights of a row of a window are one block.
        weight = self.linear.weight.detach().unflatten(1, (n_channels, *size))
        to_rows_first = (2, 3, 1, 0) if dimensions == 2 else (3, 4, 2, 1, 0)
        self.weight = weight.permute(to_rows_first).flatten(2, -2).contiguous()
        self.time = self._all_frames() if dimensions == 3 else None
        self._reaches: dict[tuple[int, int, int], Reach] = {}
        self._shape_numbers: dict[tuple[StepShape, ...], int] = {}

    def keep(self, clip: Tensor, input_mean: Tensor) -> KeptClip:
        """Pass ``clip`` (T, S, S), unoccluded, less ``input_mean``, through the stream."""
        kept = KeptClip(clip)
        faces = clip - input_mean
        maps = faces[None, ..., None]
        for stage in self.stages:
            convolved = self._to_maps(stage.convolution(self._to_images(maps)))
            padding = [step.pooling.padding for step in reversed(stage.filters)]
            if any(padding):
                border = [width for width in padding for _ in range(2)]
                convolved = functional.pad(convolved, (0, 0, *border), value=-torch.inf)
            maps = stage.pool(convolved)
            kept.stages.append(KeptStage(convolved[0], maps[0]))
        # By the network's own layers: rounding of folded ones would not cancel in the sum.
        kept.features = self.unfolded(faces[:, None] if self.dimensions == 2 else faces[None, None])
        return kept

    def sort_keys(self, positions: np.ndarray, patch: int) -> list[tuple[int, ...]]:
        """A key for each of ``positions`` (P, 2): those that can be computed together are equal but
        for the last two numbers, which say where the changed inputs of the linear layer begin."""
        keys = []
        for corner in positions.tolist():
            ways = self._ways(corner, patch)
            numbers = [
                self._shape_numbers.setdefault(way.shape, len(self._shape_numbers)) for way in ways
            ]
            keys.append((*numbers, *(way.last for way in ways)))
        return keys

    def features(
        self, kept: KeptClip, positions: np.ndarray, patch: int, value: float, memory: int
    ) -> Tensor:
        """Features of the clip with the patch's top left corner at ``positions`` (P, 2) y, x.

        (P, T, F) of its frames or (P, 1, F) of the clip; no step needs more than about ``memory``
        bytes, if one position does not.
        """
        keys = self.sort_keys(positions, patch)
        order = sorted(range(len(keys)), key=keys.__getitem__)
        features = kept.features.repeat(len(positions), 1, 1)
        for _, group in groupby(order, lambda place: keys[place][:2]):
            places = list(group)
            at_once = max(1, memory // self._bytes(kept, positions[places[0]], patch))
            for start in range(0, len(places), at_once):
                chunk = places[start : start + at_once]
                difference = self._difference(kept, positions[chunk], patch, value)
                done = 0
                for corner, run in groupby(chunk, lambda place: keys[place][2:]):
                    alike = list(run)
                    changed = difference[done : done + len(alike)]
                    features[alike] += self._linear(changed, corner)
                    done += len(alike)
        return self.tail(features.flatten(0, 1)).unflatten(0, features.shape[:2])

    def _difference(self, kept: KeptClip, corners: np.ndarray, patch: int, value: float) -> Tensor:
        """Change of the last stage's output where it can change, (P, T, h, w, C), for positions
        ``corners`` (P, 2) whose windows have the same shapes."""
        difference = torch.stack(
            [value - kept.clip[:, y : y + patch, x : x + patch] for y, x in corners.tolist()]
        ).unsqueeze(-1)
        ways = [self._ways(corner, patch) for corner in corners.tolist()]
        for number, (stage, kept_stage) in enumerate(zip(self.stages, kept.stages, strict=True)):
            values = self._occluded(number, kept_stage.convolved, difference, ways)
            difference = stage.pool(values)
            for row, (y, x) in enumerate(ways):
                corner = (y.starts[number].pooled, x.starts[number].pooled)
                difference[row] -= _window(kept_stage.pooled, corner, difference.shape[2:4])
        return difference

    def _occluded(
        self, number: int, unoccluded: Tensor, difference: Tensor, ways: list[list[Reach]]
    ) -> Tensor:
        """The convolution's output with the patch, in the window that the pooling reads, from the
        ``difference`` (P, T, h, w, C) of its input and its ``unoccluded`` output (T, H, W, C)."""
        stage = self.stages[number]
        along = list(zip(*ways, strict=True))
        if self.time is not None:
            along.insert(0, (self.time,) * len(ways))
        crops: list[Any] = []
        padding, surpluses, size = [], [], []
        for axis, (convolution, _) in zip(along, stage.filters, strict=True):
            shape, starts = axis[0].shape[number], [way.starts[number] for way in axis]
            # One padding for both ends and all positions, which the convolution skips, instead of
            # zeros that it multiplies. What it gives too much is left out for each position.
            needed = max(max(start.zeros_before, start.zeros_after) for start in starts)
            needed += (shape.phase - needed) % convolution.stride
            padding.append(needed)
            surpluses.append([(needed - way.zeros_before) // convolution.stride for way in starts])
            crops.append(slice(shape.crop_start, shape.crop_stop))
            size.append(shape.convolved)
        images = self._to_images(difference[(..., *crops, slice(None))]).to(self.dtype)
        borders = [step.pooling.padding for step in stage.filters[-2:]]
        corners = [
            tuple(
                way.starts[number].convolved + border
                for way, border in zip(pair, borders, strict=True)
            )
            for pair in ways
        ]
        windows = [_window(unoccluded, corner, size[-2:]) for corner in corners]
        if self.time is not None:
            windows = [window[: size[0]] for window in windows]
        if not images.numel():
            # The patch reaches only rows that a pooling drops.
            return torch.stack(windows)
        changes = self._convolve(number, images, padding)
        values = difference.new_empty(len(ways), *windows[0].shape)
        for row, offsets in enumerate(zip(*surpluses, strict=True)):
            inside: tuple[Any, ...] = tuple(
                slice(offset, offset + length) for offset, length in zip(offsets, size, strict=True)
            )
            torch.add(windows[row], changes[row][(..., *inside, slice(None))], out=values[row])
        return values

    def _convolve(self, number: int, images: Tensor, padding: list[int]) -> Tensor:
        """Maps of the convolution of ``images``, without bias."""
        n_images = len(images)
        if self.dimensions == 3 and n_images == 1:
            # Measured: torch is five times slower at one small volume than at two.
            images = images.expand(2, -1, -1, -1, -1)
        convolve, stride = CONVOLUTIONS[self.dimensions], self.stages[number].convolution.stride
        outputs = convolve(images, self.kernels[number], None, stride, tuple(padding))
        return self._to_maps(outputs[:n_images].to(self.weight.dtype))

    def _linear(self, changed: Tensor, corner: tuple[int, int]) -> Tensor:
        """Change of the features, (P, T or 1, F), by the ``changed`` inputs (P, T, h, w, C) of the
        linear layer, whose window begins at ``corner`` y, x."""
        if self.dimensions == 3:
            changed = changed.permute(0, 2, 3, 1, 4).flatten(3).unsqueeze(1)
        n_positions, _, n_rows, n_columns, _ = changed.shape
        flat = changed.flatten(0, 1)
        total = flat.new_zeros(len(flat), self.weight.shape[-1])
        top, left = corner
        for row in range(n_rows):
            block = self.weight[top + row, left : left + n_columns].flatten(0, 1)
            total.addmm_(flat[:, row].flatten(1), block)
        return total.unflatten(0, (n_positions, -1))

    def _bytes(self, kept: KeptClip, position: np.ndarray, patch: int) -> int:
        """Memory that the largest step takes for one position."""
        down, across = self._ways(position.tolist(), patch)
        sizes = [
            stage.convolved.shape[0] * y.convolved * x.convolved * stage.convolved.shape[-1]
            for stage, y, x in zip(kept.stages, down.shape, across.shape, strict=True)
        ]
        # The values before and after the pooling, and the difference that they are made from.
        return 3 * kept.clip.element_size() * max(sizes, default=self.n_frames * patch * patch)

    def _ways(self, corner: list[int], patch: int) -> list[Reach]:
        """What a patch at ``corner`` (y, x) changes, down the rows and across the columns."""
        for axis, edge in enumerate(corner):
            if (axis, edge, patch) not in self._reaches:
                steps = tuple(stage.filters[axis - 2] for stage in self.stages)
                way = reach(steps, self.image_size[axis], edge, edge + patch)
                self._reaches[axis, edge, patch] = way
        return [self._reaches[axis, edge, patch] for axis, edge in enumerate(corner)]

    def _all_frames(self) -> Reach:
        steps = tuple(stage.filters[0] for stage in self.stages)
        return reach(steps, self.n_frames, 0, self.n_frames)

    def _to_images(self, maps: Tensor) -> Tensor:
        """(P, T, h, w, C) -> (P * T, C, h, w), or (P, C, T, h, w) in 3D, channels last."""
        return maps.flatten(0, 1).movedim(-1, 1) if self.dimensions == 2 else maps.movedim(-1, 1)

    def _to_maps(self, images: Tensor) -> Tensor:
        """The inverse of :meth:`_to_images`."""
        maps = images.movedim(1, -1).contiguous()
        return maps.unflatten(0, (-1, self.n_frames)) if self.dimensions == 2 else maps


def read_stream(
    stream: nn.Sequential, dimensions: int
) -> tuple[list[Stage], nn.Linear, nn.Sequential]:
    """The stream's stages, the linear layer behind them, and what follows it.

    Raises :class:`InputError` naming the first layer of another kind or at another place.
    """
    convolution, normalisation, pooling = LAYERS[dimensions]
    stages: list[Stage] = []
    previous: nn.Module | None = None
    if not _is(stream, nn.Sequential):
        raise unknown_layer(f"the {dimensions}D stream", stream)
    # Not named_children(), which leaves out a layer's second place.
    named = [
        (f"{name} of the {dimensions}D stream", part) for name, part in stream._modules.items()
    ]
    layers = iter(named)
    for name, layer in layers:
        if _is(layer, *WITHOUT_EFFECT):
            continue
        if _is(layer, convolution):
            steps = filters(layer, dimensions, name)
            stages.append(Stage(layer, tuple(StageFilters(step, NO_POOLING) for step in steps)))
        elif (
            _is(layer, normalisation)
            and isinstance(previous, convolution)
            and layer.running_var is not None
        ):
            stages[-1] = replace(stages[-1], convolution=fuse_conv_bn_eval(previous, layer))
        elif _is(layer, nn.ReLU) and stages:
            stages[-1] = replace(stages[-1], rectified=True)
        elif _is(layer, pooling) and stages and not stages[-1].pooled:
            poolings = filters(layer, dimensions, name)
            pairs = zip(stages[-1].filters, poolings, strict=True)
            stages[-1] = replace(
                stages[-1],
                filters=tuple(step._replace(pooling=pool) for step, pool in pairs),
                pooled=True,
            )
        elif _is(layer, nn.Flatten) and (layer.start_dim, layer.end_dim) == (1, -1):
            break
        else:
            raise unknown_layer(name, layer)
        previous = layer
    name, linear = next(layers, ("the end of the stream", nn.Identity()))
    if not _is(linear, nn.Linear):
        raise unknown_layer(name, linear)
    return stages, linear, nn.Sequential(*(layer for _, layer in layers))


def _is(layer: nn.Module, *kinds: type[Layer]) -> TypeGuard[Layer]:
    """Whether a layer computes exactly as one of ``kinds``: no forward or hook of its own."""
    return not layer._forward_hooks and any(
        isinstance(layer, kind) and type(layer).forward is kind.forward for kind in kinds
    )


def _window(maps: Tensor, corner: Sequence[int], size: Sequence[int]) -> Tensor:
    """The part of ``maps`` (T, H, W, C) that begins at ``corner`` y, x and has the ``size``."""
    (top, left), (n_rows, n_columns) = corner, size
    return maps[:, top : top + n_rows, left : left + n_columns]


def _slide_maximum(values: Tensor, axis: int, kernel: int, stride: int) -> Tensor:
    """Maximum of every ``stride``-th run of ``kernel`` values along an axis."""
    n_steps = (values.shape[axis] - kernel) // stride * stride + 1
    shifted = [
        values.narrow(axis, offset, n_steps).unfold(axis, 1, stride).squeeze(-1)
        for offset in range(kernel)
    ]
    maximum = shifted[0]
    for other in shifted[1:]:
        maximum = torch.maximum(maximum, other)
    return maximum


def _channels_last(kernels: Tensor) -> Tensor:
    """Innermost in memory: the channels, as in the maps."""
    return kernels.movedim(1, -1).contiguous().movedim(-1, 1)

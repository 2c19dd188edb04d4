"""Which part of every layer's map an occluding patch can change, from the layers' own geometry.

Along one axis, a patch covers an interval of the input. Each stage of a stream (convolution, ReLU,
pooling) widens that interval and scales it down. Two patches whose intervals have equal lengths in
every stage have the same :attr:`Reach.shape`: they can be computed together.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

from torch import nn

from facs3d.core.errors import InputError


class Filter(NamedTuple):
    """Kernel size, stride and padding of a convolution or pooling along one axis."""

    kernel: int
    stride: int
    padding: int

    def size(self, length: int) -> int:
        """Length of the output for an input of ``length`` (floor mode)."""
        return (length + 2 * self.padding - self.kernel) // self.stride + 1

    def outputs(self, start: int, stop: int, size: int) -> tuple[int, int]:
        """The interval of the ``size`` outputs that inputs ``start`` to ``stop`` (exclusive) reach.

        Never empty: where they reach none (rows that floor mode drops), it is the nearest output.
        """
        first = -((self.kernel - 1 - self.padding - start) // self.stride)
        last = (stop - 1 + self.padding) // self.stride
        first = min(max(first, 0), size - 1)
        return first, max(min(last, size - 1), first) + 1

    def inputs(self, start: int, stop: int) -> tuple[int, int]:
        """The interval of inputs, padding included, that outputs ``start`` to ``stop`` are of."""
        first = start * self.stride - self.padding
        return first, first + (stop - start - 1) * self.stride + self.kernel


NO_POOLING = Filter(kernel=1, stride=1, padding=0)


class StageFilters(NamedTuple):
    """One stage along one axis: its convolution, then its pooling."""

    convolution: Filter
    pooling: Filter


class StepShape(NamedTuple):
    """One stage of a :class:`Reach`, up to where it lies.

    Of the changed inputs those from ``crop_start`` to ``crop_stop`` are used; ``phase``: their
    place within the convolution's stride; the convolution then gives the ``convolved`` values that
    the ``pooled`` changed outputs are pooled from.
    """

    crop_start: int
    crop_stop: int
    phase: int
    convolved: int
    pooled: int


class StepStart(NamedTuple):
    """Where one stage of a :class:`Reach` lies.

    ``zeros_before`` and ``zeros_after`` unchanged inputs around the changed ones count too;
    ``convolved`` (may be in the pooling's padding) and ``pooled``: where these values begin.
    """

    zeros_before: int
    zeros_after: int
    convolved: int
    pooled: int


@dataclass(frozen=True)
class Reach:
    """What a patch changes along one axis, stage by stage; ``last``: where the last stage's changed
    outputs begin."""

    shape: tuple[StepShape, ...]
    starts: tuple[StepStart, ...]
    last: int


def reach(stages: tuple[StageFilters, ...], size: int, start: int, stop: int) -> Reach:
    """Follow the inputs ``start`` to ``stop`` (exclusive) of an axis of ``size`` through stages."""
    shapes, starts = [], []
    for convolution, pooling in stages:
        convolved_size = convolution.size(size)
        size = pooling.size(convolved_size)
        pooled = pooling.outputs(*convolution.outputs(start, stop, convolved_size), size)
        convolved = pooling.inputs(*pooled)
        first, last = convolution.inputs(*convolved)
        kept_start, kept_stop = max(start, first), min(stop, last)
        if kept_stop <= kept_start:
            # All changed inputs are in rows that floor mode drops.
            kept_start = kept_stop = start
            first, last = start, start + last - first
        zeros_before = kept_start - first
        shapes.append(
            StepShape(
                crop_start=kept_start - start,
                crop_stop=kept_stop - start,
                phase=zeros_before % convolution.stride,
                convolved=convolved[1] - convolved[0],
                pooled=pooled[1] - pooled[0],
            )
        )
        starts.append(StepStart(zeros_before, last - kept_stop, convolved[0], pooled[0]))
        start, stop = pooled
    return Reach(tuple(shapes), tuple(starts), start)


def filters(layer: nn.Module, dimensions: int, name: str) -> tuple[Filter, ...]:
    """Kernel, stride and padding of a convolution or pooling layer along each of its axes.

    Raises :class:`InputError` naming the layer for what windows are not derived from: dilation,
    groups, padding other than with numbers of zeros, rounding up.
    """
    expected = {"groups": 1, "padding_mode": "zeros", "ceil_mode": False, "return_indices": False}
    usual = all(getattr(layer, key, value) == value for key, value in expected.items())
    if not usual or layer.dilation not in (1, (1,) * dimensions) or isinstance(layer.padding, str):
        raise unknown_layer(name, layer)

    def per_axis(value: Any) -> tuple[int, ...]:
        return value if isinstance(value, tuple) else (value,) * dimensions

    sizes = map(per_axis, (layer.kernel_size, layer.stride, layer.padding))
    return tuple(Filter(*axis) for axis in zip(*sizes, strict=True))


def unknown_layer(name: str, layer: nn.Module) -> InputError:
    """The error for a layer that the incremental engine cannot follow."""
    return InputError(
        f"occlusion: the incremental engine does not know layer {name}, {layer}; "
        "set occlusion.engine to naive"
    )

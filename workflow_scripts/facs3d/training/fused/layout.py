"""Where the kernels of :mod:`facs3d.training.fused.kernels` find their numbers: lattices of
positions, the pixels under a convolution's kernel, the members of a pooling window.

All have three axes (Z, Y, X), with Z of length 1 for images.
"""

from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from math import prod
from typing import Any

import torch
from torch import Tensor, nn

N_COLUMNS = 32
"""Of a patch in the kernels: its pixels, a one, and zeros."""
Convolution = nn.Conv2d | nn.Conv3d
Pooling = nn.MaxPool2d | nn.MaxPool3d


@dataclass(frozen=True)
class Lattice:
    """Positions in (Z, Y, X): their number along each axis, and the steps from one to the next
    along (N, Z, Y, X) in memory."""

    sizes: tuple[int, ...]
    steps: tuple[int, ...]

    @classmethod
    def dense(cls, sizes: tuple[int, ...]) -> "Lattice":
        return cls(sizes, tuple(prod(sizes[axis:]) for axis in range(4)))

    @property
    def n(self) -> int:
        return prod(self.sizes)

    def slide(self, window: tuple[int, ...], stride: tuple[int, ...]) -> "Lattice":
        """Where a ``window`` moved by ``stride`` positions starts."""
        sizes = tuple((n - w) // s + 1 for n, w, s in zip(self.sizes, window, stride, strict=True))
        steps = tuple(step * s for step, s in zip(self.steps, (1, *stride), strict=True))
        return Lattice(sizes, steps)

    def arguments(self) -> tuple[int, ...]:
        return (*self.sizes, *self.steps)

    def chunks(self, n_maps: int, block: int) -> tuple[int, int]:
        """The chunks of up to ``block`` positions that ``n_maps`` part into; positions in each."""
        line = self.sizes[2]
        block = max(16, min(block, 1 << (line - 1).bit_length()))
        return n_maps * self.sizes[0] * self.sizes[1] * -(-line // block), block


@dataclass(frozen=True)
class Patches:
    """The places of a convolution's kernel on images, and where a patch's pixels lie from there."""

    lattice: Lattice
    taps: Tensor
    n_pixels: int

    @classmethod
    def of(cls, convolution: Convolution, images: Tensor) -> "Patches":
        pixels = Lattice.dense(three_axes(images.shape[2:]))
        kernel, stride = three_axes(convolution.kernel_size), three_axes(convolution.stride)
        taps = _offsets(kernel, pixels.steps[1:], images.device, N_COLUMNS)
        return cls(pixels.slide(kernel, stride), taps, prod(kernel))


@dataclass(frozen=True)
class PoolingWindows:
    """The pooling windows of maps, and where a window's members lie from its start."""

    lattice: Lattice
    maps: Lattice
    members: Tensor
    pool: tuple[int, ...]
    stride: tuple[int, ...]

    @classmethod
    def of(cls, pooling: Pooling, maps: Lattice, values: Tensor) -> "PoolingWindows":
        n_axes = values.dim() - 2
        pool, stride = (
            three_axes((pooling.kernel_size,) * n_axes),
            three_axes((pooling.stride,) * n_axes),
        )
        members = _offsets(pool, maps.steps[1:], values.device, prod(pool))
        return cls(maps.slide(pool, stride), maps, members, pool, stride)


def three_axes(values: Any) -> tuple[int, ...]:
    """(Y, X) -> (1, Y, X); (Z, Y, X) as it is."""
    return (1,) * (3 - len(values)) + tuple(values)


@lru_cache(maxsize=64)
def _offsets(
    shape: tuple[int, ...], steps: tuple[int, ...], device: torch.device, length: int
) -> Tensor:
    """Where the members of a window of ``shape`` lie from its start, (length,) int32, 0 beyond.

    Kept, for copying it to the device makes the host wait."""
    offsets = [
        sum(i * step for i, step in zip(index, steps, strict=True))
        for index in product(*map(range, shape))
    ]
    offsets += [0] * (length - len(offsets))
    return torch.tensor(offsets, dtype=torch.int32, device=device)

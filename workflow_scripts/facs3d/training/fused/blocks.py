"""The streams' blocks in training on a GPU: less memory moved, same arithmetic.

A block is convolution, batch normalisation, ReLU and max pooling. Layer by layer its large maps are
written and read a dozen times, which takes most of a step on a GPU. Here

* the **first** block never writes its maps. Its input is one gray channel without a gradient, so
  the mean and variance of its convolution follow from the moments of the image patches: with p the
  patch and w a kernel, mean = w·E[p] and variance = wᵀ·Cov[p]·w. The normalisation folds into the
  kernels, gradients through the statistics included, and one pass convolves, pools and remembers
  which member of each window was largest; backward convolves those again;
* in the **others** cuDNN convolves, and normalisation, ReLU and pooling are one pass each way.

One byte per pooled value is kept to go backward. Gradients are gathered, not added atomically:
the same input gives the same bytes. A bias in front of a normalisation has no effect on the loss
and gets no gradient. Evaluation mode runs the layers as they are.
"""

from functools import partial
from typing import Any

import torch
import triton.language as tl
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.modules.batchnorm import _BatchNorm

from facs3d.training.fused import kernels as gpu_kernels
from facs3d.training.fused.layout import (
    N_COLUMNS,
    Convolution,
    Lattice,
    Patches,
    Pooling,
    PoolingWindows,
    three_axes,
)
from facs3d.training.models import ActionUnitModel

LAUNCH = {
    "patch_moments": (32, 2),
    "convolve_relu_pool": (64, 4),
    "convolution_gradient": (64, 4),
    "channel_moments": (64, 2),
    "scale_relu_pool": (16, 4),
    "passed_gradient_sums": (32, 2),
    "normalisation_gradient": (16, 2),
}
"""Positions that a program takes at once, at most, and its warps: the fastest of ten on an H100."""
MAX_PROGRAMS = 2048
"""That share a sum."""
CHANNELS = (16, 32, 64, 128, 256)
CONVOLUTIONS, POOLINGS = (nn.Conv2d, nn.Conv3d), (nn.MaxPool2d, nn.MaxPool3d)


def fuse_streams(model: ActionUnitModel) -> bool:
    """Let the streams of ``model`` train through fused blocks.

    False, and nothing changed, where a layer does not allow it: padding, a first kernel of more
    than 31 pixels, or a number of channels that is no power of 2 from 16 to 256.
    """
    streams = [stream for stream in (model.frame_stream, model.clip_stream) if stream is not None]
    if not all(map(_allows, streams)):
        return False
    for stream in streams:
        stream.forward = partial(_run_fused, stream)  # type: ignore[method-assign]  # of this object alone
    return True


def _allows(stream: nn.Sequential) -> bool:
    convolutions = [layer for layer in stream if isinstance(layer, CONVOLUTIONS)]
    return (
        convolutions[0].weight[0].numel() < N_COLUMNS
        and all(layer.out_channels in CHANNELS for layer in convolutions)
        and not any(any(layer.padding) for layer in convolutions)
        and not any(layer.padding for layer in stream if isinstance(layer, POOLINGS))
    )


def _run_fused(stream: nn.Sequential, values: Tensor) -> Tensor:
    if not stream.training:
        return nn.Sequential.forward(stream, values)
    layers: dict[str, Any] = dict(stream.named_children())
    for name, layer in layers.items():
        if isinstance(layer, CONVOLUTIONS):
            number = name.removeprefix("conv")
            run = first_block if number == "1" else later_block
            values = run(layer, layers[f"norm{number}"], layers[f"pool{number}"], values)
        elif not isinstance(layer, (_BatchNorm, nn.ReLU, *POOLINGS)):
            values = layer(values)
    return values


def first_block(
    convolution: Convolution, norm: _BatchNorm, pooling: Pooling, images: Tensor
) -> Tensor:
    """The pooled maps (N, C, *P) of ``images`` (N, 1, *S), which get no gradient.

    In autocast's type under autocast, else in float32. Updates the running statistics of ``norm``.
    """
    images = images.detach().contiguous()
    device = images.device.type
    dtype = torch.get_autocast_dtype(device) if torch.is_autocast_enabled(device) else torch.float32
    patches = Patches.of(convolution, images)
    windows = PoolingWindows.of(pooling, patches.lattice, images)
    with torch.autocast(device, enabled=False):
        mean, covariance = _patch_statistics(images, patches, dtype)
        weight = convolution.weight.flatten(1).double()
        centre, variance = weight @ mean, (weight @ covariance * weight).sum(1)
        _update_running(norm, centre, variance, len(images) * patches.lattice.n, convolution.bias)
        scale = norm.weight * torch.rsqrt(variance + norm.eps)
        kernels = (weight * scale[:, None]).float()
        bias = (norm.bias - centre * scale).float()
        return _ConvolveReluPool.apply(images, kernels, bias, patches, windows, dtype)


def later_block(
    convolution: Convolution, norm: _BatchNorm, pooling: Pooling, maps: Tensor
) -> Tensor:
    """The pooled maps (N, C', *P) of ``maps`` (N, C, *S). Updates the running statistics."""
    convolve = functional.conv2d if maps.dim() == 4 else functional.conv3d
    maps = _channels_last(convolve(maps, convolution.weight, None, convolution.stride))
    lattice = Lattice.dense(three_axes(maps.shape[2:]))
    centre, variance = _channel_statistics(maps)
    _update_running(norm, centre, variance, len(maps) * lattice.n, convolution.bias)
    inverse = torch.rsqrt(variance + norm.eps)
    return _NormaliseReluPool.apply(
        maps,
        norm.weight,
        norm.bias,
        centre.float(),
        inverse.float(),
        PoolingWindows.of(pooling, lattice, maps),
    )


class _ConvolveReluPool(torch.autograd.Function):
    """Images, ``kernels`` (C, pixels) and ``bias`` (C,) -> pooled maps."""

    @staticmethod
    def forward(
        ctx: Any,
        images: Tensor,
        kernels: Tensor,
        bias: Tensor,
        patches: Patches,
        windows: PoolingWindows,
        dtype: torch.dtype,
    ) -> Tensor:
        ctx.patches, ctx.windows = patches, windows
        ctx.options = {
            "n_pixels": patches.n_pixels,
            "N_MEMBERS": len(windows.members),
            "CHANNELS": len(kernels),
            "DOT": _triton_type(dtype),
        }
        pooled = images.new_empty(len(images) * windows.lattice.n, len(kernels), dtype=dtype)
        chosen = torch.empty_like(pooled, dtype=torch.uint8)
        padded = functional.pad(kernels, (0, N_COLUMNS - kernels.shape[1]))
        operands = images, patches.taps, windows.members, padded, bias, pooled, chosen
        geometry = windows.lattice.arguments()
        _run("convolve_relu_pool", windows.lattice, len(images), operands, geometry, **ctx.options)
        ctx.save_for_backward(images, chosen)
        return _as_maps(pooled, windows.lattice, images)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        images, chosen = ctx.saved_tensors
        lattice, n_pixels = ctx.windows.lattice, ctx.patches.n_pixels
        operands = images, ctx.patches.taps, ctx.windows.members, _channels_last(gradient), chosen
        sums = _run_sums(
            "convolution_gradient",
            lattice,
            len(images),
            operands,
            lattice.arguments(),
            (chosen.shape[1], N_COLUMNS),
            **ctx.options,
        ).float()
        return None, sums[:, :n_pixels], sums[:, n_pixels], None, None, None


class _NormaliseReluPool(torch.autograd.Function):
    """``maps`` of channels' mean ``centre`` and 1/deviation ``inverse`` -> pooled maps."""

    @staticmethod
    def forward(
        ctx: Any,
        maps: Tensor,
        weight: Tensor,
        bias: Tensor,
        centre: Tensor,
        inverse: Tensor,
        windows: PoolingWindows,
    ) -> Tensor:
        pooled = maps.new_empty(len(maps) * windows.lattice.n, maps.shape[1])
        chosen = torch.empty_like(pooled, dtype=torch.uint8)
        scale = weight * inverse
        operands = maps, scale, bias - centre * scale, windows.members, pooled, chosen
        _run(
            "scale_relu_pool",
            windows.lattice,
            len(maps),
            operands,
            windows.lattice.arguments(),
            N_MEMBERS=len(windows.members),
            CHANNELS=maps.shape[1],
        )
        ctx.windows = windows
        ctx.save_for_backward(maps, chosen, weight, centre, inverse)
        return _as_maps(pooled, windows.lattice, maps)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        maps, chosen, weight, centre, inverse = ctx.saved_tensors
        gradient, windows, n_channels = _channels_last(gradient), ctx.windows, maps.shape[1]
        sums = _run_sums(
            "passed_gradient_sums",
            windows.lattice,
            len(maps),
            (maps, centre, inverse, windows.members, gradient, chosen),
            windows.lattice.arguments(),
            (2, n_channels),
            CHANNELS=n_channels,
        )
        means = (sums / (len(maps) * windows.maps.n)).float()
        result = torch.empty_like(maps)
        _run(
            "normalisation_gradient",
            windows.maps,
            len(maps),
            (maps, centre, inverse, weight, means, gradient, chosen, result),
            (*windows.maps.sizes, *windows.lattice.sizes),
            POOL_Z=windows.pool[0],
            STRIDE_Z=windows.stride[0],
            POOL=windows.pool[1],
            STRIDE=windows.stride[1],
            CHANNELS=n_channels,
        )
        for_bias, for_weight = sums.float()
        return result, for_weight, for_bias, None, None, None


def _patch_statistics(
    images: Tensor, patches: Patches, dtype: torch.dtype
) -> tuple[Tensor, Tensor]:
    """Mean (pixels,) and covariance (pixels, pixels), float64, of the patches in ``dtype``."""
    n_pixels, lattice = patches.n_pixels, patches.lattice
    sums = _run_sums(
        "patch_moments",
        lattice,
        len(images),
        (images, patches.taps),
        lattice.arguments(),
        (N_COLUMNS, N_COLUMNS),
        n_pixels=n_pixels,
        DOT=_triton_type(dtype),
    )
    moments = sums / (len(images) * lattice.n)
    mean = moments[n_pixels, :n_pixels]
    return mean, moments[:n_pixels, :n_pixels] - mean.outer(mean)


def _channel_statistics(maps: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and variance (C,), float64, over all positions of maps with channels innermost."""
    n_channels = maps.shape[1]
    n_rows = maps.numel() // n_channels
    rows = Lattice.dense((1, 1, n_rows))
    operands, shape = (maps.detach(),), (2, n_channels)
    sums = _run_sums("channel_moments", rows, 1, operands, (n_rows,), shape, CHANNELS=n_channels)
    mean, mean_square = sums / n_rows
    return mean, mean_square - mean**2


@torch.no_grad()
def _update_running(
    norm: _BatchNorm, mean: Tensor, variance: Tensor, n_positions: int, bias: Tensor | None
) -> None:
    """As batch normalisation itself does, which sees the maps with their ``bias``."""
    # Every convolution and normalisation of a stream has them.
    assert bias is not None
    assert norm.momentum is not None
    assert norm.num_batches_tracked is not None
    assert norm.running_mean is not None
    assert norm.running_var is not None
    norm.num_batches_tracked += 1
    norm.running_mean.lerp_((mean + bias).float(), norm.momentum)
    norm.running_var.lerp_((variance * (n_positions / (n_positions - 1))).float(), norm.momentum)


def _run(
    name: str,
    lattice: Lattice,
    n_maps: int,
    operands: tuple[Tensor, ...],
    geometry: tuple[int, ...],
    **options: Any,
) -> None:
    """The kernel ``name``, one program per chunk of ``lattice``."""
    largest, warps = LAUNCH[name]
    n_chunks, block = lattice.chunks(n_maps, largest)
    kernel = getattr(gpu_kernels, name)[(n_chunks,)]
    kernel(*operands, *geometry, BLOCK=block, num_warps=warps, num_stages=1, **options)


def _run_sums(
    name: str,
    lattice: Lattice,
    n_maps: int,
    operands: tuple[Tensor, ...],
    geometry: tuple[int, ...],
    shape: tuple[int, ...],
    **options: Any,
) -> Tensor:
    """The sums, float64 of ``shape``, of the kernel ``name`` over the chunks of ``lattice``."""
    largest, warps = LAUNCH[name]
    n_chunks, block = lattice.chunks(n_maps, largest)
    n_steps = -(-n_chunks // MAX_PROGRAMS)
    n_programs = -(-n_chunks // n_steps)
    sums = operands[0].new_empty(n_programs, *shape, dtype=torch.float32)
    options |= {"BLOCK": block, "num_warps": warps, "num_stages": 1}
    kernel = getattr(gpu_kernels, name)[(n_programs,)]
    kernel(*operands, sums, n_chunks, *geometry, n_steps, **options)
    return sums.sum(0, dtype=torch.float64)


def _channels_last(maps: Tensor) -> Tensor:
    layout = torch.channels_last if maps.dim() == 4 else torch.channels_last_3d
    return maps.contiguous(memory_format=layout)


def _as_maps(rows: Tensor, lattice: Lattice, like: Tensor) -> Tensor:
    """Rows of channels as maps (N, C, *sizes), without a copy."""
    sizes = lattice.sizes[5 - like.dim() :]
    return rows.view(len(like), *sizes, rows.shape[1]).movedim(-1, 1)


def _triton_type(dtype: torch.dtype) -> tl.dtype:
    return {torch.bfloat16: tl.bfloat16, torch.float32: tl.float32}[dtype]

"""Triton kernels of :mod:`facs3d.training.fused.blocks`.

Maps lie channels innermost: a row is one position of one map, CHANNELS values. Positions have three
axes (Z, Y, X), with Z of length 1 for images. ``size_*`` count them (pixels under the kernel, or
pooling windows), ``step_*`` lead from one to the next, and ``offsets`` to a window's members, in
pixels or rows. A program takes BLOCK positions of a line along X at once: a chunk. ``chosen`` holds
the number of a window's largest member, 255 where the ReLU is closed. Sums are partial, one a
program of ``n_steps`` chunks, and not added atomically: the same input gives the same bytes.

``num_stages=1`` at the launch of those that gather pixels: Triton would else copy each pixel apart
into shared memory ahead of time, several times slower.
"""

import triton
import triton.language as tl


@triton.jit
def _chunk(number, size_z, size_y, size_x, step_n, step_z, step_y, step_x, BLOCK: tl.constexpr):
    """Where the line of chunk ``number`` starts, its positions from there, their rows, and which
    exist. Only numbers of lines are divided, once per program; once per position would cost more
    than all else."""
    n_parts = tl.cdiv(size_x, BLOCK)
    line = number // n_parts
    x = (number % n_parts) * BLOCK + tl.arange(0, BLOCK)
    y = line % size_y
    z = (line // size_y) % size_z
    n = line // (size_y * size_z)
    start = n.to(tl.int64) * step_n + z * step_z + y * step_y
    return start, x * step_x, line.to(tl.int64) * size_x + x, x < size_x


@triton.jit
def _patches(images, places, inside, taps, n_pixels: tl.constexpr, DOT: tl.constexpr):
    """(BLOCK, 32): the pixels under the kernel at ``places``, then a one, then zeros."""
    tap = tl.arange(0, 32)
    offsets = tl.load(taps + tap)
    is_pixel = inside[:, None] & (tap < n_pixels)[None, :]
    pixels = tl.load(images + (places[:, None] + offsets[None, :]), mask=is_pixel, other=0.0)
    is_one = inside[:, None] & (tap == n_pixels)[None, :]
    return tl.where(is_one, 1.0, pixels.to(tl.float32)).to(DOT)


@triton.jit
def patch_moments(
    images,
    taps,
    sums,
    n_chunks,
    size_z,
    size_y,
    size_x,
    step_n,
    step_z,
    step_y,
    step_x,
    n_steps,
    n_pixels: tl.constexpr,
    BLOCK: tl.constexpr,
    DOT: tl.constexpr,
):
    """``sums`` (programs, 32, 32) of the products of each patch's columns."""
    program = tl.program_id(0)
    total = tl.zeros((32, 32), tl.float32)
    for number in range(program * n_steps, tl.minimum((program + 1) * n_steps, n_chunks)):
        start, places, _, inside = _chunk(
            number, size_z, size_y, size_x, step_n, step_z, step_y, step_x, BLOCK
        )
        patches = _patches(images + start, places, inside, taps, n_pixels, DOT)
        total += tl.dot(tl.trans(patches), patches, input_precision="ieee")
    column = tl.arange(0, 32)
    tl.store(sums + program * 1024 + column[:, None] * 32 + column[None, :], total)


@triton.jit
def convolve_relu_pool(
    images,
    taps,
    offsets,
    kernels,
    bias,
    pooled,
    chosen,
    size_z,
    size_y,
    size_x,
    step_n,
    step_z,
    step_y,
    step_x,
    n_pixels: tl.constexpr,
    N_MEMBERS: tl.constexpr,
    CHANNELS: tl.constexpr,
    BLOCK: tl.constexpr,
    DOT: tl.constexpr,
):
    """``pooled`` and ``chosen`` (windows, CHANNELS) of images under ``kernels`` (CHANNELS, 32)."""
    start, places, row, inside = _chunk(
        tl.program_id(0), size_z, size_y, size_x, step_n, step_z, step_y, step_x, BLOCK
    )
    channel = tl.arange(0, CHANNELS)
    weights = tl.load(kernels + tl.arange(0, 32)[:, None] + channel[None, :] * 32).to(DOT)
    largest = tl.full((BLOCK, CHANNELS), float("-inf"), tl.float32)
    member = tl.zeros((BLOCK, CHANNELS), tl.int32)
    for number in range(N_MEMBERS):
        origin = images + start + tl.load(offsets + number)
        patches = _patches(origin, places, inside, taps, n_pixels, DOT)
        values = tl.dot(patches, weights, input_precision="ieee")
        member = tl.where(values > largest, number, member)
        largest = tl.maximum(largest, values, propagate_nan=tl.PropagateNan.ALL)
    largest += tl.load(bias + channel)[None, :]
    _store_pooled(largest, member, pooled, chosen, row, inside, channel, CHANNELS)


@triton.jit
def _store_pooled(largest, member, pooled, chosen, row, inside, channel, CHANNELS: tl.constexpr):
    place = row[:, None] * CHANNELS + channel[None, :]
    opened = tl.maximum(largest, 0.0, propagate_nan=tl.PropagateNan.ALL)
    tl.store(pooled + place, opened, mask=inside[:, None])
    tl.store(chosen + place, tl.where(largest > 0, member, 255).to(tl.uint8), mask=inside[:, None])


@triton.jit
def convolution_gradient(
    images,
    taps,
    offsets,
    gradient,
    chosen,
    sums,
    n_chunks,
    size_z,
    size_y,
    size_x,
    step_n,
    step_z,
    step_y,
    step_x,
    n_steps,
    n_pixels: tl.constexpr,
    N_MEMBERS: tl.constexpr,
    CHANNELS: tl.constexpr,
    BLOCK: tl.constexpr,
    DOT: tl.constexpr,
):
    """``sums`` (programs, CHANNELS, 32): the gradient of the kernels, and of the bias in the column
    of ones."""
    program = tl.program_id(0)
    channel = tl.arange(0, CHANNELS)
    total = tl.zeros((CHANNELS, 32), tl.float32)
    for chunk in range(program * n_steps, tl.minimum((program + 1) * n_steps, n_chunks)):
        start, places, row, inside = _chunk(
            chunk, size_z, size_y, size_x, step_n, step_z, step_y, step_x, BLOCK
        )
        place = row[:, None] * CHANNELS + channel[None, :]
        incoming = tl.load(gradient + place, mask=inside[:, None], other=0.0).to(DOT)
        member = tl.load(chosen + place, mask=inside[:, None], other=255).to(tl.int32)
        for number in range(N_MEMBERS):
            origin = images + start + tl.load(offsets + number)
            patches = _patches(origin, places, inside, taps, n_pixels, DOT)
            passed = tl.where(member == number, incoming, 0.0).to(DOT)
            total += tl.dot(tl.trans(passed), patches, input_precision="ieee")
    place = program * CHANNELS * 32 + channel[:, None] * 32 + tl.arange(0, 32)[None, :]
    tl.store(sums + place, total)


@triton.jit
def channel_moments(
    maps,
    sums,
    n_chunks,
    n_rows,
    n_steps,
    CHANNELS: tl.constexpr,
    BLOCK: tl.constexpr,
):
    """``sums`` (programs, 2, CHANNELS) of the values of ``n_rows`` rows, and of their squares."""
    program = tl.program_id(0)
    channel = tl.arange(0, CHANNELS)
    total = tl.zeros((CHANNELS,), tl.float32)
    squares = tl.zeros((CHANNELS,), tl.float32)
    for chunk in range(program * n_steps, tl.minimum((program + 1) * n_steps, n_chunks)):
        row = chunk * BLOCK + tl.arange(0, BLOCK).to(tl.int64)
        place = row[:, None] * CHANNELS + channel[None, :]
        values = tl.load(maps + place, mask=(row < n_rows)[:, None], other=0.0).to(tl.float32)
        total += tl.sum(values, axis=0)
        squares += tl.sum(values * values, axis=0)
    tl.store(sums + program * 2 * CHANNELS + channel, total)
    tl.store(sums + (program * 2 + 1) * CHANNELS + channel, squares)


@triton.jit
def scale_relu_pool(
    maps,
    scale,
    shift,
    offsets,
    pooled,
    chosen,
    size_z,
    size_y,
    size_x,
    step_n,
    step_z,
    step_y,
    step_x,
    N_MEMBERS: tl.constexpr,
    CHANNELS: tl.constexpr,
    BLOCK: tl.constexpr,
):
    """``pooled`` and ``chosen`` (windows, CHANNELS) of ``scale * maps + shift``."""
    start, places, row, inside = _chunk(
        tl.program_id(0), size_z, size_y, size_x, step_n, step_z, step_y, step_x, BLOCK
    )
    channel = tl.arange(0, CHANNELS)
    factor = tl.load(scale + channel)[None, :]
    largest = tl.full((BLOCK, CHANNELS), float("-inf"), tl.float32)
    member = tl.zeros((BLOCK, CHANNELS), tl.int32)
    for number in range(N_MEMBERS):
        origin = maps + (start + tl.load(offsets + number)) * CHANNELS
        place = places[:, None] * CHANNELS + channel[None, :]
        values = tl.load(origin + place, mask=inside[:, None], other=0.0).to(tl.float32) * factor
        member = tl.where(values > largest, number, member)
        largest = tl.maximum(largest, values, propagate_nan=tl.PropagateNan.ALL)
    largest += tl.load(shift + channel)[None, :]
    _store_pooled(largest, member, pooled, chosen, row, inside, channel, CHANNELS)


@triton.jit
def passed_gradient_sums(
    maps,
    mean,
    inverse,
    offsets,
    gradient,
    chosen,
    sums,
    n_chunks,
    size_z,
    size_y,
    size_x,
    step_n,
    step_z,
    step_y,
    step_x,
    n_steps,
    CHANNELS: tl.constexpr,
    BLOCK: tl.constexpr,
):
    """``sums`` (programs, 2, CHANNELS) of the gradient that passes pooling and ReLU, and of its
    product with the normalised value that it reaches."""
    program = tl.program_id(0)
    channel = tl.arange(0, CHANNELS)
    centre = tl.load(mean + channel)[None, :]
    factor = tl.load(inverse + channel)[None, :]
    total = tl.zeros((CHANNELS,), tl.float32)
    products = tl.zeros((CHANNELS,), tl.float32)
    for chunk in range(program * n_steps, tl.minimum((program + 1) * n_steps, n_chunks)):
        start, places, row, inside = _chunk(
            chunk, size_z, size_y, size_x, step_n, step_z, step_y, step_x, BLOCK
        )
        place = row[:, None] * CHANNELS + channel[None, :]
        member = tl.load(chosen + place, mask=inside[:, None], other=255).to(tl.int32)
        passes = member != 255
        incoming = tl.load(gradient + place, mask=passes, other=0.0).to(tl.float32)
        reached = places[:, None] + tl.load(offsets + member, mask=passes, other=0)
        origin = maps + start * CHANNELS
        values = tl.load(origin + (reached * CHANNELS + channel[None, :]), mask=passes, other=0.0)
        total += tl.sum(incoming, axis=0)
        products += tl.sum(incoming * (values.to(tl.float32) - centre) * factor, axis=0)
    tl.store(sums + program * 2 * CHANNELS + channel, total)
    tl.store(sums + (program * 2 + 1) * CHANNELS + channel, products)


@triton.jit
def normalisation_gradient(
    maps,
    mean,
    inverse,
    weight,
    means,
    gradient,
    chosen,
    result,
    size_z,
    size_y,
    size_x,
    n_windows_z,
    n_windows_y,
    n_windows_x,
    POOL_Z: tl.constexpr,
    STRIDE_Z: tl.constexpr,
    POOL: tl.constexpr,
    STRIDE: tl.constexpr,
    CHANNELS: tl.constexpr,
    BLOCK: tl.constexpr,
):
    """``result`` (rows of the maps, CHANNELS): each row asks the windows that it lies in.
    ``means`` (2, CHANNELS) over the maps are those of :func:`passed_gradient_sums`."""
    n_parts = tl.cdiv(size_x, BLOCK)
    line = tl.program_id(0) // n_parts
    x = (tl.program_id(0) % n_parts) * BLOCK + tl.arange(0, BLOCK)
    y = line % size_y
    z = (line // size_y) % size_z
    n = (line // (size_y * size_z)).to(tl.int64)
    inside = x < size_x
    channel = tl.arange(0, CHANNELS)
    passed = tl.zeros((BLOCK, CHANNELS), tl.float32)
    for back_z in tl.static_range((POOL_Z + STRIDE_Z - 1) // STRIDE_Z):
        window_z = z // STRIDE_Z - back_z
        in_z = z - window_z * STRIDE_Z
        exists_z = (window_z >= 0) & (window_z < n_windows_z) & (in_z < POOL_Z)
        for back_y in tl.static_range((POOL + STRIDE - 1) // STRIDE):
            window_y = y // STRIDE - back_y
            in_y = y - window_y * STRIDE
            exists_y = exists_z & (window_y >= 0) & (window_y < n_windows_y) & (in_y < POOL)
            last_x = tl.where(exists_y, n_windows_x, 0)
            first = ((n * n_windows_z + window_z) * n_windows_y + window_y) * n_windows_x
            for back_x in tl.static_range((POOL + STRIDE - 1) // STRIDE):
                window_x = x // STRIDE - back_x
                in_x = x - window_x * STRIDE
                exists = inside & (window_x >= 0) & (window_x < last_x) & (in_x < POOL)
                place = (first + window_x)[:, None] * CHANNELS + channel[None, :]
                member = tl.load(chosen + place, mask=exists[:, None], other=255).to(tl.int32)
                takes = member == ((in_z * POOL + in_y) * POOL + in_x)[:, None]
                passed += tl.load(gradient + place, mask=takes, other=0.0).to(tl.float32)
    place = (line.to(tl.int64) * size_x + x)[:, None] * CHANNELS + channel[None, :]
    values = tl.load(maps + place, mask=inside[:, None], other=0.0).to(tl.float32)
    factor = tl.load(inverse + channel)
    normalised = (values - tl.load(mean + channel)[None, :]) * factor[None, :]
    passed -= tl.load(means + channel)[None, :]
    passed -= normalised * tl.load(means + CHANNELS + channel)[None, :]
    passed *= (factor * tl.load(weight + channel))[None, :]
    tl.store(result + place, passed, mask=inside[:, None])

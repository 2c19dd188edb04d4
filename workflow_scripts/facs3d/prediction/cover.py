"""Which clips cover a whole video, so that a network sees every frame as it was trained.

A network was trained on clips whose frames lie some steps apart. Frames ``stride`` apart, of about
that spacing in seconds, form one of ``stride`` interleaved sequences; each is cut into clips that
overlap by half. What several clips say of a frame is averaged, with weights that fall linearly
from a clip's middle to its ends, where the frame's past or future is not seen.
"""

from collections.abc import Iterator
from math import ceil

import numpy as np

from facs3d.preprocessing.expected_input import ExpectedInput

TOLERANCE = 0.1
"""Share by which a spacing may leave the trained range before it is called another: timestamps are
rounded, and 24 or 30 frames/s do not hit it exactly."""


def choose_stride(frames_per_second: float, expected_input: ExpectedInput) -> int:
    """Frames from one of a clip's frames to the next, at least 1: the mean of the trained steps, in
    seconds; halves are rounded down."""
    mean = sum(expected_input.steps) / len(expected_input.steps) / expected_input.frames_per_second
    return max(1, ceil(mean * frames_per_second - 0.5))


def cover(n_frames: int, clip_length: int, stride: int) -> Iterator[np.ndarray]:
    """Positions (clip_length,) int of the frames of each clip, all of 0 … n_frames - 1 among them.

    Neighbours are ``stride`` apart. A sequence that is shorter than a clip gives one, with the
    sequence in its middle, mirrored at both ends as often as needed.
    """
    for phase in range(min(stride, n_frames)):
        sequence = np.arange(phase, n_frames, stride)
        missing = clip_length - len(sequence)
        if missing > 0:
            yield np.pad(sequence, (missing // 2, missing - missing // 2), mode="reflect")
            continue
        hop = max(1, clip_length // 2)
        for start in (*range(0, -missing, hop), -missing):
            yield sequence[start : start + clip_length]


def n_clips(n_frames: int, clip_length: int, stride: int) -> int:
    """How many clips :func:`cover` gives."""
    return sum(1 for _ in cover(n_frames, clip_length, stride))


def place_weights(clip_length: int) -> np.ndarray:
    """Weight of each place of a clip, (clip_length,) int64 from 1 at the ends to the middle's."""
    places = np.arange(clip_length)
    return np.minimum(places + 1, clip_length - places)


def spacings(seconds: np.ndarray, stride: int) -> np.ndarray:
    """Seconds from each frame (n,) to the one ``stride`` before; for the first ``stride`` frames
    to the one after; NaN where there is neither."""
    gaps = np.full(len(seconds), np.nan)
    gaps[stride:] = seconds[stride:] - seconds[:-stride]
    first = gaps[stride : 2 * stride]
    gaps[: len(first)] = first
    return gaps


def is_unlike(gaps: np.ndarray, expected_input: ExpectedInput) -> np.ndarray:
    """Mask of the spacings that the network was not trained on (more than 10 % beyond them)."""
    least, most = expected_input.spacing
    return (gaps < least * (1 - TOLERANCE)) | (gaps > most * (1 + TOLERANCE))

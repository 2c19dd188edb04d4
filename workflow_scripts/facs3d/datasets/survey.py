"""What lies on disk of a recording: which frames, which damaged or twice, how evenly in time."""

import hashlib
import warnings
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np

from facs3d.core.errors import InputError
from facs3d.video.decoding import DamagedVideoError, decode_video
from facs3d.video.file_names import file_fingerprint
from facs3d.video.images import StoredImage, decode_image, image_problem, open_images
from facs3d.video.remarks import remark

UNEVEN = 1.5
"""Share of the median time between frames from which on an interval counts as uneven."""


class Survey(NamedTuple):
    """A recording's frames.

    ``numbers`` (n,) int64, ascending, and which of them are ``damaged`` (k,); ``repeated``: how
    many are the same as the frame before, pixel for pixel (byte for byte in images);
    ``sizes``: (width, height) of those that were decoded, in px; ``fingerprint``: equal for equal
    recordings; ``notes``: what is doubtful, a sentence each; ``frames_per_second``: a video's
    median rate, NaN for images and without times.
    """

    numbers: np.ndarray
    damaged: np.ndarray
    repeated: int
    sizes: frozenset[tuple[int, int]]
    fingerprint: str
    notes: tuple[str, ...]
    frames_per_second: float = np.nan


def survey_frames(path: str | Path, last: int | None = None) -> Survey:
    """Look at every frame of a recording, one at a time.

    A video is decoded from end to end. Of images the first bytes are looked at, neighbours of one
    size are compared, and three are decoded: the first, the middle one and the last. ``last`` is
    the last frame that matters: damage to a video beyond it is a note. The fingerprint is of all
    sizes and the bytes of those three images, or of a video's size and first, middle and last MiB.

    Raises :class:`facs3d.core.errors.InputError` as :func:`facs3d.video.frames.read_frames` does,
    except for single images.
    """
    path = Path(path)
    with open_images(path) as images:
        return _survey_video(path, last) if images is None else _survey_images(images)


def _survey_images(images: dict[int, StoredImage]) -> Survey:
    numbers = np.array(list(images))
    sample = sorted({int(numbers[place]) for place in (0, len(numbers) // 2, -1)})
    problems = {number: image_problem(stored) for number, stored in images.items()}
    digest = hashlib.sha256(",".join(str(stored.size) for stored in images.values()).encode())
    sizes = set()
    for number in sample:
        try:
            digest.update(images[number].read(-1))
            height, width = decode_image(images[number]).shape[:2]
            sizes.add((width, height))
        except InputError as error:
            problems[number] = str(error)
    damaged = [number for number, problem in problems.items() if problem]
    repeated = sum(
        images[before].size == images[after].size and _same_bytes(images[before], images[after])
        for before, after in pairwise(images)
        if not problems[before] and not problems[after]
    )
    notes: tuple[str, ...] = ()
    if damaged:
        more = f" (and {len(damaged) - 1} more)" if len(damaged) > 1 else ""
        notes = (f"damaged image{more}: {problems[damaged[0]]}",)
    return Survey(
        numbers,
        np.array(damaged, np.int64),
        repeated,
        frozenset(sizes),
        digest.hexdigest(),
        notes,
    )


def _same_bytes(one: StoredImage, other: StoredImage) -> bool:
    try:
        return one.read(-1) == other.read(-1)
    except InputError:
        return False


def _survey_video(path: Path, last: int | None) -> Survey:
    repeated, previous, times, notes, sizes = 0, None, [], [], set()
    damaged: list[int] = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            for number, milliseconds, image in decode_video(path):
                times.append(milliseconds)
                if isinstance(image, InputError):
                    if not damaged:
                        notes.append(f"{image} (and so are all later frames)")
                    damaged.append(number)
                    continue
                repeated += previous is not None and np.array_equal(previous, image)
                previous = image
                sizes.add((image.shape[1], image.shape[0]))
        except DamagedVideoError as error:
            if last is None or last >= error.frame:
                raise
            del times[error.frame :]
            damaged = [number for number in damaged if number < error.frame]
            notes.append(f"{error} (its labels end before)")
    notes += [str(warning.message) for warning in caught]
    notes += [said.sentence for said in remark(path)]
    intervals = np.diff(times)
    if len(intervals) and intervals.max() > UNEVEN * np.median(intervals):
        notes.append(
            f"{path}: its frames are {intervals.min():.0f} to {intervals.max():.0f} ms apart "
            "(variable frame rate); labels are matched by counting frames, not by time"
        )
    return Survey(
        np.arange(len(times)),
        np.array(damaged, np.int64),
        repeated,
        frozenset(sizes),
        file_fingerprint(path),
        tuple(notes),
        1000 / median if len(intervals) and (median := np.median(intervals)) > 0 else np.nan,
    )

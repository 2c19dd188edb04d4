"""What lies on disk of a recording: which frames, which of them twice, how evenly in time."""

import hashlib
import warnings
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np

from facs3d.frames import decode_video, stored_images

UNEVEN = 1.5
"""Share of the median time between frames from which on an interval counts as uneven."""
FINGERPRINT_BYTES = 1 << 20


class Survey(NamedTuple):
    """A recording's frames. ``numbers`` (n,) int64, ascending; ``repeated``: how many are the same
    as the frame before, pixel for pixel (byte for byte in images); ``fingerprint``: equal for equal
    recordings; ``notes``: what is doubtful, a sentence each."""

    numbers: np.ndarray
    repeated: int
    fingerprint: str
    notes: tuple[str, ...]


def survey_frames(path: str | Path) -> Survey:
    """Look at every frame of a recording, one at a time.

    A video is decoded from end to end; images are listed and compared, not decoded. Raises
    :class:`facs3d.errors.InputError` as :func:`facs3d.frames.read_frames` does.
    """
    path = Path(path)
    with stored_images(path) as images:
        if images is None:
            return _survey_video(path)
        stored = list(images.values())
        repeated = sum(
            before.size == after.size and before.read() == after.read()
            for before, after in pairwise(stored)
        )
        sizes = ",".join(str(image.size) for image in stored)
        digest = hashlib.sha256(sizes.encode() + stored[0].read()).hexdigest()
        return Survey(np.array(list(images)), repeated, digest, ())


def _survey_video(path: Path) -> Survey:
    repeated, previous, times = 0, None, []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for _number, milliseconds, image in decode_video(path):
            repeated += previous is not None and np.array_equal(previous, image)
            previous = image
            times.append(milliseconds)
    notes = [str(warning.message) for warning in caught]
    intervals = np.diff(times)
    if len(intervals) and intervals.max() > UNEVEN * np.median(intervals):
        notes.append(
            f"{path}: its frames are {intervals.min():.0f} to {intervals.max():.0f} ms apart "
            "(variable frame rate); labels are matched by counting frames, not by time"
        )
    with open(path, "rb") as file:
        head = file.read(FINGERPRINT_BYTES)
    digest = hashlib.sha256(f"{path.stat().st_size}".encode() + head).hexdigest()
    return Survey(np.arange(len(times)), repeated, digest, tuple(notes))

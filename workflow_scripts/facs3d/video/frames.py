"""Reading the frames of a recording by number: a video, a folder of images, or a folder in a zip.

Reading is sequential and holds one frame at a time, so memory does not grow with the length of the
recording. How frames get their numbers: :mod:`facs3d.video.decoding`, :mod:`facs3d.video.images`.
"""

from collections.abc import Collection, Iterator
from pathlib import Path

import numpy as np

from facs3d.core.errors import InputError
from facs3d.video.decoding import decode_video
from facs3d.video.images import StoredImage, decode_image, open_images
from facs3d.video.limits import LIMITS, Limits


def read_frames(
    path: str | Path, numbers: Collection[int] | None = None, limits: Limits = LIMITS
) -> Iterator[tuple[int, np.ndarray]]:
    """Yield ``(number, image)`` in ascending order of number; image (H, W, 3) uint8, BGR.

    ``path`` is a video file, a folder of images, or a folder inside a zip written as if the zip
    were a folder (``2D+3D/F001.zip/T1``; the last part names the innermost folder, wherever it
    lies in the zip, and a task's folder may also be called ``01``, ``F001_T1`` or the like).
    ``numbers`` restricts what is yielded, and reading ends after the largest; numbers the
    recording does not have are left out silently. Gray, RGBA and 16-bit images become 8-bit BGR;
    a video's rotation flag is applied.

    Raises :class:`InputError` for a path that is nothing of these, for a folder whose images do not
    have one number each, and for an image or video that cannot be decoded or exceeds ``limits``;
    :class:`facs3d.video.decoding.DamagedVideoError` if frames got lost. A video that is shorter
    than its container says gives a warning.
    """
    for number, image in read_each_frame(path, numbers, limits):
        if isinstance(image, InputError):
            raise image
        yield number, image


def read_timed_frames(
    path: str | Path, frames_per_second: float, limits: Limits = LIMITS
) -> Iterator[tuple[int, float, np.ndarray | InputError]]:
    """Yield ``(place, milliseconds, image)`` of every frame, places from 0 on; what cannot be
    decoded comes as the error that says so.

    A video's times are its own. Images have none but by their number, at ``frames_per_second``.
    """
    path = Path(path)
    with open_images(path, limits) as images:
        if images is None:
            yield from decode_video(path, limits=limits)
            return
        start = min(images)
        for place, (number, stored) in enumerate(images.items()):
            yield place, 1000 * (number - start) / frames_per_second, _decoded(stored)


def is_recording_of_images(path: str | Path) -> bool:
    """Whether a recording is a folder of images, a zip of them or a single one, not a video."""
    with open_images(Path(path)) as images:
        return images is not None


def read_each_frame(
    path: str | Path, numbers: Collection[int] | None = None, limits: Limits = LIMITS
) -> Iterator[tuple[int, np.ndarray | InputError]]:
    """As :func:`read_frames`, but an image file that cannot be decoded comes as the error that
    says so, and the others go on. So do the frames of a video after its picture changes its size;
    otherwise a video cannot go on."""
    path = Path(path)
    wanted = None if numbers is None else frozenset(numbers)
    with open_images(path, limits) as images:
        if images is None:
            for number, _milliseconds, image in decode_video(path, wanted, limits):
                yield number, image
            return
        for number, stored in images.items():
            if wanted is None or number in wanted:
                yield number, _decoded(stored)


def _decoded(stored: StoredImage) -> np.ndarray | InputError:
    try:
        return decode_image(stored)
    except InputError as error:
        return error

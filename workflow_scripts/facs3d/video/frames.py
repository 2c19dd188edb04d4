"""Reading the frames of a recording by number: a video, a folder of images, or a folder in a zip.

Reading is sequential and holds one frame at a time, so memory does not grow with the length of the
recording. How frames get their numbers: :mod:`facs3d.video.decoding`, :mod:`facs3d.video.images`.
"""

from collections.abc import Collection, Iterator
from pathlib import Path

import numpy as np

from facs3d.core.errors import InputError
from facs3d.video.decoding import decode_video
from facs3d.video.images import decode_image, open_images
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
                try:
                    frame: np.ndarray | InputError = decode_image(stored)
                except InputError as error:
                    frame = error
                yield number, frame

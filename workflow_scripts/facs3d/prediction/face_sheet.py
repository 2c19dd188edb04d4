"""The faces of a video side by side in one JPEG, for a page that shows them by time."""

from typing import NamedTuple

import cv2
import numpy as np

from facs3d.prediction.faces import FaceFile
from facs3d.preprocessing.sampling import shrink

SIDE = 80
"""Larger faces are shrunk to this, px."""
INTERVAL, MOST_FACES = 0.2, 1500
"""Seconds from face to face at least; and more of them for a video of more faces."""
MOST_BYTES = 2_500_000
"""Of the JPEG; where faces are many and rich in detail, every second one is left out."""
QUALITY = 70


class FaceSheet(NamedTuple):
    """``jpeg``: gray faces of ``side`` px in rows of ``columns``; ``frames``: their frames' numbers
    (n,), ascending."""

    jpeg: bytes
    side: int
    columns: int
    frames: np.ndarray


def make_face_sheet(faces: FaceFile) -> FaceSheet | None:
    """The first face of every interval; None for a video without any."""
    if not len(faces.frame):
        return None
    seconds = faces.seconds[faces.frame]
    interval = max(INTERVAL, float(seconds[-1] - seconds[0]) / (MOST_FACES - 1))
    # Times are rounded, so that a multiple of the interval may lie just below it.
    number = np.floor((seconds - seconds[0] + 0.001) / interval)
    _, chosen = np.unique(number, return_index=True)
    side = min(SIDE, faces.side)
    images = np.stack([shrink(face, side) for face in faces.read(chosen)])
    while len(jpeg := _encode(images)) > MOST_BYTES:
        images, chosen = images[::2], chosen[::2]
    return FaceSheet(jpeg, side, _columns(len(images)), faces.frame[chosen])


def _columns(count: int) -> int:
    return int(np.ceil(np.sqrt(count)))


def _encode(images: np.ndarray) -> bytes:
    columns, side = _columns(len(images)), images.shape[1]
    rows = -(-len(images) // columns)
    sheet = np.zeros((rows * columns, side, side), np.uint8)
    sheet[: len(images)] = images
    sheet = sheet.reshape(rows, columns, side, side).swapaxes(1, 2)
    sheet = sheet.reshape(rows * side, columns * side)
    return cv2.imencode(".jpg", sheet, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[1].tobytes()

"""From the picture that a video file stores to the one that its makers saw.

Turned or mirrored by a flag in the container, and with square pixels: DV, DVD and HDV store a
picture that players stretch. A face as stored is up to 1.42 times too narrow, and no network was
trained on that.
"""

import warnings
from pathlib import Path

import cv2
import numpy as np

from facs3d.video.tracks import read_tracks

NEARLY_SQUARE = 1.01
"""Factor up to which pixels count as square: headers round, and resizing blurs."""
WIDEST = 3.0
"""Factor beyond which a header must be wrong; true ones reach 2."""


class Display:
    """How a video's pictures are to be shown. A header that cannot be right gives a warning."""

    def __init__(self, capture: cv2.VideoCapture, path: Path) -> None:
        matrices = {track.matrix for track in read_tracks(path) if track.kind == b"vide"}
        # Which of several tracks FFmpeg takes is not said.
        a, b, c, d = matrices.pop() if len(matrices) == 1 else (1, 0, 0, 1)
        self._is_mirrored = a * d - b * c < 0
        self._swaps_axes = abs(b) > abs(a)
        # A mirror can be the left or the upper edge's, with or without a swap of the axes.
        self._flips = [axis for axis, factor in ((1, a + c), (0, b + d)) if factor < 0]
        # Off in some builds. OpenCV takes the matrix of a mirror for that of a turn.
        capture.set(cv2.CAP_PROP_ORIENTATION_AUTO, 0 if self._is_mirrored else 1)
        width, height = capture.get(cv2.CAP_PROP_SAR_NUM), capture.get(cv2.CAP_PROP_SAR_DEN)
        self._aspect = width / height if width > 0 and height > 0 else 1.0
        turned = not self._is_mirrored and capture.get(cv2.CAP_PROP_ORIENTATION_META) % 180
        if turned:
            # The header is about the picture before it is turned.
            self._aspect = 1 / self._aspect
        if not 1 / WIDEST <= self._aspect <= WIDEST:
            warnings.warn(
                f"{path}: its header says that pixels are {width:g}:{height:g}, which cannot be; "
                "they are taken for square",
                stacklevel=3,
            )
            self._aspect = 1.0

    def show(self, image: np.ndarray) -> np.ndarray:
        """The picture (H, W, 3) uint8 as it is to be seen; the same array if it is so stored."""
        image = self._with_square_pixels(image)
        if not self._is_mirrored:
            return image
        if self._swaps_axes:
            image = image.transpose(1, 0, 2)
        return np.ascontiguousarray(np.flip(image, self._flips))

    def size(self, width: int, height: int) -> tuple[int, int]:
        """Width and height in square pixels: one side is stretched, none is shrunk."""
        if 1 / NEARLY_SQUARE <= self._aspect <= NEARLY_SQUARE:
            return width, height
        if self._aspect > 1:
            return round(width * self._aspect), height
        return width, round(height / self._aspect)

    def _with_square_pixels(self, image: np.ndarray) -> np.ndarray:
        stored = image.shape[1], image.shape[0]
        size = self.size(*stored)
        if size == stored:
            return image
        return cv2.resize(image, size, interpolation=cv2.INTER_CUBIC)

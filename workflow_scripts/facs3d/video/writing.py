"""Writing videos and making sure that they are on disk: OpenCV's writer reports no full disk."""

import os
import warnings
from collections.abc import Iterator
from errno import EIO
from pathlib import Path
from types import TracebackType

import cv2
import numpy as np

from facs3d.core.errors import InputError
from facs3d.video.containers import is_complete
from facs3d.video.frames import read_frames

PROBE = 1 << 20
"""Bytes, more than FFmpeg holds back: a disk that did not take a frame does not take these."""


class CheckedVideo:
    """A video file to write frame by frame, as a context manager.

    ``codec`` is its four letters, ``size`` (width, height) in px, both even (OpenCV's writer crops
    odd ones), ``fps`` frames a second. At the end of the block the file is read back: it must be
    complete and have as many frames as were written. If not, or if it cannot be opened for writing,
    an :class:`OSError` says what the disk says.
    """

    def __init__(
        self, path: str | Path, codec: str, size: tuple[int, int], fps: float, color: bool = True
    ) -> None:
        if size[0] % 2 or size[1] % 2:
            raise ValueError(f"width and height must be even, not {size[0]}×{size[1]}")
        self.path = Path(path)
        self.shape = (size[1], size[0], 3) if color else (size[1], size[0])
        self.n_frames = 0
        code = cv2.VideoWriter_fourcc(*codec)
        self._writer = cv2.VideoWriter(str(path), cv2.CAP_FFMPEG, code, fps, size, color)
        if not self._writer.isOpened():
            self._fail(f"cannot be opened for writing a video ({codec}, {self.path.suffix})")

    def write(self, image: np.ndarray) -> None:
        """Append one frame: (height, width, 3) uint8 BGR, or (height, width) uint8 if gray."""
        if image.shape != self.shape or image.dtype != np.uint8:
            raise ValueError(f"expected {self.shape} uint8, not {image.shape} {image.dtype}")
        self._writer.write(image)
        self.n_frames += 1

    def __enter__(self) -> "CheckedVideo":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._writer.release()
        if kind is None:
            self._check_what_is_on_disk()

    def check_frames(self, frames: Iterator[np.ndarray]) -> int:
        """Look at the frames read back, and return how many are right."""
        return sum(1 for _ in frames)

    def _check_what_is_on_disk(self) -> None:
        n_found = 0
        try:
            if is_complete(self.path):
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    n_found = self.check_frames(image for _number, image in read_frames(self.path))
        except (InputError, OSError):
            n_found = 0
        if n_found != self.n_frames:
            self._fail(f"is not intact: {self.n_frames} frames were written, {n_found} read back")

    def _fail(self, found: str) -> None:
        """Raise the error that the disk gives to whoever asks for some room, else ``found``."""
        with open(self.path, "ab") as file:
            file.write(bytes(PROBE))
            file.flush()
            os.fsync(file.fileno())
        raise OSError(EIO, f"the video {found}", str(self.path))

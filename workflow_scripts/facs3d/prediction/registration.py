"""Registering the face in every frame of a video that nobody has annotated."""

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from facs3d.core.errors import InputError
from facs3d.preprocessing.alignment import RegistrationSettings
from facs3d.preprocessing.landmarks import FaceLandmarker
from facs3d.preprocessing.registration import count_faces, register_frame
from facs3d.preprocessing.sampling import shrink
from facs3d.preprocessing.tracking import TrackedFrame
from facs3d.video.frames import read_timed_frames
from facs3d.video.opening import open_video


def register_every_frame(
    path: Path, settings: RegistrationSettings, side: int, frames_per_second: float
) -> Iterator[tuple[TrackedFrame, float, np.ndarray | None]]:
    """Yield every frame's row, timestamp in seconds and face, holding one frame at a time.

    The face, (side, side) uint8, is registered, gray and shrunk exactly as a dataset's is on its
    way into a clip; None where there is none. The time is the container's, which a telephone's
    variable frame rate needs; images have theirs by ``frames_per_second``.
    """
    with FaceLandmarker() as landmarker:
        for number, milliseconds, image in read_timed_frames(path, frames_per_second):
            if isinstance(image, InputError):
                problem = str(image).removeprefix(f"{path}: ")
                yield TrackedFrame(number, False, problem), milliseconds / 1000, None
                continue
            row, face = register_frame(number, image, landmarker, settings)
            row = count_faces(row, image, landmarker)
            if face is not None:
                face = shrink(cv2.cvtColor(face, cv2.COLOR_BGR2GRAY), side)
            yield row, milliseconds / 1000, face


def declared_rate(path: Path) -> float:
    """Frames per second by the video's header; 25 where it says nothing.

    Raises :class:`facs3d.core.errors.InputError` if it is no video."""
    with open_video(path) as capture:
        rate = capture.get(cv2.CAP_PROP_FPS)
    return rate if 0 < rate < 1000 else 25.0

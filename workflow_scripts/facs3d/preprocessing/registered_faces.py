"""Faces that another tool has registered (the paper's ZFace, say): checked, not registered again.

What the paper's Sec. IV-A.1 asks of a registered face can be measured: the size of the image and
the distance between the eyes. A video that differs is excluded, for networks trained on both kinds
would learn the difference.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from facs3d.core.errors import InputError
from facs3d.datasets.face_size import size_problem
from facs3d.preprocessing.alignment import RegistrationSettings
from facs3d.preprocessing.face_mesh import inter_ocular_distance
from facs3d.preprocessing.landmarks import FaceLandmarker
from facs3d.preprocessing.registration import RegisteredFrame, Registration, each_annotated_frame
from facs3d.preprocessing.tracking import TrackedFrame
from facs3d.video.frames import read_each_frame

FRAMES_MEASURED = 10
TOLERANCE = 0.15
"""Share by which the median eye distance may be off: landmarkers differ by a few per cent, and a
face turned aside looks narrower."""
BLACK = 8
"""Gray level up to which every pixel of a frame must be for it to count as black; tools write such
frames for lost faces, and lossy codecs make them not quite 0."""


def take_registered_video(
    path: str | Path,
    annotated_frames: Sequence[int],
    frame_offset: int,
    settings: RegistrationSettings,
) -> Registration:
    """Every annotated frame's row and face, as
    :func:`facs3d.preprocessing.registration.register_video`.

    Images stay as they are; a black one is a lost face. Raises :class:`InputError` at once if
    the geometry is not that of ``settings`` (:func:`check_geometry`).
    """
    check_geometry(path, [int(frame) + frame_offset for frame in annotated_frames], settings)

    def take(frame: int, image: np.ndarray) -> RegisteredFrame:
        problem = _size_problem(image, settings)
        if not problem and image.max() <= BLACK:
            problem = "no face: the image is black"
        row = TrackedFrame(frame, face_found=not problem, problem=problem)
        return row, None if problem else image

    return each_annotated_frame(path, annotated_frames, frame_offset, take)


def check_geometry(
    path: str | Path, numbers: Sequence[int], settings: RegistrationSettings
) -> None:
    """Raise :class:`InputError` unless the images of ``numbers`` are of the size that ``settings``
    say, and the median distance of the eyes in ten of them is within 15 % of theirs.

    Damaged images, and those without a face that FaceMesh finds, are not measured; if there is no
    other, it is an error too.
    """
    every = max(1, len(numbers) // FRAMES_MEASURED)
    distances = []
    with FaceLandmarker() as landmarker:
        for number, image in read_each_frame(path, set(numbers[::every])):
            if isinstance(image, InputError):
                continue
            problem = _size_problem(image, settings)
            if problem:
                raise InputError(f"{path}, frame {number}: {problem}")
            landmarks = landmarker.detect(image)
            if landmarks is not None:
                distances.append(inter_ocular_distance(landmarks))
    wanted = settings.inter_ocular_distance
    if not distances:
        raise InputError(f"{path}: no face in frames {every} apart, expected registered faces")
    median = float(np.median(distances))
    if abs(median - wanted) > TOLERANCE * wanted:
        raise InputError(
            f"{path}: the eyes are {median:.0f} px apart (median of {len(distances)} frames), "
            f"expected {wanted:g}; set registration.inter_ocular_distance to what they should be"
        )


def _size_problem(image: np.ndarray, settings: RegistrationSettings) -> str:
    height, width = image.shape[:2]
    return size_problem((width, height), settings.image_size)

"""Registering the face in every frame of a video that nobody has annotated."""

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import cv2
import numpy as np

from facs3d.core.errors import InputError
from facs3d.core.progress import track
from facs3d.prediction.faces import write_face_file
from facs3d.preprocessing.alignment import RegistrationSettings
from facs3d.preprocessing.expected_input import ExpectedInput
from facs3d.preprocessing.landmarks import FaceLandmarker
from facs3d.preprocessing.registration import count_faces, register_frame
from facs3d.preprocessing.sampling import shrink
from facs3d.preprocessing.tracking import TrackedFrame
from facs3d.video.file_names import fingerprint
from facs3d.video.frames import is_recording_of_images, read_timed_frames
from facs3d.video.opening import open_video
from facs3d.video.remarks import remark


def register_new_video(
    path: Path,
    settings: RegistrationSettings,
    side: int,
    frames_per_second: float,
    faces_path: str | Path,
    tracking_path: str | Path,
) -> str:
    """Write the faces and the tracking table of a video or a folder of images, whose rate is
    ``frames_per_second``; returns one sentence that sums up. What is unusual about the file is
    said on stderr.

    Raises :class:`InputError` if it is no video.
    """
    of_images = is_recording_of_images(path)
    rate = frames_per_second if of_images else declared_rate(path)
    remarks = [] if of_images else remark(path)
    for said in remarks:
        print(f"warning: {said.sentence}", file=sys.stderr)
    attributes = {
        "video": str(path),
        "content": fingerprint(path),
        "remarks": "; ".join(said.words for said in remarks),
        "registration": json.dumps(asdict(settings)),
        **({"clock": f"image numbers at {rate:g} frames/s"} if of_images else {}),
    }
    frames = track(register_every_frame(path, settings, side, rate), "register", "frames")
    return write_face_file(frames, side, attributes, rate, faces_path, tracking_path)


def register_as_trained(
    path: Path,
    expected: ExpectedInput,
    side: int,
    faces_path: str | Path,
    tracking_path: str | Path,
) -> str:
    """As :func:`register_new_video`, for a network that expects such faces of ``side`` px."""
    settings = RegistrationSettings(**expected.known_registration)
    rate = expected.frames_per_second
    return register_new_video(path, settings, side, rate, faces_path, tracking_path)


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

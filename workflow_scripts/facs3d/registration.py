"""Face registration (paper, Sec. IV-A.1): every face at the same place, size and tilt.

"Face images were normalized in terms of rotation and scale and then centred, scaled, and
normalized to the average interocular distance (IOD) …, which is about 80 pixels. After this step
we obtain 200 by 200 pixel images". A similarity transform (rotation, one scale, shift) does that
in the image plane, frame by frame; it changes no shape, so expressions stay as they are.
"""

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from itertools import count, pairwise
from pathlib import Path

import cv2
import numpy as np

from facs3d.errors import InputError
from facs3d.frames import read_each_frame
from facs3d.landmarks import (
    CANONICAL_FACE,
    INNER_FACE,
    FaceLandmarker,
    eye_centres,
    head_pose,
    inter_ocular_distance,
)
from facs3d.lossless_video import LosslessVideo
from facs3d.outputs import whole
from facs3d.tracking import TrackedFrame, cells
from facs3d.video_files import DamagedVideoError

CENTRES = ("landmarks", "eye_line")
ROTATIONS = ("template", "eyes")
FACES_COUNTED_EVERY = 25
"""Frames from one in which faces are counted to the next: about a second, and 1 % of the time."""


@dataclass(frozen=True)
class RegistrationSettings:
    """Where a registered face lies in its image. Distances in px of the registered image.

    ``image_size``: width and height, even. ``inter_ocular_distance``: between the eye centres,
    the same in every frame. ``centre``: ``landmarks`` puts the centroid of the 49 inner-face
    points at the image's centre, as the authors do (at 80 px in 200 the chin's lower edge is
    cut); ``eye_line`` puts the midpoint of the eyes in the middle, ``eye_line_y`` below the upper
    edge (45 holds brows and chin). ``rotation``: ``template`` turns the inner-face points onto
    the mean face's as well as can be (least squares); ``eyes`` levels the eyes. ``max_yaw``:
    degrees a face may be turned sideways; beyond, its eyes no longer give its scale.
    """

    image_size: int = 200
    inter_ocular_distance: float = 80.0
    centre: str = "landmarks"
    eye_line_y: float = 45.0
    rotation: str = "template"
    max_yaw: float = 60.0

    def __post_init__(self) -> None:
        size = self.image_size
        if not 16 <= size <= 2048 or size % 2:
            raise InputError(f"image_size is {size}, expected an even number from 16 to 2048")
        if not 4 <= self.inter_ocular_distance <= size:
            raise InputError(
                f"inter_ocular_distance is {self.inter_ocular_distance}, "
                f"expected 4 to {size} (image_size)"
            )
        if not 0 <= self.eye_line_y <= size:
            raise InputError(f"eye_line_y is {self.eye_line_y}, expected 0 to {size} (image_size)")
        if not 0 < self.max_yaw <= 90:
            raise InputError(f"max_yaw is {self.max_yaw}, expected degrees above 0, at most 90")
        for name, known in (("centre", CENTRES), ("rotation", ROTATIONS)):
            if getattr(self, name) not in known:
                raise InputError(
                    f"{name} is {getattr(self, name)!r}, expected {' or '.join(known)}"
                )


RegisteredFrame = tuple[TrackedFrame, np.ndarray | None]


def similarity(landmarks: np.ndarray, settings: RegistrationSettings) -> np.ndarray:
    """The map from source px to registered px, (2, 3) float64, of (468, 2 or 3) landmarks.

    Afterwards the eye centres are exactly ``inter_ocular_distance`` apart and the chosen centre
    is exactly where the settings say.
    """
    # In the plane as complex numbers, a similarity without reflection is one product and one sum.
    points = np.asarray(landmarks, np.float64)[:, 0] + 1j * np.asarray(landmarks, np.float64)[:, 1]
    right, left = eye_centres(landmarks) @ (1, 1j)
    inner = points[list(INNER_FACE)]
    if settings.rotation == "eyes":
        direction = (left - right).conjugate()
    else:
        target = CANONICAL_FACE[list(INNER_FACE), :2] @ (1, 1j)
        direction = np.vdot(inner - inner.mean(), target - target.mean())
    turn = direction / abs(direction)
    scale = settings.inter_ocular_distance / abs(left - right)
    middle = settings.image_size / 2
    if settings.centre == "eye_line":
        centre, place = (right + left) / 2, middle + 1j * settings.eye_line_y
    else:
        centre, place = inner.mean(), middle * (1 + 1j)
    factor = scale * turn
    shift = place - factor * centre
    return np.array(
        [[factor.real, -factor.imag, shift.real], [factor.imag, factor.real, shift.imag]]
    )


def template_landmarks(settings: RegistrationSettings) -> np.ndarray:
    """Where the mean face's landmarks lie in a registered image, (468, 2) float64 x, y in px."""
    transform = similarity(CANONICAL_FACE, settings)
    return CANONICAL_FACE[:, :2] @ transform[:, :2].T + transform[:, 2]


def register_face(
    image: np.ndarray, landmarks: np.ndarray, settings: RegistrationSettings
) -> np.ndarray:
    """Warp (H, W, 3) uint8 ``image`` by :func:`similarity` to (image_size, image_size, 3).

    Bilinear; beyond the source's border its edge pixels go on, for black would be an edge that
    filters see.
    """
    return cv2.warpAffine(
        image,
        similarity(landmarks, settings),
        (settings.image_size, settings.image_size),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )


def register_video(
    path: str | Path,
    annotated_frames: Sequence[int],
    frame_offset: int,
    settings: RegistrationSettings,
) -> Iterator[RegisteredFrame]:
    """Yield every annotated frame's row and registered face, in order, holding one at a time.

    ``annotated_frames`` are label frame numbers, ascending; label frame f is image
    f + ``frame_offset`` of :func:`facs3d.frames.read_frames`. The face is (image_size,
    image_size, 3) uint8 BGR, None where there is none. A damaged image costs its own frame. Where
    a video breaks off half-way, the frames before are kept and the others are missing; a video
    damaged in the middle, or of which nothing can be used, ends with :func:`unusable_video`.
    """
    places = count()
    with FaceLandmarker() as landmarker:

        def register(frame: int, image: np.ndarray) -> RegisteredFrame:
            row, face = register_frame(frame, image, landmarker, settings)
            if next(places) % FACES_COUNTED_EVERY == 0:
                row = replace(row, faces=landmarker.count_faces(image))
            return row, face

        yield from each_annotated_frame(path, annotated_frames, frame_offset, register)


def each_annotated_frame(
    path: str | Path,
    annotated_frames: Sequence[int],
    frame_offset: int,
    register_frame: Callable[[int, np.ndarray], RegisteredFrame],
) -> Iterator[RegisteredFrame]:
    """As :func:`register_video`, with ``register_frame(frame, image)`` for frames that exist."""
    annotated = [int(frame) for frame in annotated_frames]
    if not annotated:
        yield unusable_video(f"{path}: no annotated frames")
        return
    if any(after <= before for before, after in pairwise(annotated)):
        yield unusable_video(f"{path}: annotated frame numbers do not ascend; sort the labels")
        return
    pending = iter(annotated)
    broken: InputError | None = None
    read_any = False
    try:
        for number, image in read_each_frame(path, {frame + frame_offset for frame in annotated}):
            read_any = True
            for frame in pending:
                if frame + frame_offset == number:
                    if isinstance(image, InputError):
                        yield TrackedFrame(frame, False, f"frame damaged: {image}"), None
                    else:
                        yield register_frame(frame, image)
                    break
                yield _missing(frame, f"there is no image {frame + frame_offset}")
    except DamagedVideoError as error:
        yield unusable_video(str(error))
        return
    except InputError as error:
        broken = error
    if broken and not read_any:
        yield unusable_video(str(broken))
        return
    for frame in pending:
        yield _missing(frame, str(broken or f"there is no image {frame + frame_offset}"))


def unusable_video(reason: str) -> RegisteredFrame:
    """The last row of a video that cannot be used, and why; it speaks for the whole video."""
    return TrackedFrame(frame_number=None, face_found=False, problem=reason), None


def write_registration(
    frames: Iterable[RegisteredFrame],
    video_path: str | Path,
    tracking_path: str | Path,
    settings: RegistrationSettings,
) -> str:
    """Write the registered video (lossless, black where there is no face) and the tracking table
    (CSV, a row for each of its frames; lengths and degrees to 1/1000); both or neither appear.

    Returns one sentence that sums up what was found.
    """
    size = settings.image_size
    columns = [field.name for field in fields(TrackedFrame)]
    black = np.zeros((size, size, 3), np.uint8)
    n_rows = n_faces = n_counted = n_several = 0
    with (
        whole(video_path) as unfinished_video,
        whole(tracking_path) as unfinished_table,
        open(unfinished_table, "w", encoding="utf-8", newline="") as file,
        LosslessVideo(unfinished_video, (size, size)) as video,
    ):
        table = csv.writer(file, lineterminator="\n")
        table.writerow(columns)
        for row, face in frames:
            table.writerow(cells(row))
            video.write(black if face is None else face)
            n_rows += 1
            n_faces += row.face_found
            n_counted += row.faces is not None
            n_several += (row.faces or 0) > 1
    if row.frame_number is None:
        return row.problem
    said = f"a face was found in {n_faces} of {n_rows} annotated frames"
    if n_several:
        said += f"; note: {n_several} of {n_counted} looked at for that show more than one face"
        said += ", of which the largest was followed"
    return said


def _missing(frame: int, reason: str) -> RegisteredFrame:
    return TrackedFrame(frame, False, f"frame missing: {reason}"), None


def register_frame(
    frame: int, image: np.ndarray, landmarker: FaceLandmarker, settings: RegistrationSettings
) -> RegisteredFrame:
    """The row of frame number ``frame`` and its registered face, as :func:`register_video`."""
    landmarks = landmarker.detect(image)
    if landmarks is None:
        return TrackedFrame(frame, False, "no face"), None
    pose = head_pose(landmarks)
    turned_away = abs(pose.yaw) > settings.max_yaw
    (right_x, right_y), (left_x, left_y) = eye_centres(landmarks).tolist()
    row = TrackedFrame(
        frame,
        not turned_away,
        f"face turned away: yaw {pose.yaw:.0f} degrees" if turned_away else "",
        right_x,
        right_y,
        left_x,
        left_y,
        inter_ocular_distance(landmarks),
        *pose,
        confidence=landmarker.confidence,
    )
    return row, None if turned_away else register_face(image, landmarks, settings)

"""Face registration (paper, Sec. IV-A.1): every face at the same place, size and tilt, as
:mod:`facs3d.preprocessing.alignment` says."""

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import count, pairwise
from pathlib import Path

import cv2
import numpy as np

from facs3d.core.atomic import whole
from facs3d.core.errors import InputError
from facs3d.preprocessing.alignment import RegistrationSettings, similarity
from facs3d.preprocessing.face_mesh import (
    eye_centres,
    head_pose,
    inter_ocular_distance,
)
from facs3d.preprocessing.face_quality import FaceQuality, measure, quality_notes
from facs3d.preprocessing.following import is_smaller
from facs3d.preprocessing.landmarks import FaceLandmarker
from facs3d.preprocessing.tracking import (
    COLUMNS,
    EYES,
    LARGER_FACE,
    PersonCount,
    TrackedFrame,
    UnusableVideo,
    cells,
)
from facs3d.video.decoding import DamagedVideoError
from facs3d.video.frames import read_each_frame
from facs3d.video.lossless import LosslessVideo

FACES_COUNTED_EVERY = 25
"""Frames from one in which faces are counted to the next: about a second, and 1 % of the time."""

NEARLY_BLACK = 12
"""Mean gray of an image below which a lost face may be for want of light, or of bits: 12 bits
stored as 16 come out of a video sixteen times too dark."""

RegisteredFrame = tuple[TrackedFrame, np.ndarray | None]
Registration = Iterator[RegisteredFrame | UnusableVideo]
"""What a video gives, frame by frame; an :class:`UnusableVideo` is its end, and speaks for all."""


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
) -> Registration:
    """Yield every annotated frame's row and registered face, in order, holding one at a time.

    ``annotated_frames`` are label frame numbers, ascending; label frame f is image
    f + ``frame_offset`` of :func:`facs3d.video.frames.read_frames`. The face is (image_size,
    image_size, 3) uint8 BGR, None where there is none. A damaged image costs its own frame. Where
    a video breaks off half-way, the frames before are kept and the others are missing; a video
    damaged in the middle, or of which nothing can be used, ends with :class:`UnusableVideo`.
    """
    places = count()
    with FaceLandmarker() as landmarker:

        def register(frame: int, image: np.ndarray) -> RegisteredFrame:
            row, face = register_frame(frame, image, landmarker, settings)
            if next(places) % FACES_COUNTED_EVERY == 0:
                row = count_faces(row, image, landmarker)
            return row, face

        yield from each_annotated_frame(path, annotated_frames, frame_offset, register)


def each_annotated_frame(
    path: str | Path,
    annotated_frames: Sequence[int],
    frame_offset: int,
    handle: Callable[[int, np.ndarray], RegisteredFrame],
) -> Registration:
    """As :func:`register_video`, with ``handle(frame, image)`` for frames that exist."""
    annotated = [int(frame) for frame in annotated_frames]
    if not annotated:
        yield UnusableVideo(f"{path}: no annotated frames")
        return
    if any(after <= before for before, after in pairwise(annotated)):
        yield UnusableVideo(f"{path}: annotated frame numbers do not ascend; sort the labels")
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
                        yield handle(frame, image)
                    break
                yield _missing(frame, f"there is no image {frame + frame_offset}")
    except DamagedVideoError as error:
        yield UnusableVideo(str(error))
        return
    except InputError as error:
        broken = error
    if broken and not read_any:
        yield UnusableVideo(str(broken))
        return
    for frame in pending:
        yield _missing(frame, str(broken or f"there is no image {frame + frame_offset}"))


def write_registration(
    frames: Iterable[RegisteredFrame | UnusableVideo],
    video_path: str | Path,
    tracking_path: str | Path,
    settings: RegistrationSettings,
) -> str:
    """Write the registered video (lossless, black where there is no face) and the tracking table
    (CSV, a row for each of its frames; lengths and degrees to 1/1000); both or neither appear.

    Of a video that cannot be used the frames so far stay; one black frame ends them, for a video
    has at least one. Returns one sentence that sums up what was found.
    """
    size = settings.image_size
    black = np.zeros((size, size, 3), np.uint8)
    n_rows = n_faces = n_counted = n_several = 0
    persons = PersonCount()
    with (
        whole(video_path) as unfinished_video,
        whole(tracking_path) as unfinished_table,
        open(unfinished_table, "w", encoding="utf-8", newline="") as file,
        LosslessVideo(unfinished_video, (size, size)) as video,
    ):
        table = csv.writer(file, lineterminator="\n")
        table.writerow(COLUMNS)
        for item in frames:
            if isinstance(item, UnusableVideo):
                table.writerow(cells(item))
                video.write(black)
                return item.reason
            row, face = item
            table.writerow(cells(row))
            video.write(black if face is None else face)
            n_rows += 1
            n_faces += row.face_found
            n_counted += row.faces is not None
            n_several += (row.faces or 0) > 1
            persons.add(row)
    said = f"a face was found in {n_faces} of {n_rows} annotated frames"
    if n_several:
        said += f"; note: {n_several} of {n_counted} looked at for that show more than one face"
    return said + persons.said()


def count_faces(row: TrackedFrame, image: np.ndarray, landmarker: FaceLandmarker) -> TrackedFrame:
    """``row`` of ``image`` with its faces counted, and a note if there are several."""
    boxes = landmarker.find_faces(image)
    row = replace(row, faces=len(boxes))
    if len(boxes) < 2 or row.right_eye_x is None:
        return row
    eyes = np.array([getattr(row, name) for name in EYES], np.float64).reshape(2, 2)
    smaller = is_smaller(boxes, eyes.mean(axis=0))
    which = LARGER_FACE if smaller else "the largest is followed"
    return replace(row, note="; ".join(filter(None, (row.note, f"{len(boxes)} faces, {which}"))))


def _missing(frame: int, reason: str) -> RegisteredFrame:
    return TrackedFrame(frame, False, f"frame missing: {reason}"), None


def register_frame(
    frame: int, image: np.ndarray, landmarker: FaceLandmarker, settings: RegistrationSettings
) -> RegisteredFrame:
    """The row of frame number ``frame`` and its registered face, as :func:`register_video`."""
    landmarks = landmarker.detect(image)
    if landmarks is None:
        dark = image.mean() < NEARLY_BLACK
        return TrackedFrame(frame, False, "no face: nearly black" if dark else "no face"), None
    pose = head_pose(landmarks)
    turned_away = abs(pose.yaw) > settings.max_yaw
    (right_x, right_y), (left_x, left_y) = eye_centres(landmarks).tolist()
    face = None if turned_away else register_face(image, landmarks, settings)
    quality = FaceQuality(None, None) if face is None else measure(face, settings)
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
        person=landmarker.person,
        **quality._asdict(),
        upside_down=landmarker.upside_down,
    )
    said = (landmarker.change, *quality_notes(row))
    return replace(row, note="; ".join(filter(None, said))), face

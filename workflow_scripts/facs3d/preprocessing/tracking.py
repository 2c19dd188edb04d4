"""The tracking table: what registration found in each annotated frame of a video.

Its first column, ``scope``, says what a row is about. A row of scope ``frame`` is a
:class:`TrackedFrame`; one of scope ``video`` has a ``problem`` and nothing else: the video as a
whole cannot be used, whatever was found in its frames.
"""

import csv
from dataclasses import dataclass, fields
from pathlib import Path
from typing import NamedTuple

import numpy as np

from facs3d.core.errors import InputError

EYES = ("right_eye_x", "right_eye_y", "left_eye_x", "left_eye_y")


@dataclass(frozen=True)
class TrackedFrame:
    """What became of one annotated frame: a row of the tracking table, the columns after ``scope``.

    ``frame_number`` is the label's. ``problem`` is empty if the face was found, else the reason.
    Eye centres and ``inter_ocular_distance`` are in px of the source image; yaw, pitch and roll are
    :class:`facs3d.preprocessing.face_mesh.HeadPose`. ``faces``: how many the frame shows, counted
    in every 25th frame only, for it takes time; the largest is followed. ``confidence`` from 0 to
    1: how sure FaceMesh is that it looks at a face. None is an empty cell.
    """

    frame_number: int
    face_found: bool
    problem: str = ""
    right_eye_x: float | None = None
    right_eye_y: float | None = None
    left_eye_x: float | None = None
    left_eye_y: float | None = None
    inter_ocular_distance: float | None = None
    yaw: float | None = None
    pitch: float | None = None
    roll: float | None = None
    faces: int | None = None
    confidence: float | None = None


@dataclass(frozen=True)
class UnusableVideo:
    """That a video cannot be used, and why."""

    reason: str


FRAME, VIDEO = "frame", "video"
COLUMNS = ("scope", *(field.name for field in fields(TrackedFrame)))


def cells(row: TrackedFrame | UnusableVideo) -> list[object]:
    """The row as its table holds it: lengths, degrees and confidence to 1/1000."""
    if isinstance(row, UnusableVideo):
        values = {"scope": VIDEO, "problem": row.reason}
        return [values.get(column, "") for column in COLUMNS]
    return [FRAME, *(_cell(getattr(row, column)) for column in COLUMNS[1:])]


class Tracking(NamedTuple):
    """What sampling needs of a table: ``frame_number`` (n,) int, ``face_found`` (n,) bool and the
    ``problem`` of each frame without a face (n texts)."""

    frame_number: np.ndarray
    face_found: np.ndarray
    problem: tuple[str, ...]


class TrackingSummary(NamedTuple):
    """A table in one row: numbers of frames, and ``problem``, why the video as a whole cannot be
    used. In ``frames_looked_at`` the faces were counted; ``frames_with_several_faces`` of those
    show more than one, of which the largest was followed."""

    frames_annotated: int
    frames_with_face: int
    frames_looked_at: int
    frames_with_several_faces: int
    problem: str


def summarize_tracking(path: str | Path) -> TrackingSummary:
    """Count a tracking table; :class:`InputError` if it is none."""
    rows, unusable = _read_rows(Path(path))
    counted = [int(row["faces"]) for row in rows if row["faces"]]
    return TrackingSummary(
        frames_annotated=len(rows),
        frames_with_face=sum(row["face_found"] == "1" for row in rows),
        frames_looked_at=len(counted),
        frames_with_several_faces=sum(faces > 1 for faces in counted),
        problem=unusable.reason if unusable else "",
    )


def read_tracking(path: str | Path) -> Tracking:
    """Read a tracking table.

    Raises :class:`InputError` with the reason if the table says that the video cannot be used.
    """
    rows = _rows_of_usable(Path(path))
    return Tracking(
        frame_number=np.array([int(row["frame_number"]) for row in rows]),
        face_found=np.array([row["face_found"] == "1" for row in rows]),
        problem=tuple(row["problem"] for row in rows),
    )


def read_eyes(path: str | Path) -> tuple[np.ndarray, np.ndarray]:
    """Frame numbers (n,) int, and the right and the left eye's centre (n, 2, 2) float64 x, y in px
    of the source image, NaN where no face was found or it was registered elsewhere.

    Raises as :func:`read_tracking`.
    """
    rows = _rows_of_usable(Path(path))
    eyes = [
        [float(row[column] or "nan") if row["face_found"] == "1" else np.nan for column in EYES]
        for row in rows
    ]
    frame_number = np.array([int(row["frame_number"]) for row in rows])
    return frame_number, np.array(eyes).reshape(-1, 2, 2)


def _rows_of_usable(path: Path) -> list[dict[str, str]]:
    rows, unusable = _read_rows(path)
    if unusable:
        raise InputError(unusable.reason)
    return rows


def _read_rows(path: Path) -> tuple[list[dict[str, str]], UnusableVideo | None]:
    """The table's rows of frames, at least one unless the video cannot be used, and whether so."""
    with open(path, encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        header = reader.fieldnames or []
        missing = [column for column in COLUMNS if column not in header]
        if missing:
            raise InputError(
                f"{path}, line 1: no column {missing[0]!r}; write it with register_faces"
            )
        rows = list(reader)
    if strange := {row["scope"] for row in rows} - {FRAME, VIDEO}:
        raise InputError(
            f"{path}: scope {min(strange)!r}, expected {FRAME!r} or {VIDEO!r}; write it with "
            "register_faces"
        )
    frames = [row for row in rows if row["scope"] == FRAME]
    problems = [row["problem"] for row in rows if row["scope"] == VIDEO]
    if not rows:
        raise InputError(f"{path}: no frame; write it with register_faces")
    return frames, UnusableVideo(problems[0]) if problems else None


def _cell(value: object) -> object:
    if isinstance(value, bool):
        return int(value)
    return f"{value:.3f}" if isinstance(value, float) else value

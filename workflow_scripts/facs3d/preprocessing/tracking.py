"""The tracking table: what registration found in each annotated frame of a video."""

import csv
from dataclasses import dataclass, fields
from pathlib import Path
from typing import NamedTuple

import numpy as np

from facs3d.core.errors import InputError

EYES = ("right_eye_x", "right_eye_y", "left_eye_x", "left_eye_y")


@dataclass(frozen=True)
class TrackedFrame:
    """What became of one annotated frame: a row of the tracking table, its columns in order.

    ``frame_number`` is the label's. ``problem`` is empty if the face was found, else the reason.
    Eye centres and ``inter_ocular_distance`` are in px of the source image; yaw, pitch and roll are
    :class:`facs3d.preprocessing.face_mesh.HeadPose`. ``faces``: how many the frame shows, counted
    in every 25th frame only, for it takes time; the largest is followed. ``confidence`` from 0 to
    1: how sure FaceMesh is that it looks at a face. None is an empty cell.
    """

    frame_number: int | None
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


def cells(row: TrackedFrame) -> list[object]:
    """The row as its table holds it: lengths, degrees and confidence to 1/1000."""
    return [_cell(getattr(row, field.name)) for field in fields(row)]


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
    rows = _read_rows(Path(path))
    counted = [int(row["faces"]) for row in rows if row["faces"]]
    unusable = not rows[-1]["frame_number"]
    return TrackingSummary(
        frames_annotated=len(rows) - unusable,
        frames_with_face=sum(row["face_found"] == "1" for row in rows),
        frames_looked_at=len(counted),
        frames_with_several_faces=sum(faces > 1 for faces in counted),
        problem=rows[-1]["problem"] if unusable else "",
    )


def read_tracking(path: str | Path) -> Tracking:
    """Read a tracking table.

    Raises :class:`InputError` with the reason if the table says that the video cannot be used.
    """
    rows = _read_rows(Path(path))
    _refuse_unusable(rows)
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
    rows = _read_rows(Path(path))
    _refuse_unusable(rows)
    eyes = [
        [float(row[column] or "nan") if row["face_found"] == "1" else np.nan for column in EYES]
        for row in rows
    ]
    frame_number = np.array([int(row["frame_number"]) for row in rows])
    return frame_number, np.array(eyes).reshape(-1, 2, 2)


def _read_rows(path: Path) -> list[dict[str, str]]:
    """Rows of the table, at least one."""
    with open(path, encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        header = reader.fieldnames or []
        missing = [field.name for field in fields(TrackedFrame) if field.name not in header]
        if missing:
            raise InputError(
                f"{path}, line 1: no column {missing[0]!r}; write it with register_faces"
            )
        rows = list(reader)
    if not rows:
        raise InputError(f"{path}: no frame; write it with register_faces")
    return rows


def _refuse_unusable(rows: list[dict[str, str]]) -> None:
    if not rows[-1]["frame_number"]:
        raise InputError(rows[-1]["problem"])


def _cell(value: object) -> object:
    if isinstance(value, bool):
        return int(value)
    return f"{value:.3f}" if isinstance(value, float) else value

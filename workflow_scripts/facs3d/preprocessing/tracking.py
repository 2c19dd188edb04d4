"""The tracking table: what registration found in each annotated frame of a video.

Its first column, ``scope``, says what a row is about. A row of scope ``frame`` is a
:class:`TrackedFrame`; one of scope ``video`` has a ``problem`` and nothing else: the video as a
whole cannot be used, whatever was found in its frames.
"""

from dataclasses import dataclass, fields
from pathlib import Path
from typing import NamedTuple

import numpy as np

from facs3d.core.csv_text import flag, number, shown, whole_number, written_table
from facs3d.core.errors import InputError

EYES = ("right_eye_x", "right_eye_y", "left_eye_x", "left_eye_y")


@dataclass(frozen=True)
class TrackedFrame:
    """What became of one annotated frame: a row of the tracking table, the columns after ``scope``.

    ``frame_number`` is the label's. ``problem`` is empty if the face was found, else the reason.
    Eye centres and ``inter_ocular_distance`` are in px of the source image; yaw, pitch and roll are
    :class:`facs3d.preprocessing.face_mesh.HeadPose`. ``faces``: how many the frame shows, counted
    in every 25th frame only, for it takes time. ``confidence`` from 0 to 1: how sure FaceMesh is
    that it looks at a face. ``person``: number of the one whose face it is, from 1, one more
    wherever it may have changed (:mod:`facs3d.preprocessing.following`). ``sharpness`` and
    ``brightness``: :class:`facs3d.preprocessing.face_quality.FaceQuality`. ``upside_down``: whether
    the face is; looked at in every 25th frame and wherever the person may have changed. ``note``:
    what there is to say of the face. None is an empty cell.
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
    person: int | None = None
    sharpness: float | None = None
    brightness: float | None = None
    upside_down: bool | None = None
    note: str = ""


@dataclass(frozen=True)
class UnusableVideo:
    """That a video cannot be used, and why."""

    reason: str


FRAME, VIDEO = "frame", "video"
LARGER_FACE = "a larger one than the followed"
"""The note where the measured face is not the largest, for that person was there first."""
COLUMNS = ("scope", *(field.name for field in fields(TrackedFrame)))


def cells(row: TrackedFrame | UnusableVideo) -> list[object]:
    """The row as its table holds it: lengths, degrees and confidence to 1/1000."""
    if isinstance(row, UnusableVideo):
        values = {"scope": VIDEO, "problem": row.reason}
        return [values.get(column, "") for column in COLUMNS]
    return [FRAME, *(_cell(getattr(row, column)) for column in COLUMNS[1:])]


class PersonCount:
    """How many persons the rows of a video tell apart, and how many note :data:`LARGER_FACE`."""

    def __init__(self) -> None:
        self._persons = self._n_larger = 0

    def add(self, row: TrackedFrame) -> None:
        """Count the next row."""
        self._persons = row.person or self._persons
        self._n_larger += LARGER_FACE in row.note

    def said(self) -> str:
        """The end of a sentence on the video; empty for one person alone."""
        said = ""
        if self._persons > 1:
            times = "once" if self._persons == 2 else f"{self._persons - 1} times"
            said += f"; the face changed to perhaps another person's {times}, see the notes"
        if self._n_larger:
            said += f"; {self._n_larger} frames are noted to show {LARGER_FACE}"
        return said


class Tracking(NamedTuple):
    """A table's rows of frames, by column.

    ``frame_number`` (n,) int, ``face_found`` (n,) bool and the ``problem`` of each frame without a
    face (n texts); ``eyes``: the right and the left eye's centre (n, 2, 2) float64 x, y in px of
    the source image, NaN where no face was found or it was registered elsewhere; ``faces`` (n,)
    float64: how many the frame shows, NaN where they were not counted.
    """

    frame_number: np.ndarray
    face_found: np.ndarray
    problem: tuple[str, ...]
    eyes: np.ndarray
    faces: np.ndarray


def read_tracking(path: str | Path) -> Tracking:
    """Read a tracking table.

    Raises :class:`InputError` with the reason if the table says that the video cannot be used, and
    with file and line for a cell that cannot be.
    """
    rows, unusable = _read_rows(Path(path))
    if unusable:
        raise InputError(unusable.reason)
    found = np.array([flag(*row, "face_found") for row in rows])
    eyes = np.array([[number(*row, column) for column in EYES] for row in rows])
    return Tracking(
        frame_number=np.array([whole_number(*row, "frame_number") for row in rows]),
        face_found=found,
        problem=tuple(row["problem"] for _place, row in rows),
        eyes=np.where(found[:, np.newaxis], eyes, np.nan).reshape(-1, 2, 2),
        faces=np.array([number(*row, "faces", least=0) for row in rows]),
    )


def _read_rows(path: Path) -> tuple[list[tuple[str, dict[str, str]]], UnusableVideo | None]:
    """The table's rows of frames with their places, at least one unless the video cannot be used,
    and whether so."""
    remedy = "write it with register_faces"
    rows = list(written_table(path, COLUMNS, remedy))
    for place, row in rows:
        if row["scope"] not in (FRAME, VIDEO):
            found = f"scope {shown(row['scope'])}, expected {FRAME!r} or {VIDEO!r}"
            raise InputError(f"{place}: {found}; {remedy}")
        if row["scope"] == VIDEO and len(row["problem"].splitlines()) != 1:
            found = f"problem is {shown(row['problem'])}, expected a reason in one line"
            raise InputError(f"{place}: {found}; {remedy}")
    frames = [(place, row) for place, row in rows if row["scope"] == FRAME]
    problems = [row["problem"] for _place, row in rows if row["scope"] == VIDEO]
    if not rows:
        raise InputError(f"{path}: no frame; {remedy}")
    return frames, UnusableVideo(problems[0]) if problems else None


def _cell(value: object) -> object:
    if isinstance(value, bool):
        return int(value)
    return f"{value:.3f}" if isinstance(value, float) else value

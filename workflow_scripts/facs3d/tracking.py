"""Reading the tracking table that registration writes: which frames have a face."""

import csv
from pathlib import Path
from typing import NamedTuple

import numpy as np

from facs3d.errors import InputError

COLUMNS = ("frame_number", "face_found", "problem")


class Tracking(NamedTuple):
    """A row for each frame of the registered video: ``frame_number`` (n,) int, ``face_found`` (n,) bool."""

    frame_number: np.ndarray
    face_found: np.ndarray


def read_tracking(path: str | Path) -> Tracking:
    """Read a tracking table.

    Raises :class:`InputError` with the reason if the table says that the video cannot be used.
    """
    path = Path(path)
    with open(path, encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
        if missing:
            raise InputError(f"{path}, line 1: no column {missing[0]!r}; write it with register_faces")
        rows = list(reader)
    if not rows:
        raise InputError(f"{path}: no frame; write it with register_faces")
    if not rows[0]["frame_number"]:
        raise InputError(rows[0]["problem"])
    return Tracking(
        frame_number=np.array([int(row["frame_number"]) for row in rows]),
        face_found=np.array([row["face_found"] == "1" for row in rows]),
    )

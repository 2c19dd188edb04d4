"""What a network was trained on, which travels with its weights."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import isfinite
from pathlib import Path

import numpy as np

from facs3d.core.csv_text import number, written_table
from facs3d.core.errors import InputError

DISTANCE = "inter_ocular_distance"


@dataclass(frozen=True)
class TrainingData:
    """The ``dataset`` by its name, how many of its ``subjects`` and ``clips``, and how large faces
    are in it: ``eye_distance``, median px between the eyes in the source images, None where that is
    not known.

    Making one raises :class:`InputError` for a value that may not be.
    """

    dataset: str
    subjects: int
    clips: int
    eye_distance: float | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.dataset, str) or not self.dataset.strip():
            raise InputError(f"dataset is {self.dataset!r}, expected a name")
        for name in ("subjects", "clips"):
            count = getattr(self, name)
            if type(count) is not int or count < 1:
                raise InputError(f"{name} is {count!r}, expected a whole number from 1")
        size = self.eye_distance
        if size is not None and not (isinstance(size, float) and isfinite(size) and size > 0):
            raise InputError(f"eye_distance is {size!r}, expected px above 0")

    def __str__(self) -> str:
        size = "not known" if self.eye_distance is None else f"{self.eye_distance:.0f} px"
        return (
            f"{self.subjects} subjects of {self.dataset} ({self.clips} clips; between the eyes in "
            f"its images: {size})"
        )


def median_eye_distance(tables: Iterable[Path]) -> float | None:
    """The median over videos of the median distance in their tracking tables, px; None if none of
    the ``tables`` has one."""
    medians = []
    for path in filter(Path.exists, tables):
        rows = written_table(path, [DISTANCE], "write it with register_faces")
        distances = [number(place, row, DISTANCE) for place, row in rows if row[DISTANCE]]
        medians += [np.median(distances)] if distances else []
    return float(np.median(medians)) if medians else None

"""Where FaceMesh's 468 points lie on the head's mesh."""

from functools import cache
from pathlib import Path

import numpy as np


@cache
def point_vertices() -> np.ndarray:
    """The vertex (468,) nearest to each of FaceMesh's points on the average head."""
    return np.loadtxt(Path(__file__).with_name("face_points.csv"), dtype=int)

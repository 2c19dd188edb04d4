"""Occlusions whose maps a test draws itself."""

from typing import Any

import numpy as np

from facs3d.evaluation.occlusion.maps import Occlusion
from facs3d.evaluation.runs import Run

BASELINE = 0.9
FIRST = Run("facs3d", 1, 1)


def occlusion_with(
    score: np.ndarray,
    edges: np.ndarray,
    patch: int,
    side: int,
    aus: tuple[int, ...],
    n_positive: int | list[int] = 500,
    run: Run = FIRST,
    **more: Any,
) -> Occlusion:
    """``score`` (A, Y, X), :data:`BASELINE` where nothing is lost, at patches of these edges."""
    numbers = np.broadcast_to(n_positive, len(aus))
    return Occlusion(
        run=run, action_units=aus, score=score, baseline=np.full(len(aus), BASELINE),
        n_positive=numbers, n_recognised=np.rint(BASELINE * numbers).astype(int),
        y=edges, x=edges, patch=patch, mean_face=np.zeros((side, side)), **more,
    )  # fmt: skip

"""AUC of frames that come one clip after the other: logits are counted by grade, so that memory
does not grow with the frames."""

import numpy as np
import torch
from torch import Tensor

N_GRADES = 256
GRADES_PER_UNIT = 8
"""A logit counts as its eighth, from -16 to 16; what lies beyond, as the first or the last. A patch
may move all logits by several units: a narrower range would take that for frames told apart worse.
"""


def grades_of(logits: Tensor) -> Tensor:
    """The grade of every logit, uint8, 0 to :data:`N_GRADES` - 1, of the same shape."""
    grades = (GRADES_PER_UNIT * logits + N_GRADES / 2).floor()
    return grades.clamp(0, N_GRADES - 1).to(torch.uint8)


def auc_of_grades(negative: np.ndarray, positive: np.ndarray) -> np.ndarray:
    """AUC of frames counted by grade, (..., :data:`N_GRADES`) without and with the AU: the share of
    pairs in which the positive frame's grade is the higher one, equal ones counting half.

    (...) float64, in [0, 1]; NaN without frames of either kind.
    """
    below = negative.cumsum(axis=-1) - negative / 2
    pairs = negative.sum(axis=-1) * positive.sum(axis=-1, dtype=np.float64)
    ranked = (positive * below).sum(axis=-1)
    return np.divide(ranked, pairs, out=np.full(pairs.shape, np.nan), where=pairs > 0)

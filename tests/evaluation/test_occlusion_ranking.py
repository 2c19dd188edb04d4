"""AUC of frames counted by grade, against scikit-learn."""

import numpy as np
import pytest
import torch
from sklearn.metrics import roc_auc_score

from facs3d.evaluation.occlusion.ranking import N_GRADES, auc_of_grades, grades_of


def test_grades_are_eighths_of_a_logit_and_the_last_hold_the_rest():
    logits = torch.tensor([-16.0, -0.126, -0.125, -0.001, 0.0, 0.124, 0.125, 15.99, 16, 99, -99])
    assert grades_of(logits).tolist() == [0, 126, 127, 127, 128, 128, 129, 255, 255, 255, 0]


def counted(logits: np.ndarray) -> np.ndarray:
    return np.bincount(grades_of(torch.from_numpy(logits)), minlength=N_GRADES)


@pytest.mark.parametrize("apart", [0.0, 0.5, 3.0])
@pytest.mark.parametrize("moved", [0, -4, 7.5])
def test_the_auc_is_nearly_that_of_the_logits_wherever_a_patch_moves_them(apart, moved):
    random = np.random.default_rng(0)
    negative, positive = random.normal(moved, 2, 900), random.normal(moved + apart, 2, 300)
    expected = roc_auc_score(np.repeat([0, 1], [900, 300]), np.concatenate([negative, positive]))
    found = auc_of_grades(counted(negative), counted(positive))
    assert found == pytest.approx(expected, abs=2e-3)


def test_without_either_kind_it_is_undefined_and_no_other_row_is():
    some, none = np.eye(N_GRADES, dtype=np.int32)[[3, 5]], np.zeros(N_GRADES, np.int32)
    negative = np.stack([some[0], none, some[0]])
    positive = np.stack([some[1], some[1], none])
    assert auc_of_grades(negative, positive).tolist() == pytest.approx(
        [1.0, np.nan, np.nan], nan_ok=True
    )

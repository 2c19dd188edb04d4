"""Metrics of AU detection, per fold, subject or video: the paper's F1, ACC, NA, AUC and S (Sec.
IV-A.3), and PR-AUC.

Every metric takes ``label`` (n,) int8 in {1 present, 0 absent, -1 unknown}, ``probability`` (n,)
float in [0, 1] and ``threshold``: a frame is called positive where probability >= threshold.
Frames of unknown label are left out. The value lies in [0, 1] (S in [-1, 1]) and is NaN where the
metric is not defined:

* without any labelled frame, all of them;
* without positives, F1 (it would be 0 whatever the model does right), AUC and PR-AUC;
* without negatives, NA (for the same reason), AUC and PR-AUC.

A new metric is one function with its name in :data:`METRICS`; tables and tests follow it.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd
from sklearn.metrics import average_precision_score, roc_auc_score

from facs3d.core.action_units import UNKNOWN
from facs3d.core.errors import InputError
from facs3d.evaluation.runs import Run
from facs3d.training.predictions import Predictions

Metric = Callable[[np.ndarray, np.ndarray, float], float]

UNITS = {"fold": (), "subject": ("subject",), "video": ("subject", "video")}
"""What a metric can be computed over, and the columns that name such a unit within a fold."""

HELD_OUT, OTHER_DATASET = "held out", "other dataset"
"""``train_status``, whose frames a value is of: subjects held out of the dataset that the network
was trained on, or those of another dataset."""


def f1(label: np.ndarray, probability: np.ndarray, threshold: float) -> float:
    """F1 of the positive class: 2 TP / (2 TP + FP + FN)."""
    true, called = _known_calls(label, probability, threshold)
    return _agreement(true, called)


def negative_agreement(label: np.ndarray, probability: np.ndarray, threshold: float) -> float:
    """NA, the F1 of the negative class: 2 TN / (2 TN + FP + FN)."""
    true, called = _known_calls(label, probability, threshold)
    return _agreement(~true, ~called)


def accuracy(label: np.ndarray, probability: np.ndarray, threshold: float) -> float:
    """ACC, the share of frames called rightly."""
    true, called = _known_calls(label, probability, threshold)
    return float(np.mean(true == called)) if true.size else np.nan


def area_under_roc(label: np.ndarray, probability: np.ndarray, threshold: float) -> float:
    """AUC, the chance that a positive frame is ranked above a negative one; needs no threshold."""
    known = label != UNKNOWN
    true = label[known] == 1
    if not true.any() or true.all():
        return np.nan
    return float(roc_auc_score(true, probability[known]))


def area_under_precision_recall(
    label: np.ndarray, probability: np.ndarray, threshold: float
) -> float:
    """PR-AUC as average precision, the mean precision over the positive frames from the most
    probable down. Chance is the base rate, not 0.5: it shows what AUC hides of rare AUs. Needs no
    threshold; not in the paper.
    """
    known = label != UNKNOWN
    true = label[known] == 1
    if not true.any() or true.all():
        return np.nan
    return float(average_precision_score(true, probability[known]))


def s_score(label: np.ndarray, probability: np.ndarray, threshold: float) -> float:
    """S, free-marginal kappa of the model and the annotator: two raters, two categories (Eq. 6)."""
    true, called = _known_calls(label, probability, threshold)
    positives = true.astype(int) + called
    return free_marginal_kappa(np.column_stack((positives, 2 - positives)))


def free_marginal_kappa(counts: np.ndarray) -> float:
    """Eq. 6: agreement beyond what raters would reach who pick each category equally often.

    ``counts`` (N, k) int: how many of the n annotators put sample i into category j; every row
    sums to the same n >= 2, and k >= 2. NaN without samples. For n = k = 2 this is 2 ACC - 1.
    """
    n_samples, n_categories = counts.shape
    if n_samples == 0:
        return np.nan
    n_annotators = int(counts[0].sum())
    if n_categories < 2 or n_annotators < 2 or (counts.sum(axis=1) != n_annotators).any():
        raise ValueError("expected >= 2 categories and the same >= 2 annotators for every sample")
    agreeing = np.square(counts, dtype=np.float64).sum() - n_samples * n_annotators
    observed = agreeing / (n_samples * n_annotators * (n_annotators - 1))
    by_chance = 1 / n_categories
    return float((observed - by_chance) / (1 - by_chance))


PAPER_METRICS = ("F1", "ACC", "negative_agreement", "AUC", "S")
METRICS: dict[str, Metric] = {
    "F1": f1,
    "ACC": accuracy,
    "negative_agreement": negative_agreement,
    "AUC": area_under_roc,
    "S": s_score,
    "PR-AUC": area_under_precision_recall,
}
"""Name in the tables -> metric: :data:`PAPER_METRICS` in the paper's order, then those it lacks.

The paper's NA is spelt out, for most programs read ``NA`` in a table as a missing value."""


def group_metrics(predictions: Predictions, unit: str, threshold: float) -> pd.DataFrame:
    """Every metric of every AU over each ``unit`` (a key of :data:`UNITS`) of one fold.

    A tidy table: the unit's columns, ``au``, ``metric``, ``value`` (NaN = undefined), ``n_frames``
    (labelled), ``n_positive``; units sorted by name.
    """
    if unit not in UNITS:
        raise InputError(f"no unit {unit!r}; expected one of {', '.join(UNITS)}")
    if not 0 <= threshold <= 1:
        raise InputError(f"threshold is {threshold}, expected 0 to 1")
    rows = []
    for names, frames in _groups(predictions, UNITS[unit]):
        for column, au in enumerate(predictions.action_units):
            label = predictions.label[frames, column]
            probability = predictions.probability[frames, column]
            counts = int((label != UNKNOWN).sum()), int((label == 1).sum())
            for name, metric in METRICS.items():
                value = metric(label, probability, threshold)
                rows.append((*names, au, name, value, *counts))
    columns = [*UNITS[unit], "au", "metric", "value", "n_frames", "n_positive"]
    return pd.DataFrame(rows, columns=columns)


def metrics_of_runs(
    runs: dict[Run, Predictions], unit: str, threshold: float, train_status: str = HELD_OUT
) -> pd.DataFrame:
    """:func:`group_metrics` of every run, with the columns ``model``, ``repeat``, ``fold`` and
    ``train_status`` in front."""
    tables = []
    for run, predictions in runs.items():
        table = group_metrics(predictions, unit, threshold)
        table.insert(0, "model", run.model)
        table.insert(1, "repeat", run.repeat)
        table.insert(2, "fold", run.fold)
        table.insert(3, "train_status", train_status)
        tables.append(table)
    return pd.concat(tables, ignore_index=True)


def pooled_metrics(runs: dict[Run, Predictions], threshold: float) -> pd.DataFrame:
    """Every metric over the frames of all AUs together (micro average; F1 is then F1-micro).

    A tidy table: ``model``, ``repeat``, ``fold``, ``metric``, ``value`` (NaN = undefined).
    """
    rows = [
        (
            *(run.model, run.repeat, run.fold, name),
            metric(predictions.label.ravel(), predictions.probability.ravel(), threshold),
        )
        for run, predictions in runs.items()
        for name, metric in METRICS.items()
    ]
    return pd.DataFrame(rows, columns=["model", "repeat", "fold", "metric", "value"])


def _known_calls(
    label: np.ndarray, probability: np.ndarray, threshold: float
) -> tuple[np.ndarray, np.ndarray]:
    known = label != UNKNOWN
    return label[known] == 1, probability[known] >= threshold


def _agreement(true: np.ndarray, called: np.ndarray) -> float:
    if not true.any():
        return np.nan
    return float(2 * np.sum(true & called) / (true.sum() + called.sum()))


def _groups(
    predictions: Predictions, columns: tuple[str, ...]
) -> list[tuple[tuple[str, ...], np.ndarray]]:
    """Each unit's names and the indices of its frames."""
    if not columns:
        return [((), np.arange(len(predictions.video)))]
    keys = pd.DataFrame({column: getattr(predictions, column) for column in columns})
    groups = keys.groupby(list(columns), sort=True).indices
    return [(name if isinstance(name, tuple) else (name,), rows) for name, rows in groups.items()]

"""Judging a network on people it never saw: calibration, thresholds, and what they are worth.

The held-out people are halved at random. On one half the calibration and the thresholds are fitted;
all that is said of the network is measured on the other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression

from facs3d.core.action_units import ABSENT, PRESENT, UNKNOWN, au_column
from facs3d.core.errors import InputError
from facs3d.core.seeding import generator
from facs3d.evaluation.metrics import area_under_roc, f1
from facs3d.evaluation.resampling import N_DRAWS, draw_subjects
from facs3d.training.judgement import Evidence, Judgement, calibrate, logit
from facs3d.training.predictions import Predictions

LEAST_PRECISION = 0.5
"""Share of the calls that are right which a threshold should reach, if one does."""
THRESHOLDS = (0.05, 0.95)
"""No threshold lies outside."""
UNDECIDED = 0.5
"""The threshold of an AU that is never present where it is chosen, or always."""
NORMAL = 1.959964
"""Within how many standard deviations 95 % of a normal distribution lie."""


class Judged(NamedTuple):
    """The ``judgement``, its ``table`` (see :func:`card_of`), and the predictions that these are
    measured on: as the network says them and ``calibrated``."""

    judgement: Judgement
    table: pd.DataFrame
    predictions: Predictions
    calibrated: Predictions


def judge(
    predictions: Predictions,
    trained_on: str,
    seed: int,
    real: bool = False,
    others: Mapping[str, Predictions] | None = None,
) -> Judged:
    """Judge a network by its ``predictions`` of people it was not trained on; ``trained_on``: what
    those are whom it was trained on, such as "rendered people", and ``real`` whether these are
    recorded ones. ``others``: whom another dataset shows, such as "warps of one portrait" -> its
    predictions of it, which become evidence too; nobody says whether those faces are real, so that
    they count as none.

    Raises :class:`InputError` if there are fewer than two people.
    """
    fitted, measured = halve_subjects(predictions, seed)
    columns = range(len(predictions.action_units))
    platt = [fit_platt(fitted.label[:, i], fitted.probability[:, i]) for i in columns]
    slope, intercept = zip(*platt, strict=True)
    probability = calibrate(fitted.probability, slope, intercept)
    threshold = tuple(choose_threshold(fitted.label[:, i], probability[:, i]) for i in columns)
    n_people = len(np.unique(measured.subject))
    sources = [(f"{n_people} {trained_on} not trained on", real, measured)]
    for shown, elsewhere in (others or {}).items():
        sources.append((f"{len(np.unique(elsewhere.subject))} {shown}", False, elsewhere))
    evidence = tuple(
        evidence_of(*source, predictions.action_units, slope, intercept, threshold)
        for source in sources
    )
    judgement = Judgement(trained_on, slope, intercept, threshold, evidence)
    calibrated = replace(measured, probability=judgement.calibrated(measured.probability))
    return Judged(judgement, card_of(judgement, measured, calibrated, seed), measured, calibrated)


def halve_subjects(predictions: Predictions, seed: int) -> tuple[Predictions, Predictions]:
    """The predictions of one half of the subjects, drawn at random, and of the others; of an odd
    number one more is among the others. :class:`InputError` of fewer than two subjects."""
    subjects = np.unique(predictions.subject)
    if len(subjects) < 2:
        raise InputError(
            f"there are predictions of {len(subjects)} subjects, expected two or more: one half is "
            "calibrated on, the other measured; hold out more"
        )
    drawn = generator(seed, "halves").permutation(subjects)[: len(subjects) // 2]
    first = np.isin(predictions.subject, drawn)
    return _rows(predictions, first), _rows(predictions, ~first)


def fit_platt(label: np.ndarray, probability: np.ndarray) -> tuple[float, float]:
    """Slope and intercept that make the probabilities (n,) those of the labels (n,) int8 in {1, 0,
    -1 = unknown}, by logistic regression of the logits (Platt, 1999).

    As there the targets are a little off 0 and 1, (n₊ + 1) / (n₊ + 2) and 1 / (n₋ + 2), so that
    labels which a threshold separates have a finite slope too. Where the labels or the
    probabilities are all the same, or the slope would not be above 0, nothing can be said: 1 and 0,
    which leave probabilities as they are.
    """
    known = label != UNKNOWN
    true, logits = label[known] == PRESENT, logit(probability[known])
    n_present, n_absent = int(true.sum()), int((~true).sum())
    if not (n_present and n_absent and np.ptp(logits)):
        return 1.0, 0.0
    target = np.where(true, (n_present + 1) / (n_present + 2), 1 / (n_absent + 2))
    model = LogisticRegression(C=np.inf, solver="newton-cholesky", tol=1e-10)
    # A share of each frame is present, the rest absent.
    classes = np.repeat([1, 0], len(target))
    shares = np.concatenate((target, 1 - target))
    model.fit(np.tile(logits, 2)[:, np.newaxis], classes, sample_weight=shares)
    slope, intercept = float(model.coef_[0, 0]), float(model.intercept_[0])
    return (slope, intercept) if slope > 0 else (1.0, 0.0)


def choose_threshold(
    label: np.ndarray,
    probability: np.ndarray,
    least_precision: float = LEAST_PRECISION,
    limits: tuple[float, float] = THRESHOLDS,
) -> float:
    """The threshold within ``limits`` of the highest F1, among those of a precision of
    ``least_precision`` if there are any; of equals the highest.

    ``label`` (n,) int8 in {1, 0, -1 = unknown}, ``probability`` (n,). :data:`UNDECIDED` where the
    labels are all the same.
    """
    known = label != UNKNOWN
    true, probability = label[known] == PRESENT, probability[known]
    if not true.any() or true.all():
        return UNDECIDED
    thresholds = np.unique(np.clip(probability, *limits))[::-1]
    n_called = len(true) - np.searchsorted(np.sort(probability), thresholds)
    n_right = true.sum() - np.searchsorted(np.sort(probability[true]), thresholds)
    agreement = 2 * n_right / (true.sum() + n_called)
    precise = (n_right > 0) & (n_right >= least_precision * n_called)
    if precise.any():
        agreement[~precise] = 0
    return float(thresholds[np.argmax(agreement)])


def evidence_of(
    faces: str,
    real: bool,
    predictions: Predictions,
    action_units: Sequence[int],
    slope: Sequence[float],
    intercept: Sequence[float],
    threshold: Sequence[float],
) -> Evidence:
    """What a network for these AUs is worth by its ``predictions``, as it says them, which are not
    of all of them maybe. False calls are counted at rest: where no AU at all is present."""
    rest = (predictions.label == ABSENT).all(axis=1)
    rows = []
    for column, au in enumerate(action_units):
        if au not in predictions.action_units:
            rows.append((*(np.nan,) * 3, 0, 0))
            continue
        place = predictions.action_units.index(au)
        label, probability = predictions.label[:, place], predictions.probability[:, place]
        calibrated = calibrate(probability, slope[column], intercept[column])
        called = calibrated >= threshold[column]
        shares = _mean(called[label == PRESENT]), _mean(called[rest])
        counts = int((label == PRESENT).sum()), int(rest.sum())
        rows.append((area_under_roc(label, probability, UNDECIDED), *shares, *counts))
    people = len(np.unique(predictions.subject)) if real else 0
    return Evidence(faces, people, *zip(*rows, strict=True))


def card_of(
    judgement: Judgement, measured: Predictions, calibrated: Predictions, seed: int
) -> pd.DataFrame:
    """A row per AU, NaN for what is not defined.

    Columns: ``au`` (name); ``base_rate``, share of frames in which it is present; ``auc``;
    ``neutral_called``, share of the frames in which no AU at all is present that are called, and
    its 95 % interval ``neutral_low`` to ``neutral_high`` (:func:`interval_over_subjects`); ``f1``
    at the threshold; ``brier_before``, ``brier_after`` calibration; ``slope``, ``intercept``,
    ``threshold``. What comes of these and other evidence, the grade, is the judgement's.
    """
    neutral = (measured.label == ABSENT).all(axis=1)
    rows = []
    for column, au in enumerate(measured.action_units):
        label, probability = measured.label[:, column], calibrated.probability[:, column]
        threshold = judgement.threshold[column]
        known, called = label != UNKNOWN, probability >= threshold
        low, high = interval_over_subjects(called[neutral], measured.subject[neutral], seed)
        rows.append(
            {
                "au": au_column(au),
                "base_rate": _mean(label[known] == PRESENT),
                "auc": judgement.evidence[0].auc[column],
                "neutral_called": _mean(called[neutral]),
                "neutral_low": low,
                "neutral_high": high,
                "f1": f1(label, probability, threshold),
                "brier_before": _brier(label, measured.probability[:, column]),
                "brier_after": _brier(label, probability),
                "slope": judgement.slope[column],
                "intercept": judgement.intercept[column],
                "threshold": threshold,
            }
        )
    return pd.DataFrame(rows)


def interval_over_subjects(
    called: np.ndarray, subject: np.ndarray, seed: int
) -> tuple[float, float]:
    """95 % interval of the share of frames (n,) bool that are ``called``, each of a ``subject``.

    The percentiles of :data:`N_DRAWS` draws of as many subjects with replacement. Where every
    frame is alike these would be one point: then Wilson's interval (1927) for as many people as
    there are, who count as one frame each. NaN without a frame.
    """
    names, index = np.unique(subject, return_inverse=True)
    if not len(names):
        return np.nan, np.nan
    n_called, n_frames = np.bincount(index, called), np.bincount(index)
    total = int(n_called.sum())
    if total in (0, len(called)):
        # Of none of n, z² / (n + z²) at most.
        reach = NORMAL**2 / (len(names) + NORMAL**2)
        return (0.0, reach) if total == 0 else (1 - reach, 1.0)
    of_names = draw_subjects([names], N_DRAWS, generator(seed, "at rest"))
    drawn = np.column_stack(list(of_names.values()))[1:]
    shares = drawn @ n_called / (drawn @ n_frames)
    low, high = np.percentile(shares, [2.5, 97.5])
    return float(low), float(high)


def _brier(label: np.ndarray, probability: np.ndarray) -> float:
    known = label != UNKNOWN
    return _mean(np.square(probability[known] - label[known]))


def _mean(values: np.ndarray) -> float:
    return float(np.mean(values)) if len(values) else np.nan


def _rows(predictions: Predictions, rows: np.ndarray) -> Predictions:
    names = ("video", "subject", "frame_number", "probability", "label")
    return replace(predictions, **{name: getattr(predictions, name)[rows] for name in names})

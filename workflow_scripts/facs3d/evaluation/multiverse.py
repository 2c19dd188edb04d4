"""One training of a multiverse, evaluated in several ways: what the reference is ahead of the
baseline.

A score is taken for every AU, as a mean over folds (the paper's), over the frames of all folds
pooled, or as a mean over subjects; a difference is the mean over AUs of reference minus baseline.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from facs3d.core.errors import InputError
from facs3d.core.seeding import generator
from facs3d.core.settings import in_words
from facs3d.evaluation.resampling import (
    N_DRAWS,
    SCORES,
    Score,
    SubjectCounts,
    count_by_subject,
    draw_subjects,
    ratio,
)
from facs3d.evaluation.runs import Run, models_of
from facs3d.evaluation.significance import CONFIDENCE, STARRED, paired_ttest
from facs3d.evaluation.thresholds import at_thresholds
from facs3d.planning.multiverse import EVALUATED
from facs3d.training.predictions import Predictions

METRICS = ("AUC", "F1")
TAIL = 50 * (1 - CONFIDENCE)
"""Percent of draws beyond either end of the interval."""
BETTER, WORSE, SURELY = "better", "worse", "significantly "
RESULTS = (
    *("metric", "reference", "baseline", "difference", "low", "high", "n", "p", "verdict"),
    *("aus", "aus_better", "aus_significantly_better", "aus_significantly_worse"),
)

Runs = Mapping[Run, Predictions]


def evaluate_in_ways(
    runs: Runs, reference: str, ways: list[Mapping[str, Any]], seed: int
) -> pd.DataFrame:
    """A row for each way and metric: the choices :data:`~facs3d.planning.multiverse.EVALUATED` (in
    words), then :data:`RESULTS`; scores lie in [0, 1].

    ``runs``: held-out predictions of two models in one split. ``reference``, ``baseline``: the
    models' scores; ``low``, ``high``: 95 % percentile interval of the difference by bootstrap over
    subjects, the same draws for both models and in all ways; NaN with one subject. ``n``, ``p``:
    paired t-test over units of the mean difference over the AUs that have a score in the unit;
    ``verdict``: the difference's sign, with "significantly " before it if that test says so with
    p < .05; empty if there is none. ``aus_…``: of ``aus`` with a score how many are better on
    average over the units, and how many so by their own t-test.
    """
    models = models_of(runs)
    if len(models) != 2 or reference not in models:
        raise InputError(f"expected predictions of {reference} and one other model, found {models}")
    (baseline,) = (model for model in models if model != reference)
    subjects = sorted({name for run in runs.values() for name in run.subject.tolist()})
    drawn = draw_subjects([subjects], N_DRAWS, generator(seed, "multiverse"))
    rows = []
    # What is counted depends on the thresholds alone.
    by_thresholds: dict[str, dict[str, _Counted]] = {}
    for way in ways:
        threshold, thresholds, pairs, average = (way[name] for name in EVALUATED)
        counted = by_thresholds.setdefault(f"{threshold} {thresholds}", {})
        missing = {"subject", "subject" if pairs == "fold" else pairs} - set(counted)
        judged = at_thresholds(runs, thresholds, threshold) if missing else {}
        counted |= {unit: _Counted(judged, unit, threshold) for unit in missing}
        for metric in METRICS:
            score = SCORES[metric]
            one, two = (
                counted["subject"].averages(model, score, drawn, average)
                for model in (reference, baseline)
            )
            values = _mean_and_interval(one, two)
            tests = _tests(counted, reference, baseline, score, pairs)
            tested = tests.pop("mean_difference"), tests["p"]
            row = {name: in_words(way[name]) for name in EVALUATED}
            row |= {"metric": metric, "verdict": _verdict(values["difference"], *tested)}
            rows.append({**row, **values, **tests})
    return pd.DataFrame(rows)[[*EVALUATED, *RESULTS]]


class _Counted:
    """Frames of each model and AU, counted by unit (``subject`` or ``video``): S units in F
    folds."""

    def __init__(self, runs: Runs, unit: str, threshold: float):
        self.counts: dict[str, list[SubjectCounts]] = {}
        for model in models_of(runs):
            folds = {run.fold: runs[run] for run in runs if run.model == model}
            names = np.concatenate([getattr(each, unit) for each in folds.values()])
            label = np.concatenate([each.label for each in folds.values()])
            probability = np.concatenate([each.probability for each in folds.values()])
            self.counts[model] = [
                count_by_subject(of_au, probability[:, column], names, threshold)
                for column, of_au in enumerate(label.T)
            ]
            self.names = np.unique(names)
            self.folds = np.array([np.isin(self.names, getattr(f, unit)) for f in folds.values()])

    def averages(
        self, model: str, score: Score, drawn: Mapping[str, np.ndarray], average: str
    ) -> np.ndarray:
        """The score of each AU in each draw, (A, draws)."""
        how_often = np.column_stack([drawn[name] for name in self.names])
        if average == "pooled":
            return np.array([score(counts, how_often) for counts in self.counts[model]])
        if average == "folds":
            return np.array(
                [
                    _mean(np.array([score(counts, how_often * fold) for fold in self.folds]))
                    for counts in self.counts[model]
                ]
            )
        of_subjects = self.by_unit(model, score, "subject")
        defined = np.isfinite(of_subjects)
        return ratio(np.where(defined, of_subjects, 0) @ how_often.T, defined @ how_often.T)

    def by_unit(self, model: str, score: Score, unit: str) -> np.ndarray:
        """The score of each AU in each fold, or in each unit that was counted, (A, units)."""
        alone = self.folds.astype(int) if unit == "fold" else np.eye(len(self.names), dtype=int)
        return np.array([score(counts, alone) for counts in self.counts[model]])


def _mean_and_interval(one: np.ndarray, two: np.ndarray) -> dict[str, float]:
    """Of two models' scores (A, draws), the first draw of which is everybody once."""
    difference = _mean(one - two)
    low = high = np.nan
    if np.isfinite(difference[1:]).any() and np.ptp(difference[np.isfinite(difference)]):
        low, high = np.nanpercentile(difference[1:], [TAIL, 100 - TAIL])
    return {
        "reference": float(_mean(one)[0]),
        "baseline": float(_mean(two)[0]),
        "difference": float(difference[0]),
        "low": low,
        "high": high,
    }


def _tests(
    counted: Mapping[str, _Counted], reference: str, baseline: str, score: Score, pairs: str
) -> dict[str, Any]:
    units = counted["subject" if pairs == "fold" else pairs]
    differences = units.by_unit(reference, score, pairs) - units.by_unit(baseline, score, pairs)
    of_mean = _mean(differences)
    test = paired_ttest(of_mean[np.isfinite(of_mean)])
    of_aus = [paired_ttest(row[np.isfinite(row)]) for row in differences]
    sure = [au for au in of_aus if au["p"] < STARRED]
    return {
        **{name: test[name] for name in ("n", "p", "mean_difference")},
        "aus": sum(au["n"] > 0 for au in of_aus),
        "aus_better": sum(au["mean_difference"] > 0 for au in of_aus),
        "aus_significantly_better": sum(au["mean_difference"] > 0 for au in sure),
        "aus_significantly_worse": sum(au["mean_difference"] < 0 for au in sure),
    }


def _verdict(difference: float, tested: float, p: float) -> str:
    """``tested``: the mean over the test's pairs, whose sign may be another's."""
    if np.isnan(difference) or difference == 0:
        return ""
    sure = p < STARRED and difference * tested > 0
    return SURELY * sure + (BETTER if difference > 0 else WORSE)


def _mean(values: np.ndarray) -> np.ndarray:
    """Mean over the first axis of what is defined there; NaN where nothing is."""
    defined = np.isfinite(values)
    return ratio(np.where(defined, values, 0).sum(axis=0), defined.sum(axis=0))

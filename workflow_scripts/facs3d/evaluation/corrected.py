"""Tests over repeats of the folds, in which other trainings are drawn too (Table II-R).

A paired t-test over the subjects of one training per fold takes that training's luck for the
model's merit; one over folds takes runs for independent whose training subjects are largely the
same. C. Nadeau & Y. Bengio (*Inference for the generalization error*, Machine Learning 52, 2003)
correct the latter.
"""

from collections.abc import Iterable, Mapping
from functools import partial

import numpy as np
import pandas as pd
from scipy.stats import t as student

from facs3d.core.errors import InputError
from facs3d.evaluation.metrics import UNITS
from facs3d.evaluation.significance import (
    CONFIDENCE,
    SMALLEST_SPREAD,
    STARRED,
    compare_models,
    compare_pairs,
    paired_ttest,
    stars,
)
from facs3d.evaluation.splits import average_over_seeds
from facs3d.evaluation.tables import AVERAGE

CELL = ["baseline", "au", "metric"]
COLUMNS = (
    *(*CELL, "n", "mean_difference", "ci_low", "ci_high", "t", "df", "p", "p_holm", "stars"),
    *("starred_in", "starred_worse", "repeats", "subjects_n", "subjects_mean_difference"),
    *("subjects_ci_low", "subjects_ci_high", "subjects_p", "subjects_p_holm"),
)


def corrected_ttest(differences: np.ndarray, ratio: float) -> dict[str, float]:
    """Two-sided corrected resampled t-test of the differences of n runs, (n,) float without NaN.

    As a t-test with n - 1 degrees of freedom, but the variance of the mean is s² (1 / n + ratio),
    not s² / n. ``ratio``: n_test / n_train, see :func:`held_out_per_trained`. Returns ``n``,
    ``mean_difference``, ``t``, ``df``, ``p`` and the 95 % confidence interval ``ci_low``,
    ``ci_high``; from ``t`` on NaN with fewer than two runs or where all differences are equal.
    """
    n = len(differences)
    result = {"n": n, "mean_difference": float(np.mean(differences)) if n else np.nan}
    if n < 2 or np.ptp(differences) < SMALLEST_SPREAD:
        return result | dict.fromkeys(("t", "df", "p", "ci_low", "ci_high"), np.nan)
    mean, df = result["mean_difference"], n - 1
    error = float(np.std(differences, ddof=1)) * np.sqrt(1 / n + ratio)
    half = error * float(student.ppf((1 + CONFIDENCE) / 2, df))
    return result | {
        "t": mean / error,
        "df": df,
        "p": float(2 * student.sf(abs(mean) / error, df)),
        "ci_low": mean - half,
        "ci_high": mean + half,
    }


def held_out_per_trained(splits: Iterable[Mapping[str, int]]) -> float:
    """Subjects tested on for each one trained on, the mean over all folds of all splits (subject ->
    fold). :class:`InputError` for a split of one fold."""
    shares = []
    for split in splits:
        sizes = np.unique(list(split.values()), return_counts=True)[1]
        if len(sizes) < 2:
            raise InputError(f"{len(sizes)} fold in a split, expected two or more")
        shares += [size / (len(split) - size) for size in sizes]
    return float(np.mean(shares))


def compare_repeats(
    metrics: Mapping[str, pd.DataFrame], pairs: str, reference: str, ratio: float
) -> pd.DataFrame:
    """Test ``reference`` against every other model over all repeats: the columns :data:`COLUMNS`.

    ``metrics``: :func:`facs3d.evaluation.metrics.metrics_of_runs` over folds, subjects and what the
    paper's own test pairs (``pairs``), by unit. A row for each baseline, AU and metric, and for
    ``Ave``, the mean over the AUs that a fold, subject or pair defines; ``au`` is text.

    * From ``n`` to ``stars``: :func:`corrected_ttest` over the folds of all splits in which the
      metric is defined; repeats that share a split are averaged first
      (:func:`facs3d.evaluation.splits.average_over_seeds`), for they test on the same people.
      ``p_holm`` is adjusted over the AUs of a baseline and metric, apart from ``Ave``, and stars
      follow it.
    * ``starred_in``: in how many of the ``repeats`` the paper's own test has p < .05;
      ``starred_worse``: in how many of these the reference is worse.
    * ``subjects_…``: paired t-test over subjects of each one's mean over the repeats.
    """
    with_average = {unit: _with_average(table, unit) for unit, table in metrics.items()}
    by_fold, by_subject = with_average["fold"], with_average["subject"]
    tests = compare_pairs(
        average_over_seeds(by_fold, by_subject),
        ["split", "fold"],
        reference,
        partial(corrected_ttest, ratio=ratio),
    )
    tests["stars"] = tests["p_holm"].map(stars)
    repeats = by_fold["repeat"].unique()
    of_repeats = [
        compare_models(with_average[pairs], pairs, reference, repeat).set_index(CELL)
        for repeat in repeats
    ]
    starred = [tests_of["p"] < STARRED for tests_of in of_repeats]
    worse = [
        star & (tests_of["mean_difference"] < 0)
        for star, tests_of in zip(starred, of_repeats, strict=True)
    ]
    over_repeats = by_subject.groupby(["model", "subject", "au", "metric"], sort=False)["value"]
    subjects = compare_pairs(
        over_repeats.mean().reset_index(), ["subject"], reference, paired_ttest
    ).set_index(CELL)
    tests = (
        tests.set_index(CELL)
        .assign(starred_in=sum(starred), starred_worse=sum(worse), repeats=len(repeats))
        .join(subjects.add_prefix("subjects_"))
        .reset_index()
    )
    tests["au"] = tests["au"].astype(str)
    return tests[list(COLUMNS)]


def _with_average(metrics: pd.DataFrame, unit: str) -> pd.DataFrame:
    keys = ["model", "repeat", "fold", *UNITS[unit], "metric"]
    average = metrics.groupby(keys, sort=False)["value"].mean().reset_index().assign(au=AVERAGE)
    return pd.concat([metrics[[*keys, "au", "value"]], average], ignore_index=True)

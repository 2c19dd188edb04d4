"""Tests over repeats of the folds, in which other trainings are drawn too (Table II-R).

A paired t-test over the subjects of one training per fold takes that training's luck for the
model's merit; one over folds takes runs for independent whose training subjects are largely the
same. C. Nadeau & Y. Bengio (*Inference for the generalization error*, Machine Learning 52, 2003)
correct the latter.
"""

from collections.abc import Iterable, Mapping

import numpy as np
from scipy import stats

from facs3d.core.errors import InputError
from facs3d.evaluation.significance import CONFIDENCE, SMALLEST_SPREAD


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
    half = error * float(stats.t.ppf((1 + CONFIDENCE) / 2, df))
    return result | {
        "t": mean / error,
        "df": df,
        "p": float(2 * stats.t.sf(abs(mean) / error, df)),
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

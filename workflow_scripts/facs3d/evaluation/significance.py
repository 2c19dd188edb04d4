"""Paired t-tests of a reference model against each baseline, per AU and metric (Table II)."""

from collections.abc import Callable, Iterable

import numpy as np
import pandas as pd
from scipy import stats

from facs3d.core.errors import InputError
from facs3d.evaluation.metrics import UNITS
from facs3d.evaluation.tables import AVERAGE, UNDEFINED

NOT_SIGNIFICANT = "n.s."
COLUMNS = (
    *("baseline", "au", "metric", "n", "mean_difference", "t", "df", "p", "p_holm"),
    *("ci_low", "ci_high", "stars", "d_z"),
)
LEVELS = ((0.001, "***"), (0.01, "**"), (0.05, "*"))
STARRED = LEVELS[-1][0]
"""p below it is a star."""
CONFIDENCE = 0.95
SMALLEST_SPREAD = 1e-9
"""Differences that spread less than this are round-off of equal ones: no variance to test with."""


def paired_ttest(differences: np.ndarray) -> dict[str, float]:
    """Two-sided paired t-test from the differences of the pairs, (n,) float without NaN.

    Returns ``n``, ``mean_difference``, ``t``, ``df``, ``p``, the 95 % confidence interval of the
    mean difference ``ci_low``, ``ci_high``, and Cohen's ``d_z`` (mean / standard deviation of the
    differences). With fewer than two pairs, or where all differences are equal, the test is
    undefined: everything from ``t`` on is NaN.
    """
    n = len(differences)
    result = {"n": n, "mean_difference": float(np.mean(differences)) if n else np.nan}
    if n < 2 or np.ptp(differences) < SMALLEST_SPREAD:
        return result | dict.fromkeys(("t", "df", "p", "ci_low", "ci_high", "d_z"), np.nan)
    test = stats.ttest_rel(differences, np.zeros(n))
    interval = test.confidence_interval(CONFIDENCE)
    return result | {
        "t": float(test.statistic),
        "df": float(test.df),
        "p": float(test.pvalue),
        "ci_low": float(interval.low),
        "ci_high": float(interval.high),
        "d_z": float(test.statistic / np.sqrt(n)),
    }


def holm(p_values: Iterable[float]) -> np.ndarray:
    """Holm's step-down adjusted p-values, (m,) float in the given order.

    NaN (no test was made) stays NaN and does not count among the tests.
    """
    p = np.array(list(p_values), dtype=np.float64)
    adjusted = np.full(p.shape, np.nan)
    tested = np.flatnonzero(~np.isnan(p))
    ascending = tested[np.argsort(p[tested], kind="stable")]
    still_tested = np.arange(len(ascending), 0, -1)
    adjusted[ascending] = np.maximum.accumulate(np.minimum(p[ascending] * still_tested, 1.0))
    return adjusted


def stars(p: float) -> str:
    """``*`` p < .05, ``**`` p < .01, ``***`` p < .001, else ``n.s.``; NaN is ``undefined``."""
    if np.isnan(p):
        return UNDEFINED
    return next((mark for level, mark in LEVELS if p < level), NOT_SIGNIFICANT)


def compare_models(
    metrics: pd.DataFrame, unit: str, reference: str, repeat: int = 1
) -> pd.DataFrame:
    """Test ``reference`` against every other model of ``metrics`` in one repeat, paired over
    ``unit``: the first repeat gives the paper's Table II.

    ``metrics``: the tidy table of :func:`facs3d.evaluation.metrics.metrics_of_runs` for that unit.
    A pair is one unit under both models; it is dropped where the metric is undefined, so ``n`` may
    differ between AUs. Returns a row for each baseline, AU and metric with the columns
    ``baseline``, ``au``, ``metric``, those of :func:`paired_ttest` (difference = reference -
    baseline), and ``p_holm``, adjusted over the AUs of a baseline and metric; ``stars`` follow the
    unadjusted p, as the paper's do.
    """
    keys = ["fold", *UNITS[unit]]
    missing = [name for name in ("model", "repeat", *keys) if name not in metrics.columns]
    if missing:
        raise InputError(f"metrics have no column {missing[0]!r}; pairs of {unit}s need it")
    table = compare_pairs(metrics[metrics["repeat"] == repeat], keys, reference, paired_ttest)
    table["stars"] = table["p"].map(stars)
    return table[list(COLUMNS)]


def compare_pairs(
    metrics: pd.DataFrame,
    keys: list[str],
    reference: str,
    test: Callable[[np.ndarray], dict[str, float]],
) -> pd.DataFrame:
    """``test`` of the differences ``reference`` - baseline, for each baseline, AU and metric.

    A pair has one value of the columns ``keys`` under both models; it is dropped where the metric
    is undefined. Returns ``baseline``, ``au``, ``metric``, what the test says, and its ``p``
    adjusted over the AUs of a baseline and metric, apart from the row ``Ave``: ``p_holm``.
    """
    models = metrics["model"].unique().tolist()
    if reference not in models or len(models) < 2:
        raise InputError(f"cannot compare {reference!r} with others: the models are {models}")
    if metrics.duplicated(["model", "au", "metric", *keys]).any():
        raise InputError(
            f"metrics hold a {keys[-1]} twice; give the table of one value a {keys[-1]}"
        )
    values = metrics.pivot(index=[*keys, "au", "metric"], columns="model", values="value")
    rows = []
    for baseline in (model for model in models if model != reference):
        differences = values[reference] - values[baseline]
        of_cell = dict(list(differences.groupby(level=["au", "metric"], sort=False)))
        for au in metrics["au"].unique():
            for metric in metrics["metric"].unique():
                row = {"baseline": baseline, "au": au, "metric": metric}
                rows.append(row | test(of_cell[au, metric].dropna().to_numpy()))
    table = pd.DataFrame(rows)
    families = ["baseline", "metric", table["au"] == AVERAGE]
    table["p_holm"] = table.groupby(families)["p"].transform(holm)
    return table

"""Metrics of two models small enough to be summed up by hand."""

import numpy as np
import pandas as pd


def small_metrics() -> pd.DataFrame:
    """F1 of two models, two AUs, two folds; AU 2 is undefined in fold 2."""
    values = {("a", 1, 1): 0.2, ("a", 2, 1): 0.4, ("a", 1, 2): 0.5, ("a", 2, 2): np.nan}
    values |= {("b", 1, 1): 0.6, ("b", 2, 1): 0.2, ("b", 1, 2): 0.7, ("b", 2, 2): np.nan}
    counts = {(1, 1): (10, 100), (2, 1): (30, 300), (1, 2): (8, 100), (2, 2): (0, 300)}
    return pd.DataFrame(
        [
            {"model": m, "repeat": 1, "fold": f, "au": au, "metric": "F1", "value": value}
            | {"n_positive": counts[f, au][0], "n_frames": counts[f, au][1]}
            for (m, f, au), value in values.items()
        ]
    )


def small_pooled() -> pd.DataFrame:
    """F1 over all AUs together, to go with :func:`small_metrics`."""
    values = {("a", 1): 0.1, ("a", 2): 0.3, ("b", 1): 0.6, ("b", 2): 0.6}
    return pd.DataFrame(
        [
            {"model": m, "repeat": 1, "fold": f, "metric": "F1", "value": v}
            for (m, f), v in values.items()
        ]
    )

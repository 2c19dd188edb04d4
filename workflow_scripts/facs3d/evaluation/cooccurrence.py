"""Co-occurrence of AUs (Sec. IV-C, Fig. 5): the Jaccard index of every pair."""

from itertools import combinations_with_replacement

import numpy as np
import pandas as pd

from facs3d.core.action_units import ABSENT, PRESENT, au_column


def cooccurrence(labels: np.ndarray, action_units: tuple[int, ...]) -> pd.DataFrame:
    """Jaccard index of every pair of AUs over the frames in which both are labelled.

    ``labels`` (…, A) int8 in {1, 0, -1 unknown}. Columns: ``au_a``, ``au_b`` (names; each pair
    once, an AU with itself included), ``jaccard`` in [0, 1] = ``n_both`` / ``n_either``, NaN
    where neither AU occurs; ``n_both``, ``n_either``, ``n_frames``: frames with both AUs present,
    with at least one, and labelled for both.
    """
    frames = labels.reshape(-1, len(action_units))
    rows = []
    for one, other in combinations_with_replacement(range(len(action_units)), 2):
        pair = frames[:, [one, other]]
        pair = pair[np.isin(pair, (PRESENT, ABSENT)).all(axis=1)] == PRESENT
        n_both, n_either = int(pair.all(axis=1).sum()), int(pair.any(axis=1).sum())
        jaccard = n_both / n_either if n_either else np.nan
        names = au_column(action_units[one]), au_column(action_units[other])
        rows.append((*names, jaccard, n_both, n_either, len(pair)))
    columns = ["au_a", "au_b", "jaccard", "n_both", "n_either", "n_frames"]
    return pd.DataFrame(rows, columns=columns)


def jaccard_matrix(pairs: pd.DataFrame) -> pd.DataFrame:
    """The Jaccard index as a symmetric (A, A) table indexed by AU name, NaN = undefined."""
    names = pairs["au_a"].unique()
    upper = pairs.pivot(index="au_a", columns="au_b", values="jaccard").loc[names, names]
    return upper.where(upper.notna(), upper.T)


def most_alike_first(pairs: pd.DataFrame) -> pd.DataFrame:
    """The pairs of two different AUs, by falling Jaccard index."""
    different = pairs[pairs["au_a"] != pairs["au_b"]]
    return different.sort_values("jaccard", ascending=False, kind="stable", ignore_index=True)

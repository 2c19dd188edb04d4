"""All specifications of a multiverse together: how often a claim holds, and what decides it.

After Simonsohn, Simmons & Nelson, *Specification curve analysis*, Nature Human Behaviour 2020.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from facs3d.core.errors import InputError
from facs3d.core.settings import in_words
from facs3d.evaluation.multiverse import BETTER, METRICS, RESULTS, SURELY, WORSE
from facs3d.evaluation.tables import read_table

Choices = Mapping[str, Sequence[str]]
"""Name -> values in words, the config's own first."""

ALL, TOGETHER = "(all)", "(together)"
"""Rows of the table of choices that are no choice: all specifications, and what the choices explain
only in company."""
MOST_AUS = 10 / 12
"""Of how many AUs the paper says that FACS3D-Net has the best F1, and significantly against the 2D
CNN (Sec. IV-B)."""
CLAIMS = {
    "better": "better on average",
    "interval_above_0": "95 % interval above 0",
    "significantly_better": "significantly better (p < .05)",
    "significantly_worse": "significantly worse",
    "most_aus_better": "better in 10 of 12 AUs",
    "most_aus_significantly_better": "significantly better in 10 of 12 AUs",
}
"""Column of the table of choices -> the claim whose share it is."""
CHOICE_COLUMNS = (
    *("metric", "choice", "value", "specifications", "median_difference", *CLAIMS),
    "variance_explained",
)


def read_choices(text: str) -> Choices:
    """The choices of a JSON object, name -> values."""
    return {name: list(map(in_words, values)) for name, values in json.loads(text).items()}


def read_specifications(path: str | Path, choices: Choices) -> pd.DataFrame:
    """A table of specifications back from its file."""
    return read_table(path, text=[*choices, "training", "verdict"])


def number_specifications(tables: Sequence[pd.DataFrame], choices: Choices) -> pd.DataFrame:
    """One table of all trainings': a row for each specification and metric, in the order of the
    choices' values, numbered in ``specification``; 1 is the config's own if it is there.

    ``tables``: of :func:`facs3d.evaluation.multiverse.evaluate_in_ways`, with the choices that
    need training as columns of words; ``training`` names each. :class:`InputError` for a table
    without a choice, or with a value that the choice does not have.
    """
    table = pd.concat(tables, ignore_index=True)
    places = []
    for name, values in choices.items():
        if name not in table.columns or not set(table[name]) <= set(values):
            raise InputError(f"specifications: expected {name} to be one of {list(values)}")
        places.append(table[name].map({value: place for place, value in enumerate(values)}))
    places.append(table["metric"].map({metric: place for place, metric in enumerate(METRICS)}))
    order = np.lexsort([column.to_numpy() for column in reversed(places)])
    table = table.iloc[order][[*choices, "training", *RESULTS]].reset_index(drop=True)
    table.insert(0, "specification", table.groupby("metric").cumcount() + 1)
    return table


def is_own(table: pd.DataFrame, choices: Choices) -> pd.Series:
    """Which rows are the config's own specification."""
    return (table[list(choices)] == [values[0] for values in choices.values()]).all(axis=1)


def table_of_choices(table: pd.DataFrame, choices: Choices) -> pd.DataFrame:
    """For each metric a row :data:`ALL`, one for each value of each choice, and one
    :data:`TOGETHER`, with the columns :data:`CHOICE_COLUMNS`.

    ``specifications`` with that value, the median of their differences and the share of them in
    which each of :data:`CLAIMS` holds; ``variance_explained``, in a choice's first row, by
    :func:`variance_explained`. Specifications without a difference have no part in it.
    """
    rows = []
    for metric, of_metric in table[table["difference"].notna()].groupby("metric", sort=False):
        explained = variance_explained(of_metric["difference"].to_numpy(), of_metric[list(choices)])
        rows.append({"metric": metric, "choice": ALL, "value": "", **_shares(of_metric)})
        for name, values in choices.items():
            for place, value in enumerate(values):
                row = {"metric": metric, "choice": name, "value": value}
                row |= _shares(of_metric[of_metric[name] == value])
                rows.append(row | ({} if place else {"variance_explained": explained[name]}))
        row = {"metric": metric, "choice": TOGETHER, "value": "", "specifications": 0}
        rows.append(row | {"variance_explained": explained[TOGETHER]})
    return pd.DataFrame(rows, columns=list(CHOICE_COLUMNS))


def variance_explained(difference: np.ndarray, chosen: pd.DataFrame) -> dict[str, float]:
    """The share of the variance of ``difference`` (n,) that each choice explains (eta squared), and
    :data:`TOGETHER`, what none does alone: interactions.

    Of a choice, a column of ``chosen`` (n rows): by how much the residual sum of squares grows if
    it is left out of the linear model of all choices' main effects. On a full grid that is the
    analysis of variance's. All NaN where the differences are equal.
    """
    total = float(np.sum((difference - difference.mean()) ** 2))
    names = list(chosen.columns)
    if not total > 0:
        return dict.fromkeys([*names, TOGETHER], np.nan)
    effects = {name: pd.get_dummies(chosen[name]).to_numpy(float) for name in names}

    def residual(without: str | None) -> float:
        kept = [effects[name] for name in names if name != without]
        model = np.hstack([np.ones((len(difference), 1)), *kept])
        fitted = model @ np.linalg.lstsq(model, difference, rcond=None)[0]
        return float(np.sum((difference - fitted) ** 2))

    rest = residual(None)
    shares = {name: max(residual(name) - rest, 0.0) / total for name in names}
    return {**shares, TOGETHER: rest / total}


def _shares(part: pd.DataFrame) -> dict[str, float]:
    if part.empty:
        return {"specifications": 0}
    most = MOST_AUS * part["aus"] - 1e-9
    holds = {
        "better": part["difference"] > 0,
        "interval_above_0": part["low"] > 0,
        "significantly_better": part["verdict"] == SURELY + BETTER,
        "significantly_worse": part["verdict"] == SURELY + WORSE,
        "most_aus_better": part["aus_better"] >= most,
        "most_aus_significantly_better": part["aus_significantly_better"] >= most,
    }
    shares = {name: float(where.mean()) for name, where in holds.items()}
    return {
        "specifications": len(part),
        "median_difference": float(part["difference"].median()),
        **shares,
    }

"""The specifications of a multiverse as people read them."""

import pandas as pd

from facs3d.evaluation.specifications import CLAIMS, TOGETHER, Choices, is_own
from facs3d.report.grid import Cell, Grid, rounded
from facs3d.report.model_names import full_name, metric_name

HOW_TO_READ = (
    "A specification is one value of every choice; the first value of a choice is the config's "
    "own. Shares are of the specifications with that value. Differences are in percentage points, "
    "the mean over AUs.",
    "Variance explained: the share of the differences' variance over specifications that the "
    f"choice alone accounts for; {TOGETHER} is what only combinations of choices do, noise "
    "included.",
    "The specifications share their dataset, and mostly their subjects: a share is no probability, "
    "and many alike are not many pieces of evidence.",
)


def choice_grids(of_choices: pd.DataFrame, reference: str, baseline: str) -> dict[str, Grid]:
    r"""Label (of LaTeX's ``\ref``) -> grid, one for each metric.

    ``of_choices``: of :func:`facs3d.evaluation.specifications.table_of_choices`.
    """
    heads = ("specifications", "median difference", *CLAIMS.values(), "variance explained")
    grids = {}
    for metric, part in of_choices.groupby("metric", sort=False):
        rows, before = [], ""
        for _, row in part.iterrows():
            name = "" if row["choice"] == before else row["choice"]
            before = row["choice"]
            shares = [_percent(row[claim]) for claim in CLAIMS]
            count = str(row["specifications"]) if row["specifications"] else ""
            median = _points(row["median_difference"])
            texts = (name, row["value"], count, median, *shares)
            rows.append(tuple(map(Cell, (*texts, _percent(row["variance_explained"])))))
        grids[f"tab:multiverse-{metric}"] = Grid(
            f"{full_name(reference)} minus {full_name(baseline)} in {metric_name(metric)}: "
            "where it holds",
            (("", ("choice", "value", *heads)),),
            tuple(rows),
        )
    return grids


def specification_grids(
    table: pd.DataFrame, choices: Choices, reference: str, baseline: str
) -> list[Grid]:
    """One grid for each metric: every specification, the largest difference first."""
    own = is_own(table, choices)
    grids = []
    for metric, part in table.groupby("metric", sort=False):
        rows = []
        for place, row in part.sort_values("difference", ascending=False, kind="stable").iterrows():
            low, high = _points(row["low"]), _points(row["high"])
            counts = (f"{row[f'aus_{name}']} of {row['aus']}" for name in _COUNTS)
            texts = (
                str(row["specification"]) + (" (own)" if own[place] else ""),
                *(row[name] for name in choices),
                *(_percent(row["reference"], 2), _percent(row["baseline"], 2)),
                *(_points(row["difference"]), f"{low} to {high}" if low else ""),
                *(rounded(row["p"], 4), "" if pd.isna(row["verdict"]) else row["verdict"]),
                *counts,
            )
            rows.append(tuple(Cell(text, best=own[place]) for text in texts))
        models = (full_name(reference), full_name(baseline))
        heads = (*models, "difference", "95 % interval", "p", "verdict", *_COUNTS.values())
        grids.append(
            Grid(
                f"{metric_name(metric)} (%) of every specification",
                (("", ("specification", *choices, *heads)),),
                tuple(rows),
            )
        )
    return grids


_COUNTS = {"better": "AUs better", "significantly_better": "AUs significantly better"}


def _points(share: float) -> str:
    return rounded(100 * share, 2)


def _percent(share: float, digits: int = 0) -> str:
    return rounded(100 * share, digits)

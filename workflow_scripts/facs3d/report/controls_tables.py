"""The controls as people read them."""

import pandas as pd

from facs3d.evaluation.controls import METRIC, MODELS, UNTOLD
from facs3d.report.grid import Cell, Grid, minus, rounded
from facs3d.report.model_names import full_name

SCALES = {"dynamics": 100, "statics": 100}
"""Differences in AUC are shown in points."""
IN_WORDS = {"yes": "came out", "no": "did not come out", "": "(nothing expected)"} | {
    UNTOLD: UNTOLD
}


def controls_notes() -> list[str]:
    """What the page is about."""
    one, other = map(full_name, MODELS)
    return [
        "Rendered people of whom is known what must come out. What does not is a finding about "
        "data or pipeline, not a threshold to be moved.",
        f"Differences of {one} and {other} in {METRIC} are in percentage points, with 95 % "
        "intervals and p of the corrected resampled t-test (Table II-R).",
    ]


def controls_grids(table: pd.DataFrame, doses: pd.DataFrame) -> list[Grid]:
    """What came out, and the response to each dose of mimicry."""
    rows = [
        (
            Cell(row["control"]),
            Cell(row["statistic"]),
            *_numbers(row, SCALES.get(row["control"], 1)),
            Cell(row["expected"]),
            Cell(IN_WORDS[row["came_out"]], best=row["came_out"] == "no"),
        )
        for _, row in table.iterrows()
    ]
    heads = ("control", "statistic", "value", "95 %", "p", "expected", "")
    of_doses = [
        (
            Cell(f"{row['dose']:g}"),
            Cell(row["aus"]),
            *_numbers(row.rename({"mean_difference": "value"}), 100),
        )
        for _, row in doses.iterrows()
    ]
    return [
        Grid("What must come out, and what came out", (("", heads),), tuple(rows)),
        Grid(
            "Dose and response",
            (("", ("mimicry", "AUs", "difference", "95 %", "p")),),
            tuple(of_doses),
        ),
    ]


def _numbers(row: pd.Series, scale: float) -> tuple[Cell, ...]:
    digits = 2 if scale == 100 else 3
    low, high = (rounded(scale * row[name], digits) for name in ("ci_low", "ci_high"))
    return (
        Cell(minus(rounded(scale * row["value"], digits))),
        Cell(f"{low} to {high}" if low else ""),
        Cell(rounded(row["p"], 4)),
    )

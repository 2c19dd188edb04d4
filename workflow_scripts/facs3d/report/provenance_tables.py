"""What made each run, as people read it."""

from datetime import timedelta
from typing import Any

import pandas as pd

from facs3d.evaluation.provenance import FACTS
from facs3d.report.grid import Cell, Grid
from facs3d.report.model_names import full_name

OF_EACH_RUN = ("data", "training_clips", "validation_clips", "held_out_clips", "seconds")
"""What is shown run by run even where it is the same for all."""
DIGITS = 12
"""Characters that people see of a fingerprint."""
PROVENANCE_NOTES = (
    "data = SHA-256 of the clips and labels that were trained on, code = of the training's "
    "sources: their first characters; the CSV has all. Runs of a fold share their data.",
    "Wall time is of the run that ended: of a training that was interrupted, its last part.",
)


def common_facts(table: pd.DataFrame) -> list[str]:
    """One line for each fact that all runs share, and has not its own column in the grid."""
    return [
        f"{FACTS[fact]}: {_shown(fact, table[fact].iloc[0])}"
        for fact in FACTS
        if fact not in _differing(table)
    ]


def provenance_grid(table: pd.DataFrame) -> Grid:
    """One row per run for people, of the facts in which runs may differ."""
    facts = _differing(table)
    rows = [
        (
            Cell(full_name(row["model"])),
            Cell(str(row["repeat"])),
            Cell(str(row["fold"])),
            *(Cell(_shown(fact, row[fact])) for fact in facts),
        )
        for _, row in table.iterrows()
    ]
    heads = ("model", "repeat", "fold", *(FACTS[fact] for fact in facts))
    return Grid("Runs", (("", heads),), tuple(rows), PROVENANCE_NOTES)


def _differing(table: pd.DataFrame) -> list[str]:
    return [fact for fact in FACTS if fact in OF_EACH_RUN or table[fact].nunique(dropna=False) > 1]


def _shown(fact: str, value: Any) -> str:
    if pd.isna(value):
        return "unknown"
    if fact == "seconds":
        return str(timedelta(seconds=round(float(value))))
    return str(value)[:DIGITS] if fact in ("git_commit", "code", "data") else str(value)

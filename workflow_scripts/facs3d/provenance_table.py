"""Where every training comes from, in one table: the runs' ``provenance.json``."""

import json
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

import pandas as pd

from facs3d.errors import InputError
from facs3d.grids import Cell, Grid
from facs3d.results import by_run, full_name

FACTS = {
    "seed": "seed",
    "git_commit": "commit",
    "code": "code",
    "data": "data",
    "device": "device",
    "training.precision": "precision",
    "training.threads": "threads",
    "python": "Python",
    "torch": "PyTorch",
    "numpy": "NumPy",
    "h5py": "h5py",
    "pandas": "pandas",
    "platform": "platform",
    "training_clips": "training clips",
    "validation_clips": "validation clips",
    "held_out_clips": "held-out clips",
    "seconds": "wall time",
}
"""Columns of the table after ``model`` and ``fold``, and what people call them."""
OF_EACH_RUN = ("data", "training_clips", "validation_clips", "held_out_clips", "seconds")
"""What is shown run by run even where it is the same for all."""
DIGITS = 12
"""Characters that people see of a fingerprint."""
NOTES = (
    "data = SHA-256 of the clips and labels that were trained on, code = of the training's "
    "sources: their first characters; the CSV has all. Runs of a fold share their data.",
    "Wall time is of the run that ended: of a training that was interrupted, its last part.",
)


def provenance_table(paths: Iterable[str | Path]) -> pd.DataFrame:
    """A row for each ``…/<model>/fold<k>/provenance.json``: ``model``, ``fold`` and the columns of
    :data:`FACTS` (``code`` and ``data`` SHA-256, ``seconds`` of wall time). A fact that a file
    lacks, such as the commit outside a repository, is missing.
    """
    rows = []
    for run, path in by_run(paths).items():
        known = _read(path)
        known |= known.get("versions", {})
        rows.append(
            {"model": run.model, "fold": run.fold} | {fact: known.get(fact) for fact in FACTS}
        )
    return pd.DataFrame(rows)


def common_facts(table: pd.DataFrame) -> list[str]:
    """One line for each fact that all runs share, and has not its own column in the grid."""
    return [
        f"{FACTS[fact]}: {_shown(fact, table[fact].iloc[0])}"
        for fact in FACTS
        if fact not in _differing(table)
    ]


def provenance_grid(table: pd.DataFrame) -> Grid:
    """A row a run for people, of the facts in which runs may differ."""
    facts = _differing(table)
    rows = [
        (
            Cell(full_name(row["model"])),
            Cell(str(row["fold"])),
            *(Cell(_shown(fact, row[fact])) for fact in facts),
        )
        for _, row in table.iterrows()
    ]
    heads = ("model", "fold", *(FACTS[fact] for fact in facts))
    return Grid("Runs", (("", heads),), tuple(rows), NOTES)


def _differing(table: pd.DataFrame) -> list[str]:
    return [fact for fact in FACTS if fact in OF_EACH_RUN or table[fact].nunique(dropna=False) > 1]


def _shown(fact: str, value: object) -> str:
    if pd.isna(value):
        return "unknown"
    if fact == "seconds":
        return str(timedelta(seconds=round(float(value))))
    return str(value)[:DIGITS] if fact in ("git_commit", "code", "data") else str(value)


def _read(path: Path) -> dict:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise InputError(f"{path}: not JSON ({error}); train this run again") from error
    if not isinstance(content, dict):
        raise InputError(f"{path}: expected a JSON object as training writes it; train again")
    return content

"""Where every training comes from, in one table: the runs' ``provenance.json``."""

from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

import pandas as pd

from facs3d.core.errors import InputError
from facs3d.core.provenance import read_json
from facs3d.evaluation.runs import by_run

FACTS = {
    "seed": "seed",
    "version": "version",
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
"""Columns of the table after ``model``, ``repeat`` and ``fold``, and what people call them."""


def provenance_table(paths: Iterable[str | Path]) -> pd.DataFrame:
    """A row for each ``…/<model>/repeat<r>/fold<k>/provenance.json``: these and the columns of
    :data:`FACTS` (``code`` and ``data`` SHA-256, ``seconds`` of wall time). A fact that a file
    lacks, such as the commit outside a repository, is missing.
    """
    rows = []
    for run, path in by_run(paths).items():
        known = _read(path)
        known |= known.get("versions", {})
        rows.append(asdict(run) | {fact: known.get(fact) for fact in FACTS})
    return pd.DataFrame(rows)


def _read(path: Path) -> dict:
    content = read_json(path, "train this run again")
    if not isinstance(content.get("versions", {}), dict):
        raise InputError(f"{path}: versions is {content['versions']!r}; train this run again")
    return content

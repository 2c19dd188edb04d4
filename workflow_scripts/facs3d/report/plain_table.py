"""Any table as people read it."""

import pandas as pd

from facs3d.evaluation.tables import UNDEFINED
from facs3d.report.grid import Cell, Grid


def plain_grid(table: pd.DataFrame, caption: str, notes: tuple[str, ...] = ()) -> Grid:
    """Any table for people: floats with four significant digits, undefined values said."""
    rows = table.map(_plain).itertuples(index=False)
    return Grid(
        caption,
        (("", tuple(name.replace("_", " ") for name in table.columns)),),
        tuple(tuple(Cell(text, faint=text == UNDEFINED) for text in row) for row in rows),
        notes,
    )


def _plain(value: object) -> str:
    if pd.isna(value):
        return UNDEFINED
    return f"{value:.4g}" if isinstance(value, float) else str(value)

"""Tables that the pipeline wrote, as pandas reads them."""

from pathlib import Path
from typing import Any

import pandas as pd

from facs3d.core.csv_text import written_rows
from facs3d.core.errors import InputError


def read_frame(path: str | Path, what: str, **options: Any) -> pd.DataFrame:
    """The table in a CSV, with the ``options`` of :func:`pandas.read_csv`; an empty cell is a
    missing value, and nothing else is, not even a subject called NA.

    :class:`InputError` if it is not ``what``; also where pandas would fill a row that is cut off.
    """
    for _row in written_rows(path, f"expected {what}, delete it and run again"):
        pass
    try:
        return pd.read_csv(path, keep_default_na=False, na_values=[""], **options)
    except (ValueError, OverflowError) as error:
        raise InputError(f"{path}: not {what} ({str(error).strip()})") from error

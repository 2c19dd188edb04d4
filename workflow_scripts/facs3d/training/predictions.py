"""Per-frame predictions of a model on videos it was not trained on, as a table.

One row per frame: ``video, subject, frame_number``, then ``AU01 … AU24`` (probability in [0, 1])
and ``AU01_label … AU24_label`` (1 present, 0 absent, empty unknown).
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from facs3d.core.action_units import UNKNOWN, au_column, label_column, parse_aus
from facs3d.core.atomic import whole
from facs3d.core.errors import InputError
from facs3d.training.csv_table import read_frame

REMEDY = "delete it and run again"
KEYS = ("video", "subject", "frame_number")


@dataclass(frozen=True)
class Predictions:
    """N frames, A action units.

    ``video``, ``subject`` (N,) names; ``frame_number`` (N,) int; ``probability`` (N, A) float64 in
    [0, 1]; ``label`` (N, A) int8 in {1, 0, -1 = unknown}; ``action_units``: A numbers.
    """

    video: np.ndarray
    subject: np.ndarray
    frame_number: np.ndarray
    probability: np.ndarray
    label: np.ndarray
    action_units: tuple[int, ...]


def write_predictions(predictions: Predictions, path: str | Path) -> None:
    """Write the table; probabilities with nine significant digits (exact for float32)."""
    columns: dict[str, object] = {key: getattr(predictions, key) for key in KEYS}
    for column, au in enumerate(predictions.action_units):
        columns[au_column(au)] = predictions.probability[:, column]
    for column, au in enumerate(predictions.action_units):
        label = pd.array(predictions.label[:, column], dtype="Int64")
        label[predictions.label[:, column] == UNKNOWN] = pd.NA
        columns[label_column(au)] = label
    with whole(path) as unfinished:
        pd.DataFrame(columns).to_csv(
            unfinished, index=False, float_format="%.9g", lineterminator="\n"
        )


def read_predictions(path: str | Path) -> Predictions:
    """Read the table back; :class:`InputError` for a missing column, a value out of range, or a row
    that is cut off: empty labels in it would pass for unknown ones."""
    path = Path(path)
    content = path.read_bytes()
    if content and not content.endswith(b"\n"):
        line = content.count(b"\n") + 1
        raise InputError(f"{path}, line {line}: is cut off in mid-row; {REMEDY}")
    table = read_frame(path, "a predictions table", dtype={"video": str, "subject": str})
    labelled = [name for name in table.columns if name.endswith("_label")]
    action_units = parse_aus((name.removesuffix("_label") for name in labelled), f"{path}, line 1")
    wanted = [*KEYS, *map(au_column, action_units)]
    missing = [name for name in wanted if name not in table.columns]
    if missing or not action_units:
        raise InputError(f"{path}: no column {missing[0] if missing else 'AU01_label'!r}")
    probability_columns = [au_column(au) for au in action_units]
    for name in ("frame_number", *probability_columns, *labelled):
        if not pd.api.types.is_numeric_dtype(table[name]):
            raise InputError(f"{path}: column {name!r} does not hold numbers only; {REMEDY}")
    probability = table[probability_columns].to_numpy(np.float64)
    label = table[labelled].fillna(UNKNOWN).to_numpy()
    if not pd.api.types.is_integer_dtype(table["frame_number"]):
        raise InputError(f"{path}: frame numbers must be whole; {REMEDY}")
    if table[["video", "subject"]].isna().any(axis=None):
        raise InputError(f"{path}: a row without a video or a subject; {REMEDY}")
    if not ((probability >= 0) & (probability <= 1)).all():
        raise InputError(f"{path}: probabilities must lie between 0 and 1")
    if not np.isin(label, (1, 0, UNKNOWN)).all():
        raise InputError(f"{path}: labels must be 1, 0 or empty")
    return Predictions(
        video=table["video"].to_numpy(str),
        subject=table["subject"].to_numpy(str),
        frame_number=table["frame_number"].to_numpy(),
        probability=probability,
        label=label.astype(np.int8),
        action_units=action_units,
    )

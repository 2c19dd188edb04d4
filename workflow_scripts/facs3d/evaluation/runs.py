"""Results of several models and folds, read together: ``models/<model>/fold<k>/<file>``.

The order in which the models first appear on a command line is their order in tables and figures.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from facs3d.core.csv_text import shown
from facs3d.core.errors import InputError
from facs3d.training.csv_table import read_frame
from facs3d.training.predictions import Predictions, read_predictions


@dataclass(frozen=True)
class Run:
    """One model trained without one fold, known by where its files lie."""

    model: str
    fold: int


def run_of(path: str | Path) -> Run:
    """``…/facs3d/fold2/predictions.csv -> Run("facs3d", 2)``; else :class:`InputError`."""
    folder = Path(path).parent
    match = re.fullmatch(r"fold([1-9]\d*)", folder.name)
    if match is None or not folder.parent.name:
        raise InputError(f"{path}: expected a path that ends in <model>/fold<k>/<file>")
    return Run(folder.parent.name, int(match[1]))


def by_run(paths: Iterable[str | Path]) -> dict[Run, Path]:
    """The file of each run, in the given order; :class:`InputError` if a run comes twice."""
    files: dict[Run, Path] = {}
    for path in map(Path, paths):
        run = run_of(path)
        if run in files:
            raise InputError(
                f"{path}: {run.model}, fold {run.fold}, is given already: {files[run]}"
            )
        files[run] = path
    return files


def models_of(runs: Iterable[Run]) -> tuple[str, ...]:
    """The models, each once, in order of appearance."""
    return tuple(dict.fromkeys(run.model for run in runs))


def read_runs(paths: Iterable[str | Path]) -> dict[Run, Predictions]:
    """Predictions of every run, checked to be comparable.

    Raises :class:`InputError` unless every model predicts every fold, and the models' predictions
    of a fold are of the same frames with the same labels: paired comparisons rest on that.
    """
    runs = {run: read_predictions(path) for run, path in by_run(paths).items()}
    for model in models_of(runs):
        missing = {run.fold for run in runs} - {run.fold for run in runs if run.model == model}
        if missing:
            raise InputError(f"no predictions of {model} for fold {min(missing)}, others have them")
    first = {run.fold: predictions for run, predictions in reversed(runs.items())}
    for run, predictions in runs.items():
        if not _same_truth(predictions, first[run.fold]):
            raise InputError(
                f"{run.model}, fold {run.fold}: its frames or labels differ from another model's "
                "of the same fold; predict all models from the same clips.h5"
            )
    return runs


def pool(runs: dict[Run, Predictions], model: str) -> tuple[np.ndarray, np.ndarray]:
    """Labels (N, A) int8 and probabilities (N, A) of a model's held-out frames, folds together.

    :class:`InputError` if its folds differ in their AUs."""
    folds = [predictions for run, predictions in runs.items() if run.model == model]
    if len({predictions.action_units for predictions in folds}) > 1:
        raise InputError(f"{model}: its folds were trained on different AUs; train them again")
    label = np.concatenate([predictions.label for predictions in folds])
    return label, np.concatenate([predictions.probability for predictions in folds])


def check_held_out(runs: dict[Run, Predictions], folds: dict[str, int]) -> None:
    """Raise :class:`InputError` if a run predicts a subject that its fold does not hold out, or
    if a subject of ``folds`` is predicted by no run of its fold."""
    for run, predictions in runs.items():
        predicted = set(predictions.subject.tolist())
        expected = {subject for subject, fold in folds.items() if fold == run.fold}
        if predicted != expected:
            odd = min(predicted ^ expected)
            state = "predicted, but is not" if odd in predicted else "not predicted, but is"
            raise InputError(
                f"{run.model}, fold {run.fold}: subject {odd} is {state} in this fold of the folds "
                "table; train again with these folds"
            )


def read_histories(paths: Iterable[str | Path]) -> dict[Run, pd.DataFrame]:
    """Training history of every run: one row per epoch, with the columns ``epoch`` and ``loss``."""
    histories = {run: _read_history(path) for run, path in by_run(paths).items()}
    if not histories:
        raise InputError("no training history given")
    return histories


def _read_history(path: Path) -> pd.DataFrame:
    history = read_frame(path, "a training history", float_precision="round_trip")
    if not {"epoch", "loss"} <= set(history.columns):
        found = shown(", ".join(history.columns))
        raise InputError(f"{path}: expected the columns epoch, loss; found {found}")
    whole = pd.api.types.is_integer_dtype(history["epoch"])
    if not whole or not pd.api.types.is_numeric_dtype(history["loss"]):
        raise InputError(f"{path}: epoch and loss must be numbers; train this run again")
    return history


def _same_truth(one: Predictions, other: Predictions) -> bool:
    return (
        one.action_units == other.action_units
        and np.array_equal(one.video, other.video)
        and np.array_equal(one.frame_number, other.frame_number)
        and np.array_equal(one.label, other.label)
    )

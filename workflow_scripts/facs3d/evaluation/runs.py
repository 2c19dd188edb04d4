"""Results of several trainings, read together: ``models/<model>/repeat<r>/fold<k>/<file>``.

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
    """One model trained without one fold of one repeat, known by where its files lie."""

    model: str
    repeat: int
    fold: int

    @property
    def test_set(self) -> tuple[int, int]:
        """What it is tested on: the fold of its repeat's split, the same for every model."""
        return self.repeat, self.fold

    @property
    def place(self) -> str:
        """In words; the paper knows one repeat only, which is not named."""
        fold = f"fold {self.fold}"
        return fold if self.repeat == 1 else f"repeat {self.repeat}, {fold}"

    def __str__(self) -> str:
        return f"{self.model}, {self.place}"


def run_of(path: str | Path) -> Run:
    """``…/facs3d/repeat1/fold2/predictions.csv -> Run("facs3d", 1, 2)``; else
    :class:`InputError`."""
    *_, model, repeat, fold = ("", "", "", *Path(path).parent.parts)
    match = re.fullmatch(r"repeat([1-9]\d*)/fold([1-9]\d*)", f"{repeat}/{fold}")
    if match is None or not model:
        raise InputError(f"{path}: expected a path that ends in <model>/repeat<r>/fold<k>/<file>")
    return Run(model, int(match[1]), int(match[2]))


def other_dataset_of(path: str | Path) -> str:
    """``…/disfa/facs3d/repeat1/fold2/predictions.csv -> disfa``; else :class:`InputError`."""
    run_of(path)
    *_, other, _model, _repeat, _fold = ("", *Path(path).parent.parts)
    if not other:
        raise InputError(
            f"{path}: expected a path that ends in <other dataset>/<model>/repeat<r>/fold<k>/<file>"
        )
    return other


def by_run(paths: Iterable[str | Path]) -> dict[Run, Path]:
    """The file of each run, in the given order; :class:`InputError` if a run comes twice."""
    files: dict[Run, Path] = {}
    for path in map(Path, paths):
        run = run_of(path)
        if run in files:
            raise InputError(f"{path}: {run}, is given already: {files[run]}")
        files[run] = path
    return files


def models_of(runs: Iterable[Run]) -> tuple[str, ...]:
    """The models, each once, in order of appearance."""
    return tuple(dict.fromkeys(run.model for run in runs))


def read_runs(paths: Iterable[str | Path]) -> dict[Run, Predictions]:
    """Predictions of every run, checked to be comparable.

    Raises :class:`InputError` unless every model predicts every test set, and the models'
    predictions of one are of the same frames with the same labels: paired comparisons rest on that.
    """
    runs = {run: read_predictions(path) for run, path in by_run(paths).items()}
    for model in models_of(runs):
        missing = {run.test_set for run in runs} - {
            run.test_set for run in runs if run.model == model
        }
        if missing:
            place = Run(model, *min(missing)).place
            raise InputError(f"no predictions of {model} for {place}, others have them")
    first = {run.test_set: predictions for run, predictions in reversed(runs.items())}
    for run, predictions in runs.items():
        if not _same_truth(predictions, first[run.test_set]):
            raise InputError(
                f"{run}: its frames or labels differ from another model's of the same fold; "
                "predict all models from the same clips.h5"
            )
    return runs


def pool(runs: dict[Run, Predictions], model: str) -> tuple[np.ndarray, np.ndarray]:
    """Labels (N, A) int8 and probabilities (N, A) of a model's held-out frames, runs together.

    :class:`InputError` if its folds differ in their AUs."""
    folds = [predictions for run, predictions in runs.items() if run.model == model]
    if len({predictions.action_units for predictions in folds}) > 1:
        raise InputError(f"{model}: its folds were trained on different AUs; train them again")
    label = np.concatenate([predictions.label for predictions in folds])
    return label, np.concatenate([predictions.probability for predictions in folds])


def check_held_out(runs: dict[Run, Predictions], splits: dict[int, dict[str, int]]) -> None:
    """Raise :class:`InputError` if a run predicts a subject that its fold does not hold out, or
    if a subject of its repeat's split (repeat -> subject -> fold) is predicted by no run."""
    for run, predictions in runs.items():
        predicted = set(predictions.subject.tolist())
        split = splits.get(run.repeat, {})
        expected = {subject for subject, fold in split.items() if fold == run.fold}
        if predicted != expected:
            odd = min(predicted ^ expected)
            state = "predicted, but is not" if odd in predicted else "not predicted, but is"
            raise InputError(
                f"{run}: subject {odd} is {state} in this fold of the folds table; train again "
                "with these folds"
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

"""A threshold for each network and AU, chosen on the network's training subjects.

Each of these was held out from another network of the same model, whose predictions are used, for a
network is too sure of whom it was trained on. Labels of its held-out fold have no part in a choice.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

import numpy as np

from facs3d.core.action_units import au_column
from facs3d.core.errors import InputError
from facs3d.evaluation.judging import choose_threshold
from facs3d.evaluation.runs import Run
from facs3d.training.predictions import Predictions

CHOSEN = (
    "Thresholds: for each network and AU that of the highest F1 on its training subjects, as "
    "networks predict them from which they were held out. The areas under curves of single AUs "
    "need none."
)
OPEN_INTERVAL = (float(np.finfo(float).tiny), float(np.nextafter(1, 0)))
"""All that a threshold may be if probabilities are to be moved by it: above 0, below 1."""


def choose_thresholds(runs: Mapping[Run, Predictions]) -> dict[Run, tuple[float, ...]]:
    """For every run a threshold for each of its AUs, by
    :func:`facs3d.evaluation.judging.choose_threshold` on the held-out predictions of the same
    model's other folds of that repeat: that of the highest F1, whatever its precision.
    :class:`InputError` for a model of one fold."""
    highest_f1 = partial(choose_threshold, least_precision=0, limits=OPEN_INTERVAL)
    chosen = {}
    for run in runs:
        others = [
            runs[one]
            for one in runs
            if (one.model, one.repeat) == (run.model, run.repeat) and one.fold != run.fold
        ]
        if not others:
            raise InputError(
                f"{run}, alone; thresholds are chosen on the others, give "
                "their predictions too or set evaluation.thresholds to fixed"
            )
        label = np.concatenate([predictions.label for predictions in others])
        probability = np.concatenate([predictions.probability for predictions in others])
        chosen[run] = tuple(map(highest_f1, label.T, probability.T))
    return chosen


def move_thresholds(
    runs: Mapping[Run, Predictions], chosen: Mapping[Run, tuple[float, ...]], threshold: float
) -> dict[Run, Predictions]:
    """The runs with each AU's probabilities moved so that its ``chosen`` threshold, in (0, 1),
    lies at ``threshold``: straight from 0 to it and from it to 1, which keeps their order."""
    return {
        run: replace(
            predictions, probability=_moved(predictions.probability, chosen[run], threshold)
        )
        for run, predictions in runs.items()
    }


def at_thresholds(
    runs: Mapping[Run, Predictions], thresholds: str, threshold: float
) -> dict[Run, Predictions]:
    """The runs as ``evaluation.thresholds`` has them judged at ``threshold``: as they are where it
    is fixed, or moved by what their training subjects choose."""
    if thresholds == "fixed":
        return dict(runs)
    return move_thresholds(runs, choose_thresholds(runs), threshold)


def describe_thresholds(
    runs: Mapping[Run, Predictions], chosen: Mapping[Run, tuple[float, ...]]
) -> str:
    """A line for each run: its thresholds by AU."""
    lines = []
    for run, predictions in runs.items():
        by_au = zip(predictions.action_units, chosen[run], strict=True)
        named = ", ".join(f"{au_column(au)} {threshold:.3g}" for au, threshold in by_au)
        lines.append(f"{run}: {named}\n")
    return "".join(lines)


def _moved(probability: np.ndarray, chosen: tuple[float, ...], threshold: float) -> np.ndarray:
    at = np.array(chosen)
    # Round-off must carry none over the threshold.
    below = np.minimum(probability * (threshold / at), np.nextafter(threshold, 0))
    above = threshold + (probability - at) * ((1 - threshold) / (1 - at))
    return np.where(probability < at, below, np.minimum(above, 1))

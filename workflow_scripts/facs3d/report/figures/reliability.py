"""Reliability diagram: how often an AU is there when a model says with which probability."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from facs3d.core.action_units import UNKNOWN
from facs3d.evaluation.runs import Run, models_of, pool
from facs3d.report.figures.style import GRAY, PAGE_WIDTH, model_lines, new_figure, say
from facs3d.report.model_names import full_name
from facs3d.training.predictions import Predictions

BINS = 10
FEWEST = 20
"""Predictions that an AU needs in a bin for its point: fewer say little about a share."""


@dataclass(frozen=True)
class Reliability:
    """Of each bin of equal width, (B,): ``count`` of predictions; their mean ``predicted``
    probability and the share of positives that was ``observed``, NaN in an empty bin."""

    count: np.ndarray
    predicted: np.ndarray
    observed: np.ndarray

    @property
    def error(self) -> float:
        """Expected calibration error: the mean distance of observed and predicted, weighted by
        the counts; NaN without predictions."""
        filled = self.count > 0
        distance = np.abs(self.observed - self.predicted)[filled]
        return float(np.average(distance, weights=self.count[filled])) if filled.any() else np.nan


def reliability_of(label: np.ndarray, probability: np.ndarray, bins: int = BINS) -> Reliability:
    """``label`` int8 in {1, 0, -1 = unknown} and ``probability`` in [0, 1], of one shape; unknown
    ones are left out. A bin holds its upper edge, as in scikit-learn."""
    known = label != UNKNOWN
    true, probability = label[known] == 1, probability[known]
    place = np.searchsorted(np.linspace(0, 1, bins + 1)[1:-1], probability)
    count = np.bincount(place, minlength=bins)
    divisor = np.where(count > 0, count, np.nan)
    return Reliability(
        count=count,
        predicted=np.bincount(place, probability, bins) / divisor,
        observed=np.bincount(place, true, bins) / divisor,
    )


def draw_reliability(runs: dict[Run, Predictions]) -> Figure:
    """One panel per model: observed share against predicted probability over all held-out frames,
    all AUs together thick and each AU thin; below, the number of predictions in each bin."""
    lines = model_lines(models_of(runs))
    n_models = len(lines)
    figure = new_figure(width=max(PAGE_WIDTH / 3 * n_models, 3.2), height=3.6)
    rows = figure.subplots(
        2, n_models, sharex=True, sharey="row", squeeze=False, height_ratios=(2.4, 1)
    )
    for (model, (colour, _)), upper, lower in zip(lines.items(), *rows, strict=True):
        label, probability = pool(runs, model)
        upper.set_title(full_name(model))
        upper.plot((0, 1), (0, 1), color=GRAY, linewidth=0.8, linestyle=":")
        upper.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), xticks=(0, 0.5, 1), yticks=(0, 0.5, 1))
        lower.set_xlabel("predicted probability")
        together = reliability_of(label, probability)
        if not together.count.any():
            for axes in (upper, lower):
                say(axes, "no frame is coded")
            continue
        for of_au in map(reliability_of, label.T, probability.T):
            enough = of_au.count >= FEWEST
            # An AU with a single such bin is a dot, which a line would not show.
            look = {"alpha": 0.35, "linewidth": 0.6, "marker": ".", "markersize": 2}
            _draw_line(upper, of_au, enough, color=colour, **look)
        filled = together.count > 0
        _draw_line(upper, together, filled, color=colour, linewidth=2, marker="o", markersize=4)
        error = f"calibration error {100 * together.error:.1f} %"
        upper.text(0.03, 0.97, error, va="top", size=7, transform=upper.transAxes)
        edges = np.linspace(0, 1, BINS + 1)
        lower.stairs(together.count, edges, fill=True, color=colour, edgecolor="white")
    rows[1, 0].set_yscale("log")
    rows[1, 0].set_ylim(bottom=0.8)
    rows[0, 0].set_ylabel("observed share of positives")
    rows[1, 0].set_ylabel("predictions")
    note = f"thick: all AUs; thin: each, if {FEWEST} or more in a bin"
    figure.supxlabel(note, size=7, color=GRAY)
    return figure


def _draw_line(axes: Axes, reliability: Reliability, shown: np.ndarray, **look: Any) -> None:
    axes.plot(reliability.predicted[shown], reliability.observed[shown], **look)

"""Every metric of every AU as bars: the mean over folds, and each fold as a point."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from facs3d.core.errors import InputError
from facs3d.evaluation.tables import AVERAGE, models_and_metrics
from facs3d.report.figures.style import GRAY, model_lines, new_figure
from facs3d.report.model_names import full_name, metric_name

COLUMNS = {"model", "repeat", "fold", "au", "metric", "value"}
PANEL_HEIGHT = 1.4
MARGIN = 0.6
GROUP_WIDTH = 0.8
"""Of the distance from AU to AU, what its bars take; the folds' points take half a bar."""


POINT: dict[str, Any] = {
    "color": "white",
    "markeredgecolor": "black",
    "markeredgewidth": 0.5,
    "markersize": 2.4,
    "clip_on": False,
    "in_layout": False,
}


def draw_metric_bars(by_fold: pd.DataFrame) -> Figure:
    """One panel per metric, in percent; one bar per model, grouped by AU and, apart, the average.

    ``by_fold``: :func:`facs3d.evaluation.metrics.metrics_of_runs` over folds, or its file. The
    average is Table I's: the mean of the AUs' means; its points are the folds' averages over the
    AUs that are defined in every fold. :class:`InputError` for a table without the columns or rows.
    """
    missing = COLUMNS - set(by_fold.columns)
    if missing or by_fold.empty:
        found = f"the columns {list(by_fold.columns)}" if missing else "no row"
        raise InputError(f"metrics by fold: expected {sorted(COLUMNS)}, found {found}")
    models, metrics = models_and_metrics(by_fold)
    aus = by_fold["au"].unique()
    lines = model_lines(tuple(models))
    figure = new_figure(height=MARGIN + PANEL_HEIGHT * len(metrics))
    panels = figure.subplots(len(metrics), sharex=True, squeeze=False)[:, 0]
    width = GROUP_WIDTH / len(models)
    for metric, axes in zip(metrics, panels, strict=True):
        of_metric = by_fold[by_fold["metric"] == metric]
        for place, model in enumerate(models):
            values = _with_average(of_metric[of_metric["model"] == model])
            shift = (place - (len(models) - 1) / 2) * width
            _draw_model(axes, values, shift, width, lines[model][0], full_name(model))
        axes.set_ylabel(f"{metric_name(metric)} (%)")
        axes.set_axisbelow(True)
        axes.grid(axis="y", linewidth=0.4, alpha=0.5)
        lowest = np.nanmin(of_metric["value"].to_numpy(), initial=0)
        axes.set_ylim(20 * np.floor(5 * lowest), 100)
        axes.axhline(0, color="black", linewidth=0.6)
        axes.set_xlim(-0.6, len(aus) + 0.9)
        axes.tick_params(axis="x", length=0)
    panels[-1].set_xticks(_places(len(aus) + 1), [*(f"AU {au}" for au in aus), AVERAGE])
    figure.align_ylabels(panels)
    title = "Metrics on held-out frames: mean over folds as a bar, each fold as a point"
    figure.suptitle(title, size=9)
    point = Line2D([], [], linestyle="", marker="o", **POINT, label="a fold")
    handles = [*panels[0].containers, point]
    figure.legend(handles=handles, loc="outside lower center", ncols=4)
    return figure


def _with_average(of_model: pd.DataFrame) -> pd.DataFrame:
    """Percent: one row per training, and ``mean`` over them; one column per AU, and their
    average."""
    aus = of_model["au"].unique()
    of_runs = of_model.pivot(index=["repeat", "fold"], columns="au", values="value")[aus]
    values = 100 * of_runs.reset_index(drop=True)
    mean = values.mean()
    values[AVERAGE] = values.dropna(axis="columns").mean(axis="columns")
    values.loc["mean"] = [*mean, mean.mean()]
    return values


def _draw_model(
    axes: Axes, values: pd.DataFrame, shift: float, width: float, colour: str, name: str
) -> None:
    places = _places(values.shape[1]) + shift
    mean, folds = values.loc["mean"].to_numpy(), values.drop(index="mean").to_numpy()
    axes.bar(places, mean, width, color=colour, edgecolor="white", linewidth=0.5, label=name)
    spread = np.linspace(-0.25, 0.25, len(folds)) * width if len(folds) > 1 else np.zeros(1)
    for across, fold in zip(spread, folds, strict=True):
        axes.plot(places + across, fold, "o", **POINT)
    for place in places[np.isnan(mean)]:
        axes.text(place, 2, "undefined", rotation=90, ha="center", va="bottom", color=GRAY, size=5)


def _places(n_groups: int) -> np.ndarray:
    """Where the groups stand: one apart, and the last, the average, a little further."""
    return np.append(np.arange(n_groups - 1.0), n_groups - 0.7)

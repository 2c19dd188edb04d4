"""What networks lose on another dataset, AU by AU: from a circle within to a point across."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from facs3d.core.errors import InputError
from facs3d.evaluation.across import COLUMNS, SIDES
from facs3d.evaluation.tables import AVERAGE
from facs3d.report.figures.style import GRAY, model_lines, new_figure
from facs3d.report.model_names import full_name, metric_name

PANEL_HEIGHT = 1.5
MARGIN = 0.7
GROUP_WIDTH = 0.7
"""Of the distance from AU to AU, what its models take."""
POINT: dict[str, Any] = {"linestyle": "", "marker": "o", "markersize": 3.5}
INTERVAL: dict[str, Any] = {"linewidth": 4.5, "alpha": 0.3}
SHOWN = [*SIDES, "drop_low", "drop_high"]


def draw_across_datasets(table: pd.DataFrame) -> Figure:
    """One panel for each other dataset and metric, in percent.

    A pale bar is the interval of the drop, where it has one, counted down from the value within: it
    reaches the circle where there may be no drop.

    ``table``: of :func:`facs3d.evaluation.across.compare_datasets`, for one other dataset or
    several. :class:`InputError` for a table without its columns or rows.
    """
    missing = set(COLUMNS) - set(table.columns)
    if missing or table.empty:
        found = f"the columns {list(table.columns)}" if missing else "no row"
        raise InputError(f"across datasets: expected {list(COLUMNS)}, found {found}")
    models = tuple(table["model"].unique())
    lines = model_lines(models)
    parts = list(table.groupby(["other_dataset", "metric"], sort=False))
    figure = new_figure(height=MARGIN + PANEL_HEIGHT * len(parts))
    panels = figure.subplots(len(parts), squeeze=False)[:, 0]
    width = GROUP_WIDTH / len(models)
    for ((other, metric), part), axes in zip(parts, panels, strict=True):
        aus = part["AU"].unique()
        places = np.arange(len(aus)) + 0.3 * (aus == AVERAGE)
        for number, model in enumerate(models):
            shift = (number - (len(models) - 1) / 2) * width
            values = 100 * part[part["model"] == model][SHOWN].T.to_numpy()
            _draw_model(axes, places + shift, values, lines[model][0])
        chance = 100 * part[part["model"] == models[0]]["chance_across"].to_numpy()
        half = GROUP_WIDTH / 2
        axes.hlines(chance, places - half, places + half, color=GRAY, linewidth=0.8, zorder=1)
        axes.set_ylabel(f"{metric_name(metric)} (%)\non {other}")
        axes.set_ylim(0, 100)
        axes.set_xlim(-0.6, len(aus) - 0.1)
        axes.grid(axis="y", linewidth=0.4, alpha=0.5)
        axes.set_axisbelow(True)
        axes.tick_params(axis="x", length=0)
        axes.set_xticks(places, [au if au == AVERAGE else f"AU {au}" for au in aus])
    figure.align_ylabels(panels)
    figure.suptitle("From held-out subjects to another dataset", size=9)
    figure.legend(handles=_legend(lines), loc="outside lower center", ncols=3)
    return figure


def _draw_model(axes: Axes, places: np.ndarray, values: np.ndarray, colour: str) -> None:
    """``values`` (4, n): within, across, and the drop's interval."""
    within, across, low, high = values
    axes.vlines(places, within - high, within - low, color=colour, zorder=1, **INTERVAL)
    axes.vlines(places, within, across, color=colour, linewidth=1.2, zorder=2)
    axes.plot(places, within, color="white", markeredgecolor=colour, clip_on=False, **POINT)
    axes.plot(places, across, color=colour, clip_on=False, **POINT)


def _legend(lines: dict[str, tuple[str, Any]]) -> list[Line2D]:
    return [
        *(Line2D([], [], color=colour, label=full_name(m)) for m, (colour, _) in lines.items()),
        Line2D([], [], color="white", markeredgecolor=GRAY, label="within: held out", **POINT),
        Line2D([], [], color=GRAY, label="across: the other dataset", **POINT),
        Line2D([], [], color=GRAY, label="drop from within: 95 % interval", **INTERVAL),
        Line2D([], [], color=GRAY, linewidth=0.8, label="chance there"),
    ]

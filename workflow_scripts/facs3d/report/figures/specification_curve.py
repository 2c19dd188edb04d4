"""The specification curve: differences in order of size, above the choices that each makes
(Simonsohn, Simmons & Nelson 2020)."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from facs3d.core.errors import InputError
from facs3d.evaluation.specifications import ALL, Choices, is_own
from facs3d.report.figures.style import GRAY, new_figure
from facs3d.report.grid import rounded
from facs3d.report.model_names import full_name, metric_name

CURVE_HEIGHT = 2.2
ROW_HEIGHT = 0.135
MARGIN = 1.0
ABOVE, BELOW, UNSURE = "#0072B2", "#D55E00", "#999999"
"""By Okabe and Ito: intervals above 0, below 0, and around it."""


def draw_specification_curve(
    table: pd.DataFrame, of_choices: pd.DataFrame, choices: Choices, reference: str, baseline: str
) -> Figure:
    """A column for each metric, sorted by its own differences, in percentage points.

    ``table``: of :func:`facs3d.evaluation.specifications.number_specifications`; ``of_choices``:
    of :func:`facs3d.evaluation.specifications.table_of_choices`. :class:`InputError` if no
    specification has a difference.
    """
    table = table[table["difference"].notna()]
    if table.empty:
        raise InputError("specification curve: no specification has a difference")
    rows = list(_rows(choices))
    panel_height = ROW_HEIGHT * (len(rows) + 1)
    metrics = list(table["metric"].unique())
    figure = new_figure(height=MARGIN + CURVE_HEIGHT + panel_height)
    panels = figure.subplots(
        2,
        len(metrics),
        squeeze=False,
        sharex="col",
        sharey="row",
        gridspec_kw={"height_ratios": [CURVE_HEIGHT, panel_height]},
    )
    for column, metric in enumerate(metrics):
        part = table[table["metric"] == metric].sort_values("difference", kind="stable")
        shares = of_choices[of_choices["metric"] == metric]
        own = np.flatnonzero(is_own(part, choices))
        curve, panel = panels[:, column]
        colours = np.select([part["low"] > 0, part["high"] < 0], [ABOVE, BELOW], UNSURE)
        _draw_curve(curve, part, colours, own)
        curve.set_title(_title(metric, shares), loc="left")
        _draw_choices(panel, part, colours, own, rows)
        for place, (name, value) in enumerate(rows):
            if value is None:
                _say_explained(panel, place, len(part), shares[shares["choice"] == name])
        panel.set_xlabel(f"{len(part)} specifications, in order of the difference")
    first, panel = panels[:, 0]
    first.set_ylabel("Difference (percentage points)")
    panel.set_yticks(range(len(rows)), [_label(*row) for row in rows])
    panel.set_ylim(len(rows) - 0.4, -0.6)
    for label, (_, value) in zip(panel.get_yticklabels(), rows, strict=True):
        label.set_fontweight("bold" if value is None else "normal")
    figure.suptitle(f"{full_name(reference)} minus {full_name(baseline)}", size=9)
    figure.legend(handles=_legend(), loc="outside lower center", ncols=4)
    return figure


def _rows(choices: Choices) -> Iterator[tuple[str, str | None]]:
    """From above: each choice, then its values."""
    for name, values in choices.items():
        yield name, None
        yield from ((name, value) for value in values)


def _label(name: str, value: str | None) -> str:
    return name.rpartition(".")[2].replace("_", " ") if value is None else value.replace("_", " ")


def _draw_curve(axes: Axes, part: pd.DataFrame, colours: np.ndarray, own: np.ndarray) -> None:
    places = np.arange(len(part))
    difference, low, high = (100 * part[name].to_numpy() for name in ("difference", "low", "high"))
    axes.vlines(places, low, high, color=colours, linewidth=1, alpha=0.5)
    axes.scatter(places, difference, c=colours, s=7, linewidths=0, zorder=3)
    axes.plot(
        places[own],
        difference[own],
        linestyle="",
        marker="D",
        markersize=5,
        color="white",
        markeredgecolor="black",
        zorder=4,
    )
    axes.axhline(0, color="black", linewidth=0.8)
    axes.set_xlim(-1, len(part))
    axes.grid(axis="y", linewidth=0.4, alpha=0.5)
    axes.set_axisbelow(True)
    axes.tick_params(axis="x", length=0)


def _draw_choices(
    axes: Axes,
    part: pd.DataFrame,
    colours: np.ndarray,
    own: np.ndarray,
    rows: list[tuple[str, str | None]],
) -> None:
    for row, (name, value) in enumerate(rows):
        if value is not None:
            places = np.flatnonzero(part[name] == value)
            axes.scatter(places, np.full(len(places), row), c=colours[places], s=5, linewidths=0)
        elif row:
            axes.axhline(row - 0.5, color=GRAY, linewidth=0.4)
    for place in own:
        axes.axvline(place, color="black", linewidth=0.5, zorder=0)
    axes.spines["left"].set_visible(False)
    axes.tick_params(length=0)
    axes.set_xticks([])


def _say_explained(axes: Axes, row: int, n: int, shares: pd.DataFrame) -> None:
    """How much of the variance the choice explains, at the right of its head."""
    explained = shares["variance_explained"].dropna()
    if len(explained):
        text = f"explains {rounded(100 * explained.iloc[0], 0)} %"
        axes.text(n - 0.5, row, text, ha="right", va="center", size=6.5, color=GRAY)


def _title(metric: str, shares: pd.DataFrame) -> str:
    everything = shares[shares["choice"] == ALL].iloc[0]
    better, surely = (
        rounded(100 * everything[name], 0) for name in ("better", "significantly_better")
    )
    return f"{metric_name(metric)}: better in {better} %, significantly in {surely} %"


def _legend() -> list[Line2D]:
    points = {"interval above 0": ABOVE, "around 0": UNSURE, "below 0": BELOW}
    return [
        *(
            Line2D([], [], color=colour, marker="o", markersize=3.5, linewidth=1, label=label)
            for label, colour in points.items()
        ),
        Line2D(
            [],
            [],
            linestyle="",
            marker="D",
            markersize=5,
            color="white",
            markeredgecolor="black",
            label="the config's own",
        ),
    ]

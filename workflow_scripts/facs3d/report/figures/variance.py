"""Of what scores are uncertain, and what more repeats or more subjects would buy."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import NullFormatter, NullLocator

from facs3d.core.errors import InputError
from facs3d.evaluation.variance import (
    COLUMNS,
    SEED,
    SEED_AND_SPLIT,
    SPLIT,
    SUBJECT,
    Size,
    components_of,
    standard_error,
)
from facs3d.report.figures.style import GRAY, model_lines, new_figure, say
from facs3d.report.model_names import metric_name, short_name

METRICS = ("F1", "AUC")
PANEL_HEIGHT = 2.1
MARGIN = 0.9
COLOURS = {SEED: "#009E73", SPLIT: "#CC79A7", SEED_AND_SPLIT: "#CC79A7", SUBJECT: "#BBBBBB"}
NOW: dict[str, Any] = {"linestyle": "", "marker": "o", "markersize": 3.5}
GROUP_HEIGHT = 0.75
"""Of the distance from one score to the next, what its components take."""
REPEATS = 20
"""How far ahead is looked, at least; and in subjects, so many times as there are:"""
TIMES_SUBJECTS = 8
STARS_FROM = 2
"""A difference of about so many standard errors has a star."""


def draw_variance(table: pd.DataFrame) -> Figure:
    """A row of panels for F1 and one for AUC, in percentage points: standard deviations of one
    repeat's mean by component; the standard error of each difference by number of repeats, each
    with its own split; and by number of subjects.

    ``table``: of :func:`facs3d.evaluation.variance.variance_table`, or its file.
    :class:`InputError` for a table without its columns.
    """
    missing = [name for name in COLUMNS if name not in table.columns]
    if missing:
        raise InputError(f"components of variance: no column {missing[0]!r}")
    lines = model_lines(tuple(table["model"].unique()))
    figure = new_figure(height=MARGIN + PANEL_HEIGHT * len(METRICS))
    rows = figure.subplots(len(METRICS), 3, squeeze=False, width_ratios=(1.15, 1, 1))
    for metric, (left, middle, right) in zip(METRICS, rows, strict=True):
        of_metric = table[table["metric"] == metric]
        left.set_title(f"{metric_name(metric)}: what one repeat is off by", loc="left")
        left.set_xlabel("standard deviation (points)")
        middle.set_title("what more repeats would buy", loc="left")
        middle.set(xlabel="repeats", ylabel="standard error (points)")
        right.set_title("what more subjects would buy", loc="left")
        right.set(xlabel="subjects")
        if of_metric.empty:
            for axes in (left, middle, right):
                say(axes, "undefined")
            continue
        _draw_components(left, of_metric)
        of_differences = of_metric[of_metric["baseline"].notna()]
        for baseline, part in of_differences.groupby("baseline", sort=False):
            _draw_errors(middle, right, part, *lines[baseline])
        if of_differences.empty:
            say(middle, "one model")
            say(right, "one model")
            continue
        highest = max(middle.get_ylim()[1], right.get_ylim()[1])
        for axes in (middle, right):
            axes.set_ylim(0, highest)
            axes.grid(axis="y", linewidth=0.4, alpha=0.5)
    figure.align_labels()
    figure.suptitle("Seed, split and subjects: how uncertain results are", size=9)
    figure.legend(handles=_legend(table, lines), loc="outside lower center", ncols=3)
    return figure


def _draw_components(axes: Axes, of_metric: pd.DataFrame) -> None:
    scores = list(of_metric.groupby(["model", "baseline"], sort=False, dropna=False))
    names = of_metric["component"].unique()
    height = GROUP_HEIGHT / len(names)
    for place, name in enumerate(names):
        sd = [100 * rows.set_index("component").loc[name, "sd"] for _, rows in scores]
        shift = (place - (len(names) - 1) / 2) * height
        axes.barh(np.arange(len(sd)) + shift, sd, height, color=COLOURS[name], edgecolor="white")
    axes.set_yticks(range(len(scores)), [_name(*score) for score, _ in scores])
    axes.invert_yaxis()
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x", linewidth=0.4, alpha=0.5)
    axes.set_axisbelow(True)


def _draw_errors(
    by_repeats: Axes, by_subjects: Axes, rows: pd.DataFrame, colour: str, style: Any
) -> None:
    components, size = components_of(rows)
    found = 100 * abs(rows["mean"].iloc[0]) / STARS_FROM
    repeats = np.arange(1, max(REPEATS, size.repeats) + 1)
    subjects = np.geomspace(size.subjects, TIMES_SUBJECTS * size.subjects, 60).round().astype(int)

    def errors(sizes: list[Size]) -> list[float]:
        return [100 * standard_error(components, each) for each in sizes]

    by_repeats.plot(
        repeats, errors([Size(size.subjects, n, 1) for n in repeats]), color=colour, linestyle=style
    )
    for n_repeats, width in ((1, 0.7), (size.repeats, 1.5)):
        expected = errors([Size(n, n_repeats, 1) for n in subjects])
        by_subjects.plot(subjects, expected, color=colour, linestyle=style, linewidth=width)
    by_repeats.plot(size.repeats, *errors([size]), color=colour, **NOW)
    by_subjects.plot(size.subjects, *errors([size]), color=colour, **NOW)
    by_repeats.set_xticks(np.linspace(1, len(repeats), 5).round().tolist())
    for axes in (by_repeats, by_subjects):
        axes.axhline(found, color=colour, linewidth=0.6, linestyle=":")
    by_subjects.set_xscale("log", base=2)
    ticks = [size.subjects * times for times in (1, 2, 4, TIMES_SUBJECTS)]
    by_subjects.set_xticks(ticks, map(str, ticks))
    by_subjects.xaxis.set_minor_locator(NullLocator())
    by_subjects.xaxis.set_minor_formatter(NullFormatter())


def _legend(table: pd.DataFrame, lines: dict[str, tuple[str, Any]]) -> list[Line2D | Patch]:
    differences = table[table["baseline"].notna()].drop_duplicates(["model", "baseline"])
    handles: list[Line2D | Patch] = [
        Patch(color=COLOURS[name], label=name) for name in table["component"].unique()
    ]
    for model, baseline in differences[["model", "baseline"]].itertuples(index=False):
        name, (colour, style) = _name(model, baseline), lines[baseline]
        handles.append(Line2D([], [], color=colour, linestyle=style, label=name))
    return [
        *handles,
        Line2D([], [], color=GRAY, label="these results", **NOW),
        Line2D([], [], color=GRAY, linewidth=0.7, label="thin: with one repeat"),
        Line2D([], [], color=GRAY, linewidth=0.6, linestyle=":", label="half the difference found"),
    ]


def _name(model: str, baseline: str | float) -> str:
    return short_name(model) + (f" − {short_name(baseline)}" if isinstance(baseline, str) else "")

"""What must come out and what came out: the controls in one figure."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from facs3d.evaluation.controls import METRIC, MODELS, NEIGHBOUR, NULL_LEVEL
from facs3d.report.figures.style import GRAY, new_figure
from facs3d.report.model_names import short_name

HEIGHT = 2.9
GROUPS: dict[str, tuple[str, str]] = {
    "all": ("#000000", "-"),
    "under control": ("#D55E00", "--"),
    "others": ("#0072B2", ":"),
}
TESTS = {"corrected": ("#0072B2", "Table II-R"), "paper": ("#E69F00", "the paper's test")}
OCCUR = {"independently": "#009E73", "together": "#CC79A7"}
BAR: dict[str, Any] = {"width": 0.36, "edgecolor": "white", "linewidth": 0.5}


def draw_controls(doses: pd.DataFrame, null: pd.DataFrame, company: pd.DataFrame) -> Figure:
    """Dose and response, false positives, company: one panel each.

    The tables are those of :func:`facs3d.evaluation.controls.dose_response`, ``false_positives``
    and ``company_shares``.
    """
    figure = new_figure(height=HEIGHT)
    panels = figure.subplots(1, 3, width_ratios=(1.25, 1, 1))
    _draw_doses(panels[0], doses)
    _draw_null(panels[1], null)
    _draw_company(panels[2], company)
    for axes in panels:
        axes.grid(axis="y", linewidth=0.4, alpha=0.5)
        axes.set_axisbelow(True)
        axes.legend(loc="upper left", fontsize=6.5)
    return figure


def _draw_doses(axes: Axes, doses: pd.DataFrame) -> None:
    step = 0.02 * np.ptp(doses["dose"])
    for number, (name, (colour, style)) in enumerate(GROUPS.items()):
        of_group = doses[doses["aus"] == name]
        mean, low, high = (
            100 * of_group[column].to_numpy() for column in ("mean_difference", "ci_low", "ci_high")
        )
        axes.errorbar(
            of_group["dose"] + (number - 1) * step,
            mean,
            yerr=(mean - low, high - mean),
            color=colour,
            linestyle=style,
            marker="o",
            markersize=3,
            capsize=2,
            linewidth=1.2,
            label=f"AUs: {name}",
        )
    axes.axhline(0, color=GRAY, linewidth=0.8)
    axes.set_xticks(sorted(doses["dose"].unique()))
    axes.set_xlabel("mimicry: how much rest looks like AUs")
    names = " − ".join(map(short_name, MODELS))
    axes.set_ylabel(f"{METRIC}, {names} (points)")
    axes.set_title("Dynamics: only time tells")
    _leave_room(axes, 0.3)


def _draw_null(axes: Axes, null: pd.DataFrame) -> None:
    places = np.arange(len(null))
    for number, (column, (colour, name)) in enumerate(TESTS.items()):
        at = places + (number - 0.5) * BAR["width"]
        axes.bar(at, 100 * null[column], color=colour, label=name, **BAR)
    axes.axhline(100 * NULL_LEVEL, color=GRAY, linestyle=":", linewidth=1)
    axes.set_xticks(places, [short_name(model) for model in null["model"]])
    axes.set_ylabel(f"cells with p < {NULL_LEVEL} (%)")
    axes.set_xlabel("a model against itself")
    axes.set_title("Null: only seeds differ")
    _leave_room(axes, 0.3)


def _draw_company(axes: Axes, company: pd.DataFrame) -> None:
    maps = company[["measure", "au"]].drop_duplicates()
    places = np.arange(len(maps))
    for number, (occur, colour) in enumerate(OCCUR.items()):
        at = places + (number - 0.5) * BAR["width"]
        of_data = maps.merge(company[company["occur"] == occur], how="left")
        by_map = of_data.groupby(["measure", "au"], sort=False)["share"]
        shares = [100 * of_map for _, of_map in by_map]
        label = f"AUs occur {occur}"
        axes.bar(at, [values.mean() for values in shares], color=colour, label=label, **BAR)
        for x, values in zip(at, shares, strict=True):
            axes.plot(np.full(len(values), x), values, "o", color="black", markersize=2)
    names = [f"AU {au}\n{measure}" for measure, au in maps.to_numpy()]
    axes.set_xticks(places, names)
    axes.set_ylabel(f"of its map in AU {NEIGHBOUR}'s region (%)")
    axes.set_xlabel("a point: a network's map")
    axes.set_title("Company: do maps reach over")
    _leave_room(axes, 0.3)


def _leave_room(axes: Axes, share: float) -> None:
    """For the legend, above what is drawn."""
    low, high = axes.get_ylim()
    axes.set_ylim(low, high + share * (high - low))

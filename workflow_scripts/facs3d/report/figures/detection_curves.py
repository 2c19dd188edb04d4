"""ROC and precision-recall curves of every AU over all held-out frames, the models in one panel."""

from collections.abc import Callable
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from sklearn.metrics import (
    average_precision_score,
    precision_recall_curve,
    roc_auc_score,
    roc_curve,
)

from facs3d.core.action_units import UNKNOWN, au_title
from facs3d.evaluation.runs import Run, models_of, pool
from facs3d.report.figures.style import GRAY, PAGE_WIDTH, model_lines, new_figure, say
from facs3d.report.model_names import full_name, short_name
from facs3d.training.predictions import Predictions

PANELS_A_ROW = 3
PANEL_HEIGHT = 2.05
MARGIN = 0.9
LEGEND_ROW = 10
"""Points that a row of a panel's legend takes, between the panel and its title."""
CHANCE: dict[str, Any] = {"color": GRAY, "linewidth": 0.8, "linestyle": ":", "label": "chance"}

Curve = tuple[np.ndarray, np.ndarray, float]
"""x (n,) and y (n,) in [0, 1], and the score they stand for."""


def roc_of(true: np.ndarray, probability: np.ndarray) -> Curve:
    """False and true positive rate, ascending, and AUC. ``true`` (n,) bool holds both values."""
    false_positive, true_positive, _ = roc_curve(true, probability)
    return false_positive, true_positive, float(roc_auc_score(true, probability))


def precision_recall_of(true: np.ndarray, probability: np.ndarray) -> Curve:
    """Recall, descending, precision, and average precision, the area under them as steps."""
    precision, recall, _ = precision_recall_curve(true, probability, drop_intermediate=True)
    # The last point is no threshold's: precision 1 by definition, where nothing is called positive.
    return recall[:-1], precision[:-1], float(average_precision_score(true, probability))


def draw_roc_curves(runs: dict[Run, Predictions]) -> Figure:
    """One panel per AU: true against false positive rate, and each model's AUC."""

    def draw(axes: Axes, curve: Curve, **look: Any) -> None:
        axes.plot(curve[0], curve[1], **look)

    def chance(axes: Axes, base_rate: float) -> None:
        axes.plot((0, 1), (0, 1), **CHANCE)

    labels = "false positive rate", "true positive rate"
    figure = _draw_panels(runs, roc_of, draw, chance, labels)
    figure.suptitle("ROC over all held-out frames, with AUC", size=9)
    return figure


def draw_precision_recall_curves(runs: dict[Run, Predictions]) -> Figure:
    """One panel per AU: precision against recall, each model's average precision; chance has the
    base rate as its precision."""

    def draw(axes: Axes, curve: Curve, **look: Any) -> None:
        axes.plot(curve[0], curve[1], drawstyle="steps-post", **look)

    def chance(axes: Axes, base_rate: float) -> None:
        axes.axhline(base_rate, **CHANCE)

    figure = _draw_panels(runs, precision_recall_of, draw, chance, ("recall", "precision"))
    figure.suptitle("Precision and recall over all held-out frames, with PR-AUC", size=9)
    return figure


def _draw_panels(
    runs: dict[Run, Predictions],
    curve_of: Callable[[np.ndarray, np.ndarray], Curve],
    draw: Callable[..., None],
    chance: Callable[[Axes, float], None],
    axis_labels: tuple[str, str],
) -> Figure:
    models = models_of(runs)
    pooled = {model: pool(runs, model) for model in models}
    lines = model_lines(models)
    action_units = next(iter(runs.values())).action_units
    n_columns = min(PANELS_A_ROW, len(action_units))
    n_rows = -(-len(action_units) // n_columns)
    figure = new_figure(
        width=PAGE_WIDTH * max(n_columns, 2) / PANELS_A_ROW, height=MARGIN + PANEL_HEIGHT * n_rows
    )
    panels = figure.subplots(n_rows, n_columns, sharex=True, sharey=True, squeeze=False).ravel()
    for column, (au, axes) in enumerate(zip(action_units, panels, strict=False)):
        axes.set(xlim=(-0.01, 1.01), ylim=(-0.01, 1.01), xticks=(0, 0.5, 1), yticks=(0, 0.5, 1))
        if column % n_columns == 0:
            axes.set_ylabel(axis_labels[1])
        if column + n_columns >= len(action_units):
            axes.set_xlabel(axis_labels[0])
            axes.tick_params(labelbottom=True)
        for model in models:
            label, probability = (values[:, column] for values in pooled[model])
            known = label != UNKNOWN
            true = label[known] == 1
            if not true.any() or true.all():
                say(axes, _why_undefined(true))
                break
            curve = curve_of(true, probability[known])
            look = {"color": lines[model][0], "linestyle": lines[model][1], "linewidth": 1.1}
            draw(axes, curve, label=f"{short_name(model)} {curve[2]:.3f}", **look)
        else:
            _name_above(axes)
            chance(axes, true.mean())
        rows_above = -(-len(models) // PANELS_A_ROW)
        axes.set_title(_title(au, true), size=7, pad=4 + LEGEND_ROW * rows_above)
    for axes in panels[len(action_units) :]:
        axes.remove()
    handles = [
        Line2D([], [], color=colour, linestyle=style, label=_both_names(model))
        for model, (colour, style) in lines.items()
    ]
    figure.legend(handles=[*handles, Line2D([], [], **CHANCE)], loc="outside lower center", ncols=4)
    return figure


def _name_above(axes: Axes) -> None:
    axes.legend(
        loc="lower center",
        bbox_to_anchor=(0.5, 1.0),
        ncols=PANELS_A_ROW,
        fontsize=6.5,
        handlelength=1.6,
        handletextpad=0.4,
        columnspacing=0.9,
        borderaxespad=0.1,
    )


def _title(au: int, true: np.ndarray) -> str:
    share = f" ({100 * true.mean():.0f} % positive)" if true.size else ""
    return f"{au_title(au)}{share}"


def _why_undefined(true: np.ndarray) -> str:
    if not true.size:
        return "no curve: no frame\nis coded"
    return f"no curve: no frame\nis coded {'absent' if true.all() else 'present'}"


def _both_names(model: str) -> str:
    full, short = full_name(model), short_name(model)
    return full if full == short else f"{full} ({short})"

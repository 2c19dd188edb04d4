"""Loss per epoch of every model, and the scores on validation subjects where there are any."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from facs3d.evaluation.runs import Run, models_of
from facs3d.report.figures.style import GRAY, PAGE_WIDTH, model_lines, new_figure
from facs3d.report.model_names import full_name

LOSS = "loss"
CURVES = {
    LOSS: "training loss",
    "validation_f1": "validation F1 (%)",
    "validation_auc": "validation AUC (%)",
}
"""Columns of a history, and what their row of panels is called; scores are shown in percent."""
ROW_HEIGHT = 2.0
MARGIN = 0.6


def draw_training_curves(histories: dict[Run, pd.DataFrame]) -> Figure:
    """One panel per model, on one scale, one row per measure: a thin line a training, a thick mean.

    ``histories``: columns ``epoch``, ``loss`` and, with validation subjects, ``validation_f1`` and
    ``validation_auc`` by run. The mean is drawn over the epochs that all folds have; a fold whose
    loss stops being a number is named in the panel.
    """
    models = models_of(histories)
    lines = model_lines(models)
    shown = [column for column in CURVES if column == LOSS or _is_held(column, histories)]
    figure = new_figure(
        width=max(PAGE_WIDTH / 3 * len(models), 3.2), height=MARGIN + ROW_HEIGHT * len(shown)
    )
    rows = figure.subplots(len(shown), len(models), sharex=True, sharey="row", squeeze=False)
    for column, row in zip(shown, rows, strict=True):
        row[0].set_ylabel(CURVES[column])
        for axes, model in zip(row, models, strict=True):
            of_model = {run: table for run, table in histories.items() if run.model == model}
            _draw_curves(axes, list(of_model.values()), column, lines[model][0])
            if column == LOSS:
                broken = filter(None, (_divergence(*item) for item in of_model.items()))
                axes.text(
                    0.98, 0.97, "\n".join(broken), ha="right", va="top", transform=axes.transAxes
                )
    for axes, model in zip(rows[0], models, strict=True):
        n_runs = sum(run.model == model for run in histories)
        axes.set_title(f"{full_name(model)} ({n_runs} training{'s' if n_runs > 1 else ''})")
    for axes in rows[-1]:
        axes.set_xlabel("epoch")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    figure.align_ylabels(rows[:, 0])
    figure.supxlabel("thin: a training; thick: their mean", size=7, color=GRAY)
    return figure


def _is_held(column: str, histories: dict[Run, pd.DataFrame]) -> bool:
    """Whether any history has numbers in ``column``."""
    return any(table[column].notna().any() for table in histories.values() if column in table)


def _draw_curves(axes: Axes, histories: list[pd.DataFrame], column: str, colour: str) -> None:
    scale = 1 if column == LOSS else 100
    histories = [history.reindex(columns=["epoch", column]) for history in histories]
    for history in histories:
        values = scale * history[column]
        axes.plot(history["epoch"], values, color=colour, alpha=0.45, linewidth=0.7)
    by_epoch = pd.concat(histories).groupby("epoch")[column]
    mean = scale * by_epoch.mean()[by_epoch.count() == len(histories)]
    # A single epoch is a point, which a line would not show.
    marker = "o" if len(mean) == 1 else ""
    axes.plot(mean.index, mean, color=colour, linewidth=2, marker=marker, markersize=4)
    axes.grid(axis="y", linewidth=0.4, alpha=0.5)


def _divergence(run: Run, history: pd.DataFrame) -> str:
    broken = history.loc[~np.isfinite(history[LOSS]), "epoch"]
    return f"{run.place}: not a number from epoch {broken.iloc[0]}" if len(broken) else ""

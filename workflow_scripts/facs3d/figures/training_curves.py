"""Loss per epoch of every model: folds as thin lines, their mean thick."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from facs3d.figures.style import GRAY, PAGE_WIDTH, model_lines, new_figure
from facs3d.results import Run, full_name, models_of


def draw_training_curves(histories: dict[Run, pd.DataFrame]) -> Figure:
    """A panel a model, on one scale. ``histories``: columns ``epoch`` and ``loss`` by run.

    The mean is drawn over the epochs that all folds have; a fold whose loss stops being a number
    is named in the panel.
    """
    models = models_of(histories)
    lines = model_lines(models)
    figure = new_figure(width=max(PAGE_WIDTH / 3 * len(models), 3.2), height=2.5)
    panels = figure.subplots(1, len(models), sharex=True, sharey=True, squeeze=False)[0]
    for axes, model in zip(panels, models, strict=True):
        colour = lines[model][0]
        of_model = {run.fold: table for run, table in histories.items() if run.model == model}
        for history in of_model.values():
            axes.plot(history["epoch"], history["loss"], color=colour, alpha=0.45, linewidth=0.7)
        by_epoch = pd.concat(of_model.values()).groupby("epoch")["loss"]
        mean = by_epoch.mean()[by_epoch.count() == len(of_model)]
        axes.plot(mean.index, mean, color=colour, linewidth=2)
        axes.set_title(f"{full_name(model)} ({len(of_model)} folds)")
        axes.set_xlabel("epoch")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.grid(axis="y", linewidth=0.4, alpha=0.5)
        diverged = "\n".join(filter(None, (_divergence(*item) for item in of_model.items())))
        axes.text(0.98, 0.97, diverged, ha="right", va="top", transform=axes.transAxes)
    panels[0].set_ylabel("training loss")
    figure.supxlabel("thin: a fold; thick: their mean", size=7, color=GRAY)
    return figure


def _divergence(fold: int, history: pd.DataFrame) -> str:
    broken = history.loc[~np.isfinite(history["loss"]), "epoch"]
    return f"fold {fold}: not a number from epoch {broken.iloc[0]}" if len(broken) else ""

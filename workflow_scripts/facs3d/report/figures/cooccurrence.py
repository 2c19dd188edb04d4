"""Fig. 5: how often two AUs occur together."""

import numpy as np
import pandas as pd
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from facs3d.report.figures.style import GRAY, new_figure, text_colour_on

COLOURS = "viridis"


def draw_cooccurrence(matrix: pd.DataFrame) -> Figure:
    """Jaccard index of every pair of AUs, (A, A) in [0, 1], its value in each cell; the diagonal
    is left blank (an AU always occurs with itself), NaN says ``undefined``."""
    n_aus = len(matrix)
    values = matrix.to_numpy(np.float64)
    pairs = np.ma.masked_where(np.eye(n_aus, dtype=bool) | np.isnan(values), values)
    figure = new_figure(width=1.8 + 0.42 * n_aus, height=1.1 + 0.42 * n_aus)
    axes = figure.add_subplot()
    image = axes.imshow(pairs, cmap=COLOURS, vmin=0, vmax=1)
    for row in range(n_aus):
        for column in range(n_aus):
            if row != column:
                _write_value(axes, row, column, values[row, column])
    axes.set_xticks(range(n_aus), matrix.columns, rotation=45, ha="right", rotation_mode="anchor")
    axes.set_yticks(range(n_aus), matrix.index)
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)
    figure.colorbar(image, ax=axes, label="Jaccard index", shrink=0.8)
    return figure


def _write_value(axes: Axes, row: int, column: int, value: float) -> None:
    if np.isnan(value):
        axes.text(column, row, "undefined", ha="center", va="center", color=GRAY, size=5)
    else:
        colour = text_colour_on(colormaps[COLOURS](value))
        axes.text(column, row, f"{value:.2f}", ha="center", va="center", color=colour)

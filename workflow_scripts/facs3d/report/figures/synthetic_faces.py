"""Contact sheet of the synthetic dataset: every AU, common combinations, some subjects."""

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure

from facs3d.report.figures.style import GRAY, new_figure

COLUMNS = 5
CELL_INCHES = 1.36


def draw_contact_sheet(pictures: Mapping[str, np.ndarray]) -> Figure:
    """A panel for each title and its picture (side, side, 3) uint8 BGR, in order."""
    rows = -(-len(pictures) // COLUMNS)
    figure = new_figure(height=rows * (CELL_INCHES + 0.16))
    panels = figure.subplots(rows, COLUMNS).ravel()
    for axes in panels:
        axes.axis("off")
    for axes, (title, picture) in zip(panels, pictures.items(), strict=False):
        axes.imshow(picture[..., ::-1], interpolation="nearest")
        axes.set_title(title, fontsize=7, color=GRAY, pad=2)
    return figure

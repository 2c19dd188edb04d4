"""The FACS regions that occlusion maps are measured against, as outlines on the mean face."""

import numpy as np
from matplotlib.figure import Figure

from facs3d.core.action_units import au_title
from facs3d.evaluation.occlusion.au_regions import RIGHT_SIDE, region_polygons
from facs3d.preprocessing.alignment import RegistrationSettings
from facs3d.report.figures.style import GRAY, PAGE_WIDTH, new_figure

OUTLINE = "#F0E442"
PANELS_A_ROW = 4


def draw_au_regions(
    mean_face: np.ndarray, action_units: tuple[int, ...], registration: RegistrationSettings
) -> Figure:
    """One panel per AU: its region on ``mean_face`` (S, S), filled lightly, its outline above."""
    side = mean_face.shape[0]
    n_rows = -(-len(action_units) // PANELS_A_ROW)
    figure = new_figure(width=PAGE_WIDTH, height=0.3 + 1.9 * n_rows)
    panels = figure.subplots(n_rows, PANELS_A_ROW, squeeze=False).ravel()
    for axes in panels:
        axes.set_axis_off()
    for au, axes in zip(action_units, panels, strict=False):
        axes.imshow(mean_face, cmap="gray")
        axes.set_title(au_title(au), size=7)
        if au not in RIGHT_SIDE:
            axes.text(side / 2, side / 2, "no region is defined", ha="center", color=GRAY)
            continue
        for polygon in region_polygons(au, registration, side):
            axes.fill(*polygon.T, facecolor=OUTLINE, alpha=0.25, linewidth=0)
            axes.fill(*polygon.T, facecolor="none", edgecolor=OUTLINE, linewidth=1)
        axes.set_xlim(-0.5, side - 0.5)
        axes.set_ylim(side - 0.5, -0.5)
    figure.suptitle("Where each AU shows (FACS), from the mean face's landmarks", size=9)
    return figure

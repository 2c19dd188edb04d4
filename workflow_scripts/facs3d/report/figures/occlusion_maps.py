"""Fig. 4: where on the face each AU's detection rests (occlusion sensitivity, Sec. IV-C), and the
same of the AUC."""

from dataclasses import dataclass
from textwrap import fill

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from facs3d.core.action_units import au_title
from facs3d.core.settings import Settings, setting
from facs3d.evaluation.occlusion.maps import MEASURES, Occlusion, drop_map
from facs3d.evaluation.occlusion.regions import lacks_map
from facs3d.report.figures.style import PAGE_WIDTH, new_figure, say
from facs3d.report.model_names import full_name

COLOURS = "RdYlBu_r"
FACE_BRIGHTNESS = 0.65
"""Of the mean face under a map: darker than white, so that the map's dark ends stay dark."""
PANELS_A_ROW = 4
WORDS_WIDTH = 18


@dataclass(frozen=True)
class OcclusionMapSettings(Settings, section="figures.occlusion_maps"):
    """How occlusion maps are drawn (Fig. 4)."""

    min_positive: int = setting(
        50,
        "an AU of which the model recognises fewer positive frames gets no map: what is not "
        "recognised cannot be lost",
        minimum=1,
        paper="silent",
    )
    opacity: float = setting(0.6, "of the map over the face", above=0, maximum=1, paper="silent")
    common_scale: bool = setting(
        False, "one colour scale for all AUs instead of one for each", paper="silent"
    )


def draw_occlusion_maps(occlusion: Occlusion, settings: OcclusionMapSettings) -> Figure:
    """One panel per AU: how far the measure, accuracy on its positive frames or its AUC, drops with
    the patch there.

    Dark red: it falls most; dark blue: it does not fall. A position's score belongs to the centre
    of its patch and is interpolated between centres; the rim beyond them stays bare.
    """
    n_aus = len(occlusion.action_units)
    n_rows = -(-n_aus // PANELS_A_ROW)
    lacking = [lacks_map(occlusion, index, settings.min_positive) for index in range(n_aus)]
    drops = {index: drop_map(occlusion, index) for index, why in enumerate(lacking) if not why}
    highest = {index: np.nanmax(drop) for index, drop in drops.items()}
    if settings.common_scale:
        highest = dict.fromkeys(highest, max(highest.values(), default=0))
    figure = new_figure(width=PAGE_WIDTH, height=0.45 + 1.75 * n_rows)
    panels = figure.subplots(n_rows, PANELS_A_ROW, squeeze=False).ravel()
    for axes in panels:
        axes.set_axis_off()
    for index, axes in zip(range(n_aus), panels, strict=False):
        darkest, brightest = occlusion.mean_face.min(), occlusion.mean_face.max()
        white = darkest + (brightest - darkest) / FACE_BRIGHTNESS
        axes.imshow(occlusion.mean_face, cmap="gray", vmin=darkest, vmax=white)
        axes.set_title(_title(occlusion, index), size=7, loc="left")
        if index in drops:
            _overlay(figure, axes, drops[index], highest[index], settings.opacity)
        else:
            say(axes, fill(f"no map: {lacking[index]}", WORDS_WIDTH))
    side, patch = len(occlusion.mean_face), occlusion.patch
    figure.suptitle(
        f"{full_name(occlusion.run.model)}, {occlusion.place}:\n"
        f"drop in {MEASURES[occlusion.measure]} (percentage points) "
        f"under a {patch}×{patch} px patch on faces of {side}×{side} px",
        size=9,
    )
    return figure


def _overlay(figure: Figure, axes: Axes, drop: np.ndarray, highest: float, opacity: float) -> None:
    image = axes.imshow(drop, cmap=COLOURS, vmin=0, vmax=highest, alpha=opacity)
    extend = "min" if np.nanmin(drop) < 0 else "neither"
    bar = figure.colorbar(image, cax=axes.inset_axes((1.03, 0, 0.05, 1)), extend=extend)
    assert bar.solids is not None  # it has an image
    bar.solids.set_alpha(1)
    bar.set_ticks([0, highest], labels=["0", f"{highest:.3g} pp"])
    bar.ax.tick_params(length=2, pad=2)


def _title(occlusion: Occlusion, index: int) -> str:
    au = occlusion.action_units[index]
    n_positive = int(occlusion.n_positive[index])
    name = au_title(au)
    if n_positive == 0:
        return f"{name}\nno positive frame: undefined"
    if not np.isfinite(occlusion.baseline[index]):
        return f"{name}\nn = {n_positive}, no negative frame"
    return f"{name}\nn = {n_positive}, {100 * occlusion.baseline[index]:.1f} % unoccluded"

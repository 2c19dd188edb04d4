"""Fig. 4: where on the face each AU's detection rests (occlusion sensitivity, Sec. IV-C)."""

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from facs3d.core.action_units import au_title
from facs3d.core.settings import Settings, setting
from facs3d.evaluation.occlusion.maps import Occlusion, drop_map
from facs3d.report.figures.style import PAGE_WIDTH, new_figure, say
from facs3d.report.model_names import full_name

COLOURS = "RdYlBu_r"
FACE_BRIGHTNESS = 0.65
"""Of the mean face under a map: darker than white, so that the map's dark ends stay dark."""
PANELS_A_ROW = 4


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
    """One panel per AU: how far accuracy on its positive frames drops with the patch there.

    Dark red: accuracy falls most; dark blue: it does not fall. A position's accuracy belongs to
    the centre of its patch and is interpolated between centres; the rim beyond them stays bare.
    """
    n_aus = len(occlusion.action_units)
    n_rows = -(-n_aus // PANELS_A_ROW)
    enough = occlusion.n_recognised >= settings.min_positive
    drops = 100 * (occlusion.baseline_accuracy[:, None, None] - occlusion.accuracy)
    highest = np.array(
        [drop.max() if ok else np.nan for drop, ok in zip(drops, enough, strict=True)]
    )
    if settings.common_scale and enough.any():
        highest[enough] = highest[enough].max()
    figure = new_figure(width=PAGE_WIDTH, height=0.45 + 1.75 * n_rows)
    panels = figure.subplots(n_rows, PANELS_A_ROW, squeeze=False).ravel()
    for axes in panels:
        axes.set_axis_off()
    for index, axes in zip(range(n_aus), panels, strict=False):
        darkest, brightest = occlusion.mean_face.min(), occlusion.mean_face.max()
        white = darkest + (brightest - darkest) / FACE_BRIGHTNESS
        axes.imshow(occlusion.mean_face, cmap="gray", vmin=darkest, vmax=white)
        axes.set_title(_title(occlusion, index), size=7, loc="left")
        if not enough[index]:
            say(axes, f"no map: fewer than\n{settings.min_positive} positive frames\nrecognised")
        elif highest[index] <= 0:
            say(axes, "no map: accuracy\nfalls nowhere")
        else:
            drop = drop_map(occlusion, index)
            _overlay(figure, axes, drop, highest[index], settings.opacity)
    side, patch = len(occlusion.mean_face), occlusion.patch
    figure.suptitle(
        f"{full_name(occlusion.run.model)}, {occlusion.place}: drop in accuracy on positive\n"
        f"frames (percentage points) under a {patch}×{patch} px patch on faces of {side}×{side} px",
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
    accuracy = f"{100 * occlusion.baseline_accuracy[index]:.1f} %"
    return f"{name}\nn = {n_positive}, {accuracy} unoccluded"

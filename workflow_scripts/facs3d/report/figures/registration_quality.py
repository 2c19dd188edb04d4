"""Registration quality of every video: size of the face, jitter of its eyes, frames lost."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from facs3d.report.figures.style import GRAY, new_figure, say

POINT = "#0072B2"
UNUSABLE = "#D55E00"
NAMED = 3
"""Videos, the worst, that the head of a panel names."""
MOST_NAMES = 40
"""Videos beyond which the axis counts them instead of naming each."""


def draw_registration_quality(quality: pd.DataFrame) -> Figure:
    """Three panels over the videos, in the order given: inter-ocular distance, jitter, lost frames.

    ``quality``: :func:`facs3d.preprocessing.quality.quality_of_videos`.
    """
    figure = new_figure(height=5.4)
    size, jitter, lost = panels = figure.subplots(3, sharex=True)
    if quality.empty:
        for axes in panels:
            say(axes, "no video was tracked")
        return figure
    place = np.arange(1, len(quality) + 1)
    markersize = float(np.clip(150 / len(quality), 2, 4))
    look = {"color": POINT, "markersize": markersize, "linestyle": "", "marker": "o"}
    # The layout would take a line without a point, all its values being NaN, to lie in a corner.
    look["in_layout"] = False
    _draw_sizes(size, place, quality, look)
    _draw_jitter(jitter, place, quality, look)
    _draw_lost(lost, place, quality, look)
    lost.set_xlim(0.3, len(quality) + 0.7)
    if len(quality) <= MOST_NAMES:
        lost.set_xticks(place, quality["video"])
        lost.tick_params(axis="x", labelrotation=90, labelsize=6)
    else:
        lost.xaxis.set_major_locator(MaxNLocator(integer=True))
        lost.set_xlabel("video, in the order of the sheet")
    return figure


def _draw_sizes(axes: Axes, place: np.ndarray, quality: pd.DataFrame, look: dict) -> None:
    axes.set_ylabel("inter-ocular\ndistance (px)")
    if quality["iod_median"].isna().all():
        say(axes, "not measured: no face was found here, or faces were registered elsewhere")
        return
    axes.vlines(place, quality["iod_low"], quality["iod_high"], color=POINT, alpha=0.5)
    axes.plot(place, quality["iod_median"], **look)
    axes.margins(y=0.15)
    axes.set_title("median and 5th to 95th percentile, in the source video", size=7, loc="left")


def _draw_jitter(axes: Axes, place: np.ndarray, quality: pd.DataFrame, look: dict) -> None:
    axes.set_ylabel("jitter of the eyes\n(% of distance)")
    if quality["jitter_percent"].isna().all():
        say(axes, "not measured: no face in three annotated frames on end")
        return
    axes.plot(place, quality["jitter_percent"], clip_on=False, **look)
    axes.set_ylim(bottom=0)
    _name_worst(axes, quality["video"], quality["jitter_percent"])


def _draw_lost(axes: Axes, place: np.ndarray, quality: pd.DataFrame, look: dict) -> None:
    axes.set(ylabel="frames lost (%)", ylim=(-4, 104))
    share = 100 * quality["n_lost"] / quality["n_frames"].replace(0, np.nan)
    axes.plot(place, share, clip_on=False, **look)
    unusable = (quality["problem"] != "").to_numpy()
    cross = look | {"color": UNUSABLE, "marker": "x", "markersize": 5}
    _name_worst(axes, quality["video"], share)
    if unusable.any():
        axes.plot(place[unusable], np.full(unusable.sum(), 100), clip_on=False, **cross)
        note = f"×: {unusable.sum()} not usable at all"
        axes.set_title(note, size=7, loc="right", color=UNUSABLE)


def _name_worst(axes: Axes, video: pd.Series, value: pd.Series) -> None:
    worst = value[value > 0].sort_values(ascending=False, kind="stable")[:NAMED]
    named = ", ".join(f"{video[row]} {_short(number)} %" for row, number in worst.items())
    title = f"most: {named}" if named else "no frame lost"
    axes.set_title(title, size=7, loc="left", color="black" if named else GRAY)


def _short(number: float) -> str:
    """Two digits that count, and no exponent: 0.27, 120."""
    return f"{float(f'{number:.2g}'):g}"

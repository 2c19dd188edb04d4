"""The AUs of a new video over time, one strip for each."""

from textwrap import wrap

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from facs3d.core.action_units import FACS_NAMES, au_column
from facs3d.prediction.au_table import AuTable
from facs3d.prediction.events import frame_ends
from facs3d.prediction.notes import runs
from facs3d.report.figures.style import GRAY, TRUTH, new_figure
from facs3d.training.judgement import GOOD, POOR, of_real_faces

STRIP_HEIGHT = 0.42
HEADER_HEIGHT = 0.9
NOTE_HEIGHT = 0.13
"""Of a kind of note below the strips."""
LINE_LENGTH = 100
"""Characters of a line above the strips."""
PALE, PALE_TRUTH = "#8C8C8C", "#F0F0F0"
"""Of an AU that cannot be relied upon: its line and name, and where it is said to be present."""


def draw_au_course(table: AuTable, title: str) -> Figure:
    """Each AU's probability from 0 to 1; shaded where it is said to be present, no line where no
    face was found. An AU whose grade is not good is marked with it, and pale if it is poor."""
    count = len(table.action_units)
    grades = table.grades or (GOOD,) * count
    below = NOTE_HEIGHT * len(table.noted)
    heights = [STRIP_HEIGHT] * count + [below] * bool(below)
    figure = new_figure(height=HEADER_HEIGHT + sum(heights))
    every = figure.subplots(
        len(heights), sharex=True, squeeze=False, gridspec_kw={"height_ratios": heights}
    )[:, 0]
    strips = every[:count]
    for column, (au, grade, axes) in enumerate(
        zip(table.action_units, grades, strips, strict=True)
    ):
        ink, shade = (PALE, PALE_TRUTH) if grade == POOR else ("black", TRUTH)
        probability, present = table.probability[:, column], table.present[:, column]
        axes.fill_between(
            table.seconds,
            0,
            1,
            where=present,
            step="mid",
            color=shade,
            linewidth=0,
            rasterized=True,
        )
        # An hour is 100,000 frames in 12 strips: too many lines for a PDF to draw.
        alone = _alone(probability)
        look = {"color": ink, "rasterized": True}
        axes.plot(table.seconds, probability, linewidth=0.8, **look)
        axes.plot(table.seconds[alone], probability[alone], ".", markersize=2, **look)
        axes.set(ylim=(0, 1), yticks=(0, 1))
        mark = "" if grade == GOOD else f" ({grade})"
        axes.set_ylabel(
            f"{au_column(au)}{mark}\n{FACS_NAMES.get(au, '')}",
            color=ink,
            rotation=0,
            ha="right",
            va="center",
            size=7,
        )
    nothing = np.isnan(table.probability[:, 0])
    for axes in strips:
        axes.fill_between(
            table.seconds,
            0,
            1,
            where=nothing,
            step="mid",
            facecolor="none",
            edgecolor=GRAY,
            hatch="////",
            linewidth=0,
        )
    if table.noted:
        _draw_notes(every[-1], table)
    last = table.seconds[-1] if len(table.seconds) > 1 else table.seconds[0] + 1
    every[-1].set(xlabel="time in the video (s)", xlim=(table.seconds[0], last))
    heading = f"{title}: probability of each AU; gray: present, hatched: no face"
    if table.grades:
        heading += (
            f"\ntrained on {table.trained_on}: rely less on AUs marked fair, "
            "not on those marked poor (pale)\n"
            + of_real_faces(table.real_faces, table.action_units)
        )
    lines = [part for line in heading.splitlines() for part in wrap(line, LINE_LENGTH)]
    figure.suptitle("\n".join(lines), size=9)
    return figure


def _draw_notes(axes: Axes, table: AuTable) -> None:
    ends = frame_ends(table.seconds)
    # A frame of an hour would not be seen.
    least = (ends[-1] - table.seconds[0]) / 500
    for row, mask in enumerate(table.noted.values()):
        spans = [
            (table.seconds[first], max(ends[last] - table.seconds[first], least))
            for first, last in runs(mask)
        ]
        axes.broken_barh(spans, (row + 0.15, 0.7), facecolor=GRAY, linewidth=0, rasterized=True)
    axes.set_yticks(np.arange(len(table.noted)) + 0.5, list(table.noted), size=6)
    axes.set_ylim(len(table.noted), 0)
    axes.tick_params(axis="y", length=0)


def _alone(probability: np.ndarray) -> np.ndarray:
    """Mask of values without a neighbour, which a line would not show."""
    lost = np.concatenate(([True], np.isnan(probability), [True]))
    return lost[:-2] & ~lost[1:-1] & lost[2:]

"""Fig. 1: an AU's time course in one video, as coded and as the models see it."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from facs3d.core.action_units import ABSENT, PRESENT, UNKNOWN, au_title
from facs3d.core.errors import InputError
from facs3d.core.settings import Settings, same_as, setting
from facs3d.datasets.settings import DatasetSettings
from facs3d.evaluation.runs import Run, models_of
from facs3d.preprocessing.clips import ClipSet
from facs3d.report.figures.style import GRAY, PAGE_WIDTH, TRUTH, model_lines, new_figure
from facs3d.report.model_names import full_name
from facs3d.training.predictions import Predictions

AUTO = "auto"
NAMES_AT = (("right", (-2, 3)), ("center", (0, 11)), ("left", (2, 3)))
"""Where the names of an event's moments stand, in points from the upper end of their lines: on
three sides of it, for an event may be a single frame."""


@dataclass(frozen=True)
class TimeCourseSettings(Settings, section="figures.time_course"):
    """What the time course shows (Fig. 1)."""

    au: int = setting(12, "the AU; one of dataset.action_units", minimum=1)
    video: str = setting(
        AUTO,
        "name of the video, or auto for the one with the most complete event",
        allowed_words="a name or auto",
    )
    frames_per_second: float = same_as(DatasetSettings, "frames_per_second")


@dataclass(frozen=True)
class Event:
    """A run of frames in which the AU is present: places ``onset`` … ``offset`` in the clip.

    ``completeness``: the least of the absent frames before it, its length and the absent frames
    after it, so 0 for an event that the clip's ends or uncoded frames cut off.
    """

    onset: int
    offset: int
    completeness: int

    @property
    def apex(self) -> int:
        """The middle of the event: occurrence labels do not say where intensity peaks."""
        return (self.onset + self.offset) // 2

    @property
    def rank(self) -> tuple[int, int]:
        """What makes an event worth showing: completeness, then length."""
        return self.completeness, self.offset - self.onset


def find_event(label: np.ndarray) -> Event | None:
    """The event of highest rank in ``label`` (T,) int8 in {1, 0, -1}, of equals the first; None if
    the AU is never present."""
    changes = np.flatnonzero(np.diff(label)) + 1
    spans = list(pairwise([0, *changes.tolist(), len(label)]))
    absent = [end - start if label[start] == ABSENT else 0 for start, end in spans]
    before, after = [0, *absent], [*absent[1:], 0]
    events = [
        Event(start, end - 1, min(before[span], end - start, after[span]))
        for span, (start, end) in enumerate(spans)
        if label[start] == PRESENT
    ]
    return max(events, key=lambda event: event.rank, default=None)


def choose_clip(clips: ClipSet, predicted: set[str], settings: TimeCourseSettings) -> int:
    """Index of the clip to show: the named video's, or that of the event of highest rank among
    the ``predicted`` videos (the first of them if the AU never occurs).

    :class:`InputError` for an AU or a video that is not there.
    """
    if settings.au not in clips.action_units:
        raise InputError(f"{clips.path}: no AU {settings.au}; it has {list(clips.action_units)}")
    found = [index for index, video in enumerate(clips.video) if video in predicted]
    if settings.video != AUTO:
        found = [index for index in found if clips.video[index] == settings.video]
    if not found:
        wanted = "no video" if settings.video == AUTO else f"the video {settings.video!r} is not"
        raise InputError(f"{clips.path}: {wanted} among those with a clip and predictions")
    column = clips.action_units.index(settings.au)
    events = {index: find_event(clips.labels[index, :, column]) for index in found}
    return max(found, key=lambda index: event.rank if (event := events[index]) else (-1, -1))


def draw_time_course(
    clips: ClipSet,
    runs: dict[Run, Predictions],
    settings: TimeCourseSettings,
    threshold: float = 0.5,
) -> Figure:
    """Coded presence (gray), the models' probabilities on this held-out video with the decision
    ``threshold``, and its faces at onset, apex and offset (first, middle, last frame of the
    event)."""
    predicted = {video for predictions in runs.values() for video in predictions.video.tolist()}
    index = choose_clip(clips, predicted, settings)
    video, label = clips.video[index], clips.labels[index, :, clips.action_units.index(settings.au)]
    event = find_event(label)
    moments = _moments(label, event)
    figure = new_figure(width=PAGE_WIDTH, height=4.4)
    rows = figure.add_gridspec(2, 1, height_ratios=(1, 1.2))
    faces = clips.read_frames([index])[0]
    columns = rows[0].subgridspec(1, 3)
    for column, (name, moment) in zip(range(3), moments.items(), strict=True):
        axes = figure.add_subplot(columns[column])
        axes.imshow(faces[moment], cmap="gray", vmin=0, vmax=255)
        axes.set_title(f"{name}: frame {clips.frame_number[index, moment]}")
        axes.set_axis_off()
    axes = figure.add_subplot(rows[1])
    time = clips.frame_number[index] / settings.frames_per_second
    _draw_truth(axes, time, label)
    if event:
        for (name, moment), (side, away) in zip(moments.items(), NAMES_AT, strict=True):
            axes.axvline(time[moment], color=GRAY, linewidth=0.8)
            place: dict[str, Any] = {
                "xytext": away,
                "textcoords": "offset points",
                "annotation_clip": False,
            }
            axes.annotate(name, (time[moment], 1), ha=side, size=7, **place)
    else:
        message = f"AU {settings.au} is not coded present in any frame of this clip"
        axes.text(0.5, 1.03, message, ha="center", transform=axes.transAxes)
    for model, (colour, style) in model_lines(models_of(runs)).items():
        frame_number, probability = _probability(runs, model, video, settings.au)
        style = {"color": colour, "linestyle": style, "linewidth": 1.4}
        seconds = frame_number / settings.frames_per_second
        axes.plot(seconds, probability, label=full_name(model), **style)
    axes.axhline(threshold, color=GRAY, linewidth=0.7, linestyle=":", label="threshold")
    axes.set(ylabel=f"probability of AU {settings.au}", ylim=(0, 1), xlim=(time[0], time[-1]))
    axes.set_xlabel("time in the video (s)")
    figure.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=6)
    figure.suptitle(f"{au_title(settings.au)}, video {video}", size=9)
    return figure


def _moments(label: np.ndarray, event: Event | None) -> dict[str, int]:
    """The three frames to show, by name; the end of an event is named as such only where the clip
    holds the change."""
    if event is None:
        return {"first": 0, "middle": len(label) // 2, "last": len(label) - 1}
    begins = event.onset > 0 and label[event.onset - 1] == ABSENT
    ends = event.offset < len(label) - 1 and label[event.offset + 1] == ABSENT
    first, last = "onset" if begins else "first present", "offset" if ends else "last present"
    return {first: event.onset, "apex": event.apex, last: event.offset}


def _draw_truth(axes: Axes, time: np.ndarray, label: np.ndarray) -> None:
    """Shade the frames in which the AU is coded present, and hatch those that are not coded."""
    # A frame stands for the time half-way to its neighbours, so that one frame is seen too.
    edges = np.concatenate((time[:1], (time[1:] + time[:-1]) / 2, time[-1:]))
    looks: dict[int, dict[str, Any]] = {
        PRESENT: {"facecolor": TRUTH, "label": "coded present"},
        UNKNOWN: {"facecolor": "none", "edgecolor": TRUTH, "hatch": "////", "label": "not coded"},
    }
    for state, look in looks.items():
        if (label == state).any():
            axes.stairs((label == state).astype(float), edges, fill=True, linewidth=0, **look)


def _probability(
    runs: dict[Run, Predictions], model: str, video: str, au: int
) -> tuple[np.ndarray, np.ndarray]:
    """Frame numbers of the video, ascending, and the model's probabilities there."""
    for run, predictions in runs.items():
        rows = np.flatnonzero(predictions.video == video)
        if run.model == model and rows.size:
            rows = rows[np.argsort(predictions.frame_number[rows], kind="stable")]
            column = predictions.action_units.index(au)
            return predictions.frame_number[rows], predictions.probability[rows, column]
    raise InputError(f"{model} has no predictions of the video {video}")

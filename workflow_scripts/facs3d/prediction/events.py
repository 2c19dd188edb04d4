"""Episodes of AUs in a new video, and what they come to.

A frame lasts from its own time to the next one's, the last one as long as the one before; but no
longer than three usual steps between frames, or 0.1 s if that is more. What lies beyond is a hole
in the recording, in which nothing was seen. An event is a run of frames in which the AU is present.
First gaps are closed: what lies between two runs, frames without the AU or without a face, or a
hole, belongs to the event if it lasts no longer than ``longest_gap``. Then events shorter than
``shortest`` are dropped. What has exactly that length is closed, or kept. No event begins or ends
with a frame without a face.
"""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from facs3d.core.action_units import FACS_NAMES, au_column
from facs3d.core.atomic import whole
from facs3d.core.settings import Settings, setting
from facs3d.prediction.au_table import AuTable
from facs3d.prediction.notes import counted

ROUNDING = 0.002
"""Times are rounded to 1/1000 s, and up to four of them make up a length, s."""
LONGEST_STEPS, LONGEST_SECONDS = 3, 0.1
"""A frame lasts no longer than so many median steps between frames, or than this, whichever is
more: telephones vary their rate, at half of it in the dark; s."""
EVENT_COLUMNS = (
    "AU", "start", "apex", "end", "duration", "start_frame", "apex_frame", "end_frame",
    "peak_probability", "mean_probability", "lost_share", "cut",
)  # fmt: skip
SUMMARY_COLUMNS = (
    "AU", "name", "grade", "present_share", "events", "events_per_minute", "mean_duration",
    "mean_probability", "frames", "frames_with_face", "frames_lost", "seconds",
    "seconds_with_face", "notes",
)  # fmt: skip


@dataclass(frozen=True)
class EventSettings(Settings, section="predict.events"):
    """What counts as an episode of an AU in a new video."""

    longest_gap: float = setting(
        0.2,
        "seconds without the AU, or without a face, up to which an episode goes on",
        minimum=0,
    )
    shortest: float = setting(
        0.2,
        "seconds from which an episode counts; gaps are closed first",
        minimum=0,
    )


@dataclass(frozen=True)
class Event:
    """An episode of an ``au``: frames ``start_frame`` … ``end_frame``, both in it, the first of the
    highest probability being ``apex_frame``; ``start``, ``apex`` and ``end`` in seconds, the last
    one when its last frame ends. The mean probability is over its time with a face; ``lost_share``:
    share of its frames without one. ``cut``: ``start``, ``end`` or both (``start end``) where the
    video or the face begins or ends with the event, or a hole, so that it may have lasted longer.
    """

    au: int
    start: float
    apex: float
    end: float
    start_frame: int
    apex_frame: int
    end_frame: int
    peak_probability: float
    mean_probability: float
    lost_share: float
    cut: str

    @property
    def duration(self) -> float:
        """Seconds."""
        return self.end - self.start


def frame_ends(seconds: np.ndarray) -> np.ndarray:
    """When each frame (N,) ends, s: when the next one begins, before a hole sooner; a frame alone
    has no length."""
    last = seconds[-1] - seconds[-2] if len(seconds) > 1 else 0.0
    return np.minimum(np.append(seconds[1:], seconds[-1] + last), seconds + longest_frame(seconds))


def longest_frame(seconds: np.ndarray) -> float:
    """The most that a frame lasts, s, in a recording of these times (N,)."""
    usual = float(np.median(np.diff(seconds))) if len(seconds) > 1 else 0.0
    return max(LONGEST_STEPS * usual, LONGEST_SECONDS) + ROUNDING


def describe_holes(seconds: np.ndarray) -> str:
    """A sentence on the holes of a recording; empty if it has none."""
    lengths = seconds[1:] - frame_ends(seconds)[:-1]
    count = np.count_nonzero(lengths)
    if not count:
        return ""
    return (
        f"Holes in the recording's times: {count}, in all {lengths.sum():.1f} s, in which nothing "
        f"was seen (a frame lasts at most {longest_frame(seconds):.2f} s)"
    )


def find_events(table: AuTable, settings: EventSettings) -> list[Event]:
    """The events of all AUs, by start, then in the order of the AUs."""
    ends = frame_ends(table.seconds)
    events = [
        _event(table, ends, column, first, last)
        for column in range(len(table.action_units))
        for first, last in _runs(table.present[:, column], table.seconds, ends, settings)
    ]
    return sorted(events, key=lambda event: event.start_frame)


def _runs(
    present: np.ndarray, starts: np.ndarray, ends: np.ndarray, settings: EventSettings
) -> list[tuple[int, int]]:
    """First and last frames of the runs that remain by the module's rule."""
    after_hole = np.append(True, starts[1:] > ends[:-1])
    firsts = np.flatnonzero(present & (after_hole | ~np.append(False, present[:-1])))
    before_hole = np.append(after_hole[1:], True)
    lasts = np.flatnonzero(present & (before_hole | ~np.append(present[1:], False)))
    gaps = starts[firsts[1:]] - ends[lasts[:-1]]
    parted = gaps > settings.longest_gap + ROUNDING
    firsts = firsts[np.concatenate(([True], parted))[: len(firsts)]]
    lasts = lasts[np.concatenate((parted, [True]))[: len(lasts)]]
    kept = ends[lasts] - starts[firsts] >= settings.shortest - ROUNDING
    return list(zip(firsts[kept].tolist(), lasts[kept].tolist(), strict=True))


def _event(table: AuTable, ends: np.ndarray, column: int, first: int, last: int) -> Event:
    frames = slice(first, last + 1)
    probability = table.probability[frames, column]
    apex = first + int(np.nanargmax(probability))
    lost = np.isnan(table.probability[:, column])
    at_start = first == 0 or lost[first - 1] or table.seconds[first] > ends[first - 1]
    at_end = last == len(lost) - 1 or lost[last + 1] or table.seconds[last + 1] > ends[last]
    return Event(
        au=table.action_units[column],
        start=float(table.seconds[first]),
        apex=float(table.seconds[apex]),
        end=float(ends[last]),
        start_frame=first,
        apex_frame=apex,
        end_frame=last,
        peak_probability=float(table.probability[apex, column]),
        mean_probability=_mean(probability, (ends - table.seconds)[frames]),
        lost_share=float(lost[frames].mean()),
        cut=" ".join(["start"] * bool(at_start) + ["end"] * bool(at_end)),
    )


def _mean(values: np.ndarray, lengths: np.ndarray) -> float:
    """Mean over the time in which there are values, NaN without any; of a video of one frame its
    value."""
    known = ~np.isnan(values)
    if not known.any():
        return float("nan")
    weights = lengths[known] if lengths[known].sum() > 0 else None
    return float(np.average(values[known], weights=weights))


def write_events(events: Sequence[Event], path: str | Path) -> None:
    """Write a row for every event: times to 1/1000 s, shares and probabilities to 1/10,000."""
    with whole(path) as unfinished, open(unfinished, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(EVENT_COLUMNS)
        for event in events:
            times = (event.start, event.apex, event.end, event.duration)
            shares = (event.peak_probability, event.mean_probability, event.lost_share)
            writer.writerow(
                [
                    au_column(event.au),
                    *(f"{time:.3f}" for time in times),
                    *(event.start_frame, event.apex_frame, event.end_frame),
                    *map(_rounded, shares),
                    event.cut,
                ]
            )


def summarise(table: AuTable, events: Sequence[Event]) -> list[dict[str, object]]:
    """A row for every AU, by :data:`SUMMARY_COLUMNS`, as people read it.

    ``present_share`` and ``mean_probability`` are of the time with a face, the former within
    events; ``events_per_minute`` of such a minute; ``mean_duration`` in s. From ``frames`` on they
    are the video's, the same in every row: ``notes`` counts the frames of each kind of note
    (:mod:`.notes`). What is undefined is empty, and so are all grades if the network was not
    judged.
    """
    lengths = frame_ends(table.seconds) - table.seconds
    seen = ~np.isnan(table.probability[:, 0])
    time_seen = float(lengths[seen].sum())
    video: list[object] = [len(seen), int(seen.sum()), int((~seen).sum())]
    duration = float(frame_ends(table.seconds)[-1] - table.seconds[0])
    video += [f"{duration:.3f}", f"{time_seen:.3f}", counted(table.noted)]
    rows = []
    for column, au in enumerate(table.action_units):
        own = [event for event in events if event.au == au]
        within = np.zeros(len(seen))
        for event in own:
            within[event.start_frame : event.end_frame + 1] = 1
        if not time_seen:
            # An image has no events, but it has AUs.
            within = table.present[:, column].astype(np.float64)
        durations = [event.duration for event in own]
        cells = [
            *(au_column(au), FACS_NAMES.get(au, "")),
            table.grades[column] if table.grades else "",
            _rounded(_mean(within[seen], lengths[seen])),
            len(own),
            f"{60 * len(own) / time_seen:.3f}" if time_seen else "",
            f"{np.mean(durations):.3f}" if durations else "",
            _rounded(_mean(table.probability[:, column], lengths)),
            *video,
        ]
        rows.append(dict(zip(SUMMARY_COLUMNS, cells, strict=True)))
    return rows


def write_summary(rows: Sequence[Mapping[str, object]], path: str | Path) -> None:
    """Write the rows of :func:`summarise`."""
    with whole(path) as unfinished, open(unfinished, "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, SUMMARY_COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _rounded(value: float) -> str:
    return "" if np.isnan(value) else f"{value:.4f}"

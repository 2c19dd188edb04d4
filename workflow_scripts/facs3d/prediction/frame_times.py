"""The times of a video's frames where some of its timestamps are bad, or restart.

Timestamps must increase from frame to frame. One that does not is bad itself, or a frame before it
came too late, or the clock restarts, as where files were joined. What fits the usual step between
frames best is taken; only what is bad is replaced.
"""

from math import log

import numpy as np

KEPT, INTERPOLATED, RESTARTED, NUMBERED = range(4)
"""What became of a frame's timestamp; a restarted clock is shifted from the marked frame on."""
NOTES = {
    INTERPOLATED: "time interpolated, for its timestamp does not fit its neighbours'",
    NUMBERED: "time by the frame's number, for most timestamps do not increase",
    RESTARTED: "the timestamps restart here; times go on one frame after the one before",
}
FIT = log(2.5)
"""Factor between a step and the usual one, as a logarithm, up to which it is believed."""
LONGEST = 250
"""Frames in a row whose timestamps may be too early; more are a restart."""


def repair_times(stamps: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """Seconds (N,) float64, increasing, and what became of each of the ``stamps`` (N,), uint8.

    A time of which nothing is wrong stays as it is. None if most timestamps do not increase:
    then there are none.
    """
    steps = np.diff(stamps)
    marks = np.full(len(stamps), KEPT, np.uint8)
    if (steps > 0).all():
        return stamps, marks
    if (steps > 0).mean() <= 0.5:
        return None
    usual = float(np.median(steps[steps > 0]))
    shift = 0.0
    places, times = [-1], [-usual]
    for place, stamp in enumerate(stamps):
        time = stamp + shift
        if time <= times[-1]:
            n_late = sum(1 for late in reversed(times[1:]) if late >= time)
            before = len(times) - 1 - n_late
            others_late = _misfit(time - times[before], place - places[before], usual)
            itself_early = _early(stamps[place:] + shift, times[-1], place - places[-1], usual)
            if itself_early <= min(others_late, FIT):
                marks[place] = INTERPOLATED
                continue
            if others_late <= FIT:
                marks[places[before + 1 :]] = INTERPOLATED
                del places[before + 1 :], times[before + 1 :]
            else:
                shift += times[-1] + usual * (place - places[-1]) - time
                time = stamp + shift
                marks[place] = RESTARTED
        places.append(place)
        times.append(time)
    return np.interp(np.arange(len(stamps)), places, times), marks


def _misfit(interval: float, n_steps: int, usual: float) -> float:
    return abs(log(interval / n_steps / usual)) if interval > 0 else float("inf")


def _early(times: np.ndarray, last: float, n_steps: int, usual: float) -> float:
    """How badly the next time after ``last`` fits if those before it are too early; a clock that
    runs evenly from them on to it has restarted."""
    later = np.flatnonzero(times[:LONGEST] > last)
    if not len(later):
        return float("inf")
    at = int(later[0])
    fit = _misfit(float(times[at] - last), n_steps + at, usual)
    runs_on = at > 1 and _misfit(float(times[at] - times[at - 1]), 1, usual) < fit
    return float("inf") if runs_on else fit

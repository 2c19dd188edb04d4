"""Whether the files' frame rates are what `dataset.frames_per_second` says.

The value goes with the weights: by it, a new video's frames are taken as far apart as in training.
"""

from collections.abc import Sequence
from itertools import groupby

import numpy as np

from facs3d.core.csv_text import first_few
from facs3d.datasets.validation import CheckedVideo, Findings

TOLERANCE = 0.02
"""Share by which rates may differ and count as one: 29.97 and 30 do, 24 and 25 do not."""


def judge_rates(checked: Sequence[CheckedVideo], frames_per_second: float) -> Findings:
    """Wrong if most videos have another rate than ``frames_per_second``; doubtful if some have.

    Images have none, so that only a person can tell theirs.
    """
    timed = [video for video in checked if np.isfinite(video.frames_per_second)]
    others = [
        video for video in timed if abs(video.frames_per_second / frames_per_second - 1) > TOLERANCE
    ]
    if not others:
        return Findings([], [])
    said = (
        f"{len(others)} of {len(timed)} videos have another frame rate than "
        f"dataset.frames_per_second, {frames_per_second:g}: {_by_rate(others)}"
    )
    if 2 * len(others) > len(timed):
        median = float(np.median([video.frames_per_second for video in timed]))
        return Findings(
            [f"{said}; set it to {median:.5g}, for new videos are sampled in time by it"], []
        )
    return Findings([], [f"{said}; their clips' steps are longer or shorter in time"])


def _by_rate(videos: Sequence[CheckedVideo]) -> str:
    """``"30 in 2 (F001_T1, F001_T2), 50 in 1 (F002_T1)"``."""

    def rate(video: CheckedVideo) -> str:
        return f"{video.frames_per_second:.4g}"

    groups = []
    for shown, group in groupby(sorted(videos, key=rate), rate):
        names = [video.name for video in group]
        groups.append(f"{shown} in {len(names)} ({first_few(names, 3)})")
    return ", ".join(groups)

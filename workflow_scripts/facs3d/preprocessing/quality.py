"""How well the faces of each video were found, from its tracking table.

Jitter is the noise in where the eye centres are said to be. A face that moves evenly moves by the
same step from frame to frame, so what the second difference x(t - 1) - 2 x(t) + x(t + 1) leaves of
an eye's path x is noise, and what little the head's motion changes within three frames.
Independent noise of standard deviation s gives it the standard deviation √6 s.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from facs3d.core.errors import InputError
from facs3d.preprocessing.tracking import read_tracking

LOW, HIGH = 5, 95
"""Percentiles that bound the inter-ocular distances of a video."""


class VideoQuality(NamedTuple):
    """A row of the table. ``n_lost`` of its ``n_frames`` annotated frames gave no face;
    ``iod_low``, ``iod_median``, ``iod_high``: inter-ocular distance in px of the source image, its
    5th, 50th and 95th percentile; ``jitter_percent``: of the median inter-ocular distance. NaN
    where no eye was measured, or never in three frames on end. In ``n_looked_at`` frames the faces
    were counted; ``n_several_faces`` of those show more than one. ``problem``: why the whole video
    could not be used, else empty."""

    video: str
    n_frames: int = 0
    n_lost: int = 0
    iod_low: float = np.nan
    iod_median: float = np.nan
    iod_high: float = np.nan
    jitter_percent: float = np.nan
    n_looked_at: int = 0
    n_several_faces: int = 0
    problem: str = ""


def quality_of_videos(paths: Iterable[str | Path]) -> pd.DataFrame:
    """:class:`VideoQuality` of every ``<video>.csv`` of register_faces, one row per video."""
    return pd.DataFrame([quality_of(path) for path in paths], columns=VideoQuality._fields)


def quality_of(path: str | Path) -> VideoQuality:
    """The quality of one video; one that could not be used has no frame and its problem."""
    video = Path(path).stem
    try:
        tracking = read_tracking(path)
    except InputError as error:
        return VideoQuality(video, problem=str(error))
    quality = VideoQuality(
        video,
        n_frames=len(tracking.face_found),
        n_lost=int((~tracking.face_found).sum()),
        n_looked_at=int((~np.isnan(tracking.faces)).sum()),
        n_several_faces=int((tracking.faces > 1).sum()),
    )
    distance = np.hypot(*(tracking.eyes[:, 1] - tracking.eyes[:, 0]).T)
    if np.isnan(distance).all():
        return quality
    low, median, high = np.nanpercentile(distance, (LOW, 50, HIGH)).tolist()
    return quality._replace(
        iod_low=low,
        iod_median=median,
        iod_high=high,
        jitter_percent=100 * eye_jitter(tracking.frame_number, tracking.eyes) / median,
    )


def eye_jitter(frame_number: np.ndarray, eyes: np.ndarray) -> float:
    """Standard deviation, in px and of one coordinate, of the noise in the eye centres.

    ``frame_number`` (n,) ascending, ``eyes`` (n, 2, 2) x, y, NaN where there is none. Only three
    frames on end count; NaN if there are none.
    """
    on_end = frame_number[2:] - frame_number[:-2] == 2
    second = (eyes[:-2] - 2 * eyes[1:-1] + eyes[2:])[on_end]
    measured = second[~np.isnan(second)]
    return float(np.sqrt(np.mean(measured**2) / 6)) if measured.size else np.nan

"""Random down-sampling of a video to a clip of fixed length (Sec. III-A).

The paper samples "each second or third frame" at random, 126 per video. Here the steps between
sampled frames are drawn from {2, 3} over the usable frames (annotated, with a face found). Where
the drawn steps would run past the end, randomly chosen ones are shortened until they fit, so a
video is kept whenever 1 + 2·125 = 251 usable frames exist; where there is room, the start is drawn
too. Frames without a face are no candidates: a clip steps over them, which its frame numbers show.

How that relates to the paper's 1,215 of 1,261 videos: if the numbers of annotated frames were
normal with the paper's mean of 328 and standard deviation of 91, this rule would keep 1,012 (80 %;
computed in ``tests/preprocessing/test_sampling.py``), and fewer the more faces are lost. To keep
1,215, 165 frames would have to be enough, which no steps of 2 allow: either its numbers are far
from normal or shorter videos were sampled more densely, and the paper says neither. ``steps: [1, 2,
3]`` would keep 1,245, at the price of neighbouring frames that hardly differ.
"""

from collections import Counter
from pathlib import Path

import cv2
import numpy as np

from facs3d.core.errors import InputError
from facs3d.datasets.labels import FrameLabels
from facs3d.preprocessing.clips import Clip
from facs3d.preprocessing.settings import SamplingSettings
from facs3d.preprocessing.tracking import Tracking
from facs3d.video.frames import read_frames


def sample_positions(
    n_usable: int, settings: SamplingSettings, rng: np.random.Generator
) -> np.ndarray:
    """Positions of a clip's frames among ``n_usable`` frames, (clip_length,) int, increasing.

    Consecutive positions differ by one of ``settings.steps``. Raises :class:`InputError` if there
    are fewer than ``settings.frames_needed`` frames.
    """
    if n_usable < settings.frames_needed:
        raise InputError(
            f"{n_usable} usable frames, a clip of {settings.clip_length} needs at least "
            f"{settings.frames_needed}"
        )
    steps = rng.choice(settings.steps, size=settings.clip_length - 1)
    room = n_usable - 1
    for place in rng.permutation(len(steps)):
        if steps.sum() <= room:
            break
        steps[place] = min(settings.steps)
    start = rng.integers(room - steps.sum() + 1)
    return start + np.concatenate([[0], np.cumsum(steps)]).astype(np.int64)


def sample_clip(
    gray_path: str | Path,
    tracking: Tracking,
    labels: FrameLabels,
    settings: SamplingSettings,
    rng: np.random.Generator,
) -> Clip:
    """Sample a clip from a registered gray video whose frame i is row i of its tracking table.

    Usable are the annotated frames in which a face was found. Images are shrunk to
    ``settings.image_size`` by averaging areas. Raises :class:`InputError` with the reason if the
    video gives no clip.
    """
    annotated = np.isin(tracking.frame_number, labels.frame_number)
    usable = np.flatnonzero(annotated & tracking.face_found)
    try:
        rows = usable[sample_positions(len(usable), settings, rng)]
    except InputError as error:
        raise InputError(
            f"{error}; of {annotated.sum()} annotated frames: {_problems(tracking, annotated)}"
        ) from error
    frame_number = tracking.frame_number[rows].astype(np.int32)
    side = settings.image_size
    frames = np.empty((len(rows), side, side), np.uint8)
    wanted = {int(row): place for place, row in enumerate(rows)}
    for row, image in read_frames(gray_path, wanted):
        frames[wanted.pop(row)] = shrink(image[..., 0], side)
    if wanted:
        raise InputError(
            f"{gray_path}: has no frame {min(wanted)}, but the tracking table has; "
            "delete both and run again"
        )
    return Clip(
        frames, labels.labels[np.searchsorted(labels.frame_number, frame_number)], frame_number
    )


def shrink(gray: np.ndarray, side: int) -> np.ndarray:
    """The gray image (S, S) uint8 as one of (side, side), by averaging areas."""
    if gray.shape == (side, side):
        return gray
    return cv2.resize(gray, (side, side), interpolation=cv2.INTER_AREA)


def _problems(tracking: Tracking, annotated: np.ndarray) -> str:
    """How many annotated frames are lost for which reason: ``3 no face, 1 frame missing``."""
    lost = np.flatnonzero(annotated & ~tracking.face_found)
    counts = Counter(tracking.problem[row].partition(":")[0] for row in lost)
    return ", ".join(f"{count} {problem}" for problem, count in counts.items()) or "none is lost"

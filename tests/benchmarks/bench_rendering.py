"""Speed of the rendered heads on one core: ``python -m tests.benchmarks.bench_rendering``."""

import cv2
import numpy as np
import torch

from facs3d.core.seeding import generator
from facs3d.preprocessing.landmarks import FaceLandmarker
from facs3d.synthetic.dataset import SyntheticSettings
from facs3d.synthetic.performance import draw_intensities
from facs3d.synthetic.sources import HeadSource
from tests.benchmarks.comparison import Comparison, time_in_turns

PEOPLE = ("F001", "F002", "F003")


def compare() -> Comparison:
    """Rendering people at the demo's size, drawing them included, against finding their landmarks:
    each frame is rendered once and looked at once."""
    cv2.setNumThreads(1)
    source, settings = HeadSource(), SyntheticSettings(subjects=len(PEOPLE))

    def render() -> int:
        frames.clear()
        for name in PEOPLE:
            rng = generator(1, "video", name, "T1")
            intensities = draw_intensities(rng, settings.frames, settings.base_rate_floor)
            film = source.film(source.subject(1, name, settings), intensities, rng, settings)
            frames.extend(frame for frame, _eyes in film)
        return len(frames)

    def look() -> int:
        with FaceLandmarker() as landmarker:
            for frame in frames:
                landmarker.detect(frame)
        return len(frames)

    frames: list[np.ndarray] = []
    ours, theirs = time_in_turns(render, look, torch.device("cpu"))
    size = f"{settings.width}×{settings.height}, {len(PEOPLE)} people"
    return Comparison("rendered heads", size, "FaceMesh", theirs / ours, ours, theirs, "cpu")


if __name__ == "__main__":
    row = compare()
    print(f"rendered heads: {1 / row.ours_seconds:.0f} frames/s on one core")

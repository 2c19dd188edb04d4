"""Speed of face registration on one core: ``python -m tests.benchmarks.bench_registration``."""

import os
import tempfile
import time
from pathlib import Path

os.environ["OMP_NUM_THREADS"] = "1"
import cv2
import numpy as np
from skimage.data import astronaut

from facs3d.preprocessing.alignment import RegistrationSettings
from facs3d.preprocessing.registration import register_video, write_registration
from tests.benchmarks.comparison import Comparison

VIDEO_RATE = 25
"""Frames per second of the datasets' videos."""


def compare(n_frames: int = 250) -> Comparison:
    """Registration against the time that the video itself lasts."""
    seconds = n_frames / frames_per_second(n_frames)
    lasts = n_frames / VIDEO_RATE
    size, device = f"{n_frames} frames, 640×480", "cpu, 1 core"
    ratio = lasts / seconds
    return Comparison("registration", size, "real time, 25 fps", ratio, seconds, lasts, device)


def frames_per_second(n_frames: int = 600) -> float:
    """Registered frames per second of a 640×480 MPEG-4 video of a swaying face, on one thread.

    Counts everything a job does per frame: decoding, FaceMesh, warping, writing losslessly and
    checking what was written; not the start of Python.
    """
    cv2.setNumThreads(1)
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "source.mp4"
        write_swaying_face(source, n_frames)
        settings = RegistrationSettings()
        started = time.perf_counter()
        frames = register_video(source, range(n_frames), 0, settings)
        write_registration(
            frames, Path(folder) / "registered.avi", Path(folder) / "tracking.csv", settings
        )
        return n_frames / (time.perf_counter() - started)


def write_swaying_face(path: Path, n_frames: int) -> None:
    """A 640×480, 25 fps video of scikit-image's astronaut who moves, tilts and comes nearer."""
    portrait = cv2.cvtColor(astronaut(), cv2.COLOR_RGB2BGR)
    noise = np.random.default_rng(0).normal(0, 4, (480, 640, 3))
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"mp4v"), 25, (640, 480))
    for number in range(n_frames):
        phase = 2 * np.pi * number / 100
        turn = cv2.getRotationMatrix2D((225, 120), 8 * np.sin(phase), 1.3 + 0.2 * np.cos(phase))
        turn[:, 2] += (95 + 40 * np.sin(phase / 2), 110)
        frame = cv2.warpAffine(portrait, turn, (640, 480), borderMode=cv2.BORDER_REPLICATE)
        writer.write(np.clip(frame + np.roll(noise, number, axis=1), 0, 255).astype(np.uint8))
    writer.release()


if __name__ == "__main__":
    print(f"registration: {frames_per_second():.0f} frames/s at 640x480 on one core")

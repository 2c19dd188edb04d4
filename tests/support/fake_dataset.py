"""A dataset in BP4D+ layout with images of noise, to be broken by tests."""

from pathlib import Path

import cv2
import numpy as np

from facs3d.core.seeding import generator

AUS = (1, 12)


def image_bytes(*name: str | int, side: int = 16) -> bytes:
    """A PNG of noise, unlike that of any other name."""
    noise = generator(0, *name).integers(0, 256, (side, side, 3), dtype=np.uint8)
    return cv2.imencode(".png", noise)[1].tobytes()


def write_labels(root: Path, video: str, codes: dict[int, tuple[int, int]]) -> Path:
    """The occurrence file of ``video``: frame -> codes of AU 1 and 12."""
    path = root / "AUCoding" / "AU_OCC" / f"{video}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = "".join(f"{frame},{first},{second}\n" for frame, (first, second) in codes.items())
    path.write_text(f"0,1,12\n{rows}")
    return path


def write_images(root: Path, video: str, numbers: range) -> Path:
    subject, task = video.split("_")
    folder = root / "2D+3D" / subject / task
    folder.mkdir(parents=True, exist_ok=True)
    for number in numbers:
        (folder / f"{number:04d}.png").write_bytes(image_bytes(video, number))
    return folder


def write_dataset(root: Path, subjects: int = 4, n_frames: int = 12) -> Path:
    """One video per subject; labels count from 1, images from 0, as in BP4D+."""
    for number in range(1, subjects + 1):
        video = f"F{number:03d}_T1"
        codes = {frame: (frame % 2, (frame + number) % 3 == 0) for frame in range(1, n_frames + 1)}
        write_labels(root, video, {f: (a, int(b)) for f, (a, b) in codes.items()})
        write_images(root, video, range(n_frames))
    return root

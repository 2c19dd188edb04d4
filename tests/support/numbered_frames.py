"""Frames that show their number, and the videos, images and zips that hold them."""

import zipfile
from pathlib import Path

import cv2
import numpy as np

from facs3d.video.frames import read_frames

NOISE = np.random.default_rng(0).integers(0, 256, (12, 24, 32, 3), dtype=np.uint8)


def numbered(number: int) -> np.ndarray:
    """A frame that shows its number as eight black or white blocks."""
    image = np.zeros((48, 96, 3), np.uint8)
    for bit in range(8):
        image[:, 12 * bit : 12 * bit + 12] = 255 * (number >> bit & 1)
    return image


def number_shown(image: np.ndarray) -> int:
    return sum(int(image[24, 12 * bit + 6, 0] > 127) << bit for bit in range(8))


def write_with_codec(path: Path, codec: str, n_frames: int) -> Path:
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*codec), 25, (96, 48))
    assert writer.isOpened()
    for number in range(n_frames):
        writer.write(numbered(number))
    writer.release()
    return path


def encode(suffix: str, image: np.ndarray) -> bytes:
    return cv2.imencode(suffix, image)[1].tobytes()


def make_zip(path: Path, entries: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return path


def numbers_of(path: Path) -> list[int]:
    return [number for number, _image in read_frames(path)]

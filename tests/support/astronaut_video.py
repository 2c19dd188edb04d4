"""Pictures of a real face with known geometry: scikit-image's astronaut, moved by known maps."""

from collections.abc import Iterable
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from skimage.data import astronaut

from facs3d.video.lossless import LosslessVideo

WIDTH, HEIGHT = 320, 240
FACE = (225.0, 122.0)
"""Middle of the astronaut's face in the original picture."""

EYES = np.array([(202.8, 101.0), (247.1, 103.5)])
"""Her eye centres there, read off the enlarged picture: the middle between the corners and between
the lids. They are 44 px apart, known to about half a pixel."""


@cache
def portrait() -> np.ndarray:
    """The original picture, (512, 512, 3) uint8 BGR."""
    return cv2.cvtColor(astronaut(), cv2.COLOR_RGB2BGR)


def placement(x: float = 160, y: float = 120, scale: float = 1.4, degrees: float = 0) -> np.ndarray:
    """The map (2, 3) that puts the face's middle at (x, y), scaled and turned clockwise."""
    turn = cv2.getRotationMatrix2D(FACE, -degrees, scale)
    turn[:, 2] += (x - FACE[0], y - FACE[1])
    return turn


def frame(transform: np.ndarray) -> np.ndarray:
    """The portrait under ``transform``, (240, 320, 3) uint8 BGR."""
    size = (WIDTH, HEIGHT)
    return cv2.warpAffine(portrait(), transform, size, borderMode=cv2.BORDER_REPLICATE)


def blank() -> np.ndarray:
    return np.full((HEIGHT, WIDTH, 3), 90, np.uint8)


def eyes_after(transform: np.ndarray) -> np.ndarray:
    """Where ``transform`` takes the eye centres, (2, 2) x, y."""
    return EYES @ transform[:, :2].T + transform[:, 2]


def eye_error(eyes: np.ndarray, transform: np.ndarray) -> float:
    """Mean distance of ``eyes`` from where ``transform`` takes them, in eye distances."""
    truth = eyes_after(transform)
    distance = np.linalg.norm(truth[1] - truth[0])
    return float(np.linalg.norm(eyes - truth, axis=1).mean() / distance)


def write_video(path: Path, images: Iterable[np.ndarray]) -> Path:
    with LosslessVideo(path, (WIDTH, HEIGHT)) as video:
        for image in images:
            video.write(image)
    return path

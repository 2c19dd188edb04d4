"""Pictures of several faces at different places and sizes: the portrait pasted more than once."""

from typing import NamedTuple

import cv2
import numpy as np

from tests.support.astronaut_video import placement, portrait

WIDTH, HEIGHT = 960, 400


class Face(NamedTuple):
    """A face with its middle at (x, y), ``scale`` times the portrait's size (eyes 44 px apart).
    ``covered``: a gray patch over its mouth, which makes the detector less sure of it."""

    x: float
    y: float = 190
    scale: float = 1.6
    covered: bool = False


def scene(*faces: Face) -> np.ndarray:
    """The faces in front of a gray wall, (400, 960, 3) uint8 BGR; later ones lie on top."""
    picture = np.full((HEIGHT, WIDTH, 3), 90, np.uint8)
    for face in faces:
        x, y = round(face.x), round(face.y)
        transform = placement(x=face.x, y=face.y, scale=face.scale)
        warped = cv2.warpAffine(
            portrait(), transform, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REPLICATE
        )
        oval = np.zeros((HEIGHT, WIDTH), np.uint8)
        axes = (round(60 * face.scale), round(75 * face.scale))
        cv2.ellipse(oval, (x, y), axes, 0, 0, 360, 255, -1)
        picture[oval > 0] = warped[oval > 0]
        if face.covered:
            top, bottom = y + round(10 * face.scale), y + round(60 * face.scale)
            half = round(40 * face.scale)
            picture[top:bottom, max(x - half, 0) : x + half] = 150
    return picture

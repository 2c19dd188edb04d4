"""Find FaceMesh's points on the head's mesh, in a picture of the average head (for developers)."""

from pathlib import Path

import cv2
import numpy as np

from facs3d.core.atomic import whole
from facs3d.core.errors import InputError
from facs3d.preprocessing.face_mesh import CANONICAL_FACE
from facs3d.preprocessing.landmarks import FaceLandmarker
from facs3d.synthetic.heads import geometry
from facs3d.synthetic.heads.head_file import LEFT_EYE, RIGHT_EYE, SKIN, load_head
from facs3d.synthetic.heads.raster import rasterise
from facs3d.synthetic.heads.view import View

SIDE = 800
BROW = np.array([(0.14, 0.165), (0.26, 0.205), (0.40, 0.20), (0.50, 0.14)])


def find_points() -> np.ndarray:
    """The vertex (468,) nearest to each of FaceMesh's points, both sides of the face alike.

    Raises :class:`InputError` if no face is found.
    """
    head, vertices = load_head(), geometry.mean_head()
    view = View(np.eye(3), 12.0, 420.0 * 12.0, np.array([SIDE / 2, 330.0]))
    points, turned = view.project(vertices)
    nearness = turned[head.triangles, 2].mean(axis=1) - 0.1 * (head.parts > LEFT_EYE)
    shown = rasterise(points, nearness, head.triangles, (SIDE, SIDE))
    colour = np.full((len(vertices), 3), (140, 165, 215), np.float32)
    for eye in (RIGHT_EYE, LEFT_EYE):
        ball = head.part(eye)
        offset = vertices[ball] - vertices[ball].mean(axis=0)
        iris = (np.hypot(offset[:, 0], offset[:, 1]) < 0.058) & (offset[:, 2] > 0)
        colour[ball] = np.where(iris, 40, 235)[:, None]
    light = 0.25 + 0.75 * np.clip(geometry.normals(vertices) @ (0.1, 0.35, 0.93), 0, 1)
    picture = np.full((SIDE, SIDE, 3), 90, np.uint8)
    lit = shown.blend((colour * light[:, None]).astype(np.float32))
    picture[shown.rows, shown.columns] = np.clip(lit, 0, 255)
    for side in (-1, 1):
        brow = np.round(view.centre + 420 * BROW * (side, -1)).astype(np.int32)
        cv2.polylines(picture, [brow], False, (50, 60, 80), 14, cv2.LINE_AA)
    with FaceLandmarker() as landmarker:
        found = landmarker.detect(cv2.GaussianBlur(picture, (0, 0), 1.5))
    if found is None:
        raise InputError("FaceMesh finds no face in the average head")
    twin = np.linalg.norm((CANONICAL_FACE * (-1, 1, 1))[:, None] - CANONICAL_FACE, axis=2)
    flipped = found[twin.argmin(axis=1), :2] * (-1, 1) + (SIDE, 0)
    wanted = (found[:, :2] + flipped) / 2
    visible = np.unique(shown.triangle)
    candidates = np.unique(head.triangles[visible[head.parts[visible] == SKIN]])
    apart = np.linalg.norm(points[candidates] - wanted[:, None], axis=2)
    return candidates[apart.argmin(axis=1)]


def save_points(path: Path, points: np.ndarray) -> None:
    with whole(path) as unfinished:
        np.savetxt(unfinished, points, fmt="%d")

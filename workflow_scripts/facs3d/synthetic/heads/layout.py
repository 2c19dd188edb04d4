"""The picture that a head's colours are painted on: skin unrolled about a vertical axis, and eyes.

Skin lies at ``SCALE`` px per dm, its middle at ``MIDDLE``; the two eyeballs, teeth and tongue have
patches at the right edge.
"""

from functools import cache

import numpy as np

from facs3d.preprocessing.face_mesh import CANONICAL_FACE
from facs3d.synthetic.heads import geometry
from facs3d.synthetic.heads.head_file import (
    LEFT_EYE,
    LOWER_TEETH,
    RIGHT_EYE,
    TONGUE,
    UPPER_TEETH,
    load_head,
)
from facs3d.synthetic.heads.points import point_vertices

SCALE = 150.0
SHAPE = (500, 672)
MIDDLE = np.array([288.0, 200.0])
SKIN_WIDTH = 576
AXIS, RADIUS = -0.85, 0.95
"""Where the axis lies behind the eyes, and the radius skin is unrolled with, dm."""

EYE_SIDE = 96
EYE_CENTRES = {RIGHT_EYE: (624.0, 48.0), LEFT_EYE: (624.0, 144.0)}
EYE_SCALE = 300.0
"""Px per dm of an eyeball seen from the front."""
HAIR_PATCH = (576, 296, 96, 204)
"""Left, top, width and height of long hair's strands."""
PLAIN = {UPPER_TEETH: (624.0, 216.0), LOWER_TEETH: (624.0, 216.0), TONGUE: (624.0, 264.0)}


@cache
def texture_points() -> np.ndarray:
    """Where each vertex lies in the picture: (V, 2) float32 x, y in px."""
    head, vertices = load_head(), geometry.mean_head()
    angle = np.arctan2(vertices[:, 0], vertices[:, 2] - AXIS)
    found = MIDDLE + SCALE * np.column_stack([RADIUS * angle, -vertices[:, 1]])
    found = np.clip(found, 1, (SKIN_WIDTH - 2, SHAPE[0] - 2))
    for eye, centre in EYE_CENTRES.items():
        ball = head.part(eye)
        offset = vertices[ball] - vertices[ball].mean(axis=0)
        found[ball] = np.array(centre) + EYE_SCALE * offset[:, :2] * (1, -1)
    for part, centre in PLAIN.items():
        found[head.part(part)] = centre
    return found.astype(np.float32)


@cache
def face_points() -> np.ndarray:
    """FaceMesh's points (468, 2) float32 in the picture, both sides alike."""
    found = texture_points()[point_vertices()]
    mirrored = np.column_stack([2 * MIDDLE[0] - found[:, 0], found[:, 1]])
    apart = np.linalg.norm((CANONICAL_FACE * (-1, 1, 1))[:, None] - CANONICAL_FACE[None], axis=2)
    return ((found + mirrored[apart.argmin(axis=1)]) / 2).astype(np.float32)

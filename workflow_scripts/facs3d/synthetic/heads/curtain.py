"""Long hair: a surface of its own that hangs from the scalp beside and behind the face."""

from dataclasses import dataclass

import numpy as np

from facs3d.synthetic.heads.head_file import SKIN, load_head
from facs3d.synthetic.heads.layout import AXIS, HAIR_PATCH

COLUMNS, ROWS = 36, 13
TOP, HANGS_FROM = 0.8, -0.45
"""Height above the eyes (dm) where it leaves the scalp, and from where on it hangs freely."""


@dataclass(frozen=True)
class Curtain:
    """``vertices`` and ``normals`` (N, 3) float32, ``triangles`` (T, 3), both windings, and where
    each vertex lies in the painted picture, ``texture`` (N, 2) float32."""

    vertices: np.ndarray
    normals: np.ndarray
    triangles: np.ndarray
    texture: np.ndarray


def hang(scalp: np.ndarray, rng: np.random.Generator) -> Curtain:
    """Hair over the head ``scalp`` (V, 3), parted at the face."""
    skin = scalp[load_head().part(SKIN)]
    bottom = rng.uniform(-2.0, -0.75)
    front_top, front_low = np.radians(rng.uniform(46, 72)), np.radians(rng.uniform(46, 78))
    thick, flare = rng.uniform(0.05, 0.16), rng.uniform(-0.12, 0.12)
    side = np.sqrt(np.linspace(0, 1, COLUMNS // 2)) ** 1.6
    spread = np.concatenate([side, 2 - side[::-1]]) / 2
    heights = np.linspace(TOP, bottom, ROWS)
    wave = 0.025 * rng.standard_normal((ROWS, COLUMNS)) + 0.05 * rng.standard_normal(COLUMNS)
    wave = (wave + np.roll(wave, 1, 0) + np.roll(wave, -1, 0)) / 3
    points = np.empty((ROWS, COLUMNS, 3), np.float32)
    angle = np.arctan2(skin[:, 0], skin[:, 2] - AXIS)
    far = np.hypot(skin[:, 0], skin[:, 2] - AXIS)
    for row, height in enumerate(heights):
        below = np.clip((TOP - height) / (TOP - bottom), 0, 1)
        first = front_top + (front_low - front_top) * below
        around = first + (2 * np.pi - 2 * first) * spread
        at_height = max(height, HANGS_FROM)
        near = np.abs(skin[:, 1] - at_height) < 0.12
        radius = _radius(angle[near], far[near], around)
        radius = np.convolve(np.pad(radius, 2, "edge"), np.ones(5) / 5, "valid")
        out = thick * min(1.0, row / 4) - 0.06 * (row == 0)
        hanging = np.clip((HANGS_FROM - height) / 1.2, 0, 1)
        radius = radius + out + flare * hanging + wave[row] * min(1.0, row / 4)
        tips = 0.12 * rng.standard_normal(COLUMNS) if row == ROWS - 1 else 0.0
        points[row] = np.column_stack([
            radius * np.sin(around), np.full(COLUMNS, height) + tips, AXIS + radius * np.cos(around)
        ])  # fmt: skip
    index = np.arange(ROWS * COLUMNS).reshape(ROWS, COLUMNS)
    a, b, c, d = (part.ravel() for part in (index[:-1, :-1], index[:-1, 1:], index[1:, :-1],
                                            index[1:, 1:]))  # fmt: skip
    outer = np.concatenate([np.column_stack([a, c, b]), np.column_stack([b, c, d])])
    flat = points.reshape(-1, 3)
    across = np.gradient(points, axis=1)
    along = np.gradient(points, axis=0)
    normal = np.cross(along, across)
    normal /= np.linalg.norm(normal, axis=2, keepdims=True) + 1e-9
    left, top, width, height = HAIR_PATCH
    # The picture's strands repeat four times around the head, each time mirrored.
    u = np.abs((4 * spread) % 2 - 1)
    texture = np.dstack(np.meshgrid(left + 2 + (width - 4) * u,
                                    top + 2 + (height - 4) * np.linspace(0, 1, ROWS)))  # fmt: skip
    return Curtain(
        flat,
        normal.reshape(-1, 3).astype(np.float32),
        np.concatenate([outer, outer[:, ::-1]]),
        texture.reshape(-1, 2).astype(np.float32),
    )


def _radius(angle: np.ndarray, far: np.ndarray, around: np.ndarray) -> np.ndarray:
    """How far the head reaches in each direction ``around``."""
    apart = np.abs((angle[None] - around[:, None] + np.pi) % (2 * np.pi) - np.pi)
    near = np.where(apart < 0.22, far[None], 0)
    found = near.max(axis=1)
    return np.where(found > 0, found, found.max())

"""Spectacles: rims, bridge and temples in space, with clear or dark lenses."""

from dataclasses import dataclass

import cv2
import numpy as np

from facs3d.synthetic.heads.points import point_vertices
from facs3d.synthetic.heads.view import View


@dataclass(frozen=True)
class Glasses:
    """``rims`` (2, n, 3) and ``bridge`` (m, 3), ``temples`` (2, 2, 3) in dm; ``width`` of the
    frame in dm, its ``colour`` (3,) linear BGR, ``dark``ness of the lenses."""

    rims: np.ndarray
    bridge: np.ndarray
    temples: np.ndarray
    width: float
    colour: np.ndarray
    dark: float

    def put_on(self, picture: np.ndarray, cover: np.ndarray, view: View) -> None:
        """Draw them into (H, W, 3) linear ``picture`` and its ``cover`` (H, W), in place."""
        rims = [view.project(rim)[0] for rim in self.rims]
        lines = [np.vstack([rim, rim[:1]]) for rim in rims] + [view.project(self.bridge)[0]]
        middle = np.mean([rim.mean(axis=0) for rim in rims], axis=0)
        for temple in self.temples:
            hinge, end = view.project(temple)[0]
            # A temple that runs inwards in the picture is behind the face.
            if abs(end[0] - middle[0]) > abs(hinge[0] - middle[0]):
                lines.append(np.stack([hinge, end]))
        everything = np.concatenate(lines)
        left, top = np.maximum(everything.min(axis=0).astype(int) - 6, 0)
        right, bottom = np.maximum(everything.max(axis=0).astype(int) + 7, 1)
        box = np.s_[top:bottom, left:right]
        lenses, frame = (np.zeros(cover[box].shape, np.uint8) for _ in range(2))
        for rim in rims:
            cv2.fillPoly(lenses, [_fixed(rim - (left, top))], 255, cv2.LINE_AA, 4)
        thick = max(1, round(self.width * view.focal / view.distance))
        for line in lines:
            corner = _fixed(line - (left, top))
            cv2.polylines(frame, [corner], False, 255, thick, cv2.LINE_AA, 4)
        picture[box] *= 1 - np.float32(self.dark / 255) * lenses[..., None]
        share = frame.astype(np.float32) / 255
        picture[box] += share[..., None] * (self.colour - picture[box])
        np.maximum(cover[box], share, out=cover[box])


def draw_glasses(rng: np.random.Generator, vertices: np.ndarray) -> Glasses | None:
    """Glasses for somebody of this shape, or none for most."""
    if rng.random() > 0.24:
        return None
    points = vertices[point_vertices()]
    eyes = np.abs(points[[33, 263], 0]).mean() - 0.1
    half, high = rng.uniform(0.21, 0.27), rng.uniform(0.13, 0.21)
    power = rng.uniform(2.0, 5.0)
    angle = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    round_x = np.sign(np.cos(angle)) * np.abs(np.cos(angle)) ** (2 / power)
    round_y = np.sign(np.sin(angle)) * np.abs(np.sin(angle)) ** (2 / power)
    front = points[168, 2] + 0.02
    rims = []
    for side in (-1, 1):
        x = side * (eyes + 0.01) + half * round_x
        y = -0.03 + high * round_y
        z = front - 0.12 * (np.abs(x) / 0.5) ** 2
        rims.append(np.column_stack([x, y, z]))
    inner = eyes + 0.01 - half
    bridge = np.array(
        [(-inner, 0.02, front - 0.02), (0, 0.05, front + 0.02), (inner, 0.02, front - 0.02)]
    )
    outer = eyes + 0.01 + half
    ear = np.abs(points[[234, 454], 0]).mean() + 0.04
    temples = np.array([[(s * outer, 0.02, front - 0.14), (s * ear, 0.02, -0.75)] for s in (-1, 1)])
    vivid = (
        rng.uniform(0.01, 0.35, 3) if rng.random() < 0.4 else np.full(3, rng.uniform(0.005, 0.05))
    )
    dark = rng.uniform(0.55, 0.96) if rng.random() < 0.22 else rng.uniform(0.0, 0.12)
    return Glasses(
        np.array(rims, np.float32),
        bridge.astype(np.float32),
        temples.astype(np.float32),
        rng.uniform(0.012, 0.05),
        vivid.astype(np.float32),
        dark,
    )


def _fixed(points: np.ndarray) -> np.ndarray:
    return np.round(points * 16).astype(np.int32)

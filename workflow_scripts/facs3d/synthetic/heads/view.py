"""The pinhole camera that heads are seen through."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class View:
    """``turn`` (3, 3) of the head, ``distance`` dm from the camera to its eyes, ``focal`` px and
    where the eyes' middle is shown, ``centre`` (2,) px."""

    turn: np.ndarray
    distance: float
    focal: float
    centre: np.ndarray

    def project(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Points (N, 3) in px (N, 2) float32, and turned (N, 3) float32."""
        turned = points @ self.turn.T.astype(np.float32)
        scale = self.focal / (self.distance - turned[:, 2:])
        flat = self.centre + turned[:, :2] * scale * (1, -1)
        return flat.astype(np.float32), turned


def rotation(yaw: float, pitch: float, roll: float) -> np.ndarray:
    """Turn (3, 3) of a head: ``yaw`` to the image's right, ``pitch`` up, ``roll`` clockwise, in
    radians."""
    (sy, sp, sr), (cy, cp, cr) = np.sin([yaw, pitch, roll]), np.cos([yaw, pitch, roll])
    about_y = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    about_x = np.array([[1, 0, 0], [0, cp, sp], [0, -sp, cp]])
    about_z = np.array([[cr, sr, 0], [-sr, cr, 0], [0, 0, 1]])
    return about_z @ about_y @ about_x

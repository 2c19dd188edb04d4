"""Triangles to pixels: which triangle each pixel shows, and vertex values blended over it."""

from dataclasses import dataclass

import cv2
import numpy as np

FRACTION_BITS = 4


@dataclass(frozen=True)
class Fragments:
    """The pixels that show the mesh: ``rows`` and ``columns`` (n,), ``triangle`` (n,), its
    ``corners`` (n, 3), and the second's and the third's share (n,) float32 of the pixel."""

    rows: np.ndarray
    columns: np.ndarray
    triangle: np.ndarray
    second: np.ndarray
    third: np.ndarray
    corners: np.ndarray

    def blend(self, values: np.ndarray) -> np.ndarray:
        """Vertex ``values`` (V, C) at the pixels: (n, C)."""
        first, second, third = (np.take(values, corner, axis=0) for corner in self.corners.T)
        second -= first
        third -= first
        second *= self.second[:, None]
        third *= self.third[:, None]
        return first + second + third


def rasterise(
    points: np.ndarray, nearness: np.ndarray, triangles: np.ndarray, size: tuple[int, int]
) -> Fragments:
    """Draw ``triangles`` (T, 3), seen from the front only, far ones first, into (height, width).

    ``points`` (V, 2) float32 are x, y in px, a pixel's centre at whole numbers; ``nearness`` (T,)
    orders the triangles. Painting from far to near stands for a depth buffer: the head's surface
    is nearly convex but for the parts that ``nearness`` sets apart.
    """
    height, width = size
    (ax, bx, cx), (ay, by, cy) = (points[:, axis][triangles.T] for axis in (0, 1))
    area = (bx - ax) * (cy - ay) - (cx - ax) * (by - ay)
    seen = (area < -1e-3) & (np.maximum(np.maximum(ax, bx), cx) >= 0)
    seen &= (np.maximum(np.maximum(ay, by), cy) >= 0) & (np.minimum(np.minimum(ax, bx), cx) < width)
    order = np.flatnonzero(seen & (np.minimum(np.minimum(ay, by), cy) < height))
    order = order[np.argsort(nearness[order], kind="stable")]
    buffer = np.zeros(size, np.int32)
    fixed = np.round(points * (1 << FRACTION_BITS)).astype(np.int32)[triangles[order]]
    fill = cv2.fillConvexPoly
    for number, polygon in enumerate(fixed, 1):
        fill(buffer, polygon, number, 8, FRACTION_BITS)
    pixels = np.flatnonzero(buffer)
    rank = buffer.ravel()[pixels] - 1
    rows = pixels // width
    columns = pixels - rows * width
    ax, bx, cx, ay, by, cy = (corner[order] for corner in (ax, bx, cx, ay, by, cy))
    scale = 1 / area[order]
    plane = ax, ay, (bx - ax) * scale, (by - ay) * scale, (cx - ax) * scale, (cy - ay) * scale
    left, top, ux, uy, vx, vy = (of_triangle[rank] for of_triangle in plane)
    x, y = columns.astype(np.float32) - left, rows.astype(np.float32) - top
    second = np.clip(x * vy - y * vx, 0, 1)
    third = np.clip(y * ux - x * uy, 0, 1 - second)
    triangle = order[rank]
    corners = np.take(triangles, triangle, axis=0)
    return Fragments(rows, columns, triangle, second, third, corners)

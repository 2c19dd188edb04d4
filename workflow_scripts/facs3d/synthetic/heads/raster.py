"""Triangles to pixels: which triangle each pixel shows, and vertex values blended over it."""

from dataclasses import dataclass

import cv2
import numpy as np

FRACTION_BITS = 4
MOST_AREA = -1e-3
"""Twice the area, below 0 from the front, of the smallest triangles that are drawn."""


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
    """The pixels of :func:`shown` triangles, and how they lie in them."""
    buffer = shown(points, nearness, triangles, size)
    pixels = np.flatnonzero(buffer)
    triangle = buffer.ravel()[pixels].astype(np.intp) - 1
    rows = pixels // size[1]
    columns = pixels - rows * size[1]
    x, y = _corners(points, triangles)
    (ax, bx, cx), (ay, by, cy) = x, y
    # Those that are not shown may have no area to divide by.
    scale = 1 / np.minimum(_area(x, y), MOST_AREA)
    plane = ax, ay, (bx - ax) * scale, (by - ay) * scale, (cx - ax) * scale, (cy - ay) * scale
    left, top, ux, uy, vx, vy = (of_triangle[triangle] for of_triangle in plane)
    x, y = columns.astype(np.float32) - left, rows.astype(np.float32) - top
    second = np.clip(x * vy - y * vx, 0, 1)
    third = np.clip(y * ux - x * uy, 0, 1 - second)
    corners = np.take(triangles, triangle, axis=0)
    return Fragments(rows, columns, triangle, second, third, corners)


def shown(
    points: np.ndarray, nearness: np.ndarray, triangles: np.ndarray, size: tuple[int, int]
) -> np.ndarray:
    """Draw ``triangles`` (T, 3), seen from the front only, far ones first, into (height, width):
    1 + the triangle that each pixel shows, int32, or 0.

    ``points`` (V, 2) float32 are x, y in px, a pixel's centre at whole numbers; ``nearness`` (T,)
    orders the triangles. Painting from far to near stands for a depth buffer: the head's surface
    is nearly convex but for the parts that ``nearness`` sets apart.
    """
    height, width = size
    x, y = _corners(points, triangles)
    seen = (_area(x, y) < MOST_AREA) & (x.max(axis=0) >= 0) & (y.max(axis=0) >= 0)
    order = np.flatnonzero(seen & (x.min(axis=0) < width) & (y.min(axis=0) < height))
    order = order[np.argsort(nearness[order], kind="stable")]
    buffer = np.zeros(size, np.int32)
    fixed = np.round(points * (1 << FRACTION_BITS)).astype(np.int32)[triangles[order]]
    fill = cv2.fillConvexPoly
    for number, polygon in zip((order + 1).tolist(), fixed, strict=True):
        fill(buffer, polygon, number, 8, FRACTION_BITS)
    return buffer


def _corners(points: np.ndarray, triangles: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """x and y of the triangles' corners, each (3, T)."""
    corners = np.ascontiguousarray(triangles.T)
    return points[:, 0][corners], points[:, 1][corners]


def _area(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Twice the triangles' areas (T,), below 0 from the front."""
    (ax, bx, cx), (ay, by, cy) = x, y
    return (bx - ax) * (cy - ay) - (cx - ax) * (by - ay)

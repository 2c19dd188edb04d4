"""Brushes for the unrolled skin: soft spots, tapered strokes, hairs."""

import cv2
import numpy as np
from numpy.typing import ArrayLike

from facs3d.synthetic.heads.layout import MIDDLE, SHAPE, face_points
from facs3d.synthetic.images import pixel_grid, smooth_curve

GRID = pixel_grid(SHAPE)


def at(*anchors: int, dx: float = 0.0, dy: float = 0.0) -> np.ndarray:
    """The mean (2,) of FaceMesh points of the image's left half, moved out by ``dx`` px and down
    by ``dy`` px."""
    return shifted(face_points()[list(anchors)].mean(axis=0), -dx, dy)


def shifted(points: np.ndarray, dx: float, dy: float) -> np.ndarray:
    """Points (..., 2) moved to the right by ``dx`` and down by ``dy`` px."""
    return np.asarray(points) + np.array([dx, dy])


def mirrored(points: np.ndarray) -> np.ndarray:
    return np.asarray(points) * (-1, 1) + (2 * MIDDLE[0], 0)


def spot(centre: np.ndarray, reach: tuple[float, float], both: bool = True) -> np.ndarray:
    """A Gaussian of height 1, (H, W) float32, on both sides of the face."""
    found = np.zeros(SHAPE, np.float32)
    for middle in (centre, mirrored(centre)) if both else (centre,):
        found += np.exp(-0.5 * apart(np.asarray(middle, np.float32), np.asarray(reach, np.float32)))
    return np.minimum(found, 1)


def apart(centre: np.ndarray, reach: ArrayLike) -> np.ndarray:
    """Squared distance (H, W) of each pixel from ``centre``, in units of ``reach`` across and
    down."""
    across = ((GRID[0] - centre) / reach)[:, 0] ** 2
    down = ((GRID[:, 0] - centre) / reach)[:, 1] ** 2
    return down[:, None] + across


def touched(cover: np.ndarray) -> tuple[slice, slice]:
    """The rows and columns that hold all of ``cover`` (H, W) but zeros: most brushes touch a small
    part of the picture, and to blend only there changes nothing else."""
    return _span(cover.any(axis=1)), _span(cover.any(axis=0))


def _span(chosen: np.ndarray) -> slice:
    found = np.flatnonzero(chosen)
    return slice(found[0], found[-1] + 1) if len(found) else slice(0)


def stroke(points: np.ndarray, width: float, both: bool = True) -> np.ndarray:
    """A line of height 1 in its middle that fades to its ends, (H, W) float32; ``width`` is the
    standard deviation across it in px."""
    found = np.zeros(SHAPE, np.float32)
    curve = smooth_curve(points, 40)
    taper = np.sin(np.pi * np.linspace(0.03, 0.97, 39)) ** 0.7
    for line in (curve, mirrored(curve)) if both else (curve,):
        fixed = np.round(line * 16).astype(np.int32)
        for first, second, strength in zip(fixed, fixed[1:], taper, strict=False):
            cv2.line(found, first.tolist(), second.tolist(), float(strength), 1, cv2.LINE_8, 4)
    blurred = cv2.GaussianBlur(found, (0, 0), width)
    return blurred * np.float32(width * np.sqrt(2 * np.pi) / 1.2)


def hairs(starts: np.ndarray, ends: np.ndarray, width: int = 1) -> np.ndarray:
    """Straight hairs from ``starts`` to ``ends`` (n, 2): cover (H, W) float32 in [0, 1]."""
    mask = np.zeros(SHAPE, np.uint8)
    fixed = np.round(np.stack([starts, ends], axis=1) * 16).astype(np.int32)
    for first, second in fixed:
        cv2.line(mask, first.tolist(), second.tolist(), 255, width, cv2.LINE_AA, 4)
    return mask.astype(np.float32) / 255


def streaks(rng: np.random.Generator, length: float, shape: tuple[int, int] = SHAPE) -> np.ndarray:
    """Vertical streaks (float32, standard deviation 1), as of combed hair."""
    field = rng.standard_normal(shape, dtype=np.float32)
    fine = cv2.GaussianBlur(field, (0, 0), sigmaX=0.8, sigmaY=length)
    field = rng.standard_normal(shape, dtype=np.float32)
    broad = cv2.GaussianBlur(field, (0, 0), sigmaX=4, sigmaY=2 * length)
    return 0.7 * fine / fine.std() + 0.7 * broad / broad.std()


def any_colour(
    rng: np.random.Generator, saturation: tuple[int, int], value: tuple[int, int]
) -> np.ndarray:
    """A colour (3,) float32 BGR of any hue, within these limits of 0 to 255."""
    hsv = np.array([[(rng.integers(180), rng.integers(*saturation), rng.integers(*value))]])
    return cv2.cvtColor(hsv.astype(np.uint8), cv2.COLOR_HSV2BGR)[0, 0].astype(np.float32)

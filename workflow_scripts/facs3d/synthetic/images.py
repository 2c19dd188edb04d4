"""Small image operations that the synthetic faces are made with."""

import cv2
import numpy as np
from numpy.typing import ArrayLike


def fill_smoothly(image: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Fill the unknown part of ``image`` (H, W, C float32) from its surroundings.

    ``known`` is a weight in [0, 1] per pixel, (H, W) float32. Push-pull: each level of a pyramid
    keeps what it knows and takes the rest from the next coarser one.
    """
    weighted, weight = image * known[..., None], known
    levels = [(weighted, weight)]
    while min(weight.shape) > 2:
        weighted, weight = cv2.pyrDown(weighted), cv2.pyrDown(weight)
        levels.append((weighted, weight))
    filled = weighted / np.maximum(weight, 1e-6)[..., None]
    for weighted, weight in reversed(levels[:-1]):
        height, width = weight.shape
        coarse = cv2.pyrUp(filled)[:height, :width]
        filled = weighted + (1 - weight)[..., None] * coarse
    return filled


def noise(rng: np.random.Generator, shape: tuple[int, int], sigma: float) -> np.ndarray:
    """Gaussian noise (float32, standard deviation 1) smoothed with ``sigma`` pixels."""
    step = max(1, int(sigma / 2))
    small = (-(-shape[0] // step) + 2, -(-shape[1] // step) + 2)
    field = rng.standard_normal(small).astype(np.float32)
    field = cv2.GaussianBlur(field, (0, 0), sigma / step)
    field = cv2.resize(field, (small[1] * step, small[0] * step), interpolation=cv2.INTER_CUBIC)
    field = field[step // 2 :][: shape[0], : shape[1]]
    return (field - field.mean()) / field.std()


def polygon_mask(shape: tuple[int, int], points: ArrayLike, softness: float) -> np.ndarray:
    """A polygon's mask, float32 in [0, 1], with sub-pixel vertices and an edge blurred by
    ``softness`` pixels."""
    mask = np.zeros(shape, np.uint8)
    fixed_point = np.round(np.asarray(points) * 16).astype(np.int32)
    cv2.fillPoly(mask, [fixed_point], 255, lineType=cv2.LINE_AA, shift=4)
    return cv2.GaussianBlur(mask, (0, 0), softness).astype(np.float32) / 255


def smooth_curve(points: ArrayLike, samples: int) -> np.ndarray:
    """Points (n, 2) joined by a Catmull-Rom spline, sampled at (samples, 2) points."""
    points = np.asarray(points, np.float64)
    padded = np.vstack([2 * points[0] - points[1], points, 2 * points[-1] - points[-2]])
    position = np.linspace(0, len(points) - 1, samples)
    start = np.minimum(position.astype(int), len(points) - 2)
    t = (position - start)[:, None]
    p0, p1, p2, p3 = (padded[start + k] for k in range(4))
    return p1 + 0.5 * t * (
        p2 - p0 + t * (2 * p0 - 5 * p1 + 4 * p2 - p3 + t * (3 * (p1 - p2) + p3 - p0))
    )


def thin_plate_warp(
    target: np.ndarray, source: np.ndarray, pixels: np.ndarray, stiffness: float = 0.0
) -> np.ndarray:
    """Map ``pixels`` (..., 2) by the thin-plate spline that takes each ``target`` point to its
    ``source`` point (both (n, 2)); ``stiffness`` > 0 lets it miss the points a little."""
    scale = 100.0
    target = np.asarray(target, np.float64) / scale
    offset = np.asarray(source, np.float64) - target * scale
    n = len(target)
    system = np.zeros((n + 3, n + 3))
    system[:n, :n] = _thin_plate(target, target) + stiffness * np.eye(n)
    system[:n, n] = system[n, :n] = 1
    system[:n, n + 1 :] = target
    system[n + 1 :, :n] = target.T
    weights = np.linalg.solve(system, np.vstack([offset, np.zeros((3, 2))]))
    flat = np.asarray(pixels, np.float64).reshape(-1, 2)
    unit = flat / scale
    moved = _thin_plate(unit, target) @ weights[:n] + weights[n] + unit @ weights[n + 1 :]
    return (flat + moved).reshape(np.shape(pixels))


def _thin_plate(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    squared = ((a[:, None] - b[None]) ** 2).sum(-1)
    return squared * np.log(squared + 1e-12)


def pixel_grid(shape: tuple[int, int]) -> np.ndarray:
    """Pixel coordinates (H, W, 2), x first, float32."""
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    return np.stack([x, y], -1)

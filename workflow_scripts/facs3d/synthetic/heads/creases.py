"""Furrows, bulges and dimples of the skin: those that come with age and those of the AUs."""

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np

from facs3d.core.action_units import PAPER_AUS
from facs3d.synthetic.heads.layout import SHAPE
from facs3d.synthetic.heads.paint import at, mirrored, shifted, spot, stroke
from facs3d.synthetic.images import noise

REGION = np.s_[90:360, 148:428]
"""Rows and columns of the painted picture where AUs make furrows."""


@dataclass(frozen=True)
class Relief:
    """``depth`` (H, W) float32 of furrows (bulges below 0) in about [-1, 1]."""

    depth: np.ndarray

    def shading(self) -> np.ndarray:
        """What to blend into light, (H, W, 3): darkness, slope to the right and slope down."""
        smooth = cv2.GaussianBlur(self.depth, (0, 0), 0.7)
        dx = cv2.Sobel(smooth, cv2.CV_32F, 1, 0, scale=0.125)
        dy = cv2.Sobel(smooth, cv2.CV_32F, 0, 1, scale=0.125)
        return np.dstack([np.maximum(self.depth, 0.35 * self.depth), dx, dy])


@cache
def _forehead(inner: bool) -> np.ndarray:
    """Transverse lines over the inner or the outer brow."""
    total = np.zeros(SHAPE, np.float32)
    for up, strength in ((17, 0.9), (29, 0.8), (41, 0.5)):
        if inner:
            points = [at(9, dx=x, dy=-up + bend) for x, bend in ((-26, 4), (0, 0), (26, 4))]
            total += strength * stroke(np.array(points), 1.5, both=False)
        else:
            points = [at(105, dx=x, dy=-up + 9 + y) for x, y in ((-16, 1), (0, -2), (18, 5))]
            total += strength * stroke(np.array(points), 1.5)
    return total


@cache
def _fold(strength_low: float) -> np.ndarray:
    """The nasolabial fold; its lower part is as deep as ``strength_low``."""
    upper = np.array([at(129, dx=2, dy=-6), at(203, dx=0, dy=0), at(206, dx=3, dy=4)])
    lower = np.array([at(203), at(206, dx=4), at(216, dx=5), at(212, dx=7, dy=-2)])
    return stroke(upper, 1.9) + strength_low * stroke(lower, 2.2)


@cache
def _crow() -> np.ndarray:
    total = np.zeros(SHAPE, np.float32)
    for dy, end, strength in ((-2, -8, 0.7), (1, 0, 0.9), (4, 9, 0.8)):
        points = [at(33, dx=4, dy=dy), at(33, dx=11, dy=(dy + end) / 2), at(33, dx=19, dy=end)]
        total += strength * stroke(np.array(points), 1.1)
    return total


@cache
def _bag() -> np.ndarray:
    return stroke(np.array([at(133, dx=-1, dy=7), at(23, dy=9), at(110, dx=6, dy=6)]), 1.8)


@cache
def action_relief() -> np.ndarray:
    """Furrows of the 12 AUs at full strength, (12, h, w, 3) float32 in :data:`REGION`."""
    drawn = dict(_action_depths())
    return np.stack([Relief(drawn[au]).shading()[REGION] for au in PAPER_AUS])


def _action_depths() -> list[tuple[int, np.ndarray]]:
    seam = at(13, 14)
    corner = at(61)
    chin = spot(at(199, dy=-3), (15, 10), both=False)
    cobbles = noise(np.random.default_rng(17), SHAPE, 2.2)
    cobbles = (cobbles + cobbles[:, ::-1][:, list(range(-96, 0)) + list(range(SHAPE[1] - 96))]) / 2
    glabella = stroke(np.array([at(9, dx=6, dy=-13), at(9, dx=4.5, dy=-2), at(8, dx=6, dy=5)]), 1.6)
    lids = stroke(np.array([at(133, dy=4), at(145, dy=5), at(33, dx=-2, dy=4)]), 1.4)
    dimple = stroke(np.array([at(61, dx=5, dy=-10), at(61, dx=8.5), at(61, dx=5, dy=9)]), 1.5)
    below = stroke(
        np.array([shifted(corner, -3, 4), shifted(corner, -6, 10), shifted(corner, -5, 17)]), 1.7
    )
    under_lip = _chin_lines()
    pleats = np.zeros(SHAPE, np.float32)
    for x in (3, 8, 13):
        pleats += 0.6 * stroke(
            np.array([shifted(seam, -x, -6), shifted(seam, -x, 0), shifted(seam, -x, 7)]), 0.9
        )
    rolls = spot(shifted(seam, 0, -11), (18, 3), both=False) + spot(
        shifted(seam, 0, 13), (17, 3.5), both=False
    )
    return [
        (1, _forehead(inner=True)),
        (2, _forehead(inner=False)),
        (4, 1.3 * glabella + 0.5 * stroke(np.array([at(8, dx=7, dy=7), at(8, dx=-7, dy=7)]), 1.5)
            - 0.4 * spot(at(55, dx=4, dy=2), (7, 4))),
        (6, 0.8 * _crow() + 0.7 * _bag() - 0.5 * spot(at(117, 118), (13, 8))),
        (7, 0.9 * lids - 0.3 * spot(at(145, dy=2.5), (11, 2))),
        (10, 1.1 * stroke(np.array([at(129, dx=1, dy=-8), at(129, dx=6, dy=0), at(203, dx=2)]), 2.0)
            + 0.4 * _fold(0.6)),
        (12, 0.75 * _fold(0.7) - 0.45 * spot(at(50, 101), (15, 11))),
        (14, 1.1 * dimple - 0.35 * spot(at(61, dx=14), (4, 8))),
        (15, 1.1 * below + 0.5 * under_lip),
        (17, 0.9 * under_lip + 0.55 * chin * cobbles - 0.3 * chin),
        (23, pleats - 0.25 * rolls),
        (24, -0.35 * rolls + 0.5 * stroke(np.array([shifted(corner, -1, -4), shifted(corner, -4, 0),
                                                   shifted(corner, -2, 5)]), 1.3)),
    ]  # fmt: skip


def resting_relief(rng: np.random.Generator, age: float, rough: float) -> np.ndarray:
    """Shading (H, W, 3) of the resting skin: pores, wrinkles by ``age``, marks of no meaning;
    ``rough`` scales the pores."""
    depth = rough * (0.05 * noise(rng, SHAPE, 1.3) + 0.03 * noise(rng, SHAPE, 3.0))
    old = max(age - 0.25, 0) / 0.75
    lines = [
        (_forehead(inner=True), 0.5), (_forehead(inner=False), 0.4), (_crow(), 0.6),
        (_bag(), 0.7), (_fold(0.9), 0.7), (_marionette(), 0.4), (_frown_lines(), 0.55),
        (_chin_lines(), 0.4),
    ]  # fmt: skip
    # Some of the young have deep lines too: a furrow alone means nothing.
    for drawn, share in lines:
        depth += share * (old * rng.uniform(0.2, 1.3) + 0.9 * rng.random() ** 4) * drawn
    depth += 0.25 * _fold(0.4) * rng.uniform(0.3, 1) + 0.2 * _bag() * rng.random()
    for _ in range(rng.integers(0, 4)):
        start = at(50, dx=rng.uniform(-30, 25), dy=rng.uniform(-80, 50))
        line = start + np.cumsum(rng.normal(0, 5, (3, 2)), axis=0)
        depth += rng.uniform(0.1, 0.35) * stroke(line, 1.2, both=bool(rng.random() < 0.3))
    return Relief(depth.astype(np.float32)).shading()


@cache
def _marionette() -> np.ndarray:
    return stroke(np.array([at(61, dx=4, dy=4), at(202, dx=3), at(204, dx=8, dy=3)]), 1.8)


@cache
def _chin_lines() -> np.ndarray:
    """The furrow under the lower lip."""
    seam = at(13, 14)
    line = np.array([shifted(seam, -15, 20), shifted(seam, 0, 17), shifted(seam, 15, 20)])
    return stroke(line, 2.0, both=False)


@cache
def _frown_lines() -> np.ndarray:
    line = np.array([at(9, dx=5.5, dy=-10), at(9, dx=4.5), at(8, dx=5)])
    return stroke(line, 1.4, both=False) + 0.7 * stroke(mirrored(line), 1.4, both=False)

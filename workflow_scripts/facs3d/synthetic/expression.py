"""What each action unit does to the face: how skin moves and what folds, shadows and lights appear.

Everything is drawn once in the portrait's canonical frame (80 px between the eyes, symmetric about
x = 184) for intensity 5, after the descriptions in the FACS manual; a face at intensity i shows
i / 5 of it. Directions: x grows towards the person's right ear ("out"), y downwards. Only the
image's left half is written; the other half is its mirror image.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from facs3d.action_units import PAPER_AUS
from facs3d.seeding import generator
from facs3d.synthetic.images import noise, pixel_grid, smooth_curve
from facs3d.synthetic.portrait import CANONICAL_CENTRE, CANONICAL_SHAPE

MIDLINE = float(CANONICAL_CENTRE[0])


@dataclass(frozen=True)
class Pull:
    """Skin around ``at`` moves ``out`` and ``up`` (px); ``reach`` are the Gaussian's two sds (px).

    ``flat`` gives a plateau with steeper flanks; ``brow`` keeps the lids below the brow still.
    """

    at: tuple[float, float]
    out: float
    up: float
    reach: tuple[float, float]
    flat: bool = False
    brow: bool = False


@dataclass(frozen=True)
class Crease:
    """A furrow along ``points``: darkened by ``depth`` (log units) over ``width`` px (sd) and
    raised into the light by ``ridge`` on the side to the right of its direction."""

    points: tuple[tuple[float, float], ...]
    width: float
    depth: float
    ridge: float = 0.0


@dataclass(frozen=True)
class Glow:
    """A soft light (``gain`` > 0) or shadow (``gain`` < 0, log units) around ``at``; ``pucker`` adds
    an uneven, cobbled surface of that strength."""

    at: tuple[float, float]
    gain: float
    reach: tuple[float, float]
    pucker: float = 0.0


Mark = Pull | Crease | Glow

NASOLABIAL_UPPER = ((165, 224), (157, 228), (150, 237), (146, 248))
NASOLABIAL_FOLD = ((161, 229), (152, 236), (145, 247), (140, 260), (138, 274))

ACTIONS: dict[int, tuple[Mark, ...]] = {
    1: (
        Pull((163, 163), -1.0, 12, (16, 15), brow=True),
        Pull((170, 138), 0, 5, (24, 16), brow=True),
        Crease(((184, 141), (170, 141), (156, 138)), 1.8, 0.34, 0.14),
        Crease(((184, 131), (168, 131), (152, 128)), 1.8, 0.30, 0.12),
        Crease(((184, 121), (170, 121), (158, 119)), 1.7, 0.20, 0.08),
        Crease(((166, 170), (156, 163), (146, 163)), 2.2, 0.22, 0.0),
    ),
    2: (
        Pull((122, 160), 1.0, 12, (17, 14), brow=True),
        Pull((110, 168), 0, 5, (12, 12), brow=True),
        Pull((122, 138), 0, 5, (20, 16), brow=True),
        Crease(((146, 140), (132, 134), (117, 137), (106, 145)), 1.8, 0.32, 0.14),
        Crease(((148, 130), (132, 124), (116, 127)), 1.8, 0.26, 0.10),
        Glow((126, 170), 0.12, (15, 4)),
    ),
    4: (
        Pull((162, 163), -6.5, -7.5, (16, 13), brow=True),
        Pull((140, 158), -2.0, -5, (16, 12), brow=True),
        Pull((150, 172), 0, -1.5, (18, 5)),
        Crease(((177.5, 150), (176.5, 158), (177.5, 167), (175, 174)), 1.7, 0.62, 0.22),
        Crease(((171, 152), (169.5, 160), (171, 167)), 1.7, 0.25, 0.1),
        Crease(((184, 178), (176, 178.5)), 1.6, 0.26, 0.0),
        Glow((163, 173), -0.28, (10, 5)),
        Glow((184, 157), 0.10, (5, 9)),
    ),
    6: (
        Pull((134, 222), -1.0, 9, (24, 17)),
        Pull((146, 194), 0, 3.0, (18, 6)),
        Pull((122, 190), -3.0, 0.5, (10, 10)),
        Pull((114, 166), 0, -2, (12, 9), brow=True),
        Crease(((123, 186), (114, 183), (105, 178)), 1.3, 0.42, 0.10),
        Crease(((122, 190), (112, 190.5), (103, 189)), 1.3, 0.46, 0.10),
        Crease(((123, 194), (114, 198), (106, 203)), 1.3, 0.40, 0.10),
        Crease(((164, 196), (155, 201), (143, 203), (130, 200)), 2.0, 0.42, 0.0),
        Glow((134, 217), 0.20, (18, 10)),
        Glow((147, 196), 0.10, (14, 2.5)),
    ),
    7: (
        Pull((146, 189.5), 0, 5.2, (15, 5.5)),
        Pull((158, 188), 0, 2.0, (7, 5)),
        Pull((145, 175), 0, -2.6, (15, 4.5)),
        Crease(((163, 190), (155, 194.5), (145, 195.5), (134, 192)), 1.4, 0.36, 0.0),
        Glow((147, 191.5), 0.12, (13, 2.0)),
        Crease(((160, 176), (150, 170.5), (138, 171), (128, 177)), 1.4, 0.24, 0.0),
    ),
    10: (
        Pull((172, 262), 0, 9.0, (15, 10)),
        Pull((184, 262), 0, 2.0, (9, 8)),
        Pull((162, 234), 2.0, 4.5, (10, 11)),
        Pull((148, 240), 0.5, 4.5, (15, 14)),
        Crease(NASOLABIAL_UPPER, 2.3, 0.55, 0.0),
        Glow((147, 229), 0.20, (9, 9)),
        Glow((170, 249), -0.10, (9, 5)),
        Crease(((158, 197), (167, 204), (172, 212)), 1.6, 0.18, 0.0),
    ),
    12: (
        Pull((150, 270), 10.5, 11, (15, 12)),
        Pull((166, 277), 2.5, 3.0, (12, 9)),
        Pull((136, 240), 2.0, 6, (20, 16)),
        Crease(NASOLABIAL_FOLD, 2.6, 0.50, 0.0),
        Glow((136, 234), 0.20, (15, 13)),
        Glow((148, 274), -0.22, (4, 5)),
    ),
    14: (
        Pull((150, 270), 4.5, 0.5, (9, 8)),
        Pull((154, 264), 0, -2.2, (9, 5)),
        Pull((154, 276), 0, 2.8, (9, 5)),
        Glow((143, 270), -0.62, (3.6, 5.5)),
        Crease(((141, 260), (138.5, 267), (139.5, 275), (143, 281)), 2.4, 0.30, 0.0),
        Glow((133, 270), 0.22, (5.5, 9)),
        Glow((146, 283), 0.10, (7, 4)),
    ),
    15: (
        Pull((150, 270), 2.0, -12, (12, 9)),
        Pull((166, 276), 0, -2.0, (10, 8)),
        Pull((146, 286), 1.0, -4, (11, 10)),
        Crease(((148, 271), (143.5, 278), (142, 287), (144, 295)), 2.2, 0.45, 0.0),
        Glow((138, 285), 0.16, (5, 9)),
        Glow((152, 281), -0.18, (6, 4)),
    ),
    17: (
        Pull((184, 301), 0, 9, (24, 13)),
        Pull((184, 279), 0, 6.5, (22, 8), flat=True),
        Crease(((160, 285), (172, 288), (184, 289), (196, 288), (208, 285)), 2.4, 0.45, 0.0),
        Glow((184, 302), 0.10, (17, 9), pucker=0.15),
        Crease(((162, 296), (160, 305), (165, 313)), 2.2, 0.22, 0.0),
    ),
    23: (
        Pull((150, 270), -9.5, 0, (13, 11)),
        Pull((184, 261), 0, -2.4, (25, 4.5), flat=True),
        Pull((184, 280), 0, 3.2, (25, 5), flat=True),
        Glow((184, 254.5), 0.10, (20, 3.5)),
        Glow((184, 286), -0.22, (20, 2.5)),
        Glow((155, 270), -0.25, (4, 4)),
        Crease(((177, 252), (177.5, 262)), 1.1, 0.13, 0.05),
        Crease(((170, 254), (171, 263)), 1.1, 0.15, 0.05),
        Crease(((164, 257), (165.5, 265)), 1.1, 0.16, 0.05),
        Crease(((172, 275), (171, 285)), 1.1, 0.14, 0.05),
        Crease(((165, 273), (163, 282)), 1.1, 0.15, 0.05),
    ),
    24: (
        Pull((184, 260), 0, -5.2, (31, 4.8), flat=True),
        Pull((184, 281), 0, 7.0, (31, 5.5), flat=True),
        Crease(((148, 270), (160, 269), (184, 268.9), (208, 269), (220, 270)), 1.3, 0.50, 0.0),
        Glow((184, 257), 0.20, (25, 3.4)),
        Glow((184, 284), 0.16, (23, 3.6)),
        Glow((184, 290), -0.24, (18, 2.5)),
        Glow((147, 271), -0.16, (4, 5)),
    ),
}

MOUTH_AUS = (10, 12, 14, 15, 17, 23, 24)
MOUTH_LIMIT = 1.7
BROW_AUS = (1, 2, 4)
BROW_LIMIT = 1.6


@dataclass(frozen=True)
class ActionFields:
    """All AUs at intensity 5 in the canonical frame, float32: ``displacement`` (12, H, W, 2) in
    pixels and ``shading`` (12, H, W) as the natural log of a gain, in the order of PAPER_AUS."""

    displacement: np.ndarray
    shading: np.ndarray


def action_fields() -> ActionFields:
    """Draw :data:`ACTIONS`."""
    displacement = np.zeros((len(PAPER_AUS), *CANONICAL_SHAPE, 2), np.float32)
    shading = np.zeros((len(PAPER_AUS), *CANONICAL_SHAPE), np.float32)
    grid = pixel_grid(CANONICAL_SHAPE)
    rng = generator(0, "chin pucker")
    cobbles = noise(rng, CANONICAL_SHAPE, 2.2)
    below_brow = np.clip((grid[..., 1] - 166) / 10, 0, 1)
    above_lid = 1 - below_brow**2 * (3 - 2 * below_brow)
    for index, au in enumerate(PAPER_AUS):
        for mark in ACTIONS[au]:
            if isinstance(mark, Pull):
                _add_pull(displacement[index], mark, grid, above_lid)
            elif isinstance(mark, Crease):
                _add_crease(shading[index], mark)
            else:
                _add_glow(shading[index], mark, grid, cobbles)
    return ActionFields(displacement, shading)


def action_regions(fields: ActionFields) -> np.ndarray:
    """Where each AU acts, bool (12, H, W): the skin that it moves by more than a third of its
    largest displacement or brightens or darkens by more than a third of its strongest shading."""
    moved = np.linalg.norm(fields.displacement, axis=-1)
    shaded = np.abs(fields.shading)
    strongest = (1, 2)
    return (moved > moved.max(strongest, keepdims=True) / 3) | (
        shaded > shaded.max(strongest, keepdims=True) / 3
    )


def visible_share(intensities: np.ndarray) -> np.ndarray:
    """Share of each AU's full look (…, 12) for ``intensities`` (…, 12): i / 5, less where AUs that
    pull at the same skin together ask for more than it gives."""
    share = np.asarray(intensities, np.float32) / 5
    for group, limit in ((MOUTH_AUS, MOUTH_LIMIT), (BROW_AUS, BROW_LIMIT)):
        members = [PAPER_AUS.index(au) for au in group]
        asked = np.abs(share[..., members]).sum(-1, keepdims=True)
        share[..., members] *= np.minimum(1, limit / np.maximum(asked, 1e-6))
    return share


def _mirrored(x: float) -> tuple[tuple[float, float], ...]:
    """(x, side) of a mark and its mirror image; one on the midline is alone."""
    if x == MIDLINE:
        return ((x, -1.0),)
    return ((x, -1.0), (2 * MIDLINE - x, 1.0))


def _add_pull(field: np.ndarray, pull: Pull, grid: np.ndarray, above_lid: np.ndarray) -> None:
    for x, side in _mirrored(pull.at[0]):
        unit = (grid - np.array([x, pull.at[1]], np.float32)) / np.array(pull.reach, np.float32)
        squared = (unit**2).sum(-1)
        weight = np.exp(-0.5 * (unit[..., 0] ** 4 + unit[..., 1] ** 2) if pull.flat else -0.5 * squared)
        if pull.brow:
            weight *= above_lid
        field[..., 0] += weight * pull.out * side
        field[..., 1] -= weight * pull.up


def _add_glow(shading: np.ndarray, glow: Glow, grid: np.ndarray, cobbles: np.ndarray) -> None:
    for x, _ in _mirrored(glow.at[0]):
        unit = (grid - np.array([x, glow.at[1]], np.float32)) / np.array(glow.reach, np.float32)
        shading += np.exp(-0.5 * (unit**2).sum(-1)) * (glow.gain + glow.pucker * cobbles)


def _add_crease(shading: np.ndarray, crease: Crease) -> None:
    points = np.array(crease.points, np.float64)
    across = points[0, 0] != MIDLINE and points[-1, 0] > MIDLINE
    _draw_crease(shading, points, crease, ridge_side=1.0)
    if not across:
        mirrored = points * [-1, 1] + [2 * MIDLINE, 0]
        _draw_crease(shading, mirrored, crease, ridge_side=-1.0)


def _draw_crease(
    shading: np.ndarray, points: np.ndarray, crease: Crease, ridge_side: float
) -> None:
    curve = smooth_curve(points, 48)
    margin = int(6 * crease.width) + 2
    x0, y0 = np.floor(curve.min(0)).astype(int) - margin
    x1, y1 = np.ceil(curve.max(0)).astype(int) + margin
    grid = pixel_grid((y1 - y0, x1 - x0)) + np.array([x0, y0], np.float32)
    offset = grid[:, :, None] - curve.astype(np.float32)
    nearest = (offset**2).sum(-1).argmin(-1)
    offset = np.take_along_axis(offset, nearest[..., None, None], 2)[:, :, 0]
    tangent = np.gradient(curve, axis=0)
    tangent /= np.linalg.norm(tangent, axis=1, keepdims=True)
    along = tangent[nearest]
    right_of = along[..., 0] * offset[..., 1] - along[..., 1] * offset[..., 0]
    distance = np.sqrt((offset**2).sum(-1))
    starts_at_midline = points[0, 0] == MIDLINE
    position = nearest / (len(curve) - 1)
    taper = np.sin(np.pi * (position / 2 + 0.5 if starts_at_midline else position))
    taper = np.clip(taper, 0, 1) ** 0.7
    valley = -crease.depth * np.exp(-0.5 * (distance / crease.width) ** 2)
    ridge_centre = ridge_side * 2.4 * crease.width
    end = distance**2 - right_of**2
    ridge = np.exp(
        -0.5 * ((right_of - ridge_centre) ** 2 + end) / (1.3 * crease.width) ** 2
    )
    shading[y0:y1, x0:x1] += taper * (valley + crease.ridge * ridge)


def half_resolution(field: np.ndarray) -> np.ndarray:
    """A field (H, W, …) at half the resolution in pixels (values unchanged)."""
    return cv2.resize(field, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)

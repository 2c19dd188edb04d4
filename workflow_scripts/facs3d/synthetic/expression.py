"""What each action unit does to the face: how skin moves and what folds, shadows and lights appear.

Everything is drawn once in the portrait's canonical frame (80 px between the eyes, symmetric about
x = 184) for intensity 5, after the descriptions in the FACS manual; a face at intensity i shows
i / 5 of it. Directions: x grows towards the person's right ear ("out"), y downwards. Only the
image's left half is written; the other half is its mirror image.
"""

from dataclasses import dataclass

import numpy as np

from facs3d.core.action_units import PAPER_AUS
from facs3d.core.seeding import generator
from facs3d.synthetic.images import noise, pixel_grid, smooth_curve
from facs3d.synthetic.portrait import CANONICAL_CENTRE, CANONICAL_SHAPE

MIDLINE = float(CANONICAL_CENTRE[0])
GRID = pixel_grid(CANONICAL_SHAPE)


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
    """A soft light (``gain`` > 0) or shadow (``gain`` < 0, log units) around ``at``; ``pucker``
    adds an uneven, cobbled surface of that strength."""

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
        Crease(((184, 143), (170, 142), (155, 139)), 1.8, 0.36, 0.08),
        Crease(((184, 133), (169, 133), (153, 129)), 1.8, 0.30, 0.07),
        Crease(((184, 123), (171, 122), (159, 120)), 1.7, 0.20, 0.05),
        Crease(((166, 170), (156, 163), (146, 163)), 2.2, 0.22, 0.0),
    ),
    2: (
        Pull((122, 160), 1.0, 12, (17, 14), brow=True),
        Pull((110, 168), 0, 5, (12, 12), brow=True),
        Pull((122, 138), 0, 5, (20, 16), brow=True),
        Crease(((146, 140), (132, 134), (117, 137), (106, 145)), 1.8, 0.34, 0.08),
        Crease(((148, 130), (132, 124), (116, 127)), 1.8, 0.28, 0.06),
        Glow((126, 170), 0.12, (15, 4)),
    ),
    4: (
        Pull((162, 163), -6.5, -7.5, (16, 13), brow=True),
        Pull((140, 158), -2.0, -5, (16, 12), brow=True),
        Pull((150, 172), 0, -1.5, (18, 5)),
        Crease(((177.5, 150), (176.5, 158), (177.5, 167), (175, 174)), 1.8, 0.55, 0.10),
        Crease(((171, 152), (169.5, 160), (171, 167)), 1.8, 0.22, 0.05),
        Crease(((184, 178), (176, 178.5)), 1.6, 0.26, 0.0),
        Glow((163, 173), -0.28, (10, 5)),
        Glow((184, 157), 0.06, (5, 9)),
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
        Glow((134, 217), 0.13, (18, 10)),
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
        Pull((184, 262), 0, 7.5, (25, 10), flat=True),
        Pull((170, 261), 0, 1.5, (8, 8)),
        Pull((184, 276), 0, 1.5, (20, 6)),
        Pull((162, 234), 2.0, 4.5, (10, 11)),
        Pull((147, 240), 1.0, 4.5, (15, 14)),
        Crease(NASOLABIAL_UPPER, 2.3, 0.52, 0.0),
        Glow((147, 229), 0.12, (9, 9)),
        Glow((168, 249), -0.12, (8, 5)),
        Crease(((158, 197), (167, 204), (172, 212)), 1.6, 0.18, 0.0),
    ),
    12: (
        Pull((150, 270), 10.5, 11, (15, 12)),
        Pull((166, 277), 2.5, 3.0, (12, 9)),
        Pull((136, 240), 2.0, 6, (20, 16)),
        Crease(NASOLABIAL_FOLD, 2.6, 0.50, 0.0),
        Glow((136, 234), 0.13, (15, 13)),
        Glow((148, 274), -0.22, (4, 5)),
    ),
    14: (
        Pull((150, 270), 5.0, 1.0, (10, 9)),
        Pull((156, 263), 0, -3.0, (10, 5)),
        Pull((156, 277), 0, 3.6, (10, 5)),
        Glow((141.5, 269), -0.44, (4.2, 4.6)),
        Crease(((143, 260), (138.5, 266), (138.5, 273), (142, 280)), 2.2, 0.20, 0.0),
        Glow((131, 270), 0.20, (6, 10)),
        Glow((148, 284), 0.12, (8, 4)),
    ),
    15: (
        Pull((150, 270), 2.0, -13, (12, 10)),
        Pull((166, 276), 0, -2.5, (10, 8)),
        Pull((145, 287), 1.0, -4, (11, 10)),
        Crease(((148, 272), (143, 279), (141, 288), (143, 297)), 2.4, 0.50, 0.0),
        Glow((136, 286), 0.18, (5.5, 10)),
        Glow((153, 282), -0.24, (6.5, 5)),
    ),
    17: (
        Pull((184, 301), 0, 9, (24, 13)),
        Pull((184, 279), 0, 6.5, (22, 8), flat=True),
        Crease(((160, 285), (172, 288), (184, 289), (196, 288), (208, 285)), 2.4, 0.45, 0.0),
        Glow((184, 302), 0.10, (17, 9), pucker=0.08),
        Crease(((162, 296), (160, 305), (165, 313)), 2.2, 0.22, 0.0),
    ),
    23: (
        Pull((150, 270), -10.5, 0, (14, 11)),
        Pull((184, 261), 0, -3.0, (26, 4.5), flat=True),
        Pull((184, 280), 0, 4.0, (26, 5), flat=True),
        Glow((184, 254), 0.14, (19, 3.5)),
        Glow((184, 287), -0.30, (19, 3)),
        Glow((152, 270), -0.24, (4.5, 5)),
        Glow((184, 270), -0.10, (30, 8)),
        Crease(((177, 252), (177.5, 262)), 1.2, 0.13, 0.04),
        Crease(((170, 254), (171, 263)), 1.2, 0.16, 0.04),
        Crease(((164, 257), (165.5, 265)), 1.2, 0.18, 0.04),
        Crease(((172, 275), (171, 285)), 1.2, 0.14, 0.04),
        Crease(((165, 273), (163, 282)), 1.2, 0.16, 0.04),
    ),
    24: (
        Pull((184, 260), 0, -5.6, (31, 4.8), flat=True),
        Pull((184, 281), 0, 7.6, (31, 5.5), flat=True),
        Crease(((147, 270), (160, 269), (184, 268.9), (208, 269), (221, 270)), 1.5, 0.52, 0.0),
        Glow((184, 256.5), 0.17, (26, 3.8)),
        Glow((184, 283), 0.15, (23, 3.6)),
        Glow((184, 290), -0.30, (18, 2.8)),
        Glow((146, 271), -0.22, (4.5, 6)),
    ),
}

MOUTH_AUS = (10, 12, 14, 15, 17, 23, 24)
MOUTH_LIMIT = 2.0
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
    cobbles = noise(generator(0, "chin pucker"), CANONICAL_SHAPE, 2.2)
    below_brow = np.clip((GRID[..., 1] - 161) / 17, 0, 1)
    above_lid = 1 - below_brow**2 * (3 - 2 * below_brow)
    for index, au in enumerate(PAPER_AUS):
        for mark in ACTIONS[au]:
            if isinstance(mark, Pull):
                _add_pull(displacement[index], mark, above_lid)
            elif isinstance(mark, Crease):
                _add_crease(shading[index], mark)
            else:
                _add_glow(shading[index], mark, cobbles)
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


def _add_pull(field: np.ndarray, pull: Pull, above_lid: np.ndarray) -> None:
    for x, side in _mirrored(pull.at[0]):
        box, unit = _around(x, pull.at[1], pull.reach)
        power = np.array([4 if pull.flat else 2, 2])
        weight = np.exp(-0.5 * (unit**power).sum(-1))
        if pull.brow:
            weight *= above_lid[box]
        field[box] += weight[..., None] * np.array([pull.out * side, -pull.up], np.float32)


def _add_glow(shading: np.ndarray, glow: Glow, cobbles: np.ndarray) -> None:
    for x, _ in _mirrored(glow.at[0]):
        box, unit = _around(x, glow.at[1], glow.reach)
        weight = np.exp(-0.5 * (unit**2).sum(-1))
        shading[box] += weight * (glow.gain + glow.pucker * cobbles[box])


def _around(
    x: float, y: float, reach: tuple[float, float]
) -> tuple[tuple[slice, slice], np.ndarray]:
    """The box within four ``reach`` of a point, and the pixels' offsets in units of ``reach``."""
    columns = slice(max(0, int(x - 4 * reach[0])), int(x + 4 * reach[0]) + 1)
    rows = slice(max(0, int(y - 4 * reach[1])), int(y + 4 * reach[1]) + 1)
    grid = GRID[rows, columns]
    return (rows, columns), (grid - np.array([x, y], np.float32)) / np.array(reach, np.float32)


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
    offset: np.ndarray = grid[:, :, None] - curve.astype(np.float32)
    nearest = (offset**2).sum(-1).argmin(-1)
    offset = np.take_along_axis(offset, nearest[..., None, None], 2)[:, :, 0]
    tangent = np.gradient(curve, axis=0)
    tangent /= np.linalg.norm(tangent, axis=1, keepdims=True)
    along = tangent[nearest]
    right_of = along[..., 0] * offset[..., 1] - along[..., 1] * offset[..., 0]
    distance = np.sqrt((offset**2).sum(-1))
    position = nearest / (len(curve) - 1)
    half = points[0, 0] == MIDLINE  # of a furrow that is deepest there, where the halves join
    taper = np.clip(np.sin(np.pi * (position / 2 + 0.5 if half else position)), 0, 1) ** 0.7
    if half:
        taper *= np.heaviside((grid[..., 0] - MIDLINE) * (points[-1, 0] - MIDLINE), 0.5)
    valley = -crease.depth * np.exp(-0.5 * (distance / crease.width) ** 2)
    ridge_centre = ridge_side * 2.4 * crease.width
    end = distance**2 - right_of**2
    ridge = np.exp(-0.5 * ((right_of - ridge_centre) ** 2 + end) / (1.3 * crease.width) ** 2)
    shading[y0:y1, x0:x1] += taper * (valley + crease.ridge * ridge)

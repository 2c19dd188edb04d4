"""Hair: brows, beards and the scalp's, drawn hair by hair or as streaks."""

import cv2
import numpy as np

from facs3d.synthetic.heads.geometry import Person
from facs3d.synthetic.heads.layout import HAIR_PATCH, MIDDLE, SHAPE, SKIN_WIDTH, face_points
from facs3d.synthetic.heads.paint import GRID, apart, at, hairs, mirrored, streaks, touched
from facs3d.synthetic.images import noise, polygon_mask, smooth_curve

LOWER = 0.9
"""How much lower (px) brows are painted than FaceMesh's points, which then lie as on real faces."""


def draw_brows(
    picture: np.ndarray, person: Person, rng: np.random.Generator, colour: np.ndarray
) -> None:
    """Brows of any thickness, slant, arch and darkness; their height is the shape's."""
    edge = np.array([at(107), at(66), at(105), at(63), at(70)])
    thick = rng.uniform(1.5, 2.9) + person.man * (0.8 + 2.4 * rng.random())
    share = np.array([0, 0.25, 0.5, 0.75, 1.0])
    arch = (rng.normal(0, 1.2) + 0.8 * (1 - 2 * person.man)) * np.sin(np.pi * share)
    edge[:, 1] += rng.normal(0, 0.7) + rng.normal(0, 1.6) * (0.5 - share) - arch
    # Some brows nearly meet, some begin late; some end early.
    edge[:, 0] += rng.normal(0.5, 2.4) * (1 - share) + rng.normal(0, 2.5) * share
    spine = edge + np.column_stack([np.zeros(5), LOWER + 0.62 * thick * (1 - 0.6 * share)])
    density = rng.uniform(0.6, 1.0) if rng.random() < 0.9 else rng.uniform(0.3, 0.5)
    # Brows stay darker than the hair, above all where that is grey.
    colour = colour * rng.uniform(0.5, 0.9) * min(1.0, (75 / colour.mean()) ** 0.6)
    curve = smooth_curve(spine, 60)
    strands = int(260 * density)
    for side in (False, True):
        along = rng.uniform(0, 1, strands)
        base = curve[(along * 59).astype(int)]
        across = rng.normal(0, 0.5, strands) * thick * (1 - 0.65 * along**2)
        starts = base + np.column_stack([np.zeros(strands), across])
        lean = np.radians(75 - 95 * along + rng.normal(0, 12, strands))
        length = rng.uniform(2.5, 5.5, strands)[:, None]
        ends = starts + length * np.column_stack([-np.cos(lean), -np.sin(lean) * 0.8])
        if side:
            starts, ends = mirrored(starts), mirrored(ends)
        outline = _outline(mirrored(curve) if side else curve, thick)
        under = polygon_mask(SHAPE, outline, 1.6)
        cover = np.maximum(0.75 * hairs(starts, ends), 0.65 * density * under)
        cover = cv2.GaussianBlur(cover, (0, 0), 0.9)
        box = touched(cover)
        picture[box] += np.minimum(1.15 * cover[box], 0.95)[..., None] * (colour - picture[box])


def _outline(curve: np.ndarray, thick: float) -> np.ndarray:
    along = np.linspace(0, 1, len(curve))
    half = 0.62 * thick * np.minimum(1, 6 * along + 0.5) * (1 - 0.75 * along**2)
    offset = np.column_stack([np.zeros(len(curve)), half])
    return np.vstack([curve - offset, (curve + offset)[::-1]])


def draw_beard(picture: np.ndarray, rng: np.random.Generator, colour: np.ndarray) -> None:
    """Clean shaven, stubble, moustache, goatee or full beard."""
    kind = rng.choice(["shaven", "stubble", "moustache", "goatee", "full"],
                      p=[0.38, 0.27, 0.08, 0.11, 0.16])  # fmt: skip
    points = face_points()
    jaw = np.vstack([
        at(127, dx=4, dy=10), at(93, dx=-14), at(132, dx=-20), at(192, dx=4, dy=2),
        at(212, dx=2, dy=6), at(61, dx=9, dy=-6), at(206, dx=-3, dy=4), at(164, dx=5, dy=-3),
    ])  # fmt: skip
    below = np.array([[MIDDLE[0] - 30, at(152)[1] + 26], [at(127)[0] - 18, at(152)[1] - 30]])
    left = np.vstack(
        [jaw, [[MIDDLE[0] + 9, points[164, 1] - 1]], [[MIDDLE[0] + 9, at(152)[1] + 30]], below]
    )
    whole = np.maximum(polygon_mask(SHAPE, left, 5), polygon_mask(SHAPE, mirrored(left), 5))
    droop = rng.uniform(-2, 9) if kind != "full" else 3
    lip = np.array([
        (MIDDLE[0] + 3, points[164, 1] - 1), at(97, dx=3, dy=5), at(165, dx=2, dy=5),
        at(61, dx=5, dy=droop), at(61, dx=0, dy=droop - 1), at(40, dy=1), at(37),
        (MIDDLE[0] + 3, points[0, 1]),
    ])  # fmt: skip
    moustache = np.maximum(polygon_mask(SHAPE, lip, 2.8), polygon_mask(SHAPE, mirrored(lip), 2.8))
    near = np.exp(-0.5 * apart(at(199, dy=4), (26, 30)) ** 2)
    areas = {"shaven": 0.35 * whole, "stubble": 0.8 * whole, "moustache": moustache,
             "goatee": np.maximum(whole * near, moustache), "full": whole}  # fmt: skip
    area = areas[kind]
    mouth = polygon_mask(SHAPE, points[[61, 40, 37, 0, 267, 270, 291, 321, 314, 17, 84, 91]], 1.5)
    soul = np.exp(-0.5 * apart(at(17, dx=16, dy=3), (7, 6)))
    area = area * (1 - mouth) * (1 - 0.6 * soul)
    grain = rng.standard_normal(SHAPE, dtype=np.float32)
    fine = cv2.GaussianBlur(grain, (0, 0), 0.6, sigmaY=1.4 if kind != "shaven" else 0.6)
    coarse = noise(rng, SHAPE, 7)
    if kind in ("shaven", "stubble"):
        blue = rng.uniform(0.05, 0.22) if kind == "shaven" else rng.uniform(0.2, 0.42)
        cover = blue * area * np.clip(1 + 0.9 * fine / fine.std() + 0.2 * coarse, 0.2, 2)
        tint = np.broadcast_to(0.55 * colour + 20, picture.shape)
    else:
        texture = np.clip(1 + 0.4 * fine / fine.std() + 0.25 * coarse, 0.4, 1.4)
        ragged = np.clip(2.0 * area - 0.5 + 0.2 * fine / fine.std(), 0, 1) * (area > 0.05)
        cover = np.clip(1.1 * ragged + 0.25 * ragged * coarse, 0, 1) ** 1.6 * rng.uniform(0.6, 0.95)
        tint = (colour * rng.uniform(0.75, 1.05))[None, None] * texture[..., None]
    box = touched(cover)
    picture[box] += np.clip(cover[box], 0, 0.96)[..., None] * (tint[box] - picture[box])


def draw_scalp(
    picture: np.ndarray, person: Person, rng: np.random.Generator, colour: np.ndarray
) -> np.ndarray:
    """Paint the scalp's hair; how thick it lies there (dm), (H, W) float32."""
    bald = person.man > 0.5 and rng.random() < 0.1 + 0.25 * person.age
    top = at(10)[1] + rng.normal(-12, 7) - 14 * person.man * person.age * rng.random()
    temple = rng.uniform(0, 12) * (0.4 + person.man)
    ear, forehead = at(127)[1], at(21)[1]
    edge = np.array([
        (0, top), (34, top + 1 - 0.3 * temple), (66, top + 10 - temple), (88, top + 30 - temple),
        (106, forehead + 4 - 0.3 * temple), (122, at(162)[1] - 4), (136, ear - 10), (143, ear + 14),
        (157, ear + 18 + 18 * rng.random()), (166, ear), (200, ear - 12), (238, ear + 14),
        (262, ear + 85), (290, ear + 130),
    ])  # fmt: skip
    side = smooth_curve(edge * (-1, 1) + (MIDDLE[0], 0), 80)
    outline = np.vstack([side[::-1], mirrored(side), [[SKIN_WIDTH + 9, -9], [-9, -9]]])
    crisp = polygon_mask(SHAPE, outline, 5.0)
    strands = streaks(rng, 7)
    ragged = np.clip((crisp - 0.5) * 3.2 + 0.16 * strands + 0.5, 0, 1)
    ragged[:, SKIN_WIDTH:] = 0
    if bald:
        crown = np.clip((at(127)[1] - 55 - GRID[..., 1]) / 25, 0, 1)
        ragged = ragged * np.clip(1 - crown, 0.15 * rng.random(), 1) * rng.uniform(0.2, 0.9)
    shade = np.exp(0.24 * strands + 0.10 * noise(rng, SHAPE, 14))[..., None]
    picture += (ragged * (1 if bald else 0.97))[..., None] * (colour * shade - picture)
    if bald:
        return np.zeros(SHAPE, np.float32)
    cover = cv2.GaussianBlur(crisp * (crisp > 0.4), (0, 0), 5)
    # Towards the crown all directions meet in few rows of the picture: no lumps there.
    even = np.clip((GRID[..., 1] - 35) / 70, 0, 1)
    lumps = np.exp(even * (0.20 * noise(rng, SHAPE, 26) + 0.08 * noise(rng, SHAPE, 9)))
    # Hair lies close at the sides and stands up on top.
    high = np.clip((at(127)[1] - 10 - GRID[..., 1]) / 110, 0, 1)
    top_thick = rng.uniform(0.06, 0.30)
    side_thick = rng.uniform(0.02, 0.10) if person.man > 0.5 else rng.uniform(0.05, 0.14)
    thick = cover * lumps * (side_thick + (top_thick - side_thick) * high)
    thick[:, SKIN_WIDTH:] = 0
    return thick.astype(np.float32)


def draw_strands(picture: np.ndarray, rng: np.random.Generator, colour: np.ndarray) -> None:
    """What long hair looks like, in its patch."""
    left, top, width, height = HAIR_PATCH
    shade = np.exp(0.26 * streaks(rng, 25, (height, width)))[..., None]
    picture[top : top + height, left : left + width] = colour * shade

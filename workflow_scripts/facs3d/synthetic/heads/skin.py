"""Colours of a person: skin, lips, eyes, make-up, beard and brows, painted on the unrolled head."""

from dataclasses import dataclass

import cv2
import numpy as np

from facs3d.synthetic.heads.geometry import ORIGINS, Person
from facs3d.synthetic.heads.hair import draw_beard, draw_brows, draw_scalp, draw_strands
from facs3d.synthetic.heads.layout import (
    EYE_CENTRES,
    EYE_SIDE,
    MIDDLE,
    PLAIN,
    SCALE,
    SHAPE,
    SKIN_WIDTH,
    face_points,
)
from facs3d.synthetic.heads.paint import GRID, any_colour, at, spot, stroke, touched
from facs3d.synthetic.images import noise, polygon_mask, smooth_curve

TONES = np.array([(168, 186, 226), (142, 168, 214), (108, 138, 190), (74, 102, 150), (48, 66, 104),
                  (34, 42, 68)], np.float32)  # fmt: skip
"""Skin from fair to dark, BGR."""
DARKNESS = {"african": 0.72, "asian": 0.26, "caucasian": 0.16}
IRISES = np.array([(30, 52, 82), (24, 38, 60), (60, 88, 96), (122, 106, 84), (78, 100, 86)])
HAIRS = np.array([(22, 24, 30), (28, 36, 52), (42, 62, 92), (84, 122, 158), (40, 66, 124),
                  (176, 180, 184)], np.float32)  # fmt: skip
"""Hair: black, dark brown, brown, blond, red, grey; BGR."""
LIPS_UPPER = (61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291)
LIPS_LOWER = (61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291)


@dataclass(frozen=True)
class Paint:
    """``colour`` (H, W, 3) float32 linear in [0, 1] BGR, ``hair`` (H, W) float32 cover of the
    scalp, ``gloss`` of the skin."""

    colour: np.ndarray
    hair: np.ndarray
    gloss: float


def paint(person: Person, rng: np.random.Generator) -> Paint:
    """Paint ``person``."""
    tone = _tone(person, rng)
    picture = np.empty((*SHAPE, 3), np.float32)
    picture[:] = tone
    hair_colour = _hair_colour(person, rng)
    _blush(picture, person, rng)
    _freckle(picture, person, rng)
    if person.man > 0.5:
        draw_beard(picture, rng, hair_colour)
    made_up = person.man < 0.5 and rng.random() < 0.55
    _lips(picture, tone, rng, made_up)
    _eyes_surround(picture, person, rng, made_up)
    draw_brows(picture, person, rng, hair_colour)
    hair = draw_scalp(picture, person, rng, hair_colour)
    _clothes(picture, rng)
    _patches(picture, rng, person)
    draw_strands(picture, rng, hair_colour)
    gloss = rng.uniform(0.3, 1.0)
    return Paint((np.clip(picture, 2, 250) / 255) ** 2, hair, gloss)


def _tone(person: Person, rng: np.random.Generator) -> np.ndarray:
    melanin = float(person.origin @ [DARKNESS[name] for name in ORIGINS]) + rng.normal(0, 0.09)
    place = float(np.clip(melanin, 0.0, 1.0)) * (len(TONES) - 1)
    low = min(int(place), len(TONES) - 2)
    tone = TONES[low] + (place - low) * (TONES[low + 1] - TONES[low])
    return tone * np.exp(rng.normal(0, 0.035, 3)).astype(np.float32)


def _hair_colour(person: Person, rng: np.random.Generator) -> np.ndarray:
    chances = np.array([0.1, 0.25, 0.3, 0.25, 0.1]) * person.origin[2]
    chances += np.array([0.8, 0.2, 0, 0, 0]) * (person.origin[0] + person.origin[1])
    colour = HAIRS[rng.choice(5, p=chances / chances.sum())]
    grey = np.clip(2.4 * (person.age - 0.4) + rng.normal(0, 0.25), 0, 1)
    colour = colour + grey * rng.uniform(0.5, 1) * (HAIRS[5] - colour)
    return (colour * np.exp(rng.normal(0, 0.12))).astype(np.float32)


def _blush(picture: np.ndarray, person: Person, rng: np.random.Generator) -> None:
    """What a living skin's colour varies by: redder cheeks, nose and ears, darker eye sockets."""
    red = rng.uniform(0.4, 1.3)
    for centre, reach, depth in (
        (at(50, 205), (24, 20), 0.10), (at(4), (13, 11), 0.12), (at(199), (18, 10), 0.05),
    ):  # fmt: skip
        _darken(picture, red * depth * spot(centre, reach), (1.0, 0.9, 0.15))
    sockets = spot(at(23, dy=6), (16, 6)) + 0.6 * spot(at(133, dx=-2), (6, 8))
    _darken(picture, rng.uniform(0.05, 0.28) * sockets, (0.7, 1.0, 0.75))
    lids = spot(at(159, dy=-5), (18, 5))
    _darken(picture, rng.uniform(0.02, 0.15) * lids, (0.9, 1.0, 0.6))
    mottled = 0.022 * noise(rng, SHAPE, 9) + 0.010 * noise(rng, SHAPE, 2.5)
    picture *= np.exp(mottled * rng.uniform(0.5, 1.4))[..., None] ** np.array([1.2, 1.2, 0.6])
    picture *= np.exp(0.010 * rng.standard_normal(SHAPE, dtype=np.float32))[..., None]


def _darken(picture: np.ndarray, depth: np.ndarray, hue: tuple[float, float, float]) -> None:
    """Take away light of each colour (BGR), in natural logs ``depth`` (H, W) times ``hue``."""
    box = touched(depth)
    picture[box] *= np.exp(-depth[box][..., None] * hue)


def _freckle(picture: np.ndarray, person: Person, rng: np.random.Generator) -> None:
    fair = person.origin[2] > 0.5 and rng.random() < 0.35
    count = rng.integers(0, 14) + (rng.integers(60, 260) if fair else 0)
    mask = np.zeros(SHAPE, np.uint8)
    centre = np.array([MIDDLE[0], at(4)[1] - 10])
    for _ in range(count):
        place = centre + rng.normal(0, (62, 42))
        radius = rng.uniform(0.5, 1.1) if rng.random() < 0.95 else rng.uniform(1.5, 2.6)
        fixed = np.round(place * 16).astype(int)
        cv2.circle(mask, fixed.tolist(), int(radius * 16), int(rng.integers(70, 200)), -1,
                   cv2.LINE_AA, 4)  # fmt: skip
    spots = cv2.GaussianBlur(mask, (0, 0), 0.7).astype(np.float32) / 255
    _darken(picture, 0.75 * spots, (1.2, 0.9, 0.5))


def _lips(picture: np.ndarray, tone: np.ndarray, rng: np.random.Generator, made_up: bool) -> None:
    points = face_points()
    seam = points[[61, 78, 13, 308, 291]].copy()
    seam[[1, 3], 1] = points[[13, 14], 1].mean()
    upper = np.vstack([smooth_curve(points[list(LIPS_UPPER)], 40), seam[::-1]])
    lower = np.vstack([smooth_curve(points[list(LIPS_LOWER)], 40), seam[::-1]])
    mask = np.maximum(polygon_mask(SHAPE, upper, 1.2), polygon_mask(SHAPE, lower, 1.4))
    mask = np.maximum(mask, polygon_mask(SHAPE, np.vstack([upper[:40], lower[39::-1]]), 1.2))
    ratio = np.array([0.80, 0.70, 0.93]) * np.exp(rng.normal(0, 0.06, 3))
    colour = tone * ratio
    if made_up:
        vivid = np.array(
            [(70, 50, 165), (96, 84, 186), (60, 44, 130), (110, 100, 190)][rng.integers(4)]
        )
        colour = colour + rng.uniform(0.25, 0.8) * (vivid - colour)
    grain = np.exp(
        0.05 * cv2.GaussianBlur(rng.standard_normal(SHAPE, np.float32), (0, 0), 0.6, sigmaY=2.5)
    )
    mask = mask * rng.uniform(0.7, 0.95)
    box = touched(mask)
    picture[box] += mask[box][..., None] * (colour * grain[box][..., None] - picture[box])
    line = np.vstack([points[61] + (1, 0), points[[13, 14]].mean(axis=0), points[291] - (1, 0)])
    picture *= (1 - 0.38 * np.minimum(stroke(line, 1.2, both=False), 1))[..., None]


def _eyes_surround(
    picture: np.ndarray, person: Person, rng: np.random.Generator, made_up: bool
) -> None:
    """Lashes as a dark rim of the lids; liner and shadow."""
    rim = np.array([at(133), at(157), at(159), at(161), at(33, dx=1.5)])
    low = np.array([at(133), at(154), at(145), at(163), at(33)])
    thick = (
        rng.uniform(0.45, 0.75) + 0.3 * (person.man < 0.5) + (rng.uniform(0, 0.5) if made_up else 0)
    )
    dark = np.minimum(thick * stroke(rim, 1.0), 0.85) + 0.22 * thick * stroke(low, 0.8)
    picture *= (1 - np.minimum(dark, 0.92))[..., None]
    rosy = spot(at(133, dx=-1.5), (2.2, 2.0))
    box, hue = touched(rosy), np.array([120, 120, 190]) * picture.mean() / 130
    picture[box] += 0.6 * rosy[box][..., None] * (hue - picture[box])
    if made_up and rng.random() < 0.6:
        hue = np.array([rng.uniform(60, 150), rng.uniform(50, 110), rng.uniform(80, 150)])
        cover = rng.uniform(0.15, 0.5) * spot(at(159, dx=2, dy=-5), (17, 5))[..., None]
        picture += cover * (hue - picture)


def _clothes(picture: np.ndarray, rng: np.random.Generator) -> None:
    colour = any_colour(rng, (10, 190), (30, 220))
    deep = rng.uniform(0, 0.35)
    top = MIDDLE[1] + SCALE * (1.62 + deep * np.exp(-0.5 * ((GRID[..., 0] - MIDDLE[0]) / 40) ** 2))
    cover = np.clip((GRID[..., 1] - top) / 3, 0, 1)
    cover[:, SKIN_WIDTH:] = 0
    box = touched(cover)
    weave = np.exp(0.05 * rng.standard_normal(SHAPE, np.float32) + 0.1 * noise(rng, SHAPE, 12))
    picture[box] += cover[box][..., None] * (colour * weave[box][..., None] - picture[box])
    collar = np.exp(-0.5 * ((GRID[..., 1] - top) / 3) ** 2)[..., None]
    picture[:, :SKIN_WIDTH] *= (1 - 0.3 * collar)[:, :SKIN_WIDTH]


def _patches(picture: np.ndarray, rng: np.random.Generator, person: Person) -> None:
    """Eyeballs, teeth and tongue."""
    brown = rng.random() < 1 - 0.75 * person.origin[2]
    iris = IRISES[rng.integers(0, 2) if brown else rng.integers(0, len(IRISES))]
    iris = iris * np.exp(rng.normal(0, 0.12, 3))
    white = np.array([206, 212, 218]) * rng.uniform(0.86, 1.0)
    radius = rng.uniform(16.2, 18.0)
    pupil = radius * rng.uniform(0.32, 0.5)
    grid = GRID[:EYE_SIDE, :EYE_SIDE] - np.float32(EYE_SIDE / 2)
    far = np.hypot(grid[..., 0], grid[..., 1])
    angle = np.arctan2(grid[..., 1], grid[..., 0])
    rays = sum(np.cos(k * angle + rng.uniform(0, 6.28)) for k in (7, 13, 19, 29)) / 4
    shade = 1 + 0.22 * rays * np.clip((far - pupil) / 4, 0, 1)
    shade *= 1 + 0.35 * np.clip((far - pupil) / (radius - pupil), 0, 1) - 0.2
    shade *= 1 - 0.6 * np.exp(-0.5 * ((far - radius) / 1.8) ** 2)
    eye = np.empty((EYE_SIDE, EYE_SIDE, 3), np.float32)
    eye[:] = white
    eye *= np.exp(-0.16 * np.clip((far - 20) / 20, 0, 1.3))[..., None] ** np.array([1.2, 1.2, 0.5])
    inside = np.clip(radius - far + 0.8, 0, 1.6)[..., None] / 1.6
    eye += inside * (iris * shade[..., None] - eye)
    eye += np.clip(pupil - far + 0.8, 0, 1.6)[..., None] / 1.6 * (10 - eye)
    for x, y in EYE_CENTRES.values():
        half = EYE_SIDE // 2
        picture[int(y) - half : int(y) + half, int(x) - half : int(x) + half] = eye
    tooth = np.array([198, 220, 228]) * rng.uniform(0.8, 1.05)
    for (x, y), colour in zip(sorted(set(PLAIN.values()), key=lambda p: p[1]),
                              (tooth, np.array([92, 84, 158])), strict=True):  # fmt: skip
        picture[int(y) - 20 : int(y) + 20, int(x) - 40 : int(x) + 40] = colour

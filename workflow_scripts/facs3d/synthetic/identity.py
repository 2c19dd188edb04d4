"""Subjects: one portrait's shape, brows, skin, hair and clothes varied into many people."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import cv2
import numpy as np

from facs3d.core.action_units import PAPER_AUS
from facs3d.synthetic.expression import GRID, ActionFields
from facs3d.synthetic.images import noise, polygon_mask, smooth_curve
from facs3d.synthetic.portrait import CANONICAL_SHAPE, Portrait

FACE = np.s_[88:344, 84:284]
"""Rows and columns of the canonical frame that expressions change."""
BROW_SPINE = ((165, 163), (150, 158.5), (136, 156), (123, 158.5), (111, 165.5))
HAIR_COLOURS = ((24, 22, 22), (30, 30, 34), (28, 38, 52), (38, 58, 84), (118, 124, 128),
                (48, 80, 118), (34, 58, 112), (84, 126, 160))  # fmt: skip
"""BGR: black (two), dark brown; mid brown, grey, chestnut, auburn, blond."""
DARK_HAIR = 3
"""This many of them go with dark skin."""
PINKER = np.array([1.05, 0.98, 1.03])
"""BGR gains that take the photograph's yellow cast off the skin."""
STRONG_AUS = (6, 7, 10, 12, 14)
"""Mimicked at half strength: at full strength a neutral face would seem to smile or squint."""


@dataclass(frozen=True)
class Subject:
    """A neutral face ready to be animated, in the canonical frame.

    ``still`` (H, W, 4) uint8 BGRA is the whole neutral person. Layers within :data:`FACE`, BGR:
    ``skin`` (float32), ``eyes`` and ``hair`` (uint8), seen through ``aperture`` (uint8) and
    ``hair_cover`` (float32 in [0, 1]). ``displacement`` (12, h/2, w/2, 2) and ``shading``
    (12, h, w) are the AU fields fitted to this face there; ``offsets`` (12,) the AU intensities
    that the neutral face seems to show (mimicry); ``lids`` (2, 16, 2) points around the eyes, and
    ``landmarks`` (468, 3) FaceMesh's points: x, y and depth in px.
    """

    still: np.ndarray
    skin: np.ndarray
    eyes: np.ndarray
    aperture: np.ndarray
    hair: np.ndarray
    hair_cover: np.ndarray
    displacement: np.ndarray
    shading: np.ndarray
    offsets: np.ndarray
    lids: np.ndarray
    landmarks: np.ndarray


def draw_offsets(
    rng: np.random.Generator, strengths: Mapping[int, float], share: float
) -> np.ndarray:
    """Static mimicry (12,), in units of intensity: for each AU in ``strengths`` a share of the
    subjects has a neutral face that looks like the AU (or its opposite), with this standard
    deviation."""
    values = np.array([strengths.get(au, 0.0) for au in PAPER_AUS])
    values *= np.clip(rng.standard_normal(len(PAPER_AUS)), -2, 2)
    carried = rng.random(len(PAPER_AUS)) < share
    scale = np.array([0.5 if au in STRONG_AUS else 1.0 for au in PAPER_AUS])
    return np.where(carried, values * scale, 0).astype(np.float32)


def make_subject(
    portrait: Portrait, fields: ActionFields, rng: np.random.Generator, offsets: np.ndarray
) -> Subject:
    """Draw a person: everything about them comes from ``rng`` (``offsets`` is kept as it is)."""
    if rng.random() < 0.5:
        portrait = _mirrored(portrait)
    manly = rng.random()
    shape = _shape_field(rng, manly)
    backward = GRID - inverted(shape)
    tone = rng.beta(1.6, 1.3)
    skin = _skin(portrait, rng, manly, tone)
    skin, skin_alpha, eyes, aperture = (
        cv2.remap(layer, backward, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        for layer in (
            skin,
            portrait.skin_alpha,
            portrait.eyes.astype(np.float32),
            portrait.aperture,
        )
    )
    light = _light(rng)[..., None]
    hair, hair_alpha = _hair(portrait, rng, manly, tone)
    brightness = skin[200:260, 130:240].mean() / 180
    skin, eyes, hair = skin * light, eyes * (0.35 + 0.55 * brightness * light), hair * light
    clothes, clothes_alpha = _clothes(rng)
    skin_alpha = skin_alpha[..., None] / np.float32(255)
    hair_alpha, clothes_alpha = hair_alpha[..., None], clothes_alpha[..., None]
    opening = aperture[..., None] / np.float32(255)
    face = skin * (1 - opening) + eyes * opening
    below = skin_alpha * (1 - clothes_alpha)
    body_alpha = below + clothes_alpha
    body = below * face + clothes_alpha * clothes
    alpha = hair_alpha + (1 - hair_alpha) * body_alpha
    colour = (hair_alpha * hair + (1 - hair_alpha) * body) / np.maximum(alpha, 1e-3)
    colour = np.where(alpha > 0.02, colour, hair)
    rows, columns = FACE
    half = (slice(rows.start // 2, rows.stop // 2), slice(columns.start // 2, columns.stop // 2))
    half_map = cv2.resize(backward, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)[half]
    displacement = [
        cv2.remap(field, half_map, None, cv2.INTER_LINEAR) for field in fields.displacement
    ]
    shading = [cv2.remap(field, backward[FACE], None, cv2.INTER_LINEAR) for field in fields.shading]
    moved = _sample(shape, portrait.landmarks[:, :2])
    landmarks = portrait.landmarks + np.column_stack([moved, np.zeros(len(moved))])
    wrinkling = rng.uniform(0.8, 1.2, size=(len(PAPER_AUS), 1, 1))
    return Subject(
        still=_to_bytes(np.dstack([colour, 255 * alpha])),
        skin=np.ascontiguousarray(skin[FACE], dtype=np.float32),
        eyes=_to_bytes(eyes[FACE]),
        aperture=aperture[FACE].copy(),
        hair=_to_bytes(hair[FACE]),
        hair_cover=np.ascontiguousarray(hair_alpha[FACE][..., 0], dtype=np.float32),
        displacement=np.stack(displacement),
        shading=np.stack(shading) * wrinkling.astype(np.float32),
        offsets=offsets,
        lids=portrait.lids + _sample(shape, portrait.lids.reshape(-1, 2)).reshape(2, 16, 2),
        landmarks=landmarks.astype(np.float32),
    )


def _mirrored(portrait: Portrait) -> Portrait:
    """The portrait's layers mirrored; its landmarks stay, FaceMesh being symmetric here."""
    layers = ("skin", "skin_alpha", "eyes", "aperture", "hair")
    mirrored = {name: getattr(portrait, name)[:, ::-1].copy() for name in layers}
    mirror, edge = np.array([[-1, 1], [CANONICAL_SHAPE[1] - 1, 0]], np.float32)
    lids = portrait.lids[::-1] * mirror + edge
    return replace(portrait, lids=lids, **mirrored)


def inverted(field: np.ndarray, rounds: int = 8) -> np.ndarray:
    """The backward field b of a forward displacement f (H, W, 2): b(p) = f(p - b(p)).

    Damped, so that it also settles where the skin is stretched to more than twice its length.
    """
    grid = GRID[: field.shape[0], : field.shape[1]]
    backward = field
    for _ in range(rounds):
        moved = cv2.remap(
            field, grid - backward, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        backward = cv2.addWeighted(backward, 0.4, moved, 0.6, 0)
    return backward


def _sample(field: np.ndarray, points: np.ndarray) -> np.ndarray:
    points = points.astype(np.float32)[None]
    return cv2.remap(field, points, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)[0]


def _to_bytes(image: np.ndarray) -> np.ndarray:
    return np.clip(np.round(image), 0, 255).astype(np.uint8)


def _bell(x: float, y: float, reach_x: float, reach_y: float) -> np.ndarray:
    return np.exp(
        -0.5 * (((GRID[..., 0] - x) / reach_x) ** 2 + ((GRID[..., 1] - y) / reach_y) ** 2)
    )


def _step(values: np.ndarray, start: float, stop: float) -> np.ndarray:
    t = np.clip((values - start) / (stop - start), 0, 1)
    return t * t * (3 - 2 * t)


def _shape_field(rng: np.random.Generator, manly: float) -> np.ndarray:
    """Forward displacement (H, W, 2) from the portrait's face shape to the subject's."""
    (face_width, jaw, chin, eye_distance, eye_height, eye_slant, brow, nose_width, nose_length,
     mouth_width, mouth_height, cheeks) = np.clip(rng.standard_normal(12), -2, 2)  # fmt: skip
    x, y = GRID[..., 0] - 184, GRID[..., 1]
    out = np.zeros(CANONICAL_SHAPE, np.float32)
    down = np.zeros(CANONICAL_SHAPE, np.float32)
    near = np.exp(-0.5 * (x / 110) ** 4)
    out += 0.035 * face_width * x * near
    out += (
        (0.03 * jaw + 0.07 * (manly - 0.4))
        * x
        * near
        * _step(y, 235, 300)
        * (1 - _step(y, 330, 380))
    )
    out += 0.03 * cheeks * x * near * np.exp(-0.5 * ((y - 235) / 28) ** 2)
    down += (3.0 * chin + 4 * (manly - 0.4)) * _step(y, 284, 318) * (1 - _step(y, 335, 390))
    for side in (-1, 1):
        eye = _bell(184 + side * 38, 182, 26, 17)
        out += side * 1.6 * eye_distance * eye
        lids = _bell(184 + side * 38, 190, 17, 5) - _bell(184 + side * 38, 174, 17, 6)
        down += 0.8 * eye_height * lids
        down -= 1.1 * eye_slant * _bell(184 + side * 57, 185, 10, 10)
        down += 1.2 * brow * _bell(184 + side * 44, 158, 30, 7)
        out += side * (1.6 * nose_width + 1.5 * (manly - 0.5)) * _bell(184 + side * 18, 234, 9, 12)
        out += side * 1.6 * mouth_width * _bell(184 + side * 33, 269, 15, 14)
    down += 2.2 * nose_length * _bell(184, 238, 24, 16)
    down += 1.8 * mouth_height * _bell(184, 270, 40, 18)
    smooth = np.stack([noise(rng, CANONICAL_SHAPE, 40.0) for _ in range(2)], -1)
    return np.stack([out, down], -1) + 0.8 * smooth


def _skin(portrait: Portrait, rng: np.random.Generator, manly: float, tone: float) -> np.ndarray:
    """The skin layer with brows, stubble, complexion; (H, W, 3) float32."""
    skin = portrait.skin.astype(np.float32)
    lightness = 0.42 + 0.56 * tone
    gain = lightness ** np.array([1.28, 1.10, 0.86]) * rng.uniform(0.97, 1.03, 3)
    gain = gain * PINKER
    average = skin[200:260, 130:240].mean((0, 1))
    contrast = rng.uniform(0.85, 1.1)
    skin = average * np.maximum(skin / average, 0.02) ** contrast * gain
    blemish = noise(rng, CANONICAL_SHAPE, 1.2) + noise(rng, CANONICAL_SHAPE, 6.0)
    skin = skin * np.exp(0.014 * rng.uniform(0.3, 1.6) * blemish)[..., None]
    if manly > 0.6:
        skin = skin * _stubble(rng, rng.uniform(0.05, 0.30))[..., None]
    lips = polygon_mask(CANONICAL_SHAPE, LIPS, 1.5)[..., None]
    lip_tone = np.array([0.95, 0.92, 1.0]) ** rng.uniform(-0.5, 3.0 * (1.15 - manly))
    skin = skin * (1 + lips * (lip_tone - 1))
    shadow = 0.30 * _bell(184, 336, 60, 14)
    skin = skin * np.exp(-shadow)[..., None]
    return draw_brows(skin, rng, manly, gain)


LIPS = [(150, 270), (161, 264.6), (176, 259.4), (184, 260.6), (192, 259.4), (207, 264.6),
        (218, 270), (207, 276), (192, 280.4), (184, 281), (176, 280.4), (161, 276)]  # fmt: skip
BEARD = [(100, 225), (112, 245), (132, 258), (158, 252), (168, 246), (200, 246), (210, 252),
         (236, 258), (256, 245), (268, 225), (262, 285), (230, 322), (184, 334), (138, 322),
         (106, 285)]  # fmt: skip


def _stubble(rng: np.random.Generator, strength: float) -> np.ndarray:
    """A gain (H, W): darker where a beard would grow."""
    area = polygon_mask(CANONICAL_SHAPE, BEARD, 6) * (1 - polygon_mask(CANONICAL_SHAPE, LIPS, 2))
    hairs = 1 + 0.22 * noise(rng, CANONICAL_SHAPE, 0.8)
    return np.exp(-strength * area * hairs).astype(np.float32)


def draw_brows(
    skin: np.ndarray, rng: np.random.Generator, manly: float, gain: np.ndarray
) -> np.ndarray:
    """Brows of short hairs that lean outwards along the spine, denser in the middle."""
    thickness = rng.uniform(2.2, 3.6) + 1.6 * manly
    arch, slant = rng.normal(0, 0.8, 2)
    colour = np.array([34, 44, 58]) * rng.uniform(0.5, 1.4) * np.clip(gain, 0.5, 1)
    scale = 4
    cover = np.zeros((44 * scale, CANONICAL_SHAPE[1] * scale), np.uint8)
    for side in (-1, 1):
        spine = smooth_curve(np.array(BROW_SPINE), 60)
        along = np.linspace(0, 1, 60)
        spine[:, 1] += -arch * np.sin(np.pi * along) * 1.5 - slant * (along - 0.5) * 3
        spine[:, 0] = 184 + side * (184 - spine[:, 0])
        for _ in range(230):
            t = rng.beta(1.25, 1.5)
            x, y = spine[int(t * 59)]
            half = thickness * np.clip(8 * t + 0.45, 0, 1) * (1.15 - 0.85 * t)
            y += rng.uniform(-1, 1) * half
            ahead = spine[min(59, int(t * 59) + 4)] - spine[max(0, int(t * 59) - 4)]
            lean = np.arctan2(ahead[1], ahead[0] * side) - 0.6 * (1 - t) ** 3 + rng.normal(0, 0.15)
            length = rng.uniform(3.0, 6.0)
            end = x + side * length * np.cos(lean), y + length * np.sin(lean)
            line = np.round((np.array([(x, y), end]) - [0, 140]) * scale * 16).astype(int)
            density = int(rng.integers(80, 190) * min(1, 0.35 + 5 * t))
            cv2.line(cover, *line.tolist(), density, thickness=2, lineType=cv2.LINE_AA, shift=4)
    cover = cv2.resize(cover, None, fx=1 / scale, fy=1 / scale, interpolation=cv2.INTER_AREA)
    cover = cv2.GaussianBlur(cover.astype(np.float32) / 255, (0, 0), 1.0)
    cover = np.clip(cover * rng.uniform(0.9, 1.25), 0, 0.85)[..., None]
    skin = skin.copy()
    skin[140:184] = skin[140:184] * (1 - cover) + colour * cover
    return skin


def _hair(
    portrait: Portrait, rng: np.random.Generator, manly: float, tone: float
) -> tuple[np.ndarray, np.ndarray]:
    """Hair colour (H, W, 3) and cover (H, W) in [0, 1], float32: fringe, volume, length, curl."""
    x, y = GRID[..., 0], GRID[..., 1]
    fringe = rng.uniform(6, 48)
    parting = 184 + rng.uniform(-26, 26)
    volume = rng.uniform(0.82, 1.0) - 0.04 * manly
    length = rng.uniform(1.0, 3.6) if manly < 0.5 else rng.uniform(0.45, 1.0)
    spread = rng.uniform(50, 72)
    lift = np.exp(-0.5 * (np.abs(x - parting) / spread) ** 3) * _step(y, 30, 150)
    raised = np.stack([np.zeros_like(lift), -fringe * lift], -1).astype(np.float32)
    curl = rng.uniform(0, 2.6) * rng.integers(0, 2)
    waves = np.stack([noise(rng, CANONICAL_SHAPE, 4.0) for _ in range(2)], -1)
    from_x = 184 + (x - 184) / volume
    from_y = np.where(y < 130, 130 + (y - 130) / volume, y)
    from_y = np.where(y > 185, 185 + (y - 185) / length, from_y)
    lifted = cv2.remap(inverted(raised, rounds=16), np.dstack([from_x, from_y]).astype(np.float32),
                       None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)  # fmt: skip
    backward = (np.dstack([from_x, from_y]) - lifted + curl * waves).astype(np.float32)
    layer = cv2.remap(portrait.hair.astype(np.float32), backward, None, cv2.INTER_LINEAR,
                      borderMode=cv2.BORDER_REPLICATE)  # fmt: skip
    brightness = layer[..., :3].mean(-1, keepdims=True) / 95
    choices = HAIR_COLOURS if tone > 0.36 else HAIR_COLOURS[:DARK_HAIR]
    colour = np.array(choices[rng.integers(len(choices))]) * rng.uniform(0.85, 1.2)
    natural = 0.15 * layer[..., :3] * colour.mean() / 95
    hair = 0.85 * colour * np.maximum(brightness, 0) ** rng.uniform(0.75, 1.1) + natural
    return hair.astype(np.float32), layer[..., 3] / 255


def _light(rng: np.random.Generator) -> np.ndarray:
    """A lamp somewhere in front: gain (H, W) float32, stronger on one side."""
    side, height = rng.normal(0, 0.10), rng.normal(0.04, 0.05)
    slope = side * (GRID[..., 0] - 184) / 90 - height * (GRID[..., 1] - 220) / 110
    return np.exp(np.clip(slope, -0.4, 0.4) + rng.normal(0, 0.05)).astype(np.float32)


def _clothes(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """A plain top: colour (H, W, 3) and cover (H, W) in [0, 1], float32."""
    drop = rng.uniform(0, 34)
    pointed = rng.uniform(0, 1)
    lowest, beside = 376 + drop * (1 + 0.4 * pointed), 372 + 0.6 * drop
    collar = [(118, 346), (130, 362), (155, beside), (184, lowest), (213, beside), (238, 362),
              (250, 346)]  # fmt: skip
    shoulders = [(290, 366), (340, 384), (375, 412), (375, 460), (-8, 460), (-8, 412), (28, 384),
                 (78, 366)]  # fmt: skip
    outline = np.vstack([smooth_curve(collar, 60), shoulders])
    cover = polygon_mask(CANONICAL_SHAPE, outline, 1.0)
    hue = rng.uniform(0, 180)
    hsv = np.array([[[hue, rng.uniform(20, 120), rng.uniform(40, 190)]]], np.uint8)
    colour = cv2.cvtColor(hsv, cv2.COLOR_HSV2BGR)[0, 0].astype(np.float32)
    folds = noise(rng, CANONICAL_SHAPE, 14.0) * 0.10 + noise(rng, CANONICAL_SHAPE, 1.0) * 0.03
    rim = 0.35 * np.exp(-0.5 * ((GRID[..., 1] - 352) / 20) ** 2)
    return colour * np.exp(folds - rim)[..., None], cover

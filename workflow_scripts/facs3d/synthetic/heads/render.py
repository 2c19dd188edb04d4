"""From a person's mesh, paint, light and camera to pixels."""

from dataclasses import dataclass
from functools import cache, cached_property

import cv2
import numpy as np

from facs3d.synthetic.heads import geometry
from facs3d.synthetic.heads.creases import REGION, action_relief
from facs3d.synthetic.heads.curtain import Curtain
from facs3d.synthetic.heads.head_file import (
    LEFT_EYE,
    LOWER_TEETH,
    RIGHT_EYE,
    TONGUE,
    UPPER_TEETH,
    load_head,
)
from facs3d.synthetic.heads.layout import texture_points
from facs3d.synthetic.heads.raster import Fragments, rasterise, shown
from facs3d.synthetic.heads.view import View, rotation

BEHIND = {UPPER_TEETH: 0.09, LOWER_TEETH: 0.09, TONGUE: 0.13, RIGHT_EYE: 0.03, LEFT_EYE: 0.03}
"""How much farther (dm) than they are these parts are ordered, so that lids and lips cover them."""
WRAP = np.array([0.10, 0.16, 0.30], np.float32)
"""How far light of each colour (BGR) goes around into the shade: red goes far through skin."""


@dataclass(frozen=True)
class Light:
    """``direction`` (3,) towards the lamp, its ``colour`` (3,) BGR, and the light from ``above``
    and ``below`` (3,)."""

    direction: np.ndarray
    colour: np.ndarray
    above: np.ndarray
    below: np.ndarray


@dataclass(frozen=True)
class Surface:
    """What of a person's look stays the same: ``colour`` (H, W, 3) linear paint, ``relief``
    (H, W, 3) of the skin, whose :data:`REGION` every frame draws anew, ``openness`` (V,) to light
    from everywhere, ``hairy`` (V,), ``gloss``, how deep AUs fold this skin, ``furrows``, and the
    ``curtain`` of long hair."""

    colour: np.ndarray
    relief: np.ndarray
    openness: np.ndarray
    hairy: np.ndarray
    gloss: float
    furrows: float
    curtain: Curtain | None

    @cached_property
    def resting(self) -> np.ndarray:
        """The relief in :data:`REGION` without AUs."""
        return self.relief[REGION].copy()


def openness(vertices: np.ndarray) -> np.ndarray:
    """Share (V,) float32 of the light from all around that reaches each vertex."""
    normal = geometry.normals(vertices)
    total, lit = np.full(len(vertices), 1e-3, np.float32), np.zeros(len(vertices), np.float32)
    for index in range(28):
        height = 1 - 2 * (index + 0.5) / 28
        angle = 2.399963 * index
        ring = np.sqrt(1 - height**2)
        direction = np.array([ring * np.cos(angle), height, ring * np.sin(angle)], np.float32)
        if direction[2] < -0.4:
            continue
        weight = np.maximum(normal @ direction, 0)
        total += weight
        lit += weight * reached(vertices, direction, load_head().triangles)
    found = lit / total
    head = load_head()
    found[head.part(RIGHT_EYE, LEFT_EYE)] = 0.85
    found[head.part(UPPER_TEETH, LOWER_TEETH)] = 1.0
    found[head.part(TONGUE)] = 0.25
    return np.maximum(found, 0.06).astype(np.float32)


def reached(vertices: np.ndarray, direction: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    """Whether light from ``direction`` passes ``triangles`` to each vertex: (V,), 0 or 1."""
    across = np.cross([0.0, 1.0, 0.0], direction)
    length = np.linalg.norm(across)
    across = across / length if length > 1e-3 else np.array([1.0, 0.0, 0.0])
    frame = np.stack([across, np.cross(direction, across), direction]).astype(np.float32)
    seen = vertices @ frame.T
    points = (seen[:, :2] * (26, -26) + (64, 52)).astype(np.float32)
    nearness = seen[:, 2][triangles].max(axis=1)
    fragments = rasterise(points, nearness, triangles, (128, 128))
    depth = np.full((128, 128), -1e3, np.float32)
    depth[fragments.rows, fragments.columns] = fragments.blend(seen[:, 2:])[:, 0]
    x, y = np.clip(np.round(points), 0, 127).astype(int).T
    return (seen[:, 2] > depth[y, x] - 0.09).astype(np.float32)


def shadows(vertices: np.ndarray, direction: np.ndarray, softness: float) -> np.ndarray:
    """Share (V,) of a lamp of some size that each vertex sees."""
    offsets = softness * np.array([[0, 1, 0], [0.9, -0.5, 0], [-0.9, -0.5, 0]])
    aims = [direction + offset for offset in offsets]
    triangles = load_head().triangles[outside()]
    rays = [aim / np.linalg.norm(aim) for aim in aims]
    found = np.mean([reached(vertices, ray, triangles) for ray in rays], axis=0)
    # Lips shut in the mesh would leave teeth black in any light once they part.
    inside = load_head().part(UPPER_TEETH, LOWER_TEETH, TONGUE)
    found[inside] = np.maximum(found[inside], 0.75)
    return found.astype(np.float32)


@cache
def outside() -> np.ndarray:
    """The triangles that a camera before the face can see: a third, such as the gullet, never."""
    head, seen = load_head(), np.zeros(len(load_head().parts), bool)
    mean = geometry.mean_head()
    opened = {"jawOpen": 0.9, "mouthLowerDownLeft": 1, "mouthLowerDownRight": 1}
    grin = {unit + side: 1.2 for unit in ("mouthSmile", "mouthLowerDown", "mouthUpperUp")
            for side in ("Left", "Right")}  # fmt: skip
    closed = {"eyeBlinkLeft": 1, "eyeBlinkRight": 1, "mouthFunnel": 1}
    front = [(0, 0), (0.35, 0.2), (-0.35, 0.2)]
    # Close by, where eyelids are large enough, and from afar, where shoulders are seen.
    for vertices, focal, turns in (
        (mean, 1900.0, [*front, (0.6, -0.25), (-0.6, -0.25), (0, 0.3)]),
        (mean, 900.0, front),
        (mean + head.displacement(opened), 1900.0, front),
        (mean + head.displacement(grin), 1900.0, front),
        (mean + head.displacement(closed), 1900.0, front),
    ):
        for yaw, pitch in turns:
            view = View(rotation(yaw, pitch, 0), 7.0, focal, np.array([350.0, 260.0]))
            points, turned = view.project(vertices)
            picture = shown(points, nearness(turned), head.triangles, (700, 700))
            seen[picture[picture > 0] - 1] = True
    return np.flatnonzero(seen)


def nearness(turned: np.ndarray) -> np.ndarray:
    """What orders the triangles (T,) of ``turned`` vertices (V, 3) from far to near."""
    head = load_head()
    order = turned[:, 2][head.triangles].mean(axis=1)
    for part, behind in BEHIND.items():
        order[head.parts == part] -= behind
    return order


def draw(
    vertices: np.ndarray,
    surface: Surface,
    creases: np.ndarray,
    light: Light,
    shadow: np.ndarray,
    view: View,
    size: tuple[int, int],
) -> tuple[np.ndarray, np.ndarray]:
    """The head in linear light (height, width, 3) float32 BGR, and its cover (height, width) in
    {0, 1}. ``creases`` (12,) are the AUs' shares of their full look, ``shadow`` (V,) the share of
    the lamp each vertex sees."""
    head = load_head()
    points, turned = view.project(vertices)
    kept = outside()
    order, triangles = nearness(turned)[kept], head.triangles[kept]
    lit = _lit(geometry.normals(turned), turned, surface.openness, shadow, surface, light, view)
    lit[:, 3] *= 1 - 0.6 * surface.hairy
    values = np.concatenate([texture_points(), lit], axis=1)
    all_points = points
    if surface.curtain is not None:
        hair = surface.curtain
        hair_points, hair_turned = view.project(hair.vertices)
        normal = hair.normals @ view.turn.T.astype(np.float32)
        # A shell has two sides: the inner one is darker.
        inside = np.clip(0.75 + 0.5 * normal[:, 2], 0.3, 0.8).astype(np.float32)
        lit = _lit(normal, hair_turned, inside, inside, surface, light, view)
        lit[:, 3] *= 0.4
        values = np.concatenate([values, np.concatenate([hair.texture, lit], axis=1)])
        triangles = np.concatenate([triangles, hair.triangles + len(vertices)])
        order = np.concatenate([order, hair_turned[:, 2][hair.triangles].mean(axis=1)])
        all_points = np.concatenate([points, hair_points])
    fragments = rasterise(all_points, order, triangles, size)
    values = fragments.blend(values.astype(np.float32))
    # Pixels that show the head, as one row, so that OpenCV reads the picture for them alone.
    columns, rows = values[:, 0][None], values[:, 1][None]
    colour = read(surface.colour, columns, rows)
    furrows = (surface.furrows * np.maximum(creases, 0)).astype(np.float32)
    resting, relief = surface.resting, surface.relief
    folded = np.flatnonzero(furrows > 0.01)
    folds = np.tensordot(furrows[folded], action_relief()[folded], 1)
    np.add(resting, folds, out=relief[REGION])
    dark, right, down = read(relief, columns, rows).T
    key = light.direction
    gain = np.exp(-0.85 * dark) * np.clip(
        1 + 2.2 * (right * key[0] - down * (key[1] + 0.35)), 0.3, 1.8
    )
    colour *= values[:, 2:5]
    # Light that comes out of a fold has passed through skin: it is red.
    colour *= np.column_stack([gain, gain, 0.8 * gain + 0.2])
    colour += values[:, 5:6] * light.colour
    picture = np.zeros((*size, 3), np.float32)
    picture[fragments.rows, fragments.columns] = colour
    cover = np.zeros(size, np.float32)
    cover[fragments.rows, fragments.columns] = 1
    _finish_eyes(picture, fragments, turned, points, light, view)
    return picture, cover


def read(picture: np.ndarray, columns: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Values (n, C) of the picture at (1, n) places; OpenCV's rows hold at most 32,767 pixels."""
    count = columns.shape[1]
    width = min(count, 4096)
    padded = -(-count // width) * width
    maps = [np.resize(place, (padded // width, width)) for place in (columns, rows)]
    found = cv2.remap(picture, maps[0], maps[1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return found.reshape(padded, -1)[:count]


def _lit(
    normal: np.ndarray, turned: np.ndarray, openness: np.ndarray, shadow: np.ndarray,
    surface: Surface, light: Light, view: View,
) -> np.ndarray:  # fmt: skip
    """Light at the vertices (V, 4): diffuse BGR and gloss."""
    facing = normal @ light.direction.astype(np.float32)
    wrapped = np.maximum((facing[:, None] + WRAP) / (1 + WRAP), 0)
    soft = shadow[:, None] * (1 - WRAP) + WRAP * np.sqrt(np.maximum(shadow, 0))[:, None]
    upward = 0.5 + 0.5 * normal[:, 1:2]
    around = light.above * upward + light.below * (1 - upward)
    open_ = openness[:, None]
    # Light between skin and skin is red: folds are never grey.
    around = around * open_ ** np.array([1.15, 1.05, 0.8], np.float32)
    diffuse = around + light.colour * wrapped * soft * (0.35 + 0.65 * np.minimum(1.4 * open_, 1))
    eye = np.array([0, 0, view.distance], np.float32) - turned
    eye /= np.linalg.norm(eye, axis=1, keepdims=True)
    half = eye + light.direction.astype(np.float32)
    half /= np.linalg.norm(half, axis=1, keepdims=True) + np.float32(1e-6)
    shine = np.maximum((normal * half).sum(axis=1), 0)
    grazing = 1 - np.maximum((normal * eye).sum(axis=1), 0)
    gloss = 0.045 * shine**9 + 0.075 * shine**34 + 0.05 * grazing**4
    gloss = gloss * surface.gloss * shadow * np.minimum(1.5 * openness, 1)
    gloss = np.where(facing > 0, gloss, 0)
    return np.column_stack([diffuse, gloss])


def _finish_eyes(
    picture: np.ndarray, fragments: Fragments, turned: np.ndarray, points: np.ndarray,
    light: Light, view: View,
) -> None:  # fmt: skip
    """The lids' shadow on the eyeballs and the lamp's reflection in them."""
    head = load_head()
    kept = head.parts[outside()]
    part = np.append(kept, -1)[np.minimum(fragments.triangle, len(kept))]
    for eye in (RIGHT_EYE, LEFT_EYE):
        chosen = part == eye
        if not chosen.any():
            continue
        rows, columns = fragments.rows[chosen], fragments.columns[chosen]
        top, left = max(rows.min() - 6, 0), max(columns.min() - 6, 0)
        box = np.s_[top : rows.max() + 7, left : columns.max() + 7]
        opening = np.zeros(picture[box].shape[:2], np.float32)
        opening[rows - top, columns - left] = 1
        ball = head.part(eye)
        centre, middle = turned[ball].mean(axis=0), points[ball].mean(axis=0)
        scale = view.focal / (view.distance - centre[2])
        blurred = cv2.GaussianBlur(opening, (0, 0), 0.03 * scale)
        blurred = np.roll(blurred, max(1, round(0.012 * scale)), axis=0)
        shade = 0.42 + 0.58 * np.clip(1.5 * blurred, 0, 1)
        aim = np.add(light.direction, (0, 0, 1))
        aim = aim / np.linalg.norm(aim) * 0.135 * scale
        x, y = np.meshgrid(np.arange(opening.shape[1]) + left, np.arange(opening.shape[0]) + top)
        apart = (x - middle[0] - aim[0]) ** 2 + (y - middle[1] + aim[1]) ** 2
        spark = 0.75 * np.exp(-0.5 * apart / (0.011 * scale) ** 2) * (light.direction[2] > -0.2)
        inside = opening[..., None]
        lit = picture[box] * shade[..., None] + spark[..., None] * light.colour
        picture[box] = inside * lit + (1 - inside) * picture[box]

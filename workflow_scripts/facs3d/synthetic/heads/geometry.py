"""Shapes of heads: adults of every origin, sex, age and build, with the proportions of real faces.

Coordinates are in dm, x to the person's left, y up, z to the front, the point between the eyes at
the origin.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np

from facs3d.preprocessing.face_mesh import LEFT_EYE, RIGHT_EYE, eye_centres
from facs3d.synthetic.heads.head_file import (
    LEFT_EYE as LEFT_BALL,
)
from facs3d.synthetic.heads.head_file import (
    RIGHT_EYE as RIGHT_BALL,
)
from facs3d.synthetic.heads.head_file import (
    UNIT,
    Head,
    load_head,
)
from facs3d.synthetic.heads.points import point_vertices

ORIGINS = ("african", "asian", "caucasian")
LID_OPENING = 0.132
"""Mean height between the lids at rest, over the distance of the eyes."""
MOUTH_CORNERS = 0.006
"""Mean height of the mouth's corners over its middle at rest, over the distance of the eyes. It was
chosen by eye: below it mouths look sad. FaceMesh finds 0.011 in pictures; its mean face has -0.012.
"""
SHAPE_SPREAD = 0.22
"""Standard deviation of a local target's weight; from 0.3 on faces look like no one's."""
CALM = ("head-age", "head-fat", "angle", "eyefold", "epicanthus", "dimples", "laugh", "double",
        "cleft", "push", "triangle", "bag-height", "nubian")  # fmt: skip
"""Parts of names of targets that change a face much: they get a third of the spread."""


@dataclass(frozen=True)
class Person:
    """Who somebody is: ``weights`` of the shape targets, ``man`` (0 to 1), ``age`` (0 young to 1
    old) and shares of :data:`ORIGINS`; ``vertices`` (V, 3) float32 of the resting face."""

    vertices: np.ndarray
    man: float
    age: float
    origin: np.ndarray


def mean_head() -> np.ndarray:
    """Vertices (V, 3) float32 of the average adult."""
    weights: dict[str, float] = {}
    _add_macros(weights, 0.5, 0.25, np.full(3, 1 / 3), 0.0, 0.0)
    return _centred(_shaped(load_head(), weights))


def draw_person(rng: np.random.Generator) -> Person:
    """Draw somebody."""
    head = load_head()
    man = float(np.clip(rng.choice([0.06, 0.94]) + rng.normal(0, 0.05), 0, 1))
    age = float(rng.beta(1.1, 1.7))
    origin = rng.dirichlet(np.full(3, 0.35))
    weights: dict[str, float] = {}
    muscle, weight = rng.normal(-0.1 + 0.3 * man, 0.4), rng.normal(0.05, 0.45)
    _add_macros(weights, man, 0.85 * age, origin, float(np.clip(muscle, -1, 1)),
                float(np.clip(weight, -0.8, 1)))  # fmt: skip
    _add_local(weights, rng, head, man)
    vertices = _centred(_shaped(head, weights))
    return Person(_proportioned(vertices, head, rng, man), man, age, origin)


def eye_contours(vertices: np.ndarray) -> np.ndarray:
    """The lids' contours (2, 16, 3) of the right and the left eye, where FaceMesh has them."""
    return vertices[point_vertices()[[RIGHT_EYE, LEFT_EYE]]]


def normals(vertices: np.ndarray) -> np.ndarray:
    """Smooth outward unit normals (V, 3) float32."""
    corners = vertices[load_head().triangles]
    faces = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    order, start = _corners_by_vertex()
    summed = np.add.reduceat(faces[order], start)
    return summed / (np.linalg.norm(summed, axis=1, keepdims=True) + np.float32(1e-9))


@cache
def _corners_by_vertex() -> tuple[np.ndarray, np.ndarray]:
    """The triangle of each corner, in the order of vertices, and where each vertex's begin."""
    flat = load_head().triangles.ravel()
    order = np.argsort(flat, kind="stable")
    start = np.searchsorted(flat[order], np.arange(len(load_head().vertices)))
    return order // 3, start


def _shaped(head: Head, weights: dict[str, float]) -> np.ndarray:
    return head.vertices * np.float32(UNIT) + head.displacement(weights)


def _centred(vertices: np.ndarray) -> np.ndarray:
    balls = [vertices[load_head().part(ball)].mean(axis=0) for ball in (RIGHT_BALL, LEFT_BALL)]
    return vertices - np.mean(balls, axis=0, dtype=np.float32)


def _add_macros(weights: dict[str, float], man: float, old: float, origin: np.ndarray,
                muscle: float, weight: float) -> None:  # fmt: skip
    """Blend MakeHuman's corner shapes; ``muscle`` and ``weight`` are in [-1, 1]."""
    muscles = {"minmuscle": max(-muscle, 0), "averagemuscle": 1 - abs(muscle),
               "maxmuscle": max(muscle, 0)}  # fmt: skip
    bulks = {"minweight": max(-weight, 0), "averageweight": 1 - abs(weight),
             "maxweight": max(weight, 0)}  # fmt: skip
    known = set(load_head().names.tolist())
    for sex, of_sex in (("male", man), ("female", 1 - man)):
        for age, of_age in (("old", old), ("young", 1 - old)):
            share = of_sex * of_age
            for name, part in zip(ORIGINS, origin, strict=True):
                weights[f"{name}-{sex}-{age}"] = share * float(part)
            for strength, of_strength in muscles.items():
                for bulk, of_bulk in bulks.items():
                    name = f"universal-{sex}-{age}-{strength}-{bulk}"
                    if name in known:
                        weights[name] = share * of_strength * of_bulk


OPPOSITES = (("decr", "incr"), ("down", "up"), ("in", "out"), ("backward", "forward"),
             ("concave", "convex"), ("compress", "uncompress"))  # fmt: skip
SEXED = {"mouth-upperlip-volume": -0.35, "mouth-lowerlip-volume": -0.3, "chin-width": 0.3,
         "chin-prominent": 0.2, "chin-height": 0.2, "l-eye-scale": -0.3, "nose-volume": 0.25,
         "chin-bones": 0.3, "nose-scale-horiz": 0.25, "nose-width2": 0.2, "neck-scale-horiz": 0.3,
         "l-cheek-bones": -0.15}  # fmt: skip
"""How much more of a target an average man has than an average woman, halved."""


def _add_local(weights: dict[str, float], rng: np.random.Generator, head: Head, man: float) -> None:
    """Random local shape; both sides of the face alike but for a fifth of the variation."""
    for low, high in _pairs():
        stem = low.rsplit("-", 1)[0]
        if stem.startswith(("r-", "asym")):
            continue
        spread = SHAPE_SPREAD / 3 if any(part in stem for part in CALM) else SHAPE_SPREAD
        value = rng.normal(0, spread) + SEXED.get(stem, 0.0) * (2 * man - 1)
        for side in ("l-", "r-") if stem.startswith("l-") else ("",):
            own = value + (0.2 * rng.normal(0, spread) if side else 0.0)
            name = (high if own > 0 else low).removeprefix("l-")
            weights[side + name] = abs(float(np.clip(own, -1, 1)))
    for name in head.names.tolist():
        # The lids' asymmetry leaves the eyeballs where they are, which then show through skin.
        if name.startswith("asym-") and name.endswith("-l") and "eye" not in name:
            value = rng.normal(0, 0.12)
            weights[name[:-1] + ("l" if value > 0 else "r")] = abs(float(value))
    for name in ("oval", "round", "square", "diamond", "rectangular", "triangular"):
        weights[f"head-{name}"] = float(rng.beta(0.6, 2.0)) * 0.5


@cache
def _pairs() -> tuple[tuple[str, str], ...]:
    known = set(load_head().names.tolist())
    found = []
    for name in sorted(known):
        stem, _, end = name.rpartition("-")
        for low, high in OPPOSITES:
            if end == low and f"{stem}-{high}" in known and "universal" not in name:
                found.append((name, f"{stem}-{high}"))
    return tuple(found)


def _proportioned(
    vertices: np.ndarray, head: Head, rng: np.random.Generator, man: float
) -> np.ndarray:
    """Lids and mouth corners as on real faces: MakeHuman's lids are too open, its corners high."""
    opening = max(rng.normal(LID_OPENING, 0.016), 0.085) * (1.08 - 0.12 * man)
    now = _opening(_as_landmarks(vertices))
    blink = head.displacement({"eyeBlinkLeft": 1, "eyeBlinkRight": 1})
    vertices = vertices + blink * np.float32(np.clip(1 - opening / now, -0.4, 0.5))
    corners = rng.normal(MOUTH_CORNERS, 0.022)
    now = _corner_height(_as_landmarks(vertices))
    up = head.displacement({"mouth-angles-up": 1})
    step = _corner_height(_as_landmarks(vertices + up)) - now
    return vertices + up * np.float32(np.clip((corners - now) / step, -1.5, 1.5))


def lid_opening(vertices: np.ndarray) -> float:
    """Height between the lids over the distance of the eyes."""
    return _opening(_as_landmarks(vertices))


def _as_landmarks(vertices: np.ndarray) -> np.ndarray:
    """FaceMesh's points (468, 3): x to the image's right, y down."""
    return vertices[point_vertices()] * (1, -1, -1)


def _opening(points: np.ndarray) -> float:
    """Height between the lids over the distance of the eyes."""
    height = np.mean([points[145, 1] - points[159, 1], points[374, 1] - points[386, 1]])
    return float(height / _distance(points))


def _corner_height(points: np.ndarray) -> float:
    """How far the mouth's corners lie above the middle of its line, over the eye distance."""
    middle = points[[13, 14], 1].mean()
    return float((middle - points[[61, 291], 1].mean()) / _distance(points))


def brow_heights(points: np.ndarray) -> np.ndarray:
    """Height (2,) of the brows' inner ends and middles above the eyes, over the eye distance."""
    eyes = eye_centres(points)[:, 1].mean()
    inner, middle = points[[66, 107, 296, 336], 1].mean(), points[[105, 334], 1].mean()
    return (eyes - np.array([inner, middle])) / _distance(points)


def _distance(points: np.ndarray) -> float:
    right, left = eye_centres(points)
    return float(np.hypot(*(left - right)))

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
    SKIN,
    UNIT,
    Head,
    load_head,
)
from facs3d.synthetic.heads.points import point_vertices

INNER_BROWS, MIDDLE_BROWS = (66, 107, 296, 336), (63, 105, 293, 334)
"""FaceMesh's points of the brows' upper edge, right then left."""
ORIGINS = ("african", "asian", "caucasian")
BROWS, BROW_SPREAD, BROW_SLANT = np.array([0.380, 0.365]), 0.046, 0.02
"""Mean height of the brows' upper edge at their inner ends and middles over the eyes, the people's
standard deviation of both together and of each alone, over the distance of the eyes. FaceMesh's
mean face has 0.382 and 0.366; MakeHuman's brows are too low."""
LID_OPENING, LID_SPREAD = 0.125, 0.026
"""Height between the lids at rest, over the distance of the eyes."""
MOUTH_CORNERS, CORNER_SPREAD = -0.014, 0.022
"""Height of the mouth's corners over its middle at rest, over the distance of the eyes. FaceMesh's
mean face has -0.012."""
SMILERS, SMILE = 0.12, (0.015, 0.055)
"""Share of people whose corners are up at rest, and how high."""
RESTING = {"mouthRoll": 0.2, "mouthPress": 0.25, "mouthPucker": 0.12, "mouthShrugLower": 0.13,
           "mouthDimple": 0.2, "cheekSquint": 0.25, "browDown": 0.2, "noseSneer": 0.12}  # fmt: skip
"""What resting faces show of movements, so that a still of thin or pressed lips, a raised chin or
full cheeks means nothing: standard deviations of the units' weights, of which half are 0."""
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


@cache
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
    muscle = rng.normal(-0.35 + 0.55 * man, 0.3 + 0.1 * man)
    weight = rng.normal(0.05, 0.45)
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
SEXED = {"mouth-upperlip-volume": -0.4, "mouth-lowerlip-volume": -0.35, "chin-width": 0.4,
         "chin-prominent": 0.2, "chin-height": 0.25, "chin-jaw-drop": 0.25, "chin-bones": 0.4,
         "l-eye-scale": -0.4, "l-eye-height2": -0.2, "eyebrows-trans": 0.3, "nose-volume": 0.35,
         "nose-scale-horiz": 0.3, "nose-scale-vert": 0.12, "nose-scale-depth": 0.15,
         "nose-width1": 0.2, "nose-width2": 0.25, "nose-hump": 0.2, "nose-point-width": 0.2,
         "nose-flaring": 0.15, "neck-scale-horiz": 0.4, "l-cheek-bones": -0.15,
         "l-cheek-volume": -0.2, "forehead-temple": 0.1}  # fmt: skip
SHAPES = {"oval": -1, "round": -1, "square": 1, "diamond": 0, "rectangular": 1, "triangular": 1}
"""Outlines of heads, and whether they are rather a woman's (-1) or a man's (1)."""
"""How much more of a target an average man has than an average woman, halved."""


def _add_local(weights: dict[str, float], rng: np.random.Generator, head: Head, man: float) -> None:
    """Random local shape; both sides of the face alike but for a fifth of the variation."""
    for low, high in _pairs():
        stem = low.rsplit("-", 1)[0]
        if stem.startswith(("r-", "asym")):
            continue
        spread = SHAPE_SPREAD / 3 if any(part in stem for part in CALM) else SHAPE_SPREAD
        # What makes a man varies less among women, who else would look like men.
        masculine = SEXED.get(stem, 0.0)
        spread *= 1 if masculine == 0 else 0.65 + 0.35 * man
        value = rng.normal(0, spread) + masculine * (2 * man - 1)
        for side in ("l-", "r-") if stem.startswith("l-") else ("",):
            own = value + (0.2 * rng.normal(0, spread) if side else 0.0)
            name = (high if own > 0 else low).removeprefix("l-")
            weights[side + name] = abs(float(np.clip(own, -1, 1)))
    for name in head.names.tolist():
        # The lids' asymmetry leaves the eyeballs where they are, which then show through skin.
        if name.startswith("asym-") and name.endswith("-l") and "eye" not in name:
            value = rng.normal(0, 0.12)
            weights[name[:-1] + ("l" if value > 0 else "r")] = abs(float(value))
    for name, masculine in SHAPES.items():
        share = 0.5 + 0.4 * masculine * (2 * man - 1)
        weights[f"head-{name}"] = float(rng.beta(0.6, 2.0)) * share


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
    """Brows, lids and mouth as on real faces at rest, whatever AUs they look like."""
    vertices = vertices + head.displacement(_resting(rng, head))
    opening = np.clip(rng.normal(LID_OPENING, LID_SPREAD), 0.078, 0.19) * (1.05 - 0.1 * man)
    now = _opening(_as_landmarks(vertices))
    blink = head.displacement({"eyeBlinkLeft": 1, "eyeBlinkRight": 1})
    step = _opening(_as_landmarks(vertices + blink)) - now
    vertices = vertices + blink * np.float32(np.clip((opening - now) / step, -0.4, 0.5))
    corners = float(np.clip(rng.normal(MOUTH_CORNERS, CORNER_SPREAD), -0.055, 0.045))
    if rng.random() < SMILERS:
        corners = rng.uniform(*SMILE)
    now = _corner_height(_as_landmarks(vertices))
    up = _corner_pull()
    step = _corner_height(_as_landmarks(vertices + up)) - now
    vertices = vertices + up * np.float32(np.clip((corners - now) / step, -2.0, 2.0))
    heights = BROWS + np.clip(rng.normal(0, BROW_SPREAD), -0.1, 0.1)
    heights = heights + np.clip(rng.normal(0, BROW_SLANT, 2), -0.04, 0.04)
    pulls = _brow_pulls()
    at_rest = brow_heights(_as_landmarks(vertices))
    steps = [brow_heights(_as_landmarks(vertices + pull)) - at_rest for pull in pulls]
    shares = np.linalg.solve(np.transpose(steps), heights - at_rest).astype(np.float32)
    return vertices + np.tensordot(shares, pulls, 1)


def _resting(rng: np.random.Generator, head: Head) -> dict[str, float]:
    """Weights of :data:`RESTING` for one face, sides and lips a little apart."""
    weights: dict[str, float] = {}
    for name, spread in RESTING.items():
        value = max(rng.normal(0, spread), 0)
        ends = ("Right", "Left", "Upper", "Lower")
        sides = [name + end for end in ends if name + end in head.names]
        for unit in sides or [name]:
            weights[unit] = float(value * np.exp(rng.normal(0, 0.15)))
    return weights


@cache
def _brow_pulls() -> np.ndarray:
    """Moves (2, V, 3) float32 that lift the brows' inner ends and middles, with the ridge."""
    pulls = np.stack([_lift(ends, (0.15, 0.14)) for ends in (INNER_BROWS, MIDDLE_BROWS)])
    # The fold over the lid gives way, the lid itself stays where the eyeball is.
    return pulls * np.clip((mean_head()[:, 1:2] - 0.07) / 0.10, 0, 1)


@cache
def _corner_pull() -> np.ndarray:
    """Move (V, 3) float32 that lifts the mouth's corners: the tips, and the lips beside them."""
    tips = load_head().displacement({"mouth-angles-up": 0.4})
    return tips + _lift((61, 61, 291, 291), (0.11, 0.09))


def _lift(points: tuple[int, ...], reach: tuple[float, float]) -> np.ndarray:
    """Move (V, 3) float32 up of the skin around two of FaceMesh's points on each side."""
    mean, skin = mean_head(), load_head().part(SKIN)
    pull = np.zeros_like(mean)
    for side in np.reshape(points, (2, 2)):
        middle = mean[point_vertices()[side]].mean(axis=0)
        far = (mean[skin, :2] - middle[:2]) / reach
        front = mean[skin, 2] > middle[2] - 0.3
        pull[skin, 1] += 0.03 * front * np.exp(-0.5 * (far**2).sum(axis=1))
    return pull


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
    inner, middle = points[list(INNER_BROWS), 1].mean(), points[list(MIDDLE_BROWS), 1].mean()
    return (eyes - np.array([inner, middle])) / _distance(points)


def _distance(points: np.ndarray) -> float:
    right, left = eye_centres(points)
    return float(np.hypot(*(left - right)))

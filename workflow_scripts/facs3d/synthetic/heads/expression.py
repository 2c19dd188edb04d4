"""How AUs and what else a face does move the head's mesh.

AUs are built from ARKit's units of MakeHuman's Face Units pack, with pulls of our own where those
are weak. AU23 has no unit and is a stand-in: lips thin, tighten and narrow a little. A weight of 1
here is intensity 5. The labels that go with them are these weights, not a human coder's.
"""

from functools import cache

import numpy as np

from facs3d.core.action_units import PAPER_AUS
from facs3d.synthetic.heads import geometry
from facs3d.synthetic.heads.head_file import SKIN, load_head
from facs3d.synthetic.heads.points import point_vertices

SIDES = ("Right", "Left")

UNITS: dict[int, dict[str, float]] = {
    1: {"browInnerUp": 0.9},
    2: {"browOuterUp": 0.9},
    4: {"browDown": 1.0},
    6: {"cheekSquint": 1.1, "eyeSquint": 0.05},
    7: {"eyeSquint": 0.42, "eyeBlink": 0.07},
    10: {"mouthUpperUp": 0.75, "noseSneer": 0.25},
    12: {"mouthSmile": 1.12},
    14: {"mouthDimple": 0.65},
    15: {"mouthFrown": 1.0},
    17: {"mouthShrugLower": 1.0, "mouthShrugUpper": 0.15},
    23: {"mouthRollLower": 0.45, "mouthRollUpper": 0.45},
    24: {"mouthRollLower": 0.7, "mouthRollUpper": 0.7, "mouthPress": 0.25},
}
"""ARKit units of each AU at intensity 5, both sides."""

Pull = tuple[tuple[int, ...], tuple[float, float, float], tuple[float, float]]
"""FaceMesh points whose mean is the middle, the move (out, up, forward) in dm, the reach (standard
deviations across and up) in dm."""
PULLS: dict[int, tuple[Pull, ...]] = {
    1: (((107, 66), (-0.01, 0.045, 0.0), (0.13, 0.10)),),
    2: (((105, 63), (0.0, 0.035, 0.0), (0.20, 0.12)),),
    4: (((107, 55), (-0.02, -0.02, 0.01), (0.11, 0.09)),),
    6: (((118, 117), (0.0, 0.04, 0.02), (0.20, 0.13)),),
    7: (((145,), (0.0, 0.010, 0.0), (0.14, 0.035)),),
    10: (((39, 37), (0.0, 0.025, 0.0), (0.15, 0.05)),),
    14: (((61,), (-0.03, -0.022, -0.02), (0.11, 0.09)),),
    15: (((61,), (0.0, -0.02, 0.0), (0.10, 0.07)),),
    17: (((199, 200), (0.0, 0.05, 0.03), (0.22, 0.12)),),
    23: (((61,), (-0.05, 0.0, 0.015), (0.13, 0.09)),),
    24: (((61,), (-0.014, -0.008, 0.01), (0.08, 0.07)),),
}

OTHERS = (
    "eyeBlink", "eyeWide", "noseSneer", "mouthLowerDown", "mouthUpperUp", "jawOpen", "mouthFunnel",
    "mouthPucker", "mouthStretch", "cheekPuff", "jawLeft", "jawRight", "tongueOut",
    "eyeLookUp", "eyeLookDown", "eyeToRight", "eyeToLeft",
)  # fmt: skip
"""Movements without a label: AU45, 5, 9, 16, 25, 26/27, speech, cheeks, gaze."""


@cache
def action_displacements() -> np.ndarray:
    """Moves of the vertices (12, 2, V, 3) float32 dm of each AU at intensity 5 on the person's
    right and left side."""
    sides = _side_shares()
    found = []
    for au in PAPER_AUS:
        units = [_unit(name, weight, side) for side in SIDES for name, weight in UNITS[au].items()]
        whole = np.sum(units, axis=0)
        for pull in PULLS.get(au, ()):
            whole = whole + _pulled(pull)
        if au in (6, 12, 14):
            whole = _smoothed(whole)
        if au == 10:
            # Of the sneer the nose's sides belong to it, the brows' part would be AU 4.
            whole *= np.clip(-geometry.mean_head()[:, 1:2] / 0.15, 0, 1)
        found.append(whole * sides[:, :, None])
    return np.stack(found)


@cache
def other_displacements() -> np.ndarray:
    """Moves of the vertices (len(OTHERS), V, 3) float32 dm at full weight."""
    return np.stack([_other(name) for name in OTHERS])


def _unit(name: str, weight: float, side: str) -> np.ndarray:
    """One side's unit, or half of one that has no sides."""
    names = load_head().names
    if name + side in names:
        return load_head().displacement({name + side: weight})
    return load_head().displacement({name: weight / 2})


def _other(name: str) -> np.ndarray:
    head = load_head()
    if name == "eyeToRight":
        return head.displacement({"eyeLookOutRight": 1, "eyeLookInLeft": 1})
    if name == "eyeToLeft":
        return head.displacement({"eyeLookOutLeft": 1, "eyeLookInRight": 1})
    sided = [name + side for side in SIDES if name + side in head.names]
    return head.displacement(dict.fromkeys(sided or [name], 1.0))


def _side_shares() -> np.ndarray:
    """How much of a vertex is moved by the right and by the left side's muscles: (2, V)."""
    right = 1 / (1 + np.exp(geometry.mean_head()[:, 0] / 0.06))
    return np.stack([right, 1 - right]).astype(np.float32)


def _pulled(pull: Pull) -> np.ndarray:
    points, (out, up, forward), reach = pull
    mean, head = geometry.mean_head(), load_head()
    moved = np.zeros_like(mean)
    middle = mean[point_vertices()[list(points)]].mean(axis=0)
    skin = head.part(SKIN)
    for sign in (1, -1):
        offset = (mean[skin, :2] - middle[:2] * (sign, 1)) / reach
        front = mean[skin, 2] > middle[2] - 0.25
        share = np.exp(-0.5 * (offset**2).sum(axis=1)) * front
        moved[skin] += share[:, None] * np.array([-sign * out, up, forward])
    if abs(middle[0]) < 0.1:
        moved /= 2
    return moved.astype(np.float32)


def _smoothed(moved: np.ndarray, rounds: int = 6) -> np.ndarray:
    """Even out folds that a move makes in the cheeks; lips and lids keep their sharp edges."""
    head, mean = load_head(), geometry.mean_head()
    triangles = head.triangles[head.parts == SKIN]
    pairs = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
    count = np.bincount(pairs.ravel(), minlength=len(mean)).astype(np.float32)[:, None]
    fixed = np.zeros(len(mean), bool)
    lips = mean[point_vertices()[[61, 291, 0, 17, 13, 14, 40, 270, 91, 321]]]
    lids = geometry.eye_contours(mean).reshape(-1, 3)
    for anchors, reach in ((lips, 0.13), (lids, 0.09)):
        apart = np.linalg.norm(mean[:, None] - anchors[None], axis=2).min(axis=1)
        fixed |= apart < reach
    fixed |= count[:, 0] == 0
    result = moved
    for _ in range(rounds):
        summed = np.zeros_like(result)
        for axis in range(3):
            one_way = np.bincount(pairs[:, 0], result[pairs[:, 1], axis], len(mean))
            summed[:, axis] = one_way + np.bincount(
                pairs[:, 1], result[pairs[:, 0], axis], len(mean)
            )
        averaged = summed / np.maximum(count, 1)
        result = np.where(fixed[:, None], moved, 0.5 * result + 0.5 * averaged).astype(np.float32)
    return result

"""Where on the face each AU shows: regions from FACS, as polygons over FaceMesh's landmarks.

Each polygon follows the description of the AU's appearance changes in the FACS manual (Ekman,
Friesen & Hager 2002): where the skin moves, wrinkles or bulges. They are defined on the person's
right side and mirrored, and laid on the registered face by the mean face that registration uses.
"""

import numpy as np

from facs3d.core.errors import InputError
from facs3d.preprocessing.alignment import RegistrationSettings, template_landmarks
from facs3d.preprocessing.face_mesh import CANONICAL_FACE

LIPS = (164, 167, 92, 186, 57, 43, 182, 83, 18)
"""The lips and the skin next to them, which tightening and pressing them roll in or bulge."""

RIGHT_SIDE = {
    1: (8, 55, 65, 69, 108, 151),
    2: (46, 53, 52, 65, 69, 104, 68, 71),
    4: (9, 107, 66, 105, 63, 70, 46, 225, 224, 223, 222, 221, 193, 6),
    5: (33, 246, 161, 160, 159, 158, 157, 173, 133, 221, 222, 223, 224, 225, 113),
    6: (156, 130, 110, 23, 22, 112, 128, 47, 142, 36, 50, 123, 116, 143),
    7: (226, 247, 30, 29, 27, 28, 56, 190, 243, 233, 232, 231, 230, 229, 228, 31),
    9: (8, 55, 243, 128, 47, 126, 129, 64, 4),
    10: (2, 98, 129, 36, 206, 186, 61, 78, 13),
    12: (40, 91, 43, 212, 214, 187, 205, 206),
    14: (40, 91, 43, 202, 212, 216),
    15: (185, 181, 194, 211, 210, 212, 186),
    17: (17, 181, 204, 32, 171, 175),
    20: (0, 37, 40, 216, 214, 202, 181, 17),
    23: LIPS,
    24: LIPS,
    25: LIPS,
    26: (0, 37, 40, 57, 204, 32, 171, 175),
}
"""Landmarks around each AU's region on the person's right (the image's left). Where they begin and
end on the face's middle line, the region goes on beyond it."""


def region_polygons(au: int, registration: RegistrationSettings, side: int) -> list[np.ndarray]:
    """The AU's region in clips of ``side`` px: one polygon across the middle line or one on each
    side of the face, (n, 2) x, y each.

    Clips (``sampling.image_size``) may be smaller than registered faces
    (``registration.image_size``): the same picture, scaled. Raises :class:`InputError` for an AU
    without a region here.
    """
    if au not in RIGHT_SIDE:
        known = ", ".join(map(str, RIGHT_SIDE))
        raise InputError(f"AU {au} has no region in au_regions.py; known are {known}")
    points = template_landmarks(registration)
    # A pixel's centre is at a whole number, its edges half a pixel beside.
    points = (points + 0.5) * side / registration.image_size - 0.5
    right = list(RIGHT_SIDE[au])
    left = _mirrored(right)
    if (right[0], right[-1]) == (left[0], left[-1]):
        return [points[right + left[-2:0:-1]]]
    return [points[right], points[left]]


def region_mask(au: int, registration: RegistrationSettings, side: int) -> np.ndarray:
    """Pixels whose centres lie in the AU's region, (side, side) bool."""
    rows, columns = np.mgrid[:side, :side]
    polygons = region_polygons(au, registration, side)
    return np.any([_contains(polygon, columns, rows) for polygon in polygons], axis=0)


def _contains(polygon: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Which points lie in the polygon (n, 2): a ray to the right crosses its edges an odd number of
    times."""
    inside = np.zeros(x.shape, bool)
    for (start_x, start_y), (end_x, end_y) in zip(
        polygon, np.roll(polygon, -1, axis=0), strict=True
    ):
        if start_y != end_y:
            crossing = start_x + (y - start_y) / (end_y - start_y) * (end_x - start_x)
            inside ^= ((start_y > y) != (end_y > y)) & (x < crossing)
    return inside


def _mirrored(landmarks: list[int]) -> list[int]:
    """The landmarks on the other side of the face, which is symmetric."""
    wanted = CANONICAL_FACE[landmarks] * (-1, 1, 1)
    distance = np.linalg.norm(CANONICAL_FACE[None] - wanted[:, None], axis=2)
    return distance.argmin(axis=1).tolist()

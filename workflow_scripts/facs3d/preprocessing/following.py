"""Whose face: which of several is chosen, and whether the next one is still the same person's.

A person is chosen by size where nobody is followed, and kept by place and size after that.
Nothing here knows a face: two people who change places between two frames, or a cut to somebody of
the same size at the same place, are not noticed.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from facs3d.preprocessing.face_mesh import LEFT_EYE, RIGHT_EYE, eye_centres

LEAP = 1.0
"""Eye distances between two sights of a face from which it may be another person's."""
SIZE_JUMP = 1.5
"""Factor between two sights of a face, in size, from which it may be another person's."""
LARGER = 1.1
"""Factor by which a face must be the larger one to be called so; sizes waver by some per cent."""


class FaceBox(NamedTuple):
    """A face as the detector sees it: the box's upper left ``corner`` and ``sides`` (x, y), the
    places of the ``eyes`` (2, 2), the person's right one first, and the ``mouth``, float64 in px
    of the image."""

    corner: np.ndarray
    sides: np.ndarray
    eyes: np.ndarray
    mouth: np.ndarray

    @property
    def between_eyes(self) -> np.ndarray:
        return self.eyes.mean(axis=0)

    @property
    def size(self) -> float:
        """px from eye to eye or from the eyes to the mouth, which are about the same: what is
        longer stays as the face turns, nods or tilts; the box does not."""
        right, left = self.eyes
        return float(max(np.hypot(*(left - right)), np.hypot(*(self.mouth - self.between_eyes))))


def rank(boxes: Sequence[FaceBox], followed: np.ndarray | None) -> list[FaceBox]:
    """The faces in the order in which to try them: the nearest to the ``followed`` landmarks
    (468, 3), if it is within a leap of them, then the larger ones."""
    ranked = sorted(boxes, key=lambda box: -box.size)
    if followed is None or not boxes:
        return ranked
    middle = eye_centres(followed).mean(axis=0)
    nearest = nearest_box(boxes, middle)
    if np.hypot(*(nearest.between_eyes - middle)) > LEAP * eye_span(followed):
        return ranked
    return [nearest, *(box for box in ranked if box is not nearest)]


def nearest_box(boxes: Sequence[FaceBox], middle: np.ndarray) -> FaceBox:
    """Of at least one, the box of the face whose eyes have ``middle`` (2,) between them."""
    return min(boxes, key=lambda box: float(np.hypot(*(box.between_eyes - middle))))


def is_smaller(boxes: Sequence[FaceBox], middle: np.ndarray) -> bool:
    """Whether another face is larger than the one whose eyes have ``middle`` (2,) between them."""
    if len(boxes) < 2:
        return False
    return max(box.size for box in boxes) > LARGER * nearest_box(boxes, middle).size


def returned(boxes: Sequence[FaceBox], followed: np.ndarray, hidden: np.ndarray) -> FaceBox | None:
    """The face that is within a leap of where the ``hidden`` landmarks (468, 3) were seen, unless
    it is the ``followed`` one's or smaller than that; None if there is none."""
    if len(boxes) < 2:
        return None
    current = nearest_box(boxes, eye_centres(followed).mean(axis=0))
    place = eye_centres(hidden).mean(axis=0)
    box = nearest_box(boxes, place)
    there = np.hypot(*(box.between_eyes - place)) <= LEAP * eye_span(hidden)
    return box if there and box is not current and box.size * LARGER > current.size else None


def only(box: FaceBox, boxes: Sequence[FaceBox], image: np.ndarray) -> np.ndarray:
    """``image`` with the faces but that of ``box`` painted over in the image's mean colour."""
    painted = image.copy()
    for other in boxes:
        if other is not box:
            painted[_around(other)] = image.mean(axis=(0, 1))
    painted[_around(box)] = image[_around(box)]
    return painted


def change_of_person(before: np.ndarray, now: np.ndarray) -> str:
    """What speaks for another person in landmarks (468, 3) ``now``, after ``before``; empty if
    nothing does."""
    moved = eye_centres(now).mean(axis=0) - eye_centres(before).mean(axis=0)
    leap = float(np.hypot(*moved)) / eye_span(before)
    growth = eye_span(now) / eye_span(before)
    if leap > LEAP:
        return f"perhaps another person: {leap:.1f} eye distances from the face before"
    if max(growth, 1 / growth) > SIZE_JUMP:
        return f"perhaps another person: {growth:.2g} times the size of the face before"
    return ""


def eye_span(landmarks: np.ndarray) -> float:
    """Distance of the eye centres in depth too, px: it stays as the head turns aside."""
    points = np.asarray(landmarks, np.float64)
    across = points[list(LEFT_EYE)].mean(axis=0) - points[list(RIGHT_EYE)].mean(axis=0)
    return float(np.linalg.norm(across))


def _around(box: FaceBox) -> tuple[slice, slice]:
    """Rows and columns of the box and a quarter of it on all sides, for it ends at the brows."""
    left, top = np.maximum(box.corner - box.sides / 4, 0).astype(int)
    right, bottom = np.maximum(box.corner + box.sides * 5 / 4, 0).astype(int)
    return slice(top, bottom), slice(left, right)

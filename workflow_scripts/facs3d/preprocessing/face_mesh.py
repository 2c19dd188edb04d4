"""FaceMesh's 468 points: which lie where, the mean face, eye centres and pose.

Right and left are the person's: the right eye is on the image's left.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np

RIGHT_EYE = (33, 7, 163, 144, 145, 153, 154, 155, 133, 173, 157, 158, 159, 160, 161, 246)
LEFT_EYE = (263, 249, 390, 373, 374, 380, 381, 382, 362, 398, 384, 385, 386, 387, 388, 466)
"""The eyes' contours, along the lids; the eye centre is their mean. The iris would follow gaze."""

RIGHT_BROW = (70, 63, 105, 66, 107)
LEFT_BROW = (336, 296, 334, 293, 300)
NOSE = (168, 197, 5, 4, 98, 97, 2, 326, 327)
RIGHT_EYE_SIX = (33, 160, 158, 133, 153, 144)
LEFT_EYE_SIX = (362, 385, 387, 263, 373, 380)
MOUTH = (61, 39, 37, 0, 267, 269, 291, 405, 314, 17, 84, 181, 82, 13, 312, 317, 14, 87)
INNER_FACE = (*RIGHT_BROW, *LEFT_BROW, *NOSE, *RIGHT_EYE_SIX, *LEFT_EYE_SIX, *MOUTH)
"""49 points on brows, nose, eyes and mouth, none on the jaw: the nearest of the mesh to ZFace's."""

CANONICAL_FACE = np.loadtxt(Path(__file__).with_name("canonical_face.csv"), delimiter=",")
CANONICAL_FACE = CANONICAL_FACE * (1, -1, -1)
"""The mean face, (468, 3) float64 in cm: frontal and symmetric, x right, y down, z away."""

UPPER_FACE = CANONICAL_FACE[:, 1] < CANONICAL_FACE[2, 1]
"""Mask (468,) of the vertices above the base of the nose, which an opening jaw leaves in place."""


class HeadPose(NamedTuple):
    """Degrees from facing the camera. Yaw is positive turned to the image's right, pitch positive
    looking up, roll positive tilted clockwise as seen in the image."""

    yaw: float
    pitch: float
    roll: float


def eye_centres(landmarks: np.ndarray) -> np.ndarray:
    """Centres of the right and the left eye, (2, 2) float64 x, y, of (468, 2 or 3) landmarks."""
    points = np.asarray(landmarks, np.float64)[:, :2]
    return np.stack([points[list(RIGHT_EYE)].mean(axis=0), points[list(LEFT_EYE)].mean(axis=0)])


def inter_ocular_distance(landmarks: np.ndarray) -> float:
    """Distance between the eye centres, in the landmarks' unit."""
    right, left = eye_centres(landmarks)
    return float(np.hypot(*(left - right)))


def head_pose(landmarks: np.ndarray) -> HeadPose:
    """Pose of (468, 3) landmarks: the rotation that best turns the mean face's upper part onto
    them (least squares over rotation, scale and shift; Kabsch's algorithm)."""
    model = CANONICAL_FACE[UPPER_FACE]
    face = np.asarray(landmarks, np.float64)[UPPER_FACE]
    u, _, vt = np.linalg.svd((face - face.mean(axis=0)).T @ (model - model.mean(axis=0)))
    u[:, 2] *= np.linalg.det(u @ vt)
    rotation = u @ vt
    # rotation = Rz(roll) Ry(-yaw) Rx(-pitch) in axes right, down, away.
    return HeadPose(
        yaw=float(np.degrees(np.arcsin(np.clip(rotation[2, 0], -1, 1)))),
        pitch=float(np.degrees(-np.arctan2(rotation[2, 1], rotation[2, 2]))),
        roll=float(np.degrees(np.arctan2(rotation[1, 0], rotation[0, 0]))),
    )

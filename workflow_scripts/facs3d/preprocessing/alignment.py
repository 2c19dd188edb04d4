"""Where a registered face lies in its image (paper, Sec. IV-A.1): settings, and the map from
landmarks.

"Face images were normalized in terms of rotation and scale and then centred, scaled, and
normalized to the average interocular distance (IOD) …, which is about 80 pixels. After this step
we obtain 200 by 200 pixel images". A similarity transform (rotation, one scale, shift) does that
in the image plane, frame by frame; it changes no shape, so expressions stay as they are.
"""

from dataclasses import dataclass

import numpy as np

from facs3d.core.errors import InputError
from facs3d.preprocessing.face_mesh import CANONICAL_FACE, INNER_FACE, eye_centres

CENTRES = ("landmarks", "eye_line")
ROTATIONS = ("template", "eyes")


@dataclass(frozen=True)
class RegistrationSettings:
    """Where a registered face lies in its image. Distances in px of the registered image.

    ``image_size``: width and height, even. ``inter_ocular_distance``: between the eye centres,
    the same in every frame. ``centre``: ``landmarks`` puts the centroid of the 49 inner-face
    points at the image's centre, as the authors do (at 80 px in 200 the chin's lower edge is
    cut); ``eye_line`` puts the midpoint of the eyes in the middle, ``eye_line_y`` below the upper
    edge (45 holds brows and chin). ``rotation``: ``template`` turns the inner-face points onto
    the mean face's as well as can be (least squares); ``eyes`` levels the eyes. ``max_yaw``:
    degrees a face may be turned sideways; beyond, its eyes no longer give its scale.
    """

    image_size: int = 200
    inter_ocular_distance: float = 80.0
    centre: str = "landmarks"
    eye_line_y: float = 45.0
    rotation: str = "template"
    max_yaw: float = 60.0

    def __post_init__(self) -> None:
        size = self.image_size
        if not 16 <= size <= 2048 or size % 2:
            raise InputError(f"image_size is {size}, expected an even number from 16 to 2048")
        if not 4 <= self.inter_ocular_distance <= size:
            raise InputError(
                f"inter_ocular_distance is {self.inter_ocular_distance}, "
                f"expected 4 to {size} (image_size)"
            )
        if not 0 <= self.eye_line_y <= size:
            raise InputError(f"eye_line_y is {self.eye_line_y}, expected 0 to {size} (image_size)")
        if not 0 < self.max_yaw <= 90:
            raise InputError(f"max_yaw is {self.max_yaw}, expected degrees above 0, at most 90")
        for name, known in (("centre", CENTRES), ("rotation", ROTATIONS)):
            if getattr(self, name) not in known:
                raise InputError(
                    f"{name} is {getattr(self, name)!r}, expected {' or '.join(known)}"
                )


def similarity(landmarks: np.ndarray, settings: RegistrationSettings) -> np.ndarray:
    """The map from source px to registered px, (2, 3) float64, of (468, 2 or 3) landmarks.

    Afterwards the eye centres are exactly ``inter_ocular_distance`` apart and the chosen centre
    is exactly where the settings say.
    """
    # In the plane as complex numbers, a similarity without reflection is one product and one sum.
    points = np.asarray(landmarks, np.float64)[:, 0] + 1j * np.asarray(landmarks, np.float64)[:, 1]
    right, left = eye_centres(landmarks) @ (1, 1j)
    inner = points[list(INNER_FACE)]
    if settings.rotation == "eyes":
        direction = (left - right).conjugate()
    else:
        target = CANONICAL_FACE[list(INNER_FACE), :2] @ (1, 1j)
        direction = np.vdot(inner - inner.mean(), target - target.mean())
    turn = direction / abs(direction)
    scale = settings.inter_ocular_distance / abs(left - right)
    middle = settings.image_size / 2
    if settings.centre == "eye_line":
        centre, place = (right + left) / 2, middle + 1j * settings.eye_line_y
    else:
        centre, place = inner.mean(), middle * (1 + 1j)
    factor = scale * turn
    shift = place - factor * centre
    return np.array(
        [[factor.real, -factor.imag, shift.real], [factor.imag, factor.real, shift.imag]]
    )


def template_landmarks(settings: RegistrationSettings) -> np.ndarray:
    """Where the mean face's landmarks lie in a registered image, (468, 2) float64 x, y in px."""
    transform = similarity(CANONICAL_FACE, settings)
    return CANONICAL_FACE[:, :2] @ transform[:, :2].T + transform[:, 2]

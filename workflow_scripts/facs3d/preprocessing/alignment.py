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
from facs3d.core.settings import Settings, setting
from facs3d.preprocessing.face_mesh import CANONICAL_FACE, INNER_FACE, eye_centres


@dataclass(frozen=True)
class RegistrationSettings(Settings, section="registration"):
    """Where a registered face lies in its image. Distances in px of the registered image."""

    image_size: int = setting(
        200,
        "width and height of a registered face, px",
        minimum=16,
        maximum=2048,
        even=True,
        paper="200",
    )
    inter_ocular_distance: float = setting(
        80.0,
        "px between the eye centres, the same in every frame; at most image_size",
        minimum=4,
        paper="about 80",
    )
    centre: str = setting(
        "landmarks",
        "what lies at a fixed place: the centroid of the 49 inner-face points in the image's "
        "centre (at 80 px in 200 the chin's lower edge is cut), or the midpoint of the eyes",
        choices=("landmarks", "eye_line"),
        paper="centred: the authors' is the centroid",
    )
    eye_line_y: float = setting(
        45.0,
        "px from the upper edge to the eyes with centre eye_line (45 of 200 holds brows and chin); "
        "at most image_size",
        minimum=0,
    )
    rotation: str = setting(
        "template",
        "turn the inner-face points onto the mean face's (least squares), or level the eyes",
        choices=("template", "eyes"),
        paper="normalized: ZFace's similarity to a mean face",
    )
    max_yaw: float = setting(
        60.0,
        "degrees a face may be turned sideways; beyond, it counts as lost, for its eyes no longer "
        "give its scale",
        above=0,
        maximum=90,
        paper="silent",
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("inter_ocular_distance", "eye_line_y"):
            value, size = getattr(self, name), self.image_size
            if value > size:
                raise InputError(
                    f"registration.{name} is {value}, expected at most {size} (image_size)"
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

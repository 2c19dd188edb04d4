"""Find the face in the public-domain photograph and make the portrait of it.

The only module of this package that needs MediaPipe and scikit-image.
"""

import cv2
import numpy as np
from skimage.data import astronaut

from facs3d.core.errors import InputError
from facs3d.core.seeding import generator
from facs3d.preprocessing.landmarks import FaceLandmarker
from facs3d.synthetic.identity import draw_brows
from facs3d.synthetic.portrait import Portrait, split_layers, to_canonical

HEAD = np.s_[0:330, 60:390]
"""Rows and columns of the photograph that hold the head."""
ENLARGED = 3


def detect_portrait() -> Portrait:
    """The portrait, with the FaceMesh points of its neutral face (about half a second).

    The picture comes with scikit-image's wheel, without a download. Raises :class:`InputError` if
    no face is found in it.
    """
    cv2.setNumThreads(1)
    photograph = cv2.cvtColor(astronaut(), cv2.COLOR_RGB2BGR)
    head = cv2.resize(
        photograph[HEAD], None, fx=ENLARGED, fy=ENLARGED, interpolation=cv2.INTER_CUBIC
    )
    found = _find_landmarks(head)
    # Pixels' centres are at whole numbers, so enlarging about the corner shifts them by a half.
    found[:, :2] = (found[:, :2] + 0.5) / ENLARGED - 0.5 + (HEAD[1].start, HEAD[0].start)
    found[:, 2] /= ENLARGED
    picture, landmarks = to_canonical(photograph, found)
    layers = split_layers(picture, landmarks)
    return Portrait(**layers, landmarks=_find_landmarks(_with_brows(layers)).astype(np.float32))


def _find_landmarks(picture: np.ndarray) -> np.ndarray:
    with FaceLandmarker() as landmarker:
        landmarks = landmarker.detect(picture)
    if landmarks is None:
        raise InputError("FaceMesh finds no face in the portrait; use mediapipe 0.10.21")
    return landmarks


def _with_brows(layers: dict[str, np.ndarray]) -> np.ndarray:
    """The neutral face as a picture, with brows."""
    opening = layers["aperture"][..., None] / np.float32(255)
    hair = layers["hair"][..., 3:] / np.float32(255)
    rng = generator(0, "portrait", "brows")
    skin = draw_brows(layers["skin"].astype(np.float32), rng, manly=0.4, gain=np.ones(3))
    face = skin * (1 - opening) + layers["eyes"] * opening
    face = face * (1 - hair) + layers["hair"][..., :3] * hair
    return np.clip(face, 0, 255).astype(np.uint8)

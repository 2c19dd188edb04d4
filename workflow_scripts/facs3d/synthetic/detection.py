"""Find the face in the public-domain photograph and make the portrait of it.

The only module of this package that needs MediaPipe and scikit-image.
"""

import importlib.util
from pathlib import Path

import cv2
import numpy as np

from facs3d.errors import InputError
from facs3d.landmarks import FaceLandmarker
from facs3d.seeding import generator
from facs3d.synthetic.identity import draw_brows
from facs3d.synthetic.portrait import Portrait, split_layers, to_canonical

HEAD = np.s_[0:330, 60:390]
"""Rows and columns of the photograph that hold the head."""
ENLARGED = 3


def detect_portrait() -> Portrait:
    """The portrait, with the FaceMesh points of its neutral face (about half a second).

    Raises :class:`InputError` if scikit-image's picture or the face in it is not found.
    """
    cv2.setNumThreads(1)
    photograph = _astronaut()
    head = cv2.resize(
        photograph[HEAD], None, fx=ENLARGED, fy=ENLARGED, interpolation=cv2.INTER_CUBIC
    )
    found = _find_landmarks(head)
    found = (found + [0.5, 0.5, 0]) / ENLARGED - [0.5, 0.5, 0] + [HEAD[1].start, HEAD[0].start, 0]
    picture, landmarks = to_canonical(photograph, found)
    layers = split_layers(picture, landmarks)
    return Portrait(**layers, landmarks=_find_landmarks(_with_brows(layers)).astype(np.float32))


def _astronaut() -> np.ndarray:
    """scikit-image's picture (512, 512, 3) uint8 BGR, from the installed wheel: no download."""
    package = importlib.util.find_spec("skimage")
    if package is None:
        raise InputError("scikit-image, which carries the portrait, is not installed")
    path = Path(package.origin).parent / "data" / "astronaut.png"
    photograph = cv2.imread(str(path))
    if photograph is None:
        raise InputError(f"{path}: no such picture; reinstall scikit-image")
    return photograph


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

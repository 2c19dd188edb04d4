"""What a registered face is worth: how sharp and bright it is, and notes on what is out of the
ordinary.

The limits are wide: they name what faces of datasets like the paper's are not. A network of your
own data may have been trained on worse or on better ones.
"""

from typing import NamedTuple

import cv2
import numpy as np

from facs3d.preprocessing.alignment import RegistrationSettings
from facs3d.preprocessing.tracking import TrackedFrame

SMALL = 20.0
"""Eye distance in px of the source below which a face is called small: to 80 px it is enlarged
four times, and half a pixel's error of a landmark is 2.5 % of it."""
BLURRED = 0.07
"""Sharpness below which a face is called blurred: by about 3 to 4 px at 80 px between the eyes."""
DARK, BRIGHT = 30, 225
"""Brightness below and above which a face is called too dark and too bright."""
UNSURE = 0.9
"""Confidence below which FaceMesh is called unsure."""
LYING = 60
"""Degrees of roll from which a face is said to lie on its side."""
FINE = 2 / 80
"""Standard deviation, in eye distances, of the blur that leaves out what counts as fine detail."""


class FaceQuality(NamedTuple):
    """``sharpness``: standard deviation of the fine detail as a share of the whole contrast, 0 to
    1; ``brightness``: mean gray, 0 to 255. Both of the face's middle, None without a face."""

    sharpness: float | None
    brightness: float | None


def measure(face: np.ndarray, settings: RegistrationSettings) -> FaceQuality:
    """The quality of a registered face (S, S, 3) uint8 BGR; of no contrast, the sharpness is 0."""
    gray = cv2.cvtColor(face, cv2.COLOR_BGR2GRAY)
    edge = len(gray) // 5
    middle = gray[edge:-edge, edge:-edge].astype(np.float32)
    coarse = cv2.GaussianBlur(middle, (0, 0), FINE * settings.inter_ocular_distance)
    contrast = float(middle.std())
    sharpness = float((middle - coarse).std()) / contrast if contrast else 0.0
    return FaceQuality(sharpness, float(middle.mean()))


def quality_notes(row: TrackedFrame) -> list[str]:
    """What is out of the ordinary in a measured face, in words."""
    said = []
    if row.upside_down:
        said.append("upside down: turn the video")
    if row.roll is not None and abs(row.roll) > LYING:
        said.append(f"on its side: roll {row.roll:.0f} degrees")
    if row.inter_ocular_distance is not None and row.inter_ocular_distance < SMALL:
        said.append(f"small: eyes {row.inter_ocular_distance:.0f} px apart")
    if row.sharpness is not None and row.sharpness < BLURRED:
        said.append(f"blurred: sharpness {row.sharpness:.2f}")
    if row.brightness is not None and row.brightness < DARK:
        said.append(f"dark: brightness {row.brightness:.0f}")
    if row.brightness is not None and row.brightness > BRIGHT:
        said.append(f"bright: brightness {row.brightness:.0f}")
    if row.confidence is not None and row.confidence < UNSURE:
        said.append(f"perhaps no face: confidence {row.confidence:.2f}")
    return said

"""Film an actor: frames of a performance, and where the eyes truly are."""

from collections.abc import Iterator

import cv2
import numpy as np

from facs3d.synthetic.expression import visible_share
from facs3d.synthetic.heads import geometry
from facs3d.synthetic.heads.actor import Actor
from facs3d.synthetic.heads.behaviour import draw_others
from facs3d.synthetic.heads.camera import Take, photograph
from facs3d.synthetic.heads.expression import OTHERS
from facs3d.synthetic.heads.render import draw, shadows
from facs3d.synthetic.heads.view import View, rotation

EYE_DISTANCE = 0.58
"""Between an average head's eyes, dm."""
EYE_LINE = 0.43
"""Height of the eyes in the frame, as a share of its height."""
FINER = 1.15
"""How many times finer than the frame heads are drawn: the frame's edges are smooth."""
SHADOW_EVERY = 12
"""Frames until shadows are cast anew; between, the last ones stay on the skin."""


def film(
    actor: Actor,
    intensities: np.ndarray,
    take: Take,
    rng: np.random.Generator,
    iod: float,
    at_rest: bool = False,
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield per row of ``intensities`` (frames, 12) a frame (H, W, 3) uint8 BGR and the true eye
    centres (2, 2): the person's right and left eye, x and y in pixels of the frame, each the mean
    of the lids' contour. ``iod`` is the distance between the eyes of an average frontal face
    there; ``at_rest`` leaves out blinks, gaze, open mouths and speech."""
    shares = visible_share(intensities + actor.offsets)
    others = draw_others(rng, np.clip(intensities / 5, 0, 1), take.frames_per_second)
    if at_rest:
        others = np.zeros((len(shares), len(OTHERS)), np.float32)
    height, width = take.background.shape[:2]
    size = (round(FINER * height), round(FINER * width))
    exposure, shadow = 0.0, np.ones(len(actor.vertices))
    for index, (share, other, pose) in enumerate(zip(shares, others, take.pose, strict=True)):
        vertices, light = actor.moved(share, other), take.lights[index]
        view = _view(pose, take.distance, (width, height), iod)
        if index % SHADOW_EVERY == 0:
            shadow = shadows(vertices, view.turn.T @ light.direction, take.softness)
        picture, cover = draw(vertices, actor.surface, share, light, shadow, view, size)
        if index == 0:
            exposure = _exposure(picture, cover) * take.lens.brightness
        if actor.glasses is not None:
            actor.glasses.put_on(picture, cover, view)
        picture = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)
        cover = cv2.resize(cover, (width, height), interpolation=cv2.INTER_AREA)[..., None]
        # The background is given as it is to appear, whatever the lamps on the face.
        seen = picture + (1 - cover) * take.background / max(exposure, 1e-6)
        contours = geometry.eye_contours(vertices).reshape(-1, 3)
        eyes = (view.project(contours)[0] + 0.5) / FINER - 0.5
        yield photograph(seen, exposure, take.lens, rng), eyes.reshape(2, -1, 2).mean(axis=1)


def _view(pose: np.ndarray, distance: float, size: tuple[int, int], iod: float) -> View:
    width, height = size
    pixels = FINER * iod * np.exp(pose[5])
    centre = np.array([FINER * width / 2, FINER * EYE_LINE * height]) + pixels * pose[3:5]
    return View(rotation(*pose[:3]), distance, pixels * distance / EYE_DISTANCE, centre)


def _exposure(picture: np.ndarray, cover: np.ndarray) -> float:
    """What brings the head's mean light two thirds of the way to a middle grey."""
    mean = float(picture[cover > 0].mean()) if cover.any() else 0.2
    return float((0.19 / max(mean, 1e-3)) ** 0.65)

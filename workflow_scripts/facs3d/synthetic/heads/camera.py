"""A video's setting: pose, lamps, what is behind, and what a camera makes of it."""

from dataclasses import dataclass

import cv2
import numpy as np

from facs3d.synthetic.heads.paint import any_colour
from facs3d.synthetic.heads.render import Light
from facs3d.synthetic.images import noise
from facs3d.synthetic.performance import FRAMES_PER_SECOND, wander


@dataclass(frozen=True)
class Take:
    """One video's setting: ``pose`` (frames, 6): yaw, pitch, roll in radians, shift x, y in eye
    distances, log scale; ``distance`` of the camera in dm; one of ``lights`` a frame;
    ``softness`` of the lamp's shadows; ``background`` (H, W, 3) float32 linear; what the actor does
    keeps its pace at any number of ``frames_per_second``."""

    pose: np.ndarray
    distance: float
    lights: list[Light]
    softness: float
    background: np.ndarray
    lens: "Lens"
    frames_per_second: float = FRAMES_PER_SECOND


@dataclass(frozen=True)
class Lens:
    """What the camera does to a picture: ``brightness`` a mean skin is exposed to, ``cast`` (3,),
    ``blur`` in px, ``coarse``: how many times larger pixels are, ``grain`` (H + 64, W + 64, 3)
    int16, JPEG ``quality`` or 0."""

    brightness: float
    cast: np.ndarray
    blur: float
    coarse: float
    grain: np.ndarray
    quality: int


SPREAD = np.array([0.13, 0.075, 0.05, 0.08, 0.07, 0.07])
DRIFT = np.array([0.05, 0.045, 0.03, 0.04, 0.04, 0.012])
SMALL_QUALITY = 50
"""JPEG quality below which small pictures are not compressed."""
TURNED, TURN = 0.15, (0.2, 0.34)
"""Share of videos of somebody who looks past the camera, and by how much, in radians."""


def draw_take(
    rng: np.random.Generator,
    frames: int,
    size: tuple[int, int],
    pose: float,
    sensor_noise: float,
    frames_per_second: float = FRAMES_PER_SECOND,
) -> Take:
    """Draw a video's setting; ``size`` is (width, height), ``pose`` scales the head's motion,
    ``sensor_noise`` is a standard deviation in grey levels."""
    rate = frames_per_second / FRAMES_PER_SECOND
    motion = SPREAD * np.clip(rng.standard_normal(6), -2.2, 2.2)
    motion = motion + DRIFT * wander(rng, frames, 6, 12 * rate)
    if rng.random() < TURNED:
        motion[:, 0] += rng.choice([-1, 1]) * rng.uniform(*TURN) - motion[0, 0]
    distance = float(np.exp(rng.uniform(np.log(5), np.log(26))))
    kind = rng.choice(["front", "side", "top", "back"], p=[0.48, 0.33, 0.11, 0.08])
    lights = _lights(rng, frames, kind, rate)
    softness = float(rng.uniform(0.03, 0.3))
    dim = rng.uniform(0.35, 0.6) if rng.random() < 0.14 else 1.0
    lens = Lens(
        brightness=dim * rng.uniform(0.6, 1.35),
        cast=np.exp(rng.normal(0, 0.05, 3)).astype(np.float32),
        blur=float(rng.uniform(0.3, 0.9)) if rng.random() < 0.85 else float(rng.uniform(1, 2.2)),
        coarse=float(np.exp(rng.uniform(0.2, 1.0))) if rng.random() < 0.25 else 1.0,
        grain=_grain(rng, size, sensor_noise * (rng.uniform(0.4, 1.3) + (dim < 1))),
        quality=int(rng.integers(18, 92)) if rng.random() < 0.5 else 0,
    )
    background = _background(rng, size)
    return Take(pose * motion, distance, lights, softness, background, lens, frames_per_second)


def still_take(size: tuple[int, int], frames: int = 1) -> Take:
    """A plain setting to look at faces in: soft light from the front, no motion, a good camera."""
    width, height = size
    soft = Light(_unit(np.array([0.42, 0.5, 0.76])), np.full(3, 0.8, np.float32),
                 np.full(3, 0.42, np.float32), np.full(3, 0.25, np.float32))  # fmt: skip
    lens = Lens(
        1.0, np.ones(3, np.float32), 0.3, 1.0, np.zeros((height + 64, width + 64, 3), np.int16), 0
    )
    plain = np.full((height, width, 3), (0.20, 0.17, 0.15), np.float32)
    return Take(np.zeros((frames, 6)), 10.0, [soft] * frames, 0.15, plain, lens)


def _lights(rng: np.random.Generator, frames: int, kind: str, rate: float) -> list[Light]:
    """The lamp and the light around, which may change during the video."""
    side = rng.choice([-1.0, 1.0])
    aim = {
        "front": (rng.normal(0, 0.5), rng.uniform(0.1, 0.8), 1.0),
        "side": (side * rng.uniform(0.8, 2.5), rng.uniform(-0.1, 0.7), rng.uniform(0.1, 0.8)),
        "top": (rng.normal(0, 0.3), 1.3, rng.uniform(0.3, 0.8)),
        "back": (side * rng.uniform(0.6, 1.2), rng.uniform(0.2, 0.8), -rng.uniform(0.3, 0.8)),
    }[kind]
    coloured = 0.28 if rng.random() < 0.2 else 0.07
    lamp = np.exp(rng.normal(0, coloured, 3))
    ambient = np.exp(rng.normal(0, 0.07 + 0.3 * (coloured - 0.07), 3)) * rng.uniform(0.25, 0.8)
    if kind == "side":
        # In a dark room the side away from the lamp is nearly black.
        ambient *= rng.uniform(0.3, 1.0)
    ground = ambient * rng.uniform(0.3, 0.8) * np.exp(rng.normal(0, 0.06, 3))
    strength = rng.uniform(0.5, 1.1)
    restless = 1.0 if rng.random() < 0.3 else 0.06
    course = restless * wander(rng, frames, 3, 20 * rate) * (0.30, 0.5, 0.25)
    if rng.random() < 0.12:
        # Somebody who walks past lamps, or a screen that flickers.
        course += wander(rng, frames, 3, 8 * rate) * (0.4, 1.1, 0.3)
    return [
        Light(
            _unit(np.add(aim, (shift, rise, 0))),
            (lamp * strength * np.exp(change)).astype(np.float32),
            ambient.astype(np.float32),
            ground.astype(np.float32),
        )
        for change, shift, rise in course
    ]


def _unit(vector: np.ndarray) -> np.ndarray:
    return (vector / np.linalg.norm(vector)).astype(np.float32)


def _background(rng: np.random.Generator, size: tuple[int, int]) -> np.ndarray:
    """A wall, or a room out of focus: (H, W, 3) float32 linear."""
    width, height = size
    colour = any_colour(rng, (5, 90), (50, 220))
    wall = 0.15 * noise(rng, (height, width), 60.0) + 0.01 * noise(rng, (height, width), 1.5)
    picture = colour * np.exp(wall)[..., None]
    if rng.random() < 0.5:
        for _ in range(rng.integers(3, 12)):
            corner = rng.uniform(-0.2, 1.0, 2) * (width, height)
            extent = rng.uniform(0.05, 0.5, 2) * (width, height)
            shade = np.float32(rng.uniform(10, 240, 3) * 0.6 + 0.4 * colour)
            first, second = corner.astype(int), (corner + extent).astype(int)
            cv2.rectangle(picture, first.tolist(), second.tolist(), shade.tolist(), -1)
        picture = cv2.GaussianBlur(picture, (0, 0), float(rng.uniform(2, 14)))
    return (np.clip(picture, 0, 255) / 255).astype(np.float32) ** 2


def _grain(rng: np.random.Generator, size: tuple[int, int], strength: float) -> np.ndarray:
    width, height = size
    grain = rng.standard_normal((height + 64, width + 64, 3), dtype=np.float32)
    return np.round(strength * cv2.GaussianBlur(grain, (0, 0), 0.45) * 1.25).astype(np.int16)


def photograph(
    linear: np.ndarray, exposure: float, lens: Lens, rng: np.random.Generator
) -> np.ndarray:
    """The camera's picture (H, W, 3) uint8 BGR of linear light (H, W, 3) float32."""
    height, width = linear.shape[:2]
    picture = 255 * np.sqrt(np.clip(linear * (exposure * lens.cast), 0, 1))
    if lens.coarse > 1:
        small = (round(width / lens.coarse), round(height / lens.coarse))
        picture = cv2.resize(picture, small, interpolation=cv2.INTER_AREA)
        if lens.quality:
            # A small picture is enlarged with its blocks; coarser ones would leave no expression.
            quality = max(lens.quality, SMALL_QUALITY)
            picture = _compressed(picture.astype(np.uint8), quality).astype(np.float32)
        picture = cv2.resize(picture, (width, height), interpolation=cv2.INTER_LINEAR)
    picture = cv2.GaussianBlur(picture, (0, 0), lens.blur)
    row, column = rng.integers(0, 64, 2)
    grain = lens.grain[row : row + height, column : column + width]
    frame = np.clip(picture + grain + np.float32(0.5), 0, 255).astype(np.uint8)
    return _compressed(frame, lens.quality) if lens.quality and lens.coarse == 1 else frame


def _compressed(frame: np.ndarray, quality: int) -> np.ndarray:
    _, packed = cv2.imencode(".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return cv2.imdecode(packed, cv2.IMREAD_COLOR)

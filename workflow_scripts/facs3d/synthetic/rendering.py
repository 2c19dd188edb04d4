"""Frames of a subject's performance: expression, head pose, background, camera."""

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from facs3d.preprocessing.face_mesh import LEFT_EYE, RIGHT_EYE
from facs3d.synthetic.expression import GRID, visible_share
from facs3d.synthetic.identity import FACE, Subject, inverted
from facs3d.synthetic.images import noise
from facs3d.synthetic.performance import FRAMES_PER_SECOND, wander
from facs3d.synthetic.portrait import CANONICAL_CENTRE, CANONICAL_IOD

FRAME_IOD = 62.0
"""Pixels between the eyes of a frontal face in a frame, on average over subjects and poses."""
EYE_LINE = 0.43
"""Height of the eyes in the frame, as a share of its height."""


DARKEST, BRIGHTEST = -0.7, 0.22
"""Limits of the summed shading (log gain): folds are not black, cheeks not lamps."""


@dataclass(frozen=True)
class Scene:
    """One video's camera: ``pose`` (frames, 6): yaw, pitch, roll in radians, shift x, y in px,
    log scale; ``background`` (H, W, 3) uint8; ``grain`` (H + 64, W + 64, 3) int16 sensor noise."""

    pose: np.ndarray
    background: np.ndarray
    grain: np.ndarray


def draw_scene(
    rng: np.random.Generator,
    frames: int,
    size: tuple[int, int],
    pose: float,
    sensor_noise: float,
    frames_per_second: float = FRAMES_PER_SECOND,
) -> Scene:
    """Draw a video's scene; ``size`` is (width, height), ``pose`` scales the head's motion,
    ``sensor_noise`` is a standard deviation in grey levels."""
    width, height = size
    spread = np.array([0.09, 0.06, 0.05, 4.0, 3.5, 0.025])
    drift = np.array([0.05, 0.045, 0.035, 2.5, 2.5, 0.012])
    pace = 12 * frames_per_second / FRAMES_PER_SECOND
    motion = spread * rng.standard_normal(6) + drift * wander(rng, frames, 6, pace)
    tone = [rng.uniform(0, 180), rng.uniform(8, 70), rng.uniform(70, 200)]
    hsv = np.array([[tone]], np.uint8)
    colour = cv2.cvtColor(hsv, cv2.COLOR_HSV2BGR)[0, 0].astype(np.float32)
    wall = 0.12 * noise(rng, (height, width), 60.0) + 0.01 * noise(rng, (height, width), 1.5)
    background = np.clip(colour * np.exp(wall)[..., None], 0, 255).astype(np.uint8)
    grain = rng.standard_normal((height + 64, width + 64, 3), dtype=np.float32)
    grain = np.round(sensor_noise * grain).astype(np.int16)
    return Scene(pose * motion, background, grain)


def render(
    subject: Subject,
    intensities: np.ndarray,
    scene: Scene,
    rng: np.random.Generator,
    iod: float = FRAME_IOD,
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield per row of ``intensities`` (frames, 12) a frame (H, W, 3) uint8 BGR and the true eye
    centres (2, 2): the person's right and left eye, x and y in pixels of the frame. ``iod`` is the
    distance between the eyes of an average face there."""
    shares = visible_share(intensities + subject.offsets)
    height, width = scene.background.shape[:2]
    depth = _depth_field(subject)
    canvas = subject.still.copy()
    for share, pose in zip(shares, scene.pose, strict=True):
        displacement = np.tensordot(share, subject.displacement, 1)
        face = compose_face(subject, share, displacement)
        canvas[FACE][..., :3] = face
        turn = _camera(pose, width, height, iod)
        person = _photograph(canvas, depth, pose, turn, (width, height))
        cover = person[..., 3].astype(np.float32) / 255
        colour = cv2.cvtColor(person, cv2.COLOR_BGRA2BGR)
        frame = cv2.blendLinear(colour, scene.background, cover, 1 - cover)
        row, column = rng.integers(0, 64, 2)
        grain = scene.grain[row : row + height, column : column + width]
        eyes = _project(_moved_eyes(subject, displacement), pose, turn)
        yield cv2.add(frame, grain, dtype=cv2.CV_8U), eyes


def compose_face(subject: Subject, share: np.ndarray, displacement: np.ndarray) -> np.ndarray:
    """The face box (h, w, 3) uint8 with AUs at ``share`` (12,) of their full look; the skin slides
    over the eyeballs and under the hair."""
    backward = 2 * inverted(displacement / 2, rounds=5)
    height, width = subject.aperture.shape
    full = GRID[:height, :width] - cv2.resize(backward, (width, height))
    shading = np.tensordot(np.maximum(share, 0), subject.shading, 1)
    # Light that comes out of a fold has passed through skin: it is red.
    gain = cv2.exp(np.clip(shading, DARKEST, BRIGHTEST))
    lit = cv2.multiply(subject.skin, cv2.merge([gain, gain, 0.75 * gain + 0.25]), dtype=cv2.CV_8U)
    skin = cv2.remap(lit, full, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    opening = cv2.remap(subject.aperture, full, None, cv2.INTER_LINEAR)[EYE_BOX]
    opening = opening.astype(np.float32)[..., None] / 255
    lid_shadow = 0.55 + 0.45 * cv2.GaussianBlur(opening, (0, 0), 1.7)[..., None]
    around_eyes = skin[EYE_BOX]
    shown = around_eyes + opening * (subject.eyes[EYE_BOX] * lid_shadow - around_eyes)
    skin[EYE_BOX] = shown.astype(np.uint8)
    return cv2.blendLinear(subject.hair, skin, subject.hair_cover, 1 - subject.hair_cover)


EYE_BOX = np.s_[72:120, 28:172]
"""Rows and columns of the face box that hold the eyes."""


def _camera(pose: np.ndarray, width: int, height: int, iod: float) -> np.ndarray:
    """Affine (2, 3) from the canonical frame to the video frame."""
    roll, shift, scale = pose[2], pose[3:5], np.exp(pose[5]) * iod / CANONICAL_IOD
    turn = scale * np.array([[np.cos(roll), -np.sin(roll)], [np.sin(roll), np.cos(roll)]])
    centre = np.array([width / 2, EYE_LINE * height]) + shift
    return np.column_stack([turn, centre - turn @ CANONICAL_CENTRE])


def _depth_field(subject: Subject) -> np.ndarray:
    """Depth towards the camera (px) at half the canonical resolution, smooth beyond the mesh."""
    height, width = subject.still.shape[:2]
    summed = np.zeros((height // 8 + 1, width // 8 + 1), np.float32)
    count = np.zeros_like(summed)
    x, y = (subject.landmarks[:, :2] / 8).astype(int).T
    np.add.at(summed, (y, x), -subject.landmarks[:, 2])
    np.add.at(count, (y, x), 1.0)
    summed += 1e-3 * -float(np.percentile(subject.landmarks[:, 2], 90))
    count += 1e-3
    blurred = [cv2.GaussianBlur(layer, (0, 0), 2.0) for layer in (summed, count)]
    return cv2.resize(blurred[0] / blurred[1], (width // 2, height // 2))


def _photograph(
    canvas: np.ndarray,
    depth: np.ndarray,
    pose: np.ndarray,
    turn: np.ndarray,
    size: tuple[int, int],
) -> np.ndarray:
    """The person (H, W, 4) uint8 as the camera sees them: near parts shift as the head turns."""
    width, height = size
    back = cv2.invertAffineTransform(turn)
    grid = 2 * GRID[: -(-height // 2), : -(-width // 2)] + 0.5
    flat = grid @ back[:, :2].T.astype(np.float32) + back[:, 2].astype(np.float32)
    near = cv2.remap(
        depth, (flat - 0.5) / 2, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    source = flat - near[..., None] * np.sin(pose[:2]).astype(np.float32)
    source = cv2.resize(source, size)
    return cv2.remap(canvas, source, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def _moved_eyes(subject: Subject, displacement: np.ndarray) -> np.ndarray:
    """Eye centres (2, 3): x, y in the canonical frame under ``displacement``, and depth. As in
    registration a centre is the mean of the eye's contour, which does not follow the gaze."""
    rows, columns = FACE
    inside = (subject.lids - np.array([columns.start, rows.start], np.float32) - 0.5) / 2
    moved = cv2.remap(displacement, inside, None, cv2.INTER_LINEAR)
    centres = (subject.lids + moved).mean(axis=1)
    depths = [-subject.landmarks[list(eye), 2].mean() for eye in (RIGHT_EYE, LEFT_EYE)]
    return np.column_stack([centres, depths])


def _project(points: np.ndarray, pose: np.ndarray, turn: np.ndarray) -> np.ndarray:
    shifted = points[:, :2] + points[:, 2:] * np.sin(pose[:2])
    return shifted @ turn[:, :2].T + turn[:, 2]

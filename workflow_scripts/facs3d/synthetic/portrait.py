"""The portrait that every synthetic face is made from, neutral and split into layers.

The picture is scikit-image's ``astronaut``: NASA's portrait of Eileen Collins, public domain. Its
smile is closed, its brows are removed (each subject gets drawn ones), its forehead is continued
under the fringe. The outlines below were read off the picture; everything is in the *canonical
frame*: eyes level, 80 px between the eye centres, midway between them at (184, 184).
"""

from dataclasses import dataclass, fields
from pathlib import Path
from zipfile import BadZipFile

import cv2
import numpy as np

from facs3d.core.atomic import whole
from facs3d.core.errors import InputError
from facs3d.core.seeding import generator
from facs3d.preprocessing.face_mesh import eye_centres
from facs3d.synthetic.images import (
    fill_smoothly,
    noise,
    pixel_grid,
    polygon_mask,
    smooth_curve,
    thin_plate_warp,
)

CANONICAL_SHAPE = (448, 368)
CANONICAL_IOD = 80.0
CANONICAL_CENTRE = np.array([184.0, 184.0])
"""Midpoint of the eye centres (x, y)."""

FACE_OVAL = [10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400,
             377, 152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67,
             109]  # fmt: skip
"""FaceMesh points around the face."""

# Outlines in the canonical picture, from the image's left to its right.
UPPER_LIP_TOP = [(143, 253.5), (153, 251.7), (163, 251.2), (170, 251), (177, 250.8), (184, 252.5),
                 (191, 251), (198, 251.2), (207, 251.2), (215, 251), (223, 251.6)]  # fmt: skip
UPPER_LIP_BOTTOM = [(143, 253.8), (154, 255), (161, 256.5), (168, 257.5), (176, 258.5),
                    (184, 259), (192, 258.6), (200, 257.7), (207, 256.5), (214, 255),
                    (223, 252)]  # fmt: skip
LOWER_LIP_TOP = [(143, 254), (151, 259), (158, 263.5), (165, 267.2), (174, 269.2), (184, 269.8),
                 (194, 269.2), (201, 267.5), (208, 263.3), (215, 258), (223, 252.2)]  # fmt: skip
LOWER_LIP_BOTTOM = [(143, 254.2), (149, 262), (156, 269), (163, 274.5), (173, 278.7), (184, 280.2),
                    (195, 279), (203, 275.5), (210, 270), (217, 263), (223.5, 252.5)]  # fmt: skip
NEUTRAL_MOUTH_X = [150, 155, 161, 168, 176, 184, 192, 200, 207, 213, 218]
NEUTRAL_UPPER_TOP = [270, 267.3, 264.6, 261.8, 259.4, 260.6, 259.4, 261.8, 264.6, 267.3, 270]
NEUTRAL_SEAM = [270.2, 269.6, 268.9, 268.4, 268.3, 268.9, 268.3, 268.4, 268.9, 269.6, 270.2]
NEUTRAL_LOWER_BOTTOM = [270.4, 273.2, 276.0, 278.6, 280.4, 281.0, 280.4, 278.6, 276.0, 273.2, 270.4]
RIGHT_UPPER_LID = [(129.3, 186), (132.5, 181), (136, 177.3), (140.5, 175.6), (145, 175.4),
                   (150, 176.6), (154.5, 179.7), (158.5, 184), (162.5, 187.3)]  # fmt: skip
RIGHT_LOWER_LID = [(129.3, 186), (134, 187.3), (140, 188.8), (146, 189.3), (151, 189.2),
                   (156.5, 188.2), (162.5, 187.3)]  # fmt: skip
LEFT_UPPER_LID = [(206.5, 186), (210, 181.7), (214.5, 178), (220, 175.8), (226, 175.7),
                  (231.5, 177.3), (236, 180.8), (239.5, 184.8)]  # fmt: skip
LEFT_LOWER_LID = [(206.5, 186), (211, 187.7), (217, 189), (223.5, 189.2), (229, 188.3),
                  (234.5, 186.8), (239.5, 184.8)]  # fmt: skip
RIGHT_LIDS = (RIGHT_UPPER_LID, RIGHT_LOWER_LID)
LEFT_LIDS = (LEFT_UPPER_LID, LEFT_LOWER_LID)
RIGHT_CORNERS = ((126.8, 185.5), (162.8, 187.5))
LEFT_CORNERS = ((242.0, 184.5), (205.2, 187.5))
"""Outer and inner corner of each eye, where the lids meet: beyond the eyeball's visible part."""
UPPER_SPACING = (0.05, 0.11, 0.22, 0.41, 0.61, 0.80, 0.94)
LOWER_SPACING = (0.08, 0.16, 0.29, 0.47, 0.66, 0.83, 0.95)
"""Where FaceMesh's points lie along a lid, as shares of the way from the outer corner."""
SMILE_FOLDS = [[(152, 224), (146, 233), (139, 242), (134, 250), (133, 257)],
               [(216, 224), (224, 233), (231, 242), (234, 252), (233, 260)],
               [(128, 191), (137, 196), (147, 198), (157, 196)],
               [(209, 196), (221, 198), (232, 196), (241, 191)]]  # fmt: skip
CORNERS = [[(138, 262), (134, 272), (138, 284)], [(230, 262), (234, 272), (229, 286)]]
BROWS = [[(113, 166), (122, 159), (134, 155.5), (148, 157), (164, 162)],
         [(203, 161.5), (220, 157), (236, 155.5), (248, 159), (256, 166)]]  # fmt: skip
SKULL = ((184, 150), (88, 96))
NECK_ROW = 330
FILL_ROUNDS = 40


@dataclass(frozen=True)
class Portrait:
    """The neutral portrait's layers in the canonical frame; colours are BGR uint8.

    ``skin`` (H, W, 3) is the whole head and neck, forehead continued under the hair, without
    brows; ``skin_alpha`` (H, W) uint8 its outline; ``eyes`` (H, W, 3) the eyeballs; ``aperture``
    (H, W) uint8 the opening between the lids, through which they are seen; ``hair`` (H, W, 4) the
    hair with its alpha; ``lids`` (2, 16, 2) float32 points around the right and the left eye;
    ``landmarks`` (468, 3) float32 the FaceMesh points of the neutral face.
    """

    skin: np.ndarray
    skin_alpha: np.ndarray
    eyes: np.ndarray
    aperture: np.ndarray
    hair: np.ndarray
    lids: np.ndarray
    landmarks: np.ndarray

    def save(self, path: Path) -> None:
        """Write an uncompressed ``.npz`` (fast to load, repeatable bytes)."""
        with whole(path) as unfinished:
            np.savez(
                unfinished, **{field.name: getattr(self, field.name) for field in fields(self)}
            )


def load_portrait(path: Path) -> Portrait:
    """Read a portrait written by :meth:`Portrait.save`; another file is an InputError."""
    try:
        with np.load(path) as arrays:
            return Portrait(**{field.name: arrays[field.name] for field in fields(Portrait)})
    except (KeyError, ValueError, EOFError, BadZipFile) as error:
        raise InputError(
            f"{path} is not a portrait: {error}; write one with make_portrait.py"
        ) from error


def to_canonical(picture: np.ndarray, landmarks: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """``picture`` (H, W, 3) and its ``landmarks`` (468, 3), turned and scaled to the canonical
    frame."""
    right, left = eye_centres(landmarks)
    across = left - right
    scale = CANONICAL_IOD / np.hypot(*across)
    c, s = scale * across / np.hypot(*across)
    turn = np.array([[c, s], [-s, c]])
    shift = CANONICAL_CENTRE - turn @ ((right + left) / 2)
    turned = cv2.warpAffine(
        picture,
        np.column_stack([turn, shift]),
        CANONICAL_SHAPE[::-1],
        flags=cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return turned, np.column_stack([landmarks[:, :2] @ turn.T + shift, scale * landmarks[:, 2]])


def split_layers(picture: np.ndarray, landmarks: np.ndarray) -> dict[str, np.ndarray]:
    """The layers of :class:`Portrait` (all but its landmarks) of the canonical ``picture``."""
    head, hair = _head_and_hair(picture, landmarks)
    skin = _neutral_skin(picture.astype(np.float32), head, hair)
    hair_alpha = cv2.GaussianBlur(cv2.erode(hair, np.ones((3, 3))), (0, 0), 1.5)
    hair_colour = fill_smoothly(picture.astype(np.float32), cv2.erode(hair, np.ones((5, 5))))
    certain = cv2.erode(hair, np.ones((3, 3)))[..., None]
    hair_colour = certain * picture + (1 - certain) * hair_colour
    aperture = np.maximum(_aperture(*RIGHT_LIDS), _aperture(*LEFT_LIDS))
    seen = (aperture > 0.9).astype(np.float32)
    eyes = fill_smoothly(picture.astype(np.float32), seen)
    return {
        "skin": _to_bytes(skin),
        "skin_alpha": _to_bytes(255 * _skin_outline(head, hair)),
        "eyes": _to_bytes(eyes),
        "aperture": _to_bytes(255 * aperture),
        "hair": np.dstack([_to_bytes(hair_colour), _to_bytes(255 * hair_alpha)]),
        "lids": np.array(
            [_lid_points(RIGHT_CORNERS, *RIGHT_LIDS), _lid_points(LEFT_CORNERS, *LEFT_LIDS)],
            np.float32,
        ),
    }


def _to_bytes(image: np.ndarray) -> np.ndarray:
    return np.clip(np.round(image), 0, 255).astype(np.uint8)


def _lid_points(corners: tuple, upper: list, lower: list) -> np.ndarray:
    """16 points (x, y) around an eye, spaced as FaceMesh spaces them: they lie closer together
    towards the corners, and their mean is the eye centre."""
    (outer_x, outer_y), (inner_x, inner_y) = corners
    points = [(outer_x, outer_y), (inner_x, inner_y)]
    for lid, spacing in ((upper, UPPER_SPACING), (lower, LOWER_SPACING)):
        x = outer_x + np.array(spacing) * (inner_x - outer_x)
        curve = smooth_curve(lid, 80)
        points += zip(x, np.interp(x, *curve.T), strict=True)
    return np.array(points)


def _aperture(upper: list, lower: list) -> np.ndarray:
    outline = np.vstack([smooth_curve(upper, 40), smooth_curve(lower, 40)[::-1]])
    return polygon_mask(CANONICAL_SHAPE, outline, 0.6)


def _head_and_hair(picture: np.ndarray, landmarks: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Masks of the head (with hair) and of the hair, float32 0 or 1, by two seeded GrabCuts."""
    oval = landmarks[FACE_OVAL, :2].astype(np.int32)
    face = np.zeros(CANONICAL_SHAPE, np.uint8)
    cv2.fillPoly(face, [oval], 1)
    seeds = np.full(CANONICAL_SHAPE, cv2.GC_PR_BGD, np.uint8)
    cv2.ellipse(seeds, (184, 140), (125, 125), 0, 0, 360, cv2.GC_PR_FGD, -1)
    seeds[face > 0] = cv2.GC_FGD
    cv2.ellipse(seeds, (184, 110), (90, 70), 0, 0, 360, cv2.GC_FGD, -1)
    seeds[340:] = seeds[:12] = cv2.GC_BGD
    seeds[:, :40] = seeds[:, -30:] = cv2.GC_BGD
    head = _grab_cut(picture, seeds)

    core = cv2.erode(face, np.ones((9, 9)))
    core[:160] = 0
    on_skin = picture.copy()
    on_skin[head == 0] = np.median(picture[core > 0], axis=0)
    seeds = np.full(CANONICAL_SHAPE, cv2.GC_PR_FGD, np.uint8)
    seeds[core > 0] = cv2.GC_BGD
    seeds[:100] = cv2.GC_FGD
    seeds[head == 0] = cv2.GC_BGD
    seeds[235:] = cv2.GC_BGD
    return head, _grab_cut(on_skin, seeds)


def _grab_cut(picture: np.ndarray, seeds: np.ndarray) -> np.ndarray:
    cv2.setRNGSeed(0)
    cv2.grabCut(
        picture, seeds, None, np.zeros((1, 65)), np.zeros((1, 65)), 5, cv2.GC_INIT_WITH_MASK
    )
    return np.isin(seeds, (cv2.GC_FGD, cv2.GC_PR_FGD)).astype(np.float32)


def _skin_outline(head: np.ndarray, hair: np.ndarray) -> np.ndarray:
    outline = ((head > 0) & (cv2.dilate(hair, np.ones((5, 5))) == 0)).astype(np.float32)
    cv2.ellipse(outline, *SKULL, 0, 180, 360, 1, -1)
    temples = np.array([(94, 148), (274, 148), (270, 225), (250, 250), (118, 250), (98, 225)])
    cv2.fillPoly(outline, [temples], 1)
    outline[NECK_ROW - 40 :, 122:246] = 1
    for x, lean in ((99, -8), (269, 8)):
        cv2.ellipse(outline, (x, 208), (10, 27), lean, 0, 360, 1, -1)
    smooth = cv2.GaussianBlur(outline, (0, 0), 3)
    return np.clip((smooth - 0.5) * 3 + 0.5, 0, 1)


def _neutral_skin(picture: np.ndarray, head: np.ndarray, hair: np.ndarray) -> np.ndarray:
    """The skin with smile, brows and hair removed, (H, W, 3) float32."""
    picture = _soften(picture, _along(SMILE_FOLDS, 11), 0.85)
    lids = np.maximum(_aperture(*RIGHT_LIDS), _aperture(*LEFT_LIDS))
    lashes = fill_smoothly(picture, (lids < 0.1).astype(np.float32))
    picture = np.where(lids[..., None] > 0.1, lashes, picture)
    beside_hair = cv2.dilate(hair, np.ones((9, 9))) > 0
    skin = (head > 0) & ~beside_hair & (_along(BROWS, 9) < 0.5)
    skin[NECK_ROW:] = False
    known = cv2.GaussianBlur(cv2.erode(skin.astype(np.float32), np.ones((3, 3))), (0, 0), 1.0)
    known *= skin
    plain = fill_smoothly(picture, known)
    for _ in range(FILL_ROUNDS):
        plain = known[..., None] * picture + (1 - known)[..., None] * cv2.blur(plain, (9, 9))
    rng = generator(0, "portrait", "skin grain")
    grain = noise(rng, CANONICAL_SHAPE, 0.8) + noise(rng, CANONICAL_SHAPE, 2.5)
    plain *= _ear_shading()[..., None]
    return _close_mouth(plain + (1 - known)[..., None] * (1.6 * grain)[..., None])


def _ear_shading() -> np.ndarray:
    """A gain (H, W): the ears' hollows, where the hair of the picture covers them."""
    shade = np.zeros(CANONICAL_SHAPE, np.float32)
    for side, lean in ((-1, -8), (1, 8)):
        x = 184 + side * 87
        cv2.ellipse(shade, (x, 206), (6, 18), lean, 0, 360, 0.45, -1)
        cv2.ellipse(shade, (x, 206), (2, 11), lean, 0, 360, 0.15, -1)
    return np.exp(-cv2.GaussianBlur(shade, (0, 0), 2.5))


def _along(curves: list, width: int) -> np.ndarray:
    mask = np.zeros(CANONICAL_SHAPE, np.uint8)
    for curve in curves:
        points = np.round(smooth_curve(np.array(curve), 30) * 16).astype(np.int32)
        cv2.polylines(mask, [points], False, 255, width, cv2.LINE_AA, shift=4)
    return cv2.GaussianBlur(mask, (0, 0), 2).astype(np.float32) / 255


def _soften(picture: np.ndarray, mask: np.ndarray, share: float) -> np.ndarray:
    """Replace ``share`` of the picture under ``mask`` by its surroundings, keeping the texture."""
    plain = fill_smoothly(picture, (mask < 0.1).astype(np.float32))
    texture = picture - cv2.GaussianBlur(picture, (0, 0), 2)
    return picture + (share * mask)[..., None] * (plain + 0.5 * texture - picture)


def _close_mouth(picture: np.ndarray) -> np.ndarray:
    """Close the smile: the lips meet at the seam and what lay between them is skipped."""
    still = [(184, 238), (170, 240), (198, 240), (158, 236), (210, 236), (120, 205), (248, 205),
             (105, 260), (263, 260), (125, 300), (243, 300), (184, 318), (150, 312), (218, 312),
             (184, 298), (160, 294), (208, 294), (184, 215), (150, 210), (218, 210)]  # fmt: skip
    cheek_at = [(151, 228), (146, 239), (142, 251), (139, 263), (138, 274),
                (217, 228), (223, 239), (228, 251), (231, 263), (230, 276)]  # fmt: skip
    cheek_from = [*SMILE_FOLDS[0], *SMILE_FOLDS[1]]
    x = np.array(NEUTRAL_MOUTH_X)
    top, seam, bottom = map(np.array, (NEUTRAL_UPPER_TOP, NEUTRAL_SEAM, NEUTRAL_LOWER_BOTTOM))
    grid = pixel_grid(CANONICAL_SHAPE)
    box = np.s_[190:335, 85:283]
    edge = np.minimum(grid[..., 0] - 85, 282 - grid[..., 0])
    edge = np.minimum(edge, np.minimum(grid[..., 1] - 190, 334 - grid[..., 1]))
    window = np.clip(edge / 20, 0, 1)[..., None]

    def drawn_from(edges: list[tuple[np.ndarray, list]]) -> np.ndarray:
        target = np.vstack([*(np.column_stack([x, y]) for y, _ in edges), cheek_at, still])
        source = np.vstack([*(points for _, points in edges), cheek_from, still])
        points = grid.copy()
        points[box] = thin_plate_warp(target, source, grid[box], stiffness=1e-4)
        points = grid + window * (points - grid)
        return cv2.remap(
            picture,
            points.astype(np.float32),
            None,
            cv2.INTER_CUBIC,
            borderMode=cv2.BORDER_REPLICATE,
        )

    upper = drawn_from([(top, UPPER_LIP_TOP), (seam, UPPER_LIP_BOTTOM)])
    lower = drawn_from([(seam, LOWER_LIP_TOP), (bottom, LOWER_LIP_BOTTOM)])
    seam_y = np.interp(grid[0, :, 0], x, seam)
    below = np.clip(grid[..., 1] - seam_y + 0.5, 0, 1)[..., None]
    closed = (1 - below) * upper + below * lower
    line = np.exp(-(((grid[..., 1] - seam_y) / 1.1) ** 2))
    line *= np.clip((35.5 - np.abs(grid[..., 0] - 184)) / 6, 0, 1)
    return _soften(closed, _along(CORNERS, 20), 0.75) * (1 - 0.3 * line)[..., None]

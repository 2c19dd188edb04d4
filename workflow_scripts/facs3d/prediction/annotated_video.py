"""A new video with the measured face framed and its AUs drawn beside it."""

from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import cv2
import numpy as np

from facs3d.core.action_units import FACS_NAMES, au_column
from facs3d.core.atomic import whole
from facs3d.core.errors import InputError
from facs3d.core.progress import track
from facs3d.prediction.au_table import AuTable
from facs3d.training.judgement import GOOD, POOR
from facs3d.video.frames import read_timed_frames
from facs3d.video.writing import CheckedVideo

HEIGHT = 480
PANEL_WIDTH = 300
BAR = (190, 90)
"""Left edge and length of a bar in the panel, px."""
GRADE_WIDTH, FOOT = 40, 18
"""What a panel is wider by if the AUs have grades, and a line at its foot, px."""
RENDERED_ONLY = "*"
"""Behind the grade of an AU that was not judged on real faces."""
PRESENT_COLOUR, ABSENT_COLOUR = (0, 114, 213), (178, 114, 0)
EMPTY_COLOUR, INK_COLOUR = (235, 235, 235), (40, 40, 40)
PALE_COLOUR = (140, 140, 140)
FRAME_COLOUR = (66, 228, 240)
"""Colours in BGR, by Okabe and Ito: vermilion if an AU is present, blue if not, yellow around; what
cannot be relied upon is gray."""
LEGEND = (
    (10, PRESENT_COLOUR, "present"),
    (85, ABSENT_COLOUR, "absent"),
    (155, FRAME_COLOUR, "measured face"),
)
"""Left edge in px, colour, meaning."""
FACE_CORNERS = np.array([(-1.1, -0.65), (1.1, -0.65), (1.1, 1.55), (-1.1, 1.55)])
"""Corners (x, y) of the frame around a face, in eye distances from between the eyes, y down."""
FONT, SIZE = cv2.FONT_HERSHEY_SIMPLEX, 0.4


def write_annotated_video(source: Path, table: AuTable, path: str | Path) -> None:
    """Write ``source`` at 480 px height, the measured face framed, with one bar per AU to its
    right, as an MP4 (MPEG-4 part 2), holding one frame at a time.

    Its frame n is the table's row n, black where it cannot be decoded; it runs at the video's mean
    rate, so that it takes as long. Raises :class:`InputError` if the table is of another video.
    """
    n_steps, seconds = len(table.seconds) - 1, table.seconds[-1] - table.seconds[0]
    rate = n_steps / seconds if n_steps else 25.0
    images = (
        np.hstack([_framed(image, table, number), draw_panel(table, number)])
        for number, _milliseconds, image in _of_table(source, len(table.seconds), rate)
    )
    first = next(images)
    size = (first.shape[1], first.shape[0])
    with whole(path) as unfinished, CheckedVideo(unfinished, "mp4v", size, rate) as video:
        for image in track(chain([first], images), "draw", "frames", len(table.seconds)):
            video.write(image)


def draw_panel(table: AuTable, frame: int) -> np.ndarray:
    """The AUs of one frame, (480, 300, 3) uint8 BGR: names, and bars of 0 to 1; what is noted of
    the frame above, a legend below.

    Of a judged network it is 40 px wider, and says which are not good, which of these were judged
    on no real face, and whom it was trained on.
    """
    grades = table.grades or (GOOD,) * len(table.action_units)
    width, foot = (PANEL_WIDTH, FOOT)
    if table.grades:
        width, foot = width + GRADE_WIDTH, foot + 2 * FOOT
    panel = np.full((HEIGHT, width, 3), 255, np.uint8)
    if table.grades:
        _write(panel, f"trained on {table.trained_on}", (10, HEIGHT - 8 - FOOT))
        if {*table.action_units} - {*table.real_faces}:
            _write(panel, f"{RENDERED_ONLY} judged on no real face", (10, HEIGHT - 8))
    _draw_legend(panel, HEIGHT - 8 - foot + FOOT)
    _write(panel, f"{table.seconds[frame]:.2f} s", (10, 20))
    said = ["no face"] if np.isnan(table.probability[frame, 0]) else []
    said += [kind for kind, mask in table.noted.items() if mask[frame]]
    _write(panel, ", ".join(said), (90, 20))
    line = (HEIGHT - 40 - foot) / len(table.action_units)
    left, length = BAR
    for row, (au, grade) in enumerate(zip(table.action_units, grades, strict=True)):
        top, bottom = round(36 + row * line), round(36 + (row + 0.65) * line)
        ink = PALE_COLOUR if grade == POOR else INK_COLOUR
        _write(panel, f"{au_column(au)} {FACS_NAMES.get(au, '')}", (10, bottom - 3), ink)
        if grade != GOOD:
            mark = "" if au in table.real_faces else RENDERED_ONLY
            _write(panel, grade + mark, (left + length + 6, bottom - 3), ink)
        cv2.rectangle(panel, (left, top), (left + length, bottom), EMPTY_COLOUR, cv2.FILLED)
        value = table.probability[frame, row]
        if not np.isnan(value):
            colour = PRESENT_COLOUR if table.present[frame, row] else ABSENT_COLOUR
            colour = PALE_COLOUR if grade == POOR else colour
            cv2.rectangle(
                panel, (left, top), (left + round(length * value), bottom), colour, cv2.FILLED
            )
    return panel


def _draw_legend(panel: np.ndarray, bottom: int) -> None:
    for left, colour, text in LEGEND:
        cv2.rectangle(panel, (left, bottom - 9), (left + 9, bottom), colour, cv2.FILLED)
        _write(panel, text, (left + 14, bottom))


def _of_table(source: Path, n_frames: int, rate: float) -> Iterator[tuple[int, float, np.ndarray]]:
    number = -1
    black = np.zeros((HEIGHT, HEIGHT, 3), np.uint8)
    for number, milliseconds, image in read_timed_frames(source, rate):
        if number >= n_frames:
            break
        if isinstance(image, InputError):
            image = black
        black = np.zeros_like(image)
        yield number, milliseconds, image
    if number + 1 != n_frames:
        raise InputError(
            f"{source}: it does not have the {n_frames} frames of the table; predict it again"
        )


def _framed(image: np.ndarray, table: AuTable, number: int) -> np.ndarray:
    """The image at the video's height, with a square around the face that the AUs are of, tilted
    as it is."""
    drawn = _at_height(image)
    measured = not np.isnan(table.probability[number, 0])
    if table.eyes is None or not measured or np.isnan(table.eyes[number]).any():
        return drawn
    # Pixels' centres are at whole numbers.
    scale = np.divide(drawn.shape[1::-1], image.shape[1::-1])
    right, left = (table.eyes[number] + 0.5) * scale - 0.5
    across = left - right
    axes = np.array([across, (-across[1], across[0])])
    corners = (right + left) / 2 + FACE_CORNERS @ axes
    cv2.polylines(drawn, [corners.round().astype(int)], True, FRAME_COLOUR, 2, cv2.LINE_AA)
    return drawn


def _at_height(image: np.ndarray) -> np.ndarray:
    height, width = image.shape[:2]
    # Codecs want even sides.
    size = (max(2, round(width * HEIGHT / height / 2) * 2), HEIGHT)
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA)


def _write(
    panel: np.ndarray,
    text: str,
    place: tuple[int, int],
    colour: tuple[int, int, int] = INK_COLOUR,
) -> None:
    cv2.putText(panel, text, place, FONT, SIZE, colour, 1, cv2.LINE_AA)

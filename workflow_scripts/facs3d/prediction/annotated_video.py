"""A new video with the measured face framed and its AUs drawn beside it."""

from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

import cv2
import numpy as np

from facs3d.core.action_units import FACS_NAMES, au_column
from facs3d.core.atomic import whole
from facs3d.core.errors import InputError
from facs3d.prediction.au_table import AuTable
from facs3d.video.frames import decode_video
from facs3d.video.writing import CheckedVideo

HEIGHT = 480
PANEL_WIDTH = 300
BAR = (190, 90)
"""Left edge and length of a bar in the panel, px."""
PRESENT_COLOUR, ABSENT_COLOUR = (0, 114, 213), (178, 114, 0)
EMPTY_COLOUR, INK_COLOUR = (235, 235, 235), (40, 40, 40)
FRAME_COLOUR = (66, 228, 240)
"""Colours in BGR, by Okabe and Ito: vermilion if an AU is present, blue if not, yellow around."""
FACE_CORNERS = np.array([(-1.1, -0.65), (1.1, -0.65), (1.1, 1.55), (-1.1, 1.55)])
"""Corners (x, y) of the frame around a face, in eye distances from between the eyes, y down."""
FONT, SIZE = cv2.FONT_HERSHEY_SIMPLEX, 0.4


def write_annotated_video(source: Path, table: AuTable, path: str | Path) -> None:
    """Write ``source`` at 480 px height, the measured face framed, with one bar per AU to its
    right, as an MP4 (MPEG-4 part 2), holding one frame at a time.

    It runs at the median rate of the video: where the rate varies, frames are repeated or left out
    so that time stays right. Raises :class:`InputError` if the table is of another video.
    """
    seconds = table.seconds
    rate = 1 / float(np.median(np.diff(seconds))) if len(seconds) > 1 else 25.0
    images = (
        np.hstack([_framed(image, table, number), draw_panel(table, number)])
        for number, _milliseconds, image in _of_table(source, len(seconds))
    )
    ticks = at_constant_rate(images, seconds, rate)
    first = next(ticks)
    size = (first.shape[1], first.shape[0])
    with whole(path) as unfinished, CheckedVideo(unfinished, "mp4v", size, rate) as video:
        for image in chain([first], ticks):
            video.write(image)


def at_constant_rate(
    images: Iterable[np.ndarray], seconds: np.ndarray, rate: float
) -> Iterator[np.ndarray]:
    """The image to be seen at each tick of ``rate`` from the first of ``seconds`` (N,) on: the one
    whose time is nearest before, by at most half a tick after."""
    ticks = 0
    ends = [*(seconds[1:] - seconds[0]), seconds[-1] - seconds[0] + 1 / rate]
    for image, end in zip(images, ends, strict=True):
        while (ticks + 0.5) / rate < end:
            yield image
            ticks += 1


def draw_panel(table: AuTable, frame: int) -> np.ndarray:
    """The AUs of one frame, (480, 300, 3) uint8 BGR: names, and bars of 0 to 1."""
    panel = np.full((HEIGHT, PANEL_WIDTH, 3), 255, np.uint8)
    _write(panel, f"{table.seconds[frame]:.2f} s", (10, 20))
    if np.isnan(table.probability[frame, 0]):
        _write(panel, "no face", (BAR[0], 20))
    line = (HEIGHT - 40) / len(table.action_units)
    left, length = BAR
    for row, au in enumerate(table.action_units):
        top, bottom = round(36 + row * line), round(36 + (row + 0.65) * line)
        _write(panel, f"{au_column(au)} {FACS_NAMES.get(au, '')}", (10, bottom - 3))
        cv2.rectangle(panel, (left, top), (left + length, bottom), EMPTY_COLOUR, cv2.FILLED)
        value = table.probability[frame, row]
        if not np.isnan(value):
            colour = PRESENT_COLOUR if table.present[frame, row] else ABSENT_COLOUR
            cv2.rectangle(
                panel, (left, top), (left + round(length * value), bottom), colour, cv2.FILLED
            )
    return panel


def _of_table(source: Path, n_frames: int) -> Iterator[tuple[int, float, np.ndarray]]:
    number = -1
    for number, milliseconds, image in decode_video(source):
        if number >= n_frames:
            break
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


def _write(panel: np.ndarray, text: str, place: tuple[int, int]) -> None:
    cv2.putText(panel, text, place, FONT, SIZE, INK_COLOUR, 1, cv2.LINE_AA)

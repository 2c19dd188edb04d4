"""Pictures as they are to be seen: turned, mirrored, with square pixels. Truth is what FFmpeg's own
player shows, or a picture drawn for it."""

import struct

import cv2
import numpy as np
import pytest

from facs3d.datasets.survey import survey_frames
from facs3d.video.frames import read_frames
from tests.support.damaged_videos import write_moving
from tests.support.ffmpeg_videos import ffmpeg, needs_ffmpeg

CORNERS = np.zeros((48, 96, 3), np.uint8)
CORNERS[:24, :48], CORNERS[:24, 48:], CORNERS[24:, :48] = 250, 170, 90
"""From light to dark: upper left, upper right, lower left, lower right."""


def write_corners(path, matrix):
    writer = cv2.VideoWriter(
        str(path), cv2.CAP_FFMPEG, cv2.VideoWriter_fourcc(*"mp4v"), 25, (96, 48)
    )
    writer.write(CORNERS)
    writer.release()
    a, b, c, d = (int(number * 65536) for number in matrix)
    content = bytearray(path.read_bytes())
    struct.pack_into(">9i", content, content.index(b"tkhd") + 44, a, b, 0, c, d, 0, 0, 0, 1 << 30)
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("matrix", "corners"),
    [
        ((1, 0, 0, 1), (250, 170, 90, 0)),
        ((-1, 0, 0, -1), (0, 90, 170, 250)),
        ((0, 1, -1, 0), (90, 250, 0, 170)),
        ((-1, 0, 0, 1), (170, 250, 0, 90)),
        ((1, 0, 0, -1), (90, 0, 250, 170)),
        ((0, 1, 1, 0), (250, 90, 170, 0)),
        ((0, -1, -1, 0), (0, 170, 90, 250)),
    ],
    ids=["stored", "upside down", "clockwise", "mirror", "downward", "swap", "swap and turn"],
)
def test_a_picture_is_turned_or_mirrored_as_its_matrix_says(tmp_path, matrix, corners):
    """A point (x, y) is shown at (a x + c y, b x + d y)."""
    (_, image) = next(read_frames(write_corners(tmp_path / "video.mov", matrix)))
    height, width = image.shape[:2]
    assert (height, width) == ((48, 96) if matrix[0] else (96, 48))
    shown = [
        int(image[y, x, 0])
        for y in (height // 4, height * 3 // 4)
        for x in (width // 4, width * 3 // 4)
    ]
    np.testing.assert_allclose(shown, corners, atol=6)


@needs_ffmpeg
@pytest.mark.parametrize(
    ("stored", "pixels", "shown"),
    [("450:360", "64/45", (640, 360)), ("640:360", "8/9", (640, 405)), ("640:360", "1/1", None)],
)
@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".avi"])
def test_pixels_are_made_square(tmp_path, stored, pixels, shown, suffix):
    path = tmp_path / f"video{suffix}"
    circle = np.full((360, 640, 3), 30, np.uint8)
    cv2.circle(circle, (320, 180), 120, (220, 220, 220), -1)
    cv2.imwrite(str(tmp_path / "circle.png"), circle)
    # What is 640 x 360 in square pixels, or 640 x 405.
    scale = f"scale={stored},setsar={pixels}"
    ffmpeg("-loop", 1, "-i", tmp_path / "circle.png", "-frames:v", 3, "-vf", scale, "-r", 25, path)
    for _number, image in read_frames(path):
        height, width = image.shape[:2]
        assert (width, height) == (shown or (640, 360))
        if pixels != "8/9":
            inside = image[..., 1] > 128
            across, down = inside.any(axis=0).sum(), inside.any(axis=1).sum()
            assert across == pytest.approx(240, abs=4)
            assert down == pytest.approx(240, abs=4)
    assert survey_frames(path).sizes == {shown or (640, 360)}


@needs_ffmpeg
def test_pixels_of_a_turned_picture(tmp_path):
    plain, turned = tmp_path / "plain.mp4", tmp_path / "turned.mp4"
    source = ("-f", "lavfi", "-i", "testsrc=size=640x360", "-frames:v", 2)
    ffmpeg(*source, "-vf", "scale=450:360,setsar=64/45", "-pix_fmt", "yuv420p", plain)
    content = bytearray(plain.read_bytes())
    quarter = (0, 1 << 16, 0, -1 << 16, 0, 0, 0, 0, 1 << 30)
    struct.pack_into(">9i", content, content.index(b"tkhd") + 44, *quarter)
    turned.write_bytes(content)
    (_, image), (_, lying) = next(read_frames(turned)), next(read_frames(plain))
    assert image.shape == (640, 360, 3)
    expected = cv2.rotate(lying, cv2.ROTATE_90_CLOCKWISE)
    assert np.abs(image.astype(int) - expected).mean() < 2


@needs_ffmpeg
def test_pixels_that_cannot_be_are_taken_for_square_and_it_is_said(tmp_path):
    source = ("-f", "lavfi", "-i", "testsrc=size=64x48", "-frames:v", 2)
    ffmpeg(*source, "-vf", "setsar=50/1", tmp_path / "video.mkv")
    with pytest.warns(UserWarning, match="pixels are 50:1, which cannot be"):
        (_, image) = next(read_frames(tmp_path / "video.mkv"))
    assert image.shape == (48, 64, 3)


def test_a_picture_in_square_pixels_stays_as_it_is(tmp_path):
    path = write_moving(tmp_path / "video.avi", "HFYU", 2)
    capture = cv2.VideoCapture(str(path))
    np.testing.assert_array_equal(next(read_frames(path))[1], capture.read()[1])

"""Frames of videos: in order, by their number, and what cannot be read."""

import os

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facs3d.core.errors import InputError
from facs3d.video.frames import read_frames
from tests.support.damaged_videos import write_moving
from tests.support.numbered_frames import (
    NOISE,
    encode,
    make_zip,
    number_shown,
    numbers_of,
    write_with_codec,
)


@pytest.mark.parametrize(
    ("codec", "suffix"), [("mp4v", ".mp4"), ("MJPG", ".avi"), ("XVID", ".avi"), ("mp4v", ".mov")]
)
def test_video_frames_come_in_order_with_their_decode_number(tmp_path, codec, suffix):
    video = write_with_codec(tmp_path / f"video{suffix}", codec, 200)
    shown = [(number, number_shown(image)) for number, image in read_frames(video)]
    assert shown == [(number, number) for number in range(200)]


@given(st.sets(st.integers(-5, 60), max_size=8))
def test_chosen_numbers_are_those_that_exist(tmp_path_factory, wanted):
    video = tmp_path_factory.getbasetemp() / "fifty.avi"
    if not video.exists():
        write_with_codec(video, "MJPG", 50)
    read = [(number, number_shown(image)) for number, image in read_frames(video, wanted)]
    assert read == [(number, number) for number in sorted(wanted) if 0 <= number < 50]


def test_rotation_flag_is_applied(tmp_path):
    """A QuickTime display matrix for a quarter turn, patched into the track header."""
    upright = write_with_codec(tmp_path / "upright.mov", "mp4v", 2)
    content = upright.read_bytes()
    header = content.index(b"tkhd")
    matrix = header + 4 + 40
    one, quarter = 0x00010000, [0, 0x00010000, 0, 0xFFFF0000, 0, 0, 0, 0, 0x40000000]
    assert int.from_bytes(content[matrix : matrix + 4], "big") == one
    turned = tmp_path / "turned.mov"
    patch = b"".join(value.to_bytes(4, "big") for value in quarter)
    turned.write_bytes(content[:matrix] + patch + content[matrix + 36 :])
    _number, image = next(read_frames(turned))
    assert image.shape == (96, 48, 3)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "an empty file"),
        (b"<html>not found</html>" * 100, "not a video"),
        (np.random.default_rng(1).bytes(5000), "not a video"),
    ],
)
def test_file_that_is_no_video(tmp_path, content, message):
    path = tmp_path / "video.mp4"
    path.write_bytes(content)
    with pytest.raises(InputError, match=rf"video\.mp4: {message}"):
        next(read_frames(path))


def test_path_that_does_not_exist(tmp_path):
    with pytest.raises(InputError, match="no such video file, image folder or folder inside a zip"):
        next(read_frames(tmp_path / "nothing.avi"))


def test_folder_below_a_file(tmp_path):
    (tmp_path / "F001").write_bytes(b"x")
    with pytest.raises(InputError, match="F001 is a file, neither a folder nor a zip"):
        next(read_frames(tmp_path / "F001" / "T1"))


def test_a_video_that_may_not_be_read(tmp_path, monkeypatch):
    """As an ordinary user sees it; root may read anything."""
    path = write_moving(tmp_path / "video.avi", "MJPG")

    def refuse(*_arguments, **_options):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("builtins.open", refuse)
    with pytest.raises(InputError, match=r"video\.avi: cannot be read \(Permission denied\)"):
        next(read_frames(path))


def test_suffixes_in_upper_case(tmp_path):
    path = make_zip(tmp_path / "F001.ZIP", {"T1/1.PNG": encode(".png", NOISE[0])})
    assert numbers_of(path / "T1") == [1]
    os.rename(write_with_codec(tmp_path / "video.avi", "MJPG", 3), tmp_path / "VIDEO.AVI")
    assert numbers_of(tmp_path / "VIDEO.AVI") == [0, 1, 2]

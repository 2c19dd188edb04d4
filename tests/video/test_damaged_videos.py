"""Videos with damage: right numbers to the end, or an error that names the frame."""

import re
import warnings

import numpy as np
import pytest

from facs3d.core.errors import InputError
from facs3d.video.decoding import DamagedVideoError
from facs3d.video.frames import read_frames
from tests.support.damaged_videos import CODECS, VARIABLE, broken_at, make_uneven, write_moving
from tests.support.numbered_frames import number_shown, write_with_codec


def test_video_cut_short_yields_what_there_is_and_warns(tmp_path):
    whole = write_with_codec(tmp_path / "whole.avi", "MJPG", 60)
    content = whole.read_bytes()
    short = tmp_path / "short.avi"
    short.write_bytes(content[: len(content) // 2])
    with pytest.warns(UserWarning, match="its header says 60"):
        frames = [(number, number_shown(image)) for number, image in read_frames(short)]
    assert 20 < len(frames) < 40
    # The last one may be half a frame: FFmpeg shows what it has.
    assert frames[:-1] == [(number, number) for number in range(len(frames) - 1)]


@pytest.mark.parametrize("how", ["zeros", "noise", "cut out"])
@pytest.mark.parametrize(("codec", "suffix"), CODECS)
def test_frames_lost_in_the_middle_never_shift_later_ones_unsaid(tmp_path, codec, suffix, how):
    """Whatever is overwritten: right numbers to the end, or an error that names the frame."""
    content = write_moving(tmp_path / f"whole{suffix}", codec).read_bytes()
    n_found = 0
    for place, share in enumerate(np.linspace(0.2, 0.8, 7)):
        path = tmp_path / f"{place}{suffix}"
        path.write_bytes(broken_at(content, share, how))
        read, said = [], None
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                read = [number for number, _image in read_frames(path)]
            except InputError as error:
                said = error
        assert said or read == list(range(100)), (place, len(read))
        if isinstance(said, DamagedVideoError):
            n_found += 1
            assert 10 < said.frame < 90
            assert f"{path}: damaged near frame {said.frame} (" in str(said)
    # An MP4 from which bytes are cut out cannot be opened at all: its table lies at its end.
    assert n_found >= 5 or (how == "cut out" and suffix in (".mp4", ".mov"))


@pytest.mark.parametrize(("codec", "suffix"), [*CODECS, ("VP80", ".webm"), ("MJPG", ".mkv")])
def test_sound_videos_are_not_taken_for_damaged(tmp_path, codec, suffix):
    path = write_moving(tmp_path / f"whole{suffix}", codec)
    assert [number for number, _image in read_frames(path)] == list(range(100))
    content = path.read_bytes()
    if suffix == ".avi":
        path.write_bytes(content + bytes(5000))
        assert [number for number, _image in read_frames(path)] == list(range(100))
    if suffix not in (".mp4", ".mov"):
        path.write_bytes(content[: len(content) * 2 // 3])
        with pytest.warns(UserWarning, match="its header says 100"):
            read = [number for number, _image in read_frames(path)]
        assert 50 < len(read) < 80


@pytest.mark.parametrize("durations", VARIABLE)
def test_variable_frame_rate_is_no_damage(tmp_path, durations):
    path = write_moving(tmp_path / "video.mp4", "mp4v")
    make_uneven(path, durations)
    assert [number for number, _image in read_frames(path)] == list(range(100))
    assert [number for number, _image in read_frames(path, {3, 40})] == [3, 40]


@pytest.mark.parametrize("bit", [10, 11])
def test_a_frame_that_the_decoder_drops_without_a_word_is_missed(tmp_path, bit):
    """One bit of the head of frame 50 says that it is not coded."""
    path = write_moving(tmp_path / "video.mp4", "mp4v")
    content = bytearray(path.read_bytes())
    heads = [found.end() for found in re.finditer(b"\0\0\1\xb6", content)]
    content[heads[50] + bit // 8] ^= 0x80 >> bit % 8
    path.write_bytes(content)
    for wanted in (None, {3, 70}):
        with pytest.raises(DamagedVideoError, match="frame 50 .99 of 100 frames can be decoded"):
            list(read_frames(path, wanted))
    assert [number for number, _image in read_frames(path, {3, 40})] == [3, 40]


def test_damage_behind_the_last_wanted_frame_is_not_reached(tmp_path):
    path = write_moving(tmp_path / "video.avi", "MJPG")
    path.write_bytes(broken_at(path.read_bytes(), 0.5, "zeros"))
    assert [number for number, _image in read_frames(path, {3, 20})] == [3, 20]
    with pytest.raises(DamagedVideoError):
        list(read_frames(path, {3, 70}))

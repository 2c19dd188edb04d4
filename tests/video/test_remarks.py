"""What is unusual about a video's pictures is said: fields, HDR, several tracks."""

import pytest

from facs3d.datasets.survey import survey_frames
from facs3d.video.frames import read_frames
from facs3d.video.remarks import remark
from facs3d.video.tracks import read_tracks
from tests.support.damaged_videos import write_moving
from tests.support.ffmpeg_videos import ffmpeg, needs_ffmpeg, write_pattern

FIELDS = ("-flags", "+ildct+ilme")


def words(path):
    return [said.words for said in remark(path)]


@needs_ffmpeg
@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("a.mts", ("-c:v", "libx264", *FIELDS, "-x264opts", "tff=1")),
        ("a.mp4", ("-c:v", "libx264", *FIELDS, "-profile:v", "high", "-x264opts", "tff=1")),
        ("a.mkv", ("-c:v", "libx264", *FIELDS, "-x264opts", "tff=1:cqm=jvt")),
        ("a.mpg", ("-c:v", "mpeg2video", *FIELDS)),
        ("a.m2ts", ("-c:v", "mpeg2video", *FIELDS)),
        ("a.dv", ("-c:v", "dvvideo", "-s", "720x576")),
        ("a.avi", ("-c:v", "dvvideo", "-s", "720x576")),
    ],
)
def test_interlaced_video_is_said(tmp_path, name, options):
    path = write_pattern(tmp_path / name, "320x240", *options, frames=4)
    assert words(path) == ["interlaced"]
    (note,) = survey_frames(path).notes
    assert note.startswith(f"{path}: is stored as fields (interlaced)")
    assert "bwdif" in note


@needs_ffmpeg
@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("a.ts", ("-c:v", "libx264")),
        ("a.mp4", ("-c:v", "libx264", "-profile:v", "baseline")),
        ("a.mkv", ("-c:v", "libx264", "-x264opts", "cqm=jvt")),
        ("a.mpg", ("-c:v", "mpeg2video")),
        ("a.webm", ("-c:v", "libvpx")),
        ("a.mov", ("-c:v", "mjpeg")),
    ],
)
def test_whole_frames_are_nothing_to_remark_on(tmp_path, name, options):
    assert words(write_pattern(tmp_path / name, "320x240", *options, frames=4)) == []


@pytest.mark.parametrize("codec", ["HFYU", "FFV1", "MJPG", "XVID"])
def test_the_packages_own_videos_are_not(tmp_path, codec):
    assert words(write_moving(tmp_path / "a.avi", codec, 3)) == []


@needs_ffmpeg
@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv"])
@pytest.mark.parametrize(("transfer", "name"), [("arib-std-b67", "HLG"), ("smpte2084", "PQ")])
def test_hdr_is_said(tmp_path, suffix, transfer, name):
    path = tmp_path / f"a{suffix}"
    colours = ("-color_primaries", "bt2020", "-color_trc", transfer, "-colorspace", "bt2020nc")
    write_pattern(path, "160x120", "-c:v", "libx264", *colours, frames=2)
    assert words(path) == [f"HDR ({name})"]


@needs_ffmpeg
@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_of_two_tracks_the_one_that_is_taken_is_named(tmp_path, suffix):
    small = write_pattern(tmp_path / "small.mp4", "160x120", frames=3)
    large = write_pattern(tmp_path / "large.mp4", "320x240", frames=3)
    both = tmp_path / f"both{suffix}"
    ffmpeg("-i", small, "-i", large, "-map", "0:v", "-map", "1:v", "-c", "copy", both)
    (said,) = remark(both)
    height, width = next(read_frames(both))[1].shape[:2]
    assert said.words == "one of 2 picture tracks"
    assert f"one of {width}x{height} px is taken" in said.sentence


def test_a_file_without_tracks_that_are_known(tmp_path):
    for content in (b"", b"x", b"\x1a\x45\xdf\xa3", b"\0\0\0\x18ftypmp42" + bytes(99), bytes(99)):
        (tmp_path / "a").write_bytes(content)
        assert read_tracks(tmp_path / "a") == []

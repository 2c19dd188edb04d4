"""What cannot be opened or decoded is said in one sentence, with what to do."""

import subprocess
import sys
import warnings

import cv2
import pytest

from facs3d.core.errors import InputError
from facs3d.planning.code_digest import LIBRARY
from facs3d.video.frames import read_frames
from tests.support.damaged_videos import broken_at, write_moving
from tests.support.ffmpeg_videos import ffmpeg, needs_ffmpeg, write_pattern


@needs_ffmpeg
@pytest.mark.parametrize("suffix", [".mp4", ".webm"])
def test_of_av1_the_way_out_is_said(tmp_path, suffix):
    path = write_pattern(tmp_path / f"a{suffix}", "160x120", "-c:v", "libsvtav1", frames=3)
    if cv2.VideoCapture(str(path)).read()[0]:
        pytest.skip("this build of OpenCV decodes AV1")
    with pytest.raises(InputError, match="AV1 cannot be decoded .* ffmpeg -i IN -c:v libx264"):
        next(read_frames(path))


@needs_ffmpeg
@pytest.mark.parametrize("suffix", [".mp4", ".m4a", ".webm", ".mka", ".mp3", ".wav"])
def test_sound_alone_is_called_that(tmp_path, suffix):
    path = tmp_path / f"talk{suffix}"
    ffmpeg("-f", "lavfi", "-i", "sine", "-t", 0.5, path)
    with pytest.raises(InputError, match=rf"talk\{suffix}: sound without pictures"):
        next(read_frames(path))


@needs_ffmpeg
def test_sound_that_ends_later_and_cut_starts_are_no_damage(tmp_path):
    film, late, cut = tmp_path / "film.mp4", tmp_path / "late.mkv", tmp_path / "cut.mp4"
    write_pattern(film, "160x120", "-g", 100, frames=60)
    ffmpeg("-i", film, "-f", "lavfi", "-t", 2.7, "-i", "sine", "-c:v", "copy", late)
    ffmpeg("-ss", 1.0, "-i", film, "-c", "copy", cut)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert [number for number, _ in read_frames(late)] == list(range(60))
        assert [number for number, _ in read_frames(cut)] == list(range(35))


def test_decoders_say_nothing_beside_the_error(tmp_path):
    content = write_moving(tmp_path / "whole.avi", "XVID").read_bytes()
    (tmp_path / "broken.avi").write_bytes(broken_at(content, 0.3, "noise"))
    (tmp_path / "short.avi").write_bytes(content[: len(content) // 2])
    script = """
import sys, warnings
from facs3d.core.program import run
from facs3d.video.frames import read_frames
run(lambda: [None for _ in read_frames(sys.argv[1])])
"""
    said = {}
    for name in ("broken", "short"):
        result = subprocess.run(
            [sys.executable, "-c", script, tmp_path / f"{name}.avi"],
            env={"PYTHONPATH": str(LIBRARY.parent)},
            capture_output=True,
            text=True,
        )
        (said[name],) = result.stderr.splitlines()
    assert said["broken"].startswith(f"error: {tmp_path}/broken.avi: damaged near frame")
    assert said["short"].startswith(f"warning: {tmp_path}/short.avi: ")

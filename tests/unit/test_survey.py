"""The survey of a recording: frames, repeated ones, uneven times, copies."""

import shutil

import cv2
import numpy as np
import pytest

from facs3d.errors import InputError
from facs3d.frames import read_frames
from facs3d.lossless_video import LosslessVideo
from facs3d.survey import survey_frames

from .damaged_videos import make_uneven
from .fake_dataset import image_bytes

FRAMES = np.random.default_rng(1).integers(0, 256, (6, 16, 16, 3), dtype=np.uint8)


def write_video(path, order=range(6)):
    with LosslessVideo(path, (16, 16)) as video:
        for place in order:
            video.write(FRAMES[place])
    return path


def test_images_are_counted_by_their_numbers_and_repeated_ones_seen(tmp_path):
    twice = image_bytes()
    for number in (3, 4, 5, 9):
        (tmp_path / f"{number}.png").write_bytes(twice if number in (4, 5) else image_bytes())
    survey = survey_frames(tmp_path)
    assert survey.numbers.tolist() == [3, 4, 5, 9]
    assert survey.repeated == 1
    assert survey.notes == ()


def test_a_zip_says_the_same_as_its_folder(tmp_path):
    folder = tmp_path / "T1"
    folder.mkdir()
    for number in range(5):
        (folder / f"{number}.png").write_bytes(image_bytes())
    shutil.make_archive(str(tmp_path / "F001"), "zip", tmp_path, "T1")
    zipped = survey_frames(tmp_path / "F001.zip" / "T1")
    unpacked = survey_frames(folder)
    assert zipped.numbers.tolist() == unpacked.numbers.tolist()
    assert zipped.fingerprint == unpacked.fingerprint


def test_repeated_frames_of_a_video_are_seen(tmp_path):
    survey = survey_frames(write_video(tmp_path / "video.avi", [0, 1, 1, 1, 2, 1]))
    assert survey.numbers.tolist() == [0, 1, 2, 3, 4, 5]
    assert survey.repeated == 2
    assert survey.notes == ()


def test_copies_have_one_fingerprint(tmp_path):
    first = survey_frames(write_video(tmp_path / "first.avi"))
    shutil.copy(tmp_path / "first.avi", tmp_path / "copy.avi")
    assert survey_frames(tmp_path / "copy.avi").fingerprint == first.fingerprint
    other = survey_frames(write_video(tmp_path / "other.avi", range(5)))
    assert other.fingerprint != first.fingerprint


def test_a_video_cut_short_is_said(tmp_path):
    path = tmp_path / "short.avi"
    content = write_video(tmp_path / "whole.avi", [*range(6)] * 20).read_bytes()
    path.write_bytes(content[: len(content) // 2])
    survey = survey_frames(path)
    assert 40 < len(survey.numbers) < 80
    assert "its header says 120" in survey.notes[0]


def test_variable_frame_rate_is_said_and_frames_are_counted_all_the_same(tmp_path):
    path = tmp_path / "video.mp4"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"mp4v"), 25, (64, 64))
    for number in range(10):
        writer.write(np.full((64, 64, 3), 20 * number, np.uint8))
    writer.release()
    assert survey_frames(path).notes == ()
    make_uneven(path, [(5, 256), (5, 768)])
    survey = survey_frames(path)
    assert len(survey.numbers) == len(list(read_frames(path))) == 10
    assert len(survey.notes) == 1
    assert "20 to 60 ms apart (variable frame rate)" in survey.notes[0]


def test_what_cannot_be_read_is_refused(tmp_path):
    with pytest.raises(InputError, match="no such video file"):
        survey_frames(tmp_path / "none.avi")

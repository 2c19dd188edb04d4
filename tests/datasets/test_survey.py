"""The survey of a recording: frames, repeated ones, uneven times, copies."""

import shutil

import cv2
import numpy as np
import pytest

from facs3d.core.errors import InputError
from facs3d.datasets.survey import survey_frames
from facs3d.video.decoding import DamagedVideoError
from facs3d.video.frames import read_frames
from facs3d.video.lossless import LosslessVideo
from tests.support.damaged_videos import broken_at, make_uneven, write_moving
from tests.support.fake_dataset import image_bytes

FRAMES = np.random.default_rng(1).integers(0, 256, (6, 16, 16, 3), dtype=np.uint8)


def write_video(path, order=range(6)):
    with LosslessVideo(path, (16, 16)) as video:
        for place in order:
            video.write(FRAMES[place])
    return path


def test_images_are_counted_by_their_numbers_and_repeated_ones_seen(tmp_path):
    twice = image_bytes("twice")
    for number in (3, 4, 5, 9):
        (tmp_path / f"{number}.png").write_bytes(twice if number in (4, 5) else image_bytes(number))
    survey = survey_frames(tmp_path)
    assert survey.numbers.tolist() == [3, 4, 5, 9]
    assert survey.repeated == 1
    assert survey.notes == ()


def test_a_zip_says_the_same_as_its_folder(tmp_path):
    folder = tmp_path / "T1"
    folder.mkdir()
    for number in range(5):
        (folder / f"{number}.png").write_bytes(image_bytes(number))
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


def test_recordings_that_differ_only_at_their_end_are_no_copies(tmp_path):
    """Of one size and with one first MiB: a camera's many still frames before anything happens."""
    content = bytearray(write_moving(tmp_path / "1.avi", "HFYU", 120).read_bytes())
    assert len(content) > 3 << 20
    content[-(1 << 18)] ^= 1
    (tmp_path / "2.avi").write_bytes(content)
    (tmp_path / "3.avi").write_bytes((tmp_path / "1.avi").read_bytes())
    one, two, three = (survey_frames(tmp_path / f"{n}.avi").fingerprint for n in (1, 2, 3))
    assert one == three
    assert one != two
    for folder, last in (("a", b"1"), ("b", b"2")):
        (tmp_path / folder).mkdir()
        for number in range(3):
            content = b"\x89PNG\r\n\x1a\n" + (last if number == 2 else b"0")
            (tmp_path / folder / f"{number}.png").write_bytes(content)
    one, two = (survey_frames(tmp_path / folder).fingerprint for folder in "ab")
    assert one != two


def test_every_image_is_looked_at_and_three_are_decoded(tmp_path):
    sound = image_bytes()
    for number in range(9):
        (tmp_path / f"{number}.png").write_bytes(sound[: 100 if number in (4, 5) else None])
    (tmp_path / "7.png").write_bytes(b"GIF89a")
    (tmp_path / "8.png").unlink()
    (tmp_path / "8.png").symlink_to(tmp_path / "gone.png")
    survey = survey_frames(tmp_path)
    assert survey.numbers.tolist() == list(range(9))
    # 5 is cut short like 4, but only the middle one is decoded.
    assert survey.damaged.tolist() == [4, 7, 8]
    assert survey.notes[0].startswith("damaged image (and 2 more): ")


def test_a_damaged_video_is_refused_unless_damage_comes_after_what_matters(tmp_path):
    path = write_moving(tmp_path / "video.avi", "MJPG")
    path.write_bytes(broken_at(path.read_bytes(), 0.5, "noise"))
    for last in (None, 80):
        with pytest.raises(DamagedVideoError, match="damaged near frame"):
            survey_frames(path, last)
    survey = survey_frames(path, 20)
    assert survey.numbers.tolist() == list(range(survey.numbers[-1] + 1))
    assert 20 < len(survey.numbers) < 60
    assert survey.notes[0].endswith("(its labels end before)")


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

"""Clips made straight from rendered frames: those that the videos on disk would have given."""

from functools import partial

import cv2
import numpy as np
import pytest

from facs3d.core.errors import InputError
from facs3d.preprocessing.alignment import RegistrationSettings
from facs3d.preprocessing.clips import open_clips, read_excluded
from facs3d.preprocessing.landmarks import FaceLandmarker
from facs3d.preprocessing.registration import register_face
from facs3d.preprocessing.settings import SamplingSettings
from facs3d.synthetic.clips import render_clip
from facs3d.synthetic.dataset import SyntheticSettings, write_video
from facs3d.synthetic.sources import HeadSource
from tests.support.scripts import run_script

AUS = (4, 12)
REGISTRATION = RegistrationSettings(centre="eye_line")
SETTINGS = SyntheticSettings(source="heads", subjects=3, frames=9, write_videos=False)


@pytest.fixture(scope="module")
def film():
    source = HeadSource()
    return partial(source.film, source.subject(5, "F002", SETTINGS), settings=SETTINGS)


def test_a_clip_shows_what_the_video_on_disk_shows(film, tmp_path):
    """The same frames, but for what the video's compression costs, and the same labels."""
    sampling = SamplingSettings(clip_length=8, steps=(1,), image_size=100)
    clip = render_clip(film, ("F002", "T1"), 5, AUS, (SETTINGS, REGISTRATION, sampling))
    assert clip.frames.shape == (8, 100, 100)
    assert clip.frame_number.tolist() in ([*range(8)], [*range(1, 9)])
    write_video(tmp_path, film, "F002", "T1", 5, SETTINGS)
    table = np.loadtxt(tmp_path / "AUCoding/AU_OCC/F002_T1.csv", delimiter=",", dtype=int)
    columns = [table[0].tolist().index(au) for au in AUS]
    assert clip.labels.tolist() == table[1:][clip.frame_number][:, columns].tolist()
    video = cv2.VideoCapture(str(tmp_path / "Videos/F002/T1.avi"))
    with FaceLandmarker() as landmarker:
        for number in range(9):
            _, image = video.read()
            face = register_face(image, landmarker.detect(image), REGISTRATION)
            if number in clip.frame_number:
                gray = cv2.cvtColor(face, cv2.COLOR_BGR2GRAY)
                gray = cv2.resize(gray, (100, 100), interpolation=cv2.INTER_AREA)
                shown = clip.frames[clip.frame_number.tolist().index(number)]
                assert np.abs(gray.astype(int) - shown).mean() < 4
                assert np.corrcoef(gray.ravel(), shown.ravel())[0, 1] > 0.98


def test_lost_faces_leave_too_few_frames(film):
    def without_faces(intensities, rng):
        for number, (frame, eyes) in enumerate(film(intensities, rng)):
            yield (frame if number < 5 else np.zeros_like(frame)), eyes

    sampling = SamplingSettings(clip_length=6, steps=(1,), image_size=40)
    with pytest.raises(InputError, match="5 usable frames, a clip of 6 needs at least 6"):
        render_clip(without_faces, ("F002", "T1"), 5, AUS, (SETTINGS, REGISTRATION, sampling))


def test_the_script_writes_a_file_a_take_whoever_else_is_rendered(tmp_path):
    def run(folder, *people):
        words = ["--only", *people, "--seed", 5, "--folder", folder, "--action-units", *AUS]
        words += ["--source", "heads", "--subjects", 3, "--videos-per-subject", 1, "--frames", 9]
        words += ["--sampling-clip-length", 8, "--sampling-steps", 1, "--sampling-image-size", 40]
        folder.mkdir()
        done = run_script("render_clips", *words, folder=tmp_path)
        assert done.returncode == 0, done.stderr

    run(tmp_path / "two", "F001", "F002")
    run(tmp_path / "one", "F002")
    alone, beside = (open_clips(tmp_path / part / "F002_T1.h5") for part in ("one", "two"))
    assert (alone.video, alone.subject, alone.task) == (("F002_T1",), ("F002",), ("T1",))
    assert alone.action_units == AUS
    assert alone.expected_input.spacing == (1 / 25, 1 / 25)
    assert alone.expected_input.registration["centre"] == "landmarks"
    assert (alone.read_frames([0]) == beside.read_frames([0])).all()
    assert (
        alone.read_frames([0]) != open_clips(tmp_path / "two/F001_T1.h5").read_frames([0])
    ).any()


def test_the_script_notes_a_take_without_enough_faces(tmp_path):
    words = ["--only", "F001", "--seed", 5, "--folder", tmp_path, "--action-units", *AUS]
    words += ["--source", "heads", "--subjects", 1, "--videos-per-subject", 1, "--frames", 8]
    words += ["--sampling-clip-length", 9, "--sampling-steps", 1, "--sampling-image-size", 40]
    done = run_script("render_clips", *words, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "excluded: F001_T1: 8 usable frames" in done.stderr
    excluded = read_excluded(tmp_path / "F001_T1.h5")
    assert excluded.video == "F001_T1"
    assert excluded.reason.startswith("8 usable frames, a clip of 9 needs at least 9")

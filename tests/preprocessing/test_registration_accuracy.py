"""Registration against rendered faces, whose eye centres are known exactly."""

import csv
from pathlib import Path

import numpy as np
import pytest

from facs3d.preprocessing.alignment import RegistrationSettings
from facs3d.preprocessing.registration import register_video
from tests.support.scripts import run_script

EYES = ("right_eye_x", "right_eye_y", "left_eye_x", "left_eye_y")


def eye_centres(row: dict) -> np.ndarray:
    """Right and left eye centre, (2, 2) x, y."""
    return np.array([float(row[name]) for name in EYES]).reshape(2, 2)


@pytest.fixture(scope="module")
def rendered(tmp_path_factory) -> Path:
    """The folder of a dataset of five subjects with one short video each."""
    folder = tmp_path_factory.mktemp("rendered")
    settings = ("--source", "portrait", "--subjects", "5", "--frames", "16")
    portrait, root = folder / "portrait.npz", folder / "dataset"
    run_script("make_portrait", "--output", portrait).check_returncode()
    render = ("--portrait", portrait, "--root", root, "--seed", "7", *settings)
    run_script("synthesize_videos", *render).check_returncode()
    return root


def test_eyes_are_within_2_5_percent_of_the_eye_distance(rendered):
    errors = []
    for truth_path in sorted((rendered / "truth").glob("*_*.csv")):
        with open(truth_path, newline="") as file:
            truth = {int(row["frame_number"]): eye_centres(row) for row in csv.DictReader(file)}
        subject, task = truth_path.stem.split("_")
        video = rendered / "Videos" / subject / f"{task}.avi"
        for row, face in register_video(video, sorted(truth), 0, RegistrationSettings()):
            assert row.face_found
            assert face is not None
            right, left = truth[row.frame_number]
            distances = np.linalg.norm(eye_centres(vars(row)) - (right, left), axis=1)
            errors.append(distances.mean() / np.linalg.norm(left - right))
    assert len(errors) == 5 * 16
    assert np.mean(errors) <= 0.025
    assert np.max(errors) <= 0.08

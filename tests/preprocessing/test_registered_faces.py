"""Faces registered by another tool: taken bit by bit if their geometry is right, else refused."""

import numpy as np
import pytest

from facs3d.core.errors import InputError
from facs3d.preprocessing.alignment import RegistrationSettings
from facs3d.preprocessing.registered_faces import take_registered_video
from facs3d.preprocessing.registration import register_video
from facs3d.video.lossless import LosslessVideo
from tests.support.astronaut_video import blank, frame, placement, write_video

SETTINGS = RegistrationSettings()


@pytest.fixture(scope="module")
def registered(tmp_path_factory):
    """Faces as register_video makes them, in a video of their own: 4 with a face, 2 black."""
    folder = tmp_path_factory.mktemp("registered")
    source = write_video(folder / "source.avi", [frame(placement(x=150 + 2 * n)) for n in range(4)])
    faces = [face for _row, face in register_video(source, range(4), 0, SETTINGS)]
    faces[2:2] = [np.zeros_like(faces[0])] * 2
    with LosslessVideo(folder / "faces.avi", (200, 200)) as video:
        for face in faces:
            video.write(face)
    return folder / "faces.avi", faces


def test_faces_stay_as_they_are_and_black_frames_are_lost_ones(registered):
    path, faces = registered
    taken = list(take_registered_video(path, range(1, 8), -1, SETTINGS))
    assert [row.frame_number for row, _face in taken] == list(range(1, 8))
    assert [row.face_found for row, _face in taken] == [True] * 2 + [False] * 2 + [True] * 2 + [
        False
    ]
    assert taken[2][0].problem == "no face: the image is black"
    assert taken[6][0].problem == "frame missing: there is no image 6"
    for (row, face), original in zip(taken[:6], faces, strict=True):
        assert (face is None) == (not row.face_found)
        if face is not None:
            np.testing.assert_array_equal(face, original)


def test_another_eye_distance_is_refused(registered):
    path, _faces = registered
    settings = RegistrationSettings(inter_ocular_distance=100)
    with pytest.raises(InputError, match=r"eyes are (79|80|81) px apart .*expected 100; set reg"):
        take_registered_video(path, range(6), 0, settings)
    take_registered_video(path, range(6), 0, RegistrationSettings(inter_ocular_distance=88))


def test_another_image_size_is_refused(registered):
    path, _faces = registered
    with pytest.raises(InputError, match=r"frame 0: the image is 200×200 px, expected 160×160"):
        take_registered_video(path, range(6), 0, RegistrationSettings(image_size=160))


def test_images_without_any_face_are_refused(tmp_path):
    path = tmp_path / "blank.avi"
    with LosslessVideo(path, (200, 200)) as video:
        for _ in range(3):
            video.write(blank()[:200, :200])
    with pytest.raises(InputError, match="no face in frames 1 apart"):
        take_registered_video(path, range(3), 0, SETTINGS)

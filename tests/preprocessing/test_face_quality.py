"""What is said of faces that are small, blurred, dark, bright, upside down or on their side."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from facs3d.preprocessing.alignment import RegistrationSettings
from facs3d.preprocessing.face_quality import measure, quality_notes
from facs3d.preprocessing.landmarks import FaceLandmarker
from facs3d.preprocessing.registration import register_frame
from facs3d.preprocessing.tracking import TrackedFrame
from tests.support.astronaut_video import frame, placement

SETTINGS = RegistrationSettings()
ORDINARY = TrackedFrame(
    0,
    True,
    inter_ocular_distance=60.0,
    roll=5.0,
    confidence=1.0,
    sharpness=0.2,
    brightness=110.0,
    upside_down=False,
)


def gray(values: np.ndarray) -> np.ndarray:
    return cv2.merge([values.round().astype(np.uint8)] * 3)


def rows_of(images):
    with FaceLandmarker() as landmarker:
        return [register_frame(n, x, landmarker, SETTINGS)[0] for n, x in enumerate(images)]


@pytest.mark.parametrize(("coarse", "fine"), [(80, 20), (60, 60), (100, 5)])
def test_sharpness_is_the_share_of_the_fine_wave(coarse, fine):
    """Waves of 120 and of 4 px; the 120 px in the middle hold whole ones of both."""
    x = np.arange(200)
    line = 128 + coarse * np.sin(2 * np.pi * x / 120) + fine * np.sin(2 * np.pi * x / 4 + 0.3)
    found = measure(gray(np.tile(line, (200, 1))), SETTINGS)
    assert found.sharpness == pytest.approx(fine / np.hypot(coarse, fine), abs=0.02)
    assert found.brightness == pytest.approx(128, abs=0.5)


def test_brightness_is_of_the_middle_and_a_plain_face_is_not_sharp():
    face = np.full((200, 200, 3), 255, np.uint8)
    face[40:160, 40:160] = 77
    assert measure(face, SETTINGS) == (0, 77)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({}, []),
        ({"inter_ocular_distance": 19.4}, ["small: eyes 19 px apart"]),
        ({"inter_ocular_distance": 20.0}, []),
        ({"sharpness": 0.06}, ["blurred: sharpness 0.06"]),
        ({"brightness": 29.0}, ["dark: brightness 29"]),
        ({"brightness": 226.0}, ["bright: brightness 226"]),
        ({"roll": -91.0}, ["on its side: roll -91 degrees"]),
        ({"confidence": 0.85}, ["perhaps no face: confidence 0.85"]),
        (
            {"upside_down": True, "sharpness": 0.0},
            ["upside down: turn the video", "blurred: sharpness 0.00"],
        ),
        ({"sharpness": None, "brightness": None, "roll": None}, []),
    ],
)
def test_what_is_said(change, said):
    assert quality_notes(replace(ORDINARY, **change)) == said


def test_nothing_is_said_of_ordinary_faces():
    places = [placement(scale=scale, degrees=d) for scale in (0.8, 1.4, 2) for d in (-25, 0, 25)]
    for place in places:
        (row,) = rows_of([frame(place)])
        assert row.face_found
        assert row.note == ""


SPOILT = {
    "small: eyes 1": lambda image: cv2.resize(image, None, fx=0.2, fy=0.2, interpolation=3),
    "blurred: sharpness 0.0": lambda image: cv2.GaussianBlur(image, (0, 0), 5),
    "dark: brightness ": lambda image: cv2.convertScaleAbs(image, alpha=0.12),
    "bright: brightness 2": lambda image: cv2.convertScaleAbs(image, alpha=0.4, beta=160),
}


@pytest.mark.parametrize(("said", "spoil"), SPOILT.items(), ids=SPOILT.keys())
def test_spoilt_pictures_are_noted(said, spoil):
    for row in rows_of([spoil(frame(placement()))] * 3):
        assert row.face_found
        assert row.note.startswith(said)


@pytest.mark.parametrize("scale", [0.8, 1.4, 2.0])
@pytest.mark.parametrize("degrees", [-20, 0, 20])
def test_a_face_upside_down_is_noted_in_every_frame(scale, degrees):
    upright = frame(placement(scale=scale, degrees=degrees))
    rows = rows_of([cv2.rotate(upright, cv2.ROTATE_180)] * 4)
    assert not any(row.upside_down for row in rows_of([upright] * 3))
    for row in rows:
        if row.face_found:
            assert row.upside_down
            assert "upside down: turn the video" in row.note


def test_faces_upside_down_are_found_at_all():
    """Else the test above would say nothing."""
    (row,) = rows_of([cv2.rotate(frame(placement()), cv2.ROTATE_180)])
    assert row.face_found
    assert abs(row.roll) < 10


def test_a_face_on_its_side_is_not_upside_down():
    rows = rows_of([cv2.rotate(frame(placement()), cv2.ROTATE_90_CLOCKWISE)] * 2)
    assert [row.upside_down for row in rows] == [False, False]
    assert all(row.note.startswith("on its side: roll 9") for row in rows)


def test_a_video_that_is_turned_on_the_way_is_looked_at_again():
    upright = frame(placement())
    rows = rows_of([upright] * 3 + [cv2.rotate(upright, cv2.ROTATE_180)] * 26)
    assert not rows[2].upside_down
    assert rows[-1].upside_down


def test_a_face_lost_in_the_dark_is_said_to_be():
    dark = cv2.convertScaleAbs(cv2.GaussianBlur(frame(placement()), (0, 0), 12), alpha=1 / 16)
    assert [row.problem for row in rows_of([dark])] == ["no face: nearly black"]

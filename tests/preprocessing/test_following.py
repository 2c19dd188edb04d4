"""Whose face is followed, in pictures with several."""

import cv2
import numpy as np
import pytest

from facs3d.preprocessing.alignment import RegistrationSettings
from facs3d.preprocessing.face_mesh import CANONICAL_FACE, eye_centres
from facs3d.preprocessing.following import change_of_person
from facs3d.preprocessing.landmarks import RETURN_WITHIN, FaceLandmarker
from facs3d.preprocessing.registration import (
    count_faces,
    register_frame,
    register_video,
    write_registration,
)
from tests.support.astronaut_video import blank, frame, placement
from tests.support.group_scenes import Face, scene

SETTINGS = RegistrationSettings()
LEFT, RIGHT = 250, 720
"""Places of two faces."""


@pytest.fixture
def landmarker():
    with FaceLandmarker() as landmarker:
        yield landmarker


def follow(landmarker, pictures):
    """Which x the followed face is nearest to, and the number of its person, frame by frame."""
    followed = []
    for faces in pictures:
        landmarks = landmarker.detect(scene(*faces))
        x = eye_centres(landmarks)[:, 0].mean()
        followed.append(
            (min((face.x for face in faces), key=lambda at: abs(at - x)), landmarker.person)
        )
    return followed


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize(
    ("large", "small", "covered"),
    [(2.0, 1.6, False), (2.2, 2.0, False), (2.2, 2.0, True), (2.2, 1.4, True)],
)
def test_the_largest_is_chosen_though_the_detector_may_be_surer_of_another(
    landmarker, large, small, covered, mirrored
):
    places = (RIGHT, LEFT) if mirrored else (LEFT, RIGHT)
    faces = Face(places[0], scale=large, covered=covered), Face(places[1], scale=small)
    assert follow(landmarker, [faces] * 3) == [(places[0], 1)] * 3
    assert len(landmarker.find_faces(scene(*faces))) == 2


def test_a_person_is_kept_when_a_larger_one_comes_and_it_is_said(landmarker):
    alone, both = [Face(LEFT, scale=1.4)], [Face(LEFT, scale=1.4), Face(RIGHT, scale=2.2)]
    assert follow(landmarker, [alone] * 2 + [both] * 3) == [(LEFT, 1)] * 5
    image = scene(*both)
    row = count_faces(register_frame(5, image, landmarker, SETTINGS)[0], image, landmarker)
    assert (row.person, row.faces, row.note) == (1, 2, "2 faces, a larger one than the followed")


def test_a_person_who_moves_fast_is_kept_beside_a_larger_one(landmarker):
    """A third of the eye distance a frame: FaceMesh would start anew in every frame, and take the
    other."""
    pictures = [[Face(200, scale=1.4)]]
    pictures += [[Face(200 + 20 * n, scale=1.4), Face(RIGHT, scale=2.2)] for n in range(1, 8)]
    followed = follow(landmarker, pictures)
    assert [x for x, _person in followed] == [faces[0].x for faces in pictures]
    assert {person for _x, person in followed} == {1}


def test_a_person_who_leaves_makes_way_for_the_largest(landmarker):
    others = [Face(500, scale=1.4), Face(800, scale=1.8)]
    pictures = [[Face(LEFT, scale=2), others[1]]] * 2 + [others] * 2
    assert follow(landmarker, pictures) == [(LEFT, 1), (LEFT, 1), (800, 2), (800, 2)]
    assert landmarker.change == ""


def test_after_a_frame_without_a_face_the_largest_is_chosen_again(landmarker):
    small, both = [Face(LEFT, scale=1.4)], [Face(LEFT, scale=1.4), Face(RIGHT, scale=2.2)]
    assert follow(landmarker, [small, both]) == [(LEFT, 1), (LEFT, 1)]
    assert landmarker.detect(scene()) is None
    assert follow(landmarker, [both]) == [(RIGHT, 2)]


def test_the_largest_is_left_out_if_its_eyes_are_not_in_the_image(landmarker):
    faces = [Face(RIGHT, scale=1.4), Face(20, scale=2.4)]
    assert follow(landmarker, [faces] * 2) == [(RIGHT, 1)] * 2


@pytest.mark.parametrize(("other", "kept"), [(1.6, LEFT), (2.0, LEFT), (2.6, RIGHT)])
def test_a_person_hidden_for_a_moment_is_taken_back_unless_smaller(landmarker, other, kept):
    both = [Face(LEFT, scale=2), Face(RIGHT, scale=other)]
    pictures = [both[:1]] + [both] + [both[1:]] * 3 + [both] * 3
    person = 3 if kept == LEFT else 2
    assert follow(landmarker, pictures)[2:] == [(RIGHT, 2)] * 3 + [(kept, person)] * 3
    # They don't take turns.
    assert follow(landmarker, [both] * 2)[-1][0] == kept


def test_after_ten_seconds_a_hidden_person_is_one_like_others(landmarker):
    both = [Face(LEFT, scale=2), Face(RIGHT, scale=1.6)]
    follow(landmarker, [both, both[1:]])
    picture = scene(*both[1:])
    for _ in range(RETURN_WITHIN):
        landmarker.detect(picture)
    assert follow(landmarker, [both] * 2) == [(RIGHT, 2)] * 2


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (placement(x=90), placement(x=230), "perhaps another person: 2.3 eye distances from"),
        (placement(scale=0.8), placement(scale=1.6), "perhaps another person: 2 times the size"),
        (placement(scale=1.6), placement(scale=0.8), "perhaps another person: 0.51 times the size"),
        (placement(x=140), placement(x=170, scale=1.6), ""),
        (placement(degrees=-20), placement(degrees=20), ""),
    ],
)
def test_a_leap_or_a_jump_in_size_is_a_change_of_person(tmp_path, before, after, said):
    images = [frame(before), frame(before), blank(), frame(after), frame(after)]
    for number, image in enumerate(images):
        cv2.imwrite(str(tmp_path / f"{number}.png"), image)
    rows = list(register_video(tmp_path, range(5), 0, SETTINGS))
    notes = [row.note for row, _face in rows]
    assert notes[3].startswith(said)
    assert [notes[n] for n in (0, 1, 2, 4)] == [""] * 4
    assert [row.person for row, _face in rows] == [1, 1, None, *[2 if said else 1] * 2]
    summary = write_registration(rows, tmp_path / "r.avi", tmp_path / "t.csv", SETTINGS)
    assert (
        "; the face changed to perhaps another person's once, see the notes" in summary
    ) == bool(said)


def test_a_face_that_turns_aside_is_no_change():
    """By 60 degrees its eyes are seen half as far apart."""
    turn = np.radians(60)
    x, y, z = CANONICAL_FACE.T
    turned = np.column_stack(
        [x * np.cos(turn) + z * np.sin(turn), y, z * np.cos(turn) - x * np.sin(turn)]
    )
    assert change_of_person(CANONICAL_FACE, turned) == ""


def test_faces_are_counted(landmarker):
    assert len(landmarker.find_faces(frame(placement()))) == 1
    assert landmarker.find_faces(blank()) == []

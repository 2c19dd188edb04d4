"""Kinds of notes, of the words that are written where the matter is found."""

import numpy as np
import pytest

from facs3d.prediction.frame_times import NOTES as TIME_NOTES
from facs3d.prediction.notes import KINDS, OTHER, counted, kinds_of, marked
from facs3d.preprocessing.face_quality import quality_notes
from facs3d.preprocessing.following import change_of_person
from facs3d.preprocessing.tracking import LARGER_FACE, TrackedFrame
from tests.support.predictions import network, predicted, write_faces


def test_every_word_on_quality_is_of_a_kind():
    bad = TrackedFrame(
        0, True, roll=80.0, inter_ocular_distance=9.0, sharpness=0.01, brightness=10.0,
        confidence=0.5, upside_down=True,
    )  # fmt: skip
    said = quality_notes(bad) + quality_notes(TrackedFrame(0, True, brightness=250.0))
    assert [kinds_of(note) for note in said] == [
        [kind]
        for kind in (
            *("upside down", "on its side", "small", "blurred", "dark", "perhaps no face"),
            "bright",
        )
    ]
    assert set(kinds_of("; ".join(said))) == {kind for note in said for kind in kinds_of(note)}


def test_a_change_of_person_and_several_faces_are_kinds():
    before = np.random.default_rng(1).uniform(0, 50, (468, 3))
    for now in (before + 500, before * 3 - 2 * before.mean(axis=0)):
        assert kinds_of(change_of_person(before, now)) == ["change of person"]
    assert kinds_of(f"2 faces, {LARGER_FACE}") == ["several faces"]
    assert kinds_of("12 faces, the largest is followed") == ["several faces"]


def test_notes_of_time_and_of_clips_are_kinds(tmp_path):
    assert {kind for note in TIME_NOTES.values() for kind in kinds_of(note)} == {"time mended"}
    path, _ = write_faces(tmp_path, 5, rate=3.0)
    notes = predicted(path, [network()]).notes
    assert set(kinds_of(notes[2])) == {"unusual spacing", "short clip"}


@pytest.mark.parametrize(
    ("note", "kinds"),
    [
        ("", []),
        ("no face", []),
        ("no face: nearly black", ["dark"]),
        ("face turned away: yaw 70 degrees", ["turned away"]),
        ("frame 7 cannot be decoded; copy it again", ["not decoded"]),
        ("a.png: damaged or not an image; copy it again", ["not decoded"]),
        ("interlaced; HDR (PQ)", ["kind of picture"]),
        ("one of 2 picture tracks; something new", ["kind of picture", OTHER]),
    ],
)
def test_kinds_of_a_note(note, kinds):
    assert kinds_of(note) == kinds


def test_frames_are_marked_and_counted():
    masks = marked(iter(["", "dark: brightness 9", "", "small: eyes 9 px apart; dark: …", "new"]))
    assert [*masks] == ["small", "dark", OTHER]
    assert [*KINDS].index("small") < [*KINDS].index("dark")
    np.testing.assert_array_equal(masks["dark"], [False, True, False, True, False])
    assert counted(masks) == "small: 1; dark: 2; other: 1"
    assert marked([]) == {}

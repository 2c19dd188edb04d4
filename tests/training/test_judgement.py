"""What is known of a network's probabilities: grades, calibration, and values that may not be."""

from dataclasses import asdict, replace

import numpy as np
import pytest
import torch

from facs3d.core.errors import InputError
from facs3d.training.judgement import Judgement, grade_of
from facs3d.training.weights import TrainedModel, load_model, save_model
from tests.support.judgements import evidence, judgement
from tests.support.trainings import ARCHITECTURE, new_model

JUDGEMENT = judgement(
    trained_on="rendered people",
    judged_on="60 rendered people not trained on",
    auc=(0.85, 0.7, np.nan),
    slope=(1.0, 2.0, 0.5),
    intercept=(0.0, 1.0, -1.0),
    threshold=(0.5, 0.25, 0.95),
)


@pytest.mark.parametrize(
    ("name", "good", "fair", "poor"),
    [
        ("auc", (1.0, 0.85), (0.8499, 0.7), (0.6999, 0.0)),
        ("found", (1.0, 0.8), (0.7999, 0.5), (0.4999, 0.0)),
        ("false_calls", (0.0, 0.05), (0.0501, 0.2), (0.2001, 1.0)),
    ],
)
def test_grades_have_their_limits(name, good, fair, poor):
    for values, grade in ((good, "good"), (fair, "fair"), (poor, "poor")):
        assert [grade_of(name, value) for value in values] == [grade, grade]


def test_a_grade_is_the_worst_of_all_that_is_known():
    """AU 1: good but for the second evidence's false calls; AU 4: fair by an AUC, poor by what is
    found; of AU 12 only an AUC is known, of no frames that say so."""
    nan = np.nan
    two = (
        evidence("one", (0.9, 0.75, nan), (0.9, 0.9, nan), (0.0, 0.0, nan)),
        evidence("other", (nan, 0.9, 0.8), (nan, 0.4, nan), (0.1, 0.0, nan)),
    )
    found = Judgement("people", *[(1.0,) * 3] * 2, (0.5,) * 3, two)
    assert [each.grade(0) for each in two] == ["good", "fair"]
    assert [each.grade(2) for each in two] == ["", ""]
    assert found.grades == ("fair", "poor", "fair")
    assert found.auc == (0.9, 0.75, 0.8)
    assert found.judged_on == "one; other"


def test_without_real_faces_an_au_is_at_most_fair():
    """And without both such faces that have it and such that do not; poor stays poor."""
    rendered = evidence("rendered", (0.9,) * 4, (0.9, 0.9, 0.9, 0.1), real=False)
    judged = Judgement("people", *[(1.0,) * 4] * 2, (0.5,) * 4, (rendered,))
    assert judged.grades == ("fair", "fair", "fair", "poor")
    assert judged.on_real_faces == (False,) * 4
    nan = np.nan
    seen = evidence("a clip", (0.9, nan, nan, 0.9), (0.9, nan, nan, 0.9), (0.0, 0.0, nan, 0.0))
    judged = judged.with_evidence(seen)
    assert judged.grades == ("good", "fair", "fair", "poor")
    assert judged.on_real_faces == (True, True, False, True)
    again = replace(seen, found=(0.6, nan, nan, 0.9))
    assert judged.with_evidence(again).evidence == (rendered, again)


@pytest.mark.parametrize(
    ("people", "frames", "grade"),
    [(3, 50, "good"), (2, 50, "fair"), (3, 49, "fair"), (1, 5000, "fair")],
)
def test_good_needs_enough_people_and_frames(people, frames, grade):
    clip = replace(evidence("clips", frames=frames), people=people)
    assert Judgement("people", (1.0,), (0.0,), (0.5,), (clip,)).grades == (grade,)


def test_people_and_frames_of_several_videos_count_together_but_no_video_twice():
    """Three of one person each; frames of too few, 19, do not count."""
    clips = [replace(evidence(f"clip {n}", frames=20), people=1) for n in range(3)]
    judged = Judgement("people", (1.0,), (0.0,), (0.5,), tuple(clips))
    assert judged.grades == ("good",)
    few = replace(clips[2], present_frames=(19,))
    assert replace(judged, evidence=(*clips[:2], few)).grades == ("fair",)
    # As of several folds that were judged on the same video.
    assert replace(judged, evidence=(*clips[:2], clips[0])).grades == ("fair",)


def test_a_few_frames_can_warn_and_nothing_else():
    """3 absent and 19 present frames, the report of a network that was called good by them."""
    few = replace(evidence("a clip"), people=1, present_frames=(19,), absent_frames=(3,))
    judged = Judgement("people", (1.0,), (0.0,), (0.5,), (few,))
    assert (few.grade(0), judged.grades, judged.on_real_faces) == ("", ("fair",), (False,))
    called = replace(few, false_calls=(2 / 3,))
    judged = replace(judged, evidence=(called,))
    assert (called.grade(0), judged.grades, judged.on_real_faces) == ("poor", ("poor",), (True,))


def test_real_faces_do_not_replace_rendered_ones_of_the_same_words():
    rendered = JUDGEMENT.with_evidence(evidence("100 people", (0.9,) * 3, real=False))
    with pytest.raises(InputError, match="'100 people', as evidence on rendered faces is called"):
        rendered.with_evidence(evidence("100 people", (0.9,) * 3))


def test_the_calibration_by_hand():
    """Of p = 0.8 the odds are 4: by slope 2 and intercept 1 they become 16 e, by 0.5 and -1 2/e."""
    found = JUDGEMENT.calibrated(np.full((2, 3), 0.8))
    expected = [0.8, 16 * np.e / (16 * np.e + 1), 2 / (2 + np.e)]
    np.testing.assert_allclose(found, [expected, expected])


def test_the_calibration_keeps_the_order_and_has_no_end():
    probability = np.array([0, 1e-3, 0.5, 0.999, 1], np.float32)
    found = JUDGEMENT.calibrated(np.repeat(probability[:, np.newaxis], 3, axis=1))
    assert ((found >= 0) & (found <= 1)).all()
    assert (np.diff(found, axis=0) > 0).all()


def trained(clips, **changes) -> TrainedModel:
    return TrainedModel(
        "facs3d", ARCHITECTURE, (1, 4, 12), (4, 20, 20), new_model(clips), **changes
    )


def test_a_weights_file_keeps_the_judgement(clips, tmp_path):
    save_model(trained(clips, judgement=JUDGEMENT), tmp_path / "judged.pt")
    found = load_model(tmp_path / "judged.pt").judgement
    assert np.isnan(found.auc[2])
    assert repr(found) == repr(JUDGEMENT)
    save_model(trained(clips), tmp_path / "weights.pt")
    assert load_model(tmp_path / "weights.pt").judgement is None


WRONG = {
    "words": ({"trained_on": ""}, "trained_on is '', expected words"),
    "slope": ({"slope": (1.0, 0.0, 1.0)}, "slope of an AU is 0.0, expected finite and above 0"),
    "intercept": ({"intercept": (0.0, 0.0, np.inf)}, "intercept of an AU is inf, expected finite"),
    "threshold": ({"threshold": (0.5, 1.0, 0.5)}, "threshold of an AU is 1.0, expected between 0"),
    "NaN": ({"threshold": (0.5, np.nan, 0.5)}, "threshold of an AU is nan, expected between 0"),
    "length": ({"slope": (1.0, 2.0)}, r"slope is \(1.0, 2.0\), expected a number for each AU"),
    "list": ({"slope": [1.0, 1.0, 1.0]}, r"slope is \[1.0, 1.0, 1.0\], expected a number for"),
    "nothing": ({"evidence": ()}, "evidence is empty, expected one or more"),
}
WRONG_EVIDENCE = {
    "words": ({"faces": " "}, "faces is ' ', expected words"),
    "all": ({"faces": "All"}, "faces is 'All', expected words in one line, without ';', and not"),
    "two": ({"faces": "one; two"}, "faces is 'one; two', expected words in one line, without ';'"),
    "lines": ({"faces": "one\ntwo"}, r"faces is 'one.*two', expected words in one line"),
    "people": ({"people": -1}, "people is -1, expected how many are real, or 0"),
    "no count": ({"people": True}, "people is True, expected how many are real, or 0"),
    "frames": ({"present_frames": (9, 9)}, r"present_frames is \(9, 9\), expected a number for"),
    "no frames": (
        {"absent_frames": (9, 0, 9)},
        "absent_frames of an AU is 0, false_calls 0.0; exp",
    ),
    "no number": ({"auc": (0.9, 0.8, "1")}, "auc of an AU is '1', expected 0 to 1 or NaN"),
    "AUC": ({"auc": (0.9, 0.8, 1.5)}, "auc of an AU is 1.5, expected 0 to 1 or NaN"),
    "share": ({"found": (0.9, 0.8, -0.1)}, "found of an AU is -0.1, expected 0 to 1 or NaN"),
    "length": ({"false_calls": (0.1,)}, r"false_calls is \(0.1,\), expected a number for each AU"),
}


@pytest.mark.parametrize(("changes", "message"), WRONG.values(), ids=WRONG)
def test_wrong_values_are_refused_also_in_a_file(clips, tmp_path, changes, message):
    with pytest.raises(InputError, match=message):
        replace(JUDGEMENT, **changes)
    spoil(clips, tmp_path, asdict(JUDGEMENT) | changes)
    with pytest.raises(InputError, match=rf"weights.pt: how the network .* \({message}.*; judge"):
        load_model(tmp_path / "weights.pt")


@pytest.mark.parametrize(("changes", "message"), WRONG_EVIDENCE.values(), ids=WRONG_EVIDENCE)
def test_wrong_evidence_is_refused_also_in_a_file(clips, tmp_path, changes, message):
    with pytest.raises(InputError, match=message):
        replace(JUDGEMENT.evidence[0], **changes)
    content = asdict(JUDGEMENT)
    content["evidence"] = ({**content["evidence"][0], **changes},)
    spoil(clips, tmp_path, content)
    with pytest.raises(InputError, match=rf"weights.pt: how the network .* \({message}.*; judge"):
        load_model(tmp_path / "weights.pt")


@pytest.mark.parametrize("found", [None, [1], {1: 2}, {"auc": (0.5,)}, {"a": 1}])
def test_what_is_no_judgement_is_refused(clips, tmp_path, found):
    spoil(clips, tmp_path, found)
    with pytest.raises(InputError, match="judge it anew with judge_weights"):
        load_model(tmp_path / "weights.pt")


def test_a_judgement_of_other_aus_is_refused(clips, tmp_path):
    of_two = judgement("people", "others", *[(0.5, 0.5)] * 4)
    save_model(trained(clips, judgement=of_two), tmp_path / "weights.pt")
    with pytest.raises(InputError, match="of 2 AUs, the network has 3"):
        load_model(tmp_path / "weights.pt")


def spoil(clips, folder, judgement):
    """A weights file with this in the judgement's place."""
    save_model(trained(clips), folder / "weights.pt")
    content = torch.load(folder / "weights.pt", weights_only=True)
    torch.save({**content, "judgement": judgement}, folder / "weights.pt")

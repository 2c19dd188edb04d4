"""Judging a network: the calibration against scikit-learn's, thresholds and the card by hand."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression

from facs3d.core.errors import InputError
from facs3d.evaluation.judging import (
    UNDECIDED,
    card_of,
    choose_threshold,
    evidence_of,
    fit_platt,
    halve_subjects,
    interval_over_subjects,
    judge,
)
from facs3d.training.judgement import logit
from facs3d.training.models import build_model
from facs3d.training.predictions import Predictions, read_predictions, write_predictions
from facs3d.training.weights import TrainedModel, load_model, save_model
from tests.support.judgements import judgement
from tests.support.random_clips import EXPECTED_INPUT
from tests.support.scripts import run_script
from tests.support.trainings import ARCHITECTURE

AUS = (1, 12)


def make(label, probability, subject=None) -> Predictions:
    label, probability = np.array(label, np.int8), np.array(probability, float)
    subject = ["F001"] * len(label) if subject is None else subject
    video = np.array([f"{name}_T1" for name in subject])
    return Predictions(
        video, np.array(subject), np.arange(len(label)), probability, label, AUS[: label.shape[1]]
    )


def random_predictions(n_subjects=8, n_frames=60) -> Predictions:
    """AU 12 is told well, but too surely; AU 1 hardly at all."""
    random = np.random.default_rng(1)
    size = (n_subjects * n_frames, 2)
    label = (random.random(size) < 0.3).astype(np.int8)
    logits = (2 * label - 1) * (0.2, 6.0) + random.normal(size=size) * (1.0, 4.0)
    subject = np.repeat([f"F{n:03d}" for n in range(n_subjects)], n_frames)
    return make(label, 1 / (1 + np.exp(-logits)), subject)


def frozen() -> FrozenEstimator:
    """A classifier whose decision is its input."""
    classifier = LogisticRegression()
    classifier.classes_ = np.array([0, 1])
    classifier.coef_, classifier.intercept_ = np.ones((1, 1)), np.zeros(1)
    return FrozenEstimator(classifier)


@pytest.mark.parametrize("column", [0, 1])
def test_the_calibration_is_that_of_scikit_learn(column):
    predictions = random_predictions()
    label, probability = predictions.label[:, column], predictions.probability[:, column]
    features = logit(probability)[:, np.newaxis]
    oracle = CalibratedClassifierCV(frozen(), method="sigmoid").fit(features, label)
    slope, intercept = fit_platt(label, probability)
    found = 1 / (1 + np.exp(-(slope * features[:, 0] + intercept)))
    np.testing.assert_allclose(found, oracle.predict_proba(features)[:, 1], atol=1e-4)
    assert abs(slope - 1) > 0.2


def test_frames_of_unknown_label_do_not_count():
    predictions = random_predictions()
    label, probability = predictions.label[:, 1], predictions.probability[:, 1].copy()
    expected = fit_platt(label[20:], probability[20:])
    hidden = np.concatenate((np.full(20, -1, np.int8), label[20:]))
    assert fit_platt(hidden, probability) == pytest.approx(expected)
    probability[:20] = 0.94
    assert choose_threshold(hidden, probability) == choose_threshold(label[20:], probability[20:])


def test_labels_that_a_threshold_separates_have_platts_targets():
    """Two logits, -2 and 2, with nine frames each: the fit says (n + 1) / (n + 2) = 10/11 at 2."""
    label = np.repeat(np.array([0, 1], np.int8), 9)
    probability = np.where(label == 1, 1 / (1 + np.exp(-2)), 1 / (1 + np.exp(2)))
    slope, intercept = fit_platt(label, probability)
    assert slope == pytest.approx(np.log(10) / 2)
    assert intercept == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize(
    "label", [[1, 1, 1, 1], [0, 0, 0, 0], [-1] * 4, [1, 1, 0, 0]], ids=["1", "0", "-1", "backwards"]
)
def test_where_nothing_can_be_learned_probabilities_stay(label):
    label = np.array(label, np.int8)
    assert fit_platt(label, np.array([0.1, 0.2, 0.7, 1.0])) == (1, 0)
    assert fit_platt(label, np.full(4, 0.7)) == (1, 0)


@pytest.mark.parametrize(
    ("label", "probability", "threshold"),
    [
        # F1 at 0.9, 0.6, 0.4, 0.2: 1/2, 0.8, 1, 6/7.
        ([0, 1, 0, 1, 1], [0.1, 0.4, 0.2, 0.6, 0.9], 0.4),
        # From 0.8 down 2/3, 1/2, 2/5, 2/3, of a precision of 1, 1/2, 1/3, 1/2: the first of equals.
        ([1, 0, 0, 1], [0.8, 0.7, 0.6, 0.3], 0.8),
        # F1 0, 0, 0.5, the precision of which is 1/3: no other is better.
        ([0, 0, 1], [0.8, 0.7, 0.6], 0.6),
        # All called have 8/13, but 4 of 9 are right; of the precise 0.9 is the best, with 2/5.
        ([1, 0, 0, 0, 0, 0, 1, 1, 1], [0.9, *[0.5] * 5, 0.4, 0.4, 0.4], 0.9),
        # Within the limits.
        ([0, 1], [0.01, 0.99], 0.95),
        ([0, 1], [0.001, 0.01], 0.05),
        ([1, 1], [0.2, 0.9], UNDECIDED),
        ([0, 0], [0.2, 0.9], UNDECIDED),
        ([-1, -1], [0.2, 0.9], UNDECIDED),
    ],
)
def test_thresholds_by_hand(label, probability, threshold):
    assert choose_threshold(np.array(label, np.int8), np.array(probability)) == threshold


def test_people_are_halved_and_none_is_in_both_halves():
    predictions = random_predictions(n_subjects=9)
    one, other = halve_subjects(predictions, seed=3)
    assert (len(set(one.subject)), len(set(other.subject))) == (4, 5)
    assert not {*one.subject} & {*other.subject}
    assert len(one.label) + len(other.label) == len(predictions.label)
    drawn = {tuple(np.unique(halve_subjects(predictions, seed)[0].subject)) for seed in range(9)}
    assert len(drawn) > 5
    again = halve_subjects(predictions, seed=3)[0]
    np.testing.assert_array_equal(again.probability, one.probability)


def test_what_is_said_is_measured_on_people_that_nothing_was_fitted_on():
    predictions = random_predictions()
    judged = judge(predictions, "rendered people", seed=3)
    fitted, measured = halve_subjects(predictions, seed=3)
    assert judged.judgement.judged_on == "4 rendered people not trained on"
    assert judged.judgement.slope[1] == fit_platt(fitted.label[:, 1], fitted.probability[:, 1])[0]
    assert set(judged.predictions.subject) == set(measured.subject)
    pairs = [
        (positive > negative) + (positive == negative) / 2
        for positive in measured.probability[measured.label[:, 1] == 1, 1]
        for negative in measured.probability[measured.label[:, 1] == 0, 1]
    ]
    assert judged.judgement.auc[1] == pytest.approx(np.mean(pairs))
    row = judged.table.iloc[1]
    assert row["brier_after"] < row["brier_before"]
    assert judged.judgement.grades == ("poor", "fair")
    (known,) = judged.judgement.evidence
    (of_real,) = judge(predictions, "people", seed=3, real=True).judgement.evidence
    assert of_real == replace(known, faces="4 people not trained on", people=4)
    assert not known.real


def test_evidence_by_hand():
    """Slope 2 makes odds their square: 0.6 is 2.25 to 1, and reaches 0.6923. Frames 0 and 3 are at
    rest, 4 is not known to be."""
    label = [[0, 0], [1, 0], [1, 1], [0, 0], [0, -1]]
    probability = [[0.7, 0.1], [0.5, 0.6], [0.6, 0.9], [0.1, 0.2], [0.9, 0.9]]
    predictions = make(label, probability)
    found = evidence_of(
        *("others", False, predictions, (1, 4, 12)),
        *((2.0, 1.0, 1.0), (0.0, 0.0, 0.0), (0.69, 0.5, 0.85)),
    )
    np.testing.assert_allclose(found.auc, [2 / 6, np.nan, 1])
    np.testing.assert_allclose(found.found, [1 / 2, np.nan, 1])
    np.testing.assert_allclose(found.false_calls, [1 / 2, np.nan, 0])
    assert (found.present_frames, found.absent_frames) == ((2, 0, 1), (2, 0, 2))


def test_other_datasets_are_evidence_of_all_their_people():
    predictions = random_predictions()
    other = random_predictions(n_subjects=3)
    flipped = replace(other, label=1 - other.label)
    judged = judge(predictions, "rendered people", 3, others={"warps": flipped}).judgement
    alone = judge(predictions, "rendered people", 3).judgement
    assert judged.evidence[0] == alone.evidence[0]
    assert (judged.threshold, judged.slope) == (alone.threshold, alone.slope)
    assert judged.judged_on == "4 rendered people not trained on; 3 warps"
    assert alone.grades == ("poor", "fair")
    assert judged.grades == ("poor", "poor")


def test_the_interval_of_what_is_called_is_over_people():
    """One of ten has all of the calls: no draw of people has less than none, and one in three has
    none. Each frame for itself would give 0.05 to 0.18."""
    subject = np.repeat([f"F{n}" for n in range(10)], 10)
    low, high = interval_over_subjects(subject == "F3", subject, seed=1)
    assert low == 0
    # Binomial of 10 and 1/10: P(more than 3 times) is 0.013, P(more than 2) 0.07.
    assert high == pytest.approx(0.3)
    alike = np.tile([True, False], 50)
    assert interval_over_subjects(alike, subject, seed=1) == (0.5, 0.5)


def test_where_nothing_or_everything_is_called_the_interval_is_wilsons():
    subject = np.repeat([*"abcdefghij"], 4)
    expected = binomtest(0, 10).proportion_ci(method="wilson")
    assert interval_over_subjects(np.zeros(40, bool), subject, 1) == pytest.approx(tuple(expected))
    expected = binomtest(10, 10).proportion_ci(method="wilson")
    assert interval_over_subjects(np.ones(40, bool), subject, 1) == pytest.approx(tuple(expected))
    assert np.isnan(interval_over_subjects(np.zeros(0, bool), subject[:0], 1)).all()


def test_the_interval_is_that_of_people_drawn_with_replacement():
    """Of ten people, five are called all the time and five never: the
    share is binomial of 10 and 1/2, P(X <= 1) = .011 and P(X <= 2) = .055."""
    subject = np.repeat([*"abcdefghij"], 4)
    called = np.isin(subject, [*"acegi"])
    assert interval_over_subjects(called, subject, 1) == pytest.approx((0.2, 0.8))


def test_the_card_by_hand():
    """Frames 2 and 4 are neutral; 5 is not known to be."""
    label = [[1, 0], [0, 0], [0, 1], [0, 0], [0, -1]]
    before = make(label, [[0.5, 0.5], [0.5, 0.5], [0.5, 0.5], [0.5, 0.5], [0.5, 0.5]])
    after = make(label, [[0.9, 0.1], [0.6, 0.2], [0.2, 0.7], [0.1, 0.8], [0.2, 0.9]])
    judged = judgement(
        "rendered people", "others", (0.9, np.nan), (1.0, 1.0), (0.0, 0.0), (0.6, 0.5)
    )
    one, two = card_of(judged, before, after, seed=1).to_dict("records")
    assert one == pytest.approx(
        {
            "au": "AU01",
            "base_rate": 0.2,
            "auc": 0.9,
            # One person, who is drawn every time.
            **dict.fromkeys(("neutral_called", "neutral_low", "neutral_high"), 0.5),
            # Of two called one is right, and it is all there is.
            "f1": 2 / 3,
            "brier_before": 0.25,
            "brier_after": (0.01 + 0.36 + 0.04 + 0.01 + 0.04) / 5,
            "slope": 1.0,
            "intercept": 0.0,
            "threshold": 0.6,
        }
    )
    assert (two["base_rate"], two["neutral_called"]) == (0.25, 0.5)
    assert two["brier_after"] == pytest.approx((0.01 + 0.04 + 0.09 + 0.64) / 4)


def test_an_au_that_is_never_absent_has_no_auc_and_is_poor():
    label = np.ones((8, 2), np.int8)
    label[::2, 1] = 0
    predictions = make(label, np.full((8, 2), 0.7), [*"aabbccdd"])
    judged = judge(predictions, "rendered people", seed=1)
    assert np.isnan(judged.judgement.auc[0])
    assert (judged.judgement.slope[0], judged.judgement.threshold[0]) == (1, UNDECIDED)
    assert judged.judgement.grades == ("poor", "poor")
    assert judged.table[["neutral_called", "neutral_low", "neutral_high"]].isna().all(axis=None)
    np.testing.assert_allclose(judged.calibrated.probability[:, 0], 0.7)


def test_one_person_cannot_be_halved():
    with pytest.raises(InputError, match=r"predictions of 1 subjects, expected two or more"):
        judge(make([[1, 0]], [[0.5, 0.5]]), "rendered people", seed=1)


def write_fold(folder, action_units=AUS):
    network = build_model("cnn2d", ARCHITECTURE, (4, 20, 20), len(action_units), seed=1)
    trained = TrainedModel(
        "cnn2d", ARCHITECTURE, action_units, (4, 20, 20), network, EXPECTED_INPUT
    )
    save_model(trained, folder / "weights.pt")
    write_predictions(random_predictions(), folder / "predictions.csv")
    (folder / "provenance.json").write_text('{"data": "of a fold"}')


def run(folder, trained_on="rendered people", *more):
    options = {
        "weights": "weights.pt",
        "predictions": "predictions.csv",
        "trained-on": trained_on,
        "made-with": "provenance.json",
        "seed": 3,
        "output": "judged.pt",
        "table": "card.csv",
        "evidence": "evidence.csv",
        "uncalibrated": "as_made.csv",
        "calibrated": "calibrated.csv",
        "provenance": "judged.json",
    }
    words = [word for name, value in options.items() for word in (f"--{name}", value)]
    return run_script("judge_weights", *words, *more, folder=folder)


def test_the_script_judges_a_fold(tmp_path):
    write_fold(tmp_path)
    other = tmp_path / "across/elsewhere/cnn2d/repeat1/fold1/predictions.csv"
    other.parent.mkdir(parents=True)
    write_predictions(random_predictions(n_subjects=3), other)
    done = run(tmp_path, "rendered people", "--others", other)
    assert done.returncode == 0, done.stderr
    trained, judged = load_model(tmp_path / "weights.pt"), load_model(tmp_path / "judged.pt")
    assert trained.judgement is None
    others = {"subjects of elsewhere": random_predictions(n_subjects=3)}
    expected = judge(random_predictions(), "rendered people", seed=3, others=others)
    assert judged.judgement.trained_on == "rendered people"
    assert judged.judgement.threshold == pytest.approx(expected.judgement.threshold)
    made = json.loads((tmp_path / "judged.json").read_text())
    assert made["data"] == "of a fold"
    assert made["judged_on"] == expected.judgement.judged_on
    card = pd.read_csv(tmp_path / "card.csv")
    pd.testing.assert_frame_equal(card, expected.table)
    sources = pd.read_csv(tmp_path / "evidence.csv")
    assert [*sources["faces"].unique()] == [*judged.judgement.judged_on.split("; "), "all"]
    assert [*sources["grade"][-2:]] == [*judged.judgement.grades]
    as_made, calibrated = (
        read_predictions(tmp_path / name) for name in ("as_made.csv", "calibrated.csv")
    )
    assert set(as_made.subject) < set(random_predictions().subject)
    np.testing.assert_allclose(
        calibrated.probability, judged.judgement.calibrated(as_made.probability), rtol=1e-6
    )


def test_the_script_is_told_whom_others_show(tmp_path):
    write_fold(tmp_path)
    other = tmp_path / "across/elsewhere/cnn2d/repeat1/fold1/predictions.csv"
    other.parent.mkdir(parents=True)
    write_predictions(random_predictions(n_subjects=3), other)
    shown = ("--others", other, "--others-show", "warps of one portrait")
    run(tmp_path, "rendered people", *shown).check_returncode()
    judged = json.loads((tmp_path / "judged.json").read_text())["judged_on"]
    assert judged == "4 rendered people not trained on; 3 warps of one portrait"
    done = run(tmp_path, "rendered people", *shown, "more")
    assert done.stderr.startswith("error: --others-show: 2 different ones, but --others has 1")


@pytest.mark.parametrize(
    ("action_units", "trained_on", "message"),
    [
        (
            (1, 6),
            "rendered people",
            r"predictions.csv: of AUs [1, 12], but weights.pt is for [1, 6]",
        ),
        (AUS, " ", "trained_on is ' ', expected words"),
    ],
)
def test_what_does_not_belong_together_is_refused_and_leaves_nothing(
    tmp_path, action_units, trained_on, message
):
    write_fold(tmp_path, action_units)
    done = run(tmp_path, trained_on)
    assert done.returncode == 1
    assert done.stderr.startswith(f"error: {message}")
    assert not list(tmp_path.glob("judged*")) + list(tmp_path.glob("card*"))

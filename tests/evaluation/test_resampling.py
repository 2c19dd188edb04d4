"""Scores of resampled subjects: by hand, and scikit-learn's with a weight for each frame."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, f1_score, roc_auc_score

from facs3d.evaluation.metrics import METRICS, PAPER_METRICS
from facs3d.evaluation.resampling import (
    CHANCE,
    PAPER_SCORES,
    SCORES,
    area_under_roc,
    count_by_subject,
    draw_subjects,
    f1,
    skew_normalised_f1,
)

EVERYBODY = np.ones((1, 1), int)


def of_table(hits: int, misses: int, false_alarms: int, rejections: int):
    """The counts of one subject whose frames have this confusion table."""
    counts = (hits, misses, false_alarms, rejections)
    label = np.repeat([1, 1, 0, 0], counts).astype(np.int8)
    probability = np.repeat([0.9, 0.1, 0.9, 0.1], counts)
    return count_by_subject(label, probability, np.full(len(label), "F001"), 0.5)


def test_hand_worked_f1_and_skew_normalised_f1():
    counts = of_table(30, 10, 20, 140)
    assert f1(counts, EVERYBODY) == pytest.approx(60 / 90)
    # Of 40 present frames 3/4 are called, of 160 absent ones 1/8; as many of both: 30, 10, 5, 35.
    assert skew_normalised_f1(counts, EVERYBODY) == pytest.approx(60 / 75)
    assert f1(of_table(30, 10, 5, 35), EVERYBODY) == pytest.approx(60 / 75)


def test_the_skew_of_a_dataset_moves_f1_but_not_the_others():
    rare, common = of_table(6, 2, 20, 140), of_table(600, 200, 20, 140)
    assert f1(rare, EVERYBODY) < 0.4 < 0.8 < f1(common, EVERYBODY)
    for score in (skew_normalised_f1, area_under_roc):
        assert score(rare, EVERYBODY) == pytest.approx(score(common, EVERYBODY))


def test_chance_is_a_coins_confusion_table():
    """Of 100 frames 20 are present, and the coin calls a fifth of each kind: 4, 16, 16, 64."""
    coin = of_table(4, 16, 16, 64)
    for name, score in SCORES.items():
        assert CHANCE[name](np.array([0.2]))[0] == pytest.approx(score(coin, EVERYBODY)[0])


@st.composite
def frames_of_people(draw):
    """Labels, coarse probabilities (with ties), subjects, and how often each of these is drawn."""
    n = draw(st.integers(1, 40))
    label = draw(st.lists(st.sampled_from([1, 0, -1]), min_size=n, max_size=n))
    tenths = draw(st.lists(st.integers(0, 10), min_size=n, max_size=n))
    people = draw(st.lists(st.integers(0, 3), min_size=n, max_size=n))
    subjects, index = np.unique(np.array([f"F{person}" for person in people]), return_inverse=True)
    drawn = draw(st.lists(st.integers(0, 3), min_size=len(subjects), max_size=len(subjects)))
    return np.array(label, np.int8), np.array(tenths) / 10, subjects[index], np.array(drawn)


@given(frames_of_people())
def test_a_subject_drawn_twice_counts_twice_as_by_scikit_learns_weights(frames):
    label, probability, subject, drawn = frames
    counts = count_by_subject(label, probability, subject, 0.5)
    found = {name: score(counts, drawn[np.newaxis])[0] for name, score in SCORES.items()}
    weight = drawn[np.unique(subject, return_inverse=True)[1]] * (label >= 0)
    kept = weight > 0
    true, weight, probability = label[kept] == 1, weight[kept], probability[kept]
    called = probability >= 0.5
    if not true.any():
        assert all(map(np.isnan, found.values()))
        return
    assert found["F1"] == pytest.approx(f1_score(true, called, sample_weight=weight))
    if true.all():
        assert np.isnan(found["AUC"])
        assert np.isnan(found["F1_skew_normalised"])
        return
    auc = roc_auc_score(true, probability, sample_weight=weight)
    assert found["AUC"] == pytest.approx(auc)
    balanced = weight / np.where(true, weight[true].sum(), weight[~true].sum())
    expected = f1_score(true, called, sample_weight=balanced)
    assert found["F1_skew_normalised"] == pytest.approx(expected)


@given(frames_of_people())
def test_accuracy_and_negative_agreement_by_scikit_learns_weights(frames):
    label, probability, subject, drawn = frames
    counts = count_by_subject(label, probability, subject, 0.5)
    acc, na, s = (
        PAPER_SCORES[name](counts, drawn[np.newaxis])[0]
        for name in ("ACC", "negative_agreement", "S")
    )
    weight = drawn[np.unique(subject, return_inverse=True)[1]] * (label >= 0)
    kept = weight > 0
    true, weight, called = label[kept] == 1, weight[kept], probability[kept] >= 0.5
    if not kept.any():
        assert np.isnan([acc, na, s]).all()
        return
    assert acc == pytest.approx(accuracy_score(true, called, sample_weight=weight))
    assert s == pytest.approx(2 * acc - 1)
    if true.all():
        assert np.isnan(na)
    else:
        assert na == pytest.approx(f1_score(~true, ~called, sample_weight=weight))


@given(frames_of_people())
def test_everybody_once_is_the_tables_metric(frames):
    label, probability, subject, drawn = frames
    counts = count_by_subject(label, probability, subject, 0.3)
    assert tuple(PAPER_SCORES) == PAPER_METRICS
    for name, score in PAPER_SCORES.items():
        expected = METRICS[name](label, probability, 0.3)
        found = score(counts, np.ones((1, len(drawn)), int))[0]
        assert found == pytest.approx(expected, nan_ok=True)


def test_draws_begin_with_everybody_and_have_as_many_subjects():
    strata = [list("abcdefg"), list("xyz")]
    by_subject = draw_subjects(strata, 500, np.random.default_rng(1))
    drawn, others = (np.column_stack([by_subject[name] for name in names]) for names in strata)
    assert drawn.shape == (501, 7)
    assert (drawn[0] == 1).all()
    assert (drawn.sum(axis=1) == 7).all()
    assert (others.sum(axis=1) == 3).all()
    # Left out of a draw with chance (6/7)^7.
    assert (drawn[1:] == 0).mean() == pytest.approx((6 / 7) ** 7, abs=0.02)

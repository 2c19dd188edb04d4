"""Metrics against scikit-learn, hand-worked numbers, the paper's own tables, and their algebra."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as sklearn_metrics

from facs3d.core.errors import InputError
from facs3d.evaluation.metrics import (
    METRICS,
    accuracy,
    area_under_precision_recall,
    area_under_roc,
    f1,
    free_marginal_kappa,
    group_metrics,
    negative_agreement,
    pooled_metrics,
    s_score,
)
from facs3d.evaluation.runs import Run
from tests.support.fake_results import AUS, N_FRAMES, predictions_of

PAPER = Path(__file__).parents[2] / "config" / "paper"
MODELS = ("cnn2d", "cnn2d_lstm", "facs3d")

# By hand: TP 2, FN 1, FP 1, TN 2, two unknown; of the 9 pairs (positive, negative) 7 rank rightly.
LABEL = np.array([1, 1, 1, 0, 0, 0, -1, -1], np.int8)
PROBABILITY = np.array([0.9, 0.5, 0.3, 0.6, 0.2, 0.1, 0.99, 0.0])


@st.composite
def scored_frames(draw) -> tuple[np.ndarray, np.ndarray]:
    """Labels in {1, 0, -1} and probabilities (coarse, so that ties occur) of up to 40 frames."""
    n = draw(st.integers(0, 40))
    label = draw(st.lists(st.sampled_from([1, 0, -1]), min_size=n, max_size=n))
    tenths = draw(st.lists(st.integers(0, 10), min_size=n, max_size=n))
    return np.array(label, np.int8), np.array(tenths, np.float64) / 10


@pytest.mark.parametrize(
    ("metric", "value"),
    [(f1, 2 / 3), (negative_agreement, 2 / 3), (accuracy, 4 / 6), (s_score, 1 / 3)],
)
def test_hand_worked_values_leave_unknown_frames_out(metric, value):
    assert metric(LABEL, PROBABILITY, 0.5) == pytest.approx(value)


def test_hand_worked_auc():
    assert area_under_roc(LABEL, PROBABILITY, 0.5) == pytest.approx(7 / 9)


def test_a_probability_at_the_threshold_is_positive():
    assert accuracy(np.array([1], np.int8), np.array([0.5]), 0.5) == 1
    assert accuracy(np.array([1], np.int8), np.array([0.5]), 0.51) == 0


@given(scored_frames(), st.sampled_from([0.0, 0.3, 0.5, 1.0]))
def test_metrics_equal_scikit_learns(frames, threshold):
    label, probability = frames
    true, called = label[label >= 0], probability[label >= 0] >= threshold
    if not len(true):
        assert all(np.isnan(m(label, probability, threshold)) for m in METRICS.values())
        return
    assert accuracy(label, probability, threshold) == pytest.approx(
        sklearn_metrics.accuracy_score(true, called)
    )
    for positive, metric in ((1, f1), (0, negative_agreement)):
        if (true == positive).any():
            expected = sklearn_metrics.f1_score(true, called, pos_label=positive)
            assert metric(label, probability, threshold) == pytest.approx(expected)
        else:
            assert np.isnan(metric(label, probability, threshold))
    auc = area_under_roc(label, probability, threshold)
    if len(set(true)) == 2:
        expected = sklearn_metrics.roc_auc_score(true, probability[label >= 0])
        assert auc == pytest.approx(expected)
    else:
        assert np.isnan(auc)


def test_pr_auc_by_hand():
    # From the most probable down: right, wrong, right, right at recall 1/3, 1/3, 2/3, 1.
    found = area_under_precision_recall(LABEL, PROBABILITY, 0.5)
    assert found == pytest.approx((1 + 2 / 3 + 3 / 4) / 3)
    # Without skill (all frames equally probable) it is the base rate, where AUC is one half.
    label = np.array([1, 0, 0, 0], np.int8)
    assert area_under_precision_recall(label, np.full(4, 0.7), 0.5) == 0.25
    assert area_under_roc(label, np.full(4, 0.7), 0.5) == 0.5


def test_pooled_metrics_are_scikit_learn_s_micro_averages():
    predictions = predictions_of("facs3d", 1)
    coded = (predictions.label >= 0).all(axis=1)
    label, probability = predictions.label[coded], predictions.probability[coded]
    pooled = pooled_metrics({Run("facs3d", 1, 1): predictions}, 0.5).set_index("metric")["value"]
    called = probability >= 0.5
    expected = {
        "F1": sklearn_metrics.f1_score(label, called, average="micro"),
        "negative_agreement": sklearn_metrics.f1_score(1 - label, ~called, average="micro"),
        "ACC": (label == called).mean(),
        "AUC": sklearn_metrics.roc_auc_score(label, probability, average="micro"),
        "PR-AUC": sklearn_metrics.average_precision_score(label, probability, average="micro"),
    }
    for name, value in expected.items():
        assert pooled[name] == pytest.approx(value), name


@given(scored_frames())
def test_bounds_and_symmetries(frames):
    label, probability = frames
    swapped = np.where(label == -1, -1, 1 - label).astype(np.int8)
    values = {name: metric(label, probability, 0.55) for name, metric in METRICS.items()}
    mirrored = {name: metric(swapped, 1 - probability, 0.45) for name, metric in METRICS.items()}
    for name, value in values.items():
        assert np.isnan(value) or (-1 if name == "S" else 0) <= value <= 1
    np.testing.assert_allclose(mirrored["F1"], values["negative_agreement"])
    np.testing.assert_allclose(mirrored["negative_agreement"], values["F1"])
    for name in ("ACC", "S", "AUC"):
        np.testing.assert_allclose(mirrored[name], values[name])
    np.testing.assert_allclose(values["S"], 2 * values["ACC"] - 1, atol=1e-12)


def test_undefined_without_positives_without_negatives_without_frames():
    probability = np.array([0.2, 0.7])
    absent, present = np.zeros(2, np.int8), np.ones(2, np.int8)
    undefined = {n for n, metric in METRICS.items() if np.isnan(metric(absent, probability, 0.5))}
    assert undefined == {"F1", "AUC", "PR-AUC"}
    undefined = {n for n, metric in METRICS.items() if np.isnan(metric(present, probability, 0.5))}
    assert undefined == {"negative_agreement", "AUC", "PR-AUC"}
    unknown = np.full(2, -1, np.int8)
    assert all(np.isnan(metric(unknown, probability, 0.5)) for metric in METRICS.values())


def test_free_marginal_kappa_of_three_raters_and_three_categories_by_hand():
    # Agreeing pairs: 6 of 6, 2 of 6, 0 of 6 -> P_o = 8/18; P_e = 1/3; kappa = (1/9)/(2/3).
    counts = np.array([[3, 0, 0], [2, 1, 0], [1, 1, 1]])
    assert free_marginal_kappa(counts) == pytest.approx(1 / 6)
    assert free_marginal_kappa(np.array([[4, 0], [0, 4]])) == 1
    assert np.isnan(free_marginal_kappa(np.empty((0, 2), int)))


@pytest.mark.parametrize("counts", [[[2, 0], [1, 0]], [[1, 0]], [[2]]])
def test_free_marginal_kappa_refuses_what_eq_6_does_not_cover(counts):
    with pytest.raises(ValueError, match="annotators"):
        free_marginal_kappa(np.array(counts))


def test_table_one_of_the_paper_has_s_equal_to_twice_acc_minus_one():
    table = pd.read_csv(PAPER / "table1.csv").set_index("AU")
    # ACC and S are rounded to 0.01, so 2 ACC - 100 may be off by 0.015.
    off = {
        (au, model)
        for au in table.index
        for model in MODELS
        if abs(2 * table.loc[au, f"ACC_{model}"] - 100 - table.loc[au, f"S_{model}"]) > 0.0151
    }
    assert off == {("6", "cnn2d")}, "68.06 is printed where ACC 84.04 gives 68.08"


def test_the_paper_s_averages_are_the_means_of_its_rows():
    table = pd.read_csv(PAPER / "table1.csv").set_index("AU")
    means = table.drop(index="Ave").mean()
    assert (table.loc["Ave"] - means).abs().max() <= 0.0051
    best = {
        name: int((table[f"{name}_facs3d"] >= table[[f"{name}_{m}" for m in MODELS]].max(axis=1))
                  .drop("Ave").sum())
        for name in ("F1", "ACC", "S")
    }  # fmt: skip
    assert best == {"F1": 10, "ACC": 8, "S": 8}, "as its text says"


def test_table_two_of_the_paper_contradicts_s_and_acc_for_au_2_only():
    table = pd.read_csv(PAPER / "table2.csv").set_index("AU")
    differing = [
        (au, model)
        for au in table.index
        for model in MODELS[:2]
        if table.loc[au, f"ACC_{model}"] != table.loc[au, f"S_{model}"]
    ]
    assert differing == [(2, "cnn2d")]
    assert set(table.to_numpy().ravel()) == {"n.s.", "*", "**", "***"}


@pytest.mark.parametrize(
    ("unit", "keys", "n_units"),
    [("fold", [], 1), ("subject", ["subject"], 3), ("video", ["subject", "video"], 6)],
)
def test_group_metrics_has_a_row_for_every_unit_au_and_metric(unit, keys, n_units):
    table = group_metrics(predictions_of("facs3d", 2), unit, 0.5)
    assert list(table.columns) == [*keys, "au", "metric", "value", "n_frames", "n_positive"]
    assert len(table) == n_units * len(AUS) * len(METRICS)
    assert not table.duplicated([*keys, "au", "metric"]).any()
    absent = table[(table["au"] == 24) & table["metric"].isin(["F1", "AUC"])]
    assert (absent["n_positive"] == 0).all()
    assert absent["value"].isna().all()
    # Six videos, the three T6 with two frames uncoded.
    per_metric = table[(table["au"] == 1) & (table["metric"] == "F1")]
    assert per_metric["n_frames"].sum() == 6 * N_FRAMES - 6


def test_group_metrics_of_a_subject_are_those_of_its_frames():
    predictions = predictions_of("cnn2d", 1)
    table = group_metrics(predictions, "subject", 0.4)
    subject = predictions.subject[-1]
    rows = predictions.subject == subject
    of_subject = table[(table["subject"] == subject) & (table["au"] == 12)]
    found = of_subject.set_index("metric")["value"]
    for name, metric in METRICS.items():
        expected = metric(predictions.label[rows, 1], predictions.probability[rows, 1], 0.4)
        assert found[name] == expected


def test_a_new_metric_is_a_function_and_a_name(monkeypatch):
    monkeypatch.setitem(METRICS, "called", lambda label, probability, threshold: 0.25)
    table = group_metrics(predictions_of("cnn2d", 1), "fold", 0.5)
    assert (table.loc[table["metric"] == "called", "value"] == 0.25).sum() == len(AUS)


def test_bad_unit_and_threshold_are_named():
    with pytest.raises(InputError, match="no unit 'frame'"):
        group_metrics(predictions_of("cnn2d", 1), "frame", 0.5)
    with pytest.raises(InputError, match=r"threshold is 1\.5"):
        group_metrics(predictions_of("cnn2d", 1), "fold", 1.5)

"""Paired t-tests and Holm's correction against scipy and hand-worked examples."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from facs3d.core.errors import InputError
from facs3d.evaluation.metrics import metrics_of_runs
from facs3d.evaluation.runs import Run
from facs3d.evaluation.significance import compare_models, holm, paired_ttest, stars
from tests.support.fake_results import FOLDS, MODELS, N_FOLDS, predictions_of

RUNS = {
    Run(model, 1, fold): predictions_of(model, fold)
    for model in MODELS
    for fold in range(1, N_FOLDS + 1)
}
BY_SUBJECT = metrics_of_runs(RUNS, "subject", 0.5)


def test_a_hand_worked_example():
    # Differences 1, 2, 3, 4: mean 2.5, variance 5/3, standard error sqrt(5/12), t = sqrt(15).
    # Student's t with 3 df: p = 0.030466; its 97.5 % quantile is 3.182446.
    test = paired_ttest(np.array([1.0, 2.0, 3.0, 4.0]))
    assert (test["n"], test["df"], test["mean_difference"]) == (4, 3, 2.5)
    assert test["t"] == pytest.approx(np.sqrt(15))
    assert test["p"] == pytest.approx(0.030466, abs=1e-6)
    assert test["ci_low"] == pytest.approx(2.5 - 3.182446 * np.sqrt(5 / 12), abs=1e-6)
    assert test["ci_high"] == pytest.approx(2.5 + 3.182446 * np.sqrt(5 / 12), abs=1e-6)
    assert test["d_z"] == pytest.approx(2.5 / np.sqrt(5 / 3))


@given(st.lists(st.floats(-1, 1).map(lambda x: round(x, 3)), min_size=2, max_size=30, unique=True))
def test_equals_scipy_and_turns_sign_with_the_differences(values):
    differences = np.array(values)
    test, turned = paired_ttest(differences), paired_ttest(-differences)
    expected = stats.ttest_1samp(differences, 0)
    assert test["t"] == pytest.approx(expected.statistic)
    assert test["p"] == pytest.approx(expected.pvalue)
    assert turned["t"] == pytest.approx(-test["t"])
    assert (turned["ci_low"], turned["ci_high"]) == pytest.approx(
        (-test["ci_high"], -test["ci_low"])
    )
    assert test["ci_low"] <= test["mean_difference"] <= test["ci_high"]


@pytest.mark.parametrize("differences", [[], [0.3], [0.0] * 5, [0.1] * 4, [0.3 - 0.2, 0.1]])
def test_undefined_with_too_few_pairs_or_no_variance(differences):
    test = paired_ttest(np.array(differences, dtype=float))
    assert test["n"] == len(differences)
    assert all(np.isnan(test[name]) for name in ("t", "df", "p", "ci_low", "ci_high", "d_z"))
    assert np.isnan(test["mean_difference"]) == (not differences)
    assert stars(test["p"]) == "undefined"


def test_holm_by_hand():
    # Ascending .005, .01, .03, .04 times 4, 3, 2, 1: .02, .03, .06, .04 -> .06.
    np.testing.assert_allclose(holm([0.01, 0.04, 0.03, 0.005]), [0.03, 0.06, 0.06, 0.02])
    np.testing.assert_allclose(holm([0.5, 0.6]), [1, 1])


def test_holm_does_not_count_tests_that_were_not_made():
    np.testing.assert_allclose(holm([0.02, np.nan, 0.03]), [0.04, np.nan, 0.04])
    assert holm([]).shape == (0,)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_holm_lies_between_no_correction_and_bonferroni_and_keeps_the_order(p):
    adjusted = holm(p)
    assert (adjusted >= p).all()
    assert (adjusted <= np.minimum(np.array(p) * len(p), 1)).all()
    by_p = adjusted[np.argsort(p, kind="stable")]
    assert (np.diff(by_p) >= 0).all()


@pytest.mark.parametrize(
    ("p", "mark"),
    [(0.0009, "***"), (0.001, "**"), (0.009, "**"), (0.01, "*"), (0.049, "*"), (0.05, "n.s.")],
)
def test_stars_mean_strictly_below_the_level(p, mark):
    assert stars(p) == mark


def test_comparing_models_equals_scipy_on_the_two_columns():
    table = compare_models(BY_SUBJECT, "subject", "facs3d")
    row = table.query("baseline == 'cnn2d' and au == 12 and metric == 'F1'").iloc[0]
    of = BY_SUBJECT.query("au == 12 and metric == 'F1'").set_index(["model", "subject"])["value"]
    subjects = sorted(FOLDS)
    ours, theirs = ([of[model, name] for name in subjects] for model in ("facs3d", "cnn2d"))
    expected = stats.ttest_rel(ours, theirs)
    assert row["n"] == len(subjects)
    assert row["t"] == pytest.approx(expected.statistic)
    assert row["p"] == pytest.approx(expected.pvalue)
    assert row["mean_difference"] == pytest.approx(np.mean(ours) - np.mean(theirs))


def test_pairs_with_an_undefined_metric_are_dropped_and_n_says_so():
    table = compare_models(BY_SUBJECT, "subject", "facs3d").set_index(["baseline", "au", "metric"])
    # AU 24 occurs in the three subjects of fold 1 only.
    assert table.loc[("cnn2d", 24, "F1"), "n"] == 3
    assert table.loc[("cnn2d", 24, "negative_agreement"), "n"] == 9


def test_s_and_acc_give_one_and_the_same_test():
    table = compare_models(BY_SUBJECT, "subject", "facs3d").set_index(["baseline", "au"])
    acc, s = (table[table["metric"] == name] for name in ("ACC", "S"))
    np.testing.assert_allclose(acc["t"], s["t"])
    np.testing.assert_allclose(2 * acc["mean_difference"], s["mean_difference"])
    assert acc["stars"].tolist() == s["stars"].tolist()


def test_holm_runs_over_the_aus_of_a_baseline_and_metric():
    table = compare_models(BY_SUBJECT, "subject", "facs3d")
    chosen = table.query("baseline == 'cnn2d_lstm' and metric == 'ACC'")
    np.testing.assert_allclose(chosen["p_holm"], holm(chosen["p"]))


def test_pairs_of_folds_with_one_defined_fold_are_undefined():
    table = compare_models(metrics_of_runs(RUNS, "fold", 0.5), "fold", "facs3d")
    row = table.query("baseline == 'cnn2d' and au == 24 and metric == 'AUC'").iloc[0]
    assert row["n"] == 1
    assert row["stars"] == "undefined"
    assert np.isnan(row["p_holm"])


def test_pairs_of_videos_come_from_the_same_predictions():
    table = compare_models(metrics_of_runs(RUNS, "video", 0.5), "video", "facs3d")
    assert table.query("au == 1 and metric == 'ACC'")["n"].tolist() == [18, 18]


def test_unusable_metrics_are_named():
    with pytest.raises(InputError, match="no column 'video'"):
        compare_models(BY_SUBJECT, "video", "facs3d")
    with pytest.raises(InputError, match="cannot compare 'resnet'"):
        compare_models(BY_SUBJECT, "subject", "resnet")
    only = BY_SUBJECT[BY_SUBJECT["model"] == "facs3d"]
    with pytest.raises(InputError, match="cannot compare 'facs3d'"):
        compare_models(only, "subject", "facs3d")
    with pytest.raises(InputError, match="a fold twice"):
        compare_models(BY_SUBJECT, "fold", "facs3d")
    with pytest.raises(InputError, match="a subject twice"):
        compare_models(pd.concat([BY_SUBJECT, BY_SUBJECT]), "subject", "facs3d")

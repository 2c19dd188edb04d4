"""The corrected resampled t-test: by hand, and by how often it finds what is not there."""

import numpy as np
import pytest

from facs3d.core.errors import InputError
from facs3d.evaluation.corrected import corrected_ttest, held_out_per_trained
from facs3d.evaluation.significance import paired_ttest
from tests.support.equal_models import N_FOLDS, train_and_test


def test_a_hand_worked_example():
    # Two repeats of two folds, a third of the subjects tested: n_test / n_train = 1/2.
    # Differences 1, 2, 3, 4: mean 5/2, variance 5/3, corrected variance of the mean
    # 5/3 (1/4 + 1/2) = 5/4, t = (5/2) / sqrt(5/4) = sqrt(5) = 2.236068.
    # Student's t with 3 df has the distribution function
    # 1/2 + (x / (1 + x²) + arctan x) / pi, x = t / sqrt(3) = 1.290994:
    # (0.484123 + 0.911738) / pi = 0.444316, p = 2 (0.5 - 0.444316) = 0.111368.
    # Its 97.5 % quantile is 3.182446: 2.5 ± 3.182446 · 1.118034 = 2.5 ± 3.558083.
    test = corrected_ttest(np.array([1.0, 2.0, 3.0, 4.0]), 0.5)
    assert (test["n"], test["df"], test["mean_difference"]) == (4, 3, 2.5)
    assert test["t"] == pytest.approx(2.236068, abs=1e-6)
    assert test["p"] == pytest.approx(0.111368, abs=2e-6)
    assert test["ci_low"] == pytest.approx(-1.058083, abs=1e-6)
    assert test["ci_high"] == pytest.approx(6.058083, abs=1e-6)


def test_without_overlap_it_is_the_plain_test():
    differences = np.random.default_rng(3).normal(0.2, 1, 15)
    corrected, plain = corrected_ttest(differences, 0.0), paired_ttest(differences)
    for name in corrected:
        assert corrected[name] == pytest.approx(plain[name])


def test_it_turns_sign_with_the_differences():
    differences = np.array([0.1, 0.4, -0.2, 0.3])
    test, turned = corrected_ttest(differences, 0.25), corrected_ttest(-differences, 0.25)
    assert (turned["t"], turned["p"]) == (pytest.approx(-test["t"]), pytest.approx(test["p"]))
    assert (turned["ci_low"], turned["ci_high"]) == pytest.approx(
        (-test["ci_high"], -test["ci_low"])
    )


@pytest.mark.parametrize("differences", [[], [0.3], [0.1] * 4])
def test_undefined_with_too_few_runs_or_no_variance(differences):
    test = corrected_ttest(np.array(differences, dtype=float), 0.25)
    assert test["n"] == len(differences)
    assert all(np.isnan(test[name]) for name in ("t", "df", "p", "ci_low", "ci_high"))


def test_subjects_tested_per_subject_trained_on():
    assert held_out_per_trained([{"a": 1, "b": 2, "c": 3, "d": 4, "e": 5}]) == pytest.approx(1 / 4)
    # Folds of 2 and 1, then of 1 and 2: 2/1 and 1/2 each.
    uneven = [{"a": 1, "b": 1, "c": 2}, {"a": 1, "b": 2, "c": 2}]
    assert held_out_per_trained(uneven) == pytest.approx(1.25)
    with pytest.raises(InputError, match="1 fold in a split"):
        held_out_per_trained([{"a": 1, "b": 1}])


def false_alarms(noise: float) -> dict[str, float]:
    """How often each test finds p < .05 between two learners that are equally good: of 400
    datasets, 2.2 points are two standard errors about 5 %."""
    by_subject, by_fold = train_and_test(n_datasets=400, noise=noise, seed=16)
    p = {"subjects": [], "folds": [], "all runs": [], "corrected": [], "averaged": []}
    for subjects, folds in zip(by_subject, by_fold, strict=True):
        p["subjects"].append(paired_ttest(subjects[0])["p"])
        p["folds"].append(paired_ttest(folds[0])["p"])
        p["all runs"].append(paired_ttest(folds.ravel())["p"])
        p["corrected"].append(corrected_ttest(folds.ravel(), 1 / (N_FOLDS - 1))["p"])
        p["averaged"].append(paired_ttest(subjects.mean(axis=0))["p"])
    return {name: float(np.mean(np.array(values) < 0.05)) for name, values in p.items()}


def test_only_the_corrected_test_keeps_its_level_where_trainings_are_noisy():
    found = false_alarms(noise=0.4)
    assert found["subjects"] > 0.12, "one training a fold: its luck is in every subject"
    assert found["all runs"] > 0.10, "runs share training subjects"
    assert found["corrected"] < 0.05
    assert found["averaged"] < found["subjects"] - 0.04, "most of the luck averages out"


def test_repeats_alone_do_not_make_more_subjects():
    found = false_alarms(noise=0.0)
    assert found["all runs"] > 0.3
    assert 0.01 < found["corrected"] < 0.072
    assert 0.028 < found["averaged"] < 0.072


def test_the_corrected_test_finds_what_is_there():
    _, by_fold = train_and_test(n_datasets=60, noise=0.4, seed=18, lead=1.0)
    p = [corrected_ttest(runs.ravel(), 1 / (N_FOLDS - 1))["p"] for runs in by_fold]
    assert np.mean(np.array(p) < 0.05) > 0.8

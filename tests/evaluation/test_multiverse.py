"""A training evaluated in several ways: each number by the tables' own metrics and tests."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from facs3d.core.errors import InputError
from facs3d.evaluation.metrics import METRICS, UNITS, metrics_of_runs
from facs3d.evaluation.multiverse import RESULTS, evaluate_in_ways
from facs3d.evaluation.runs import Run, pool
from facs3d.evaluation.significance import compare_models
from facs3d.evaluation.tables import read_table
from facs3d.evaluation.thresholds import choose_thresholds, move_thresholds
from facs3d.planning.multiverse import AVERAGES, EVALUATED
from tests.support.fake_results import AUS, N_FOLDS, predictions_of, write_results
from tests.support.scripts import run_script

MODELS = ("facs3d", "cnn2d")


def way(threshold=0.5, thresholds="fixed", pairs="subject", average="folds") -> dict:
    return dict(zip(EVALUATED, (threshold, thresholds, pairs, average), strict=True))


@pytest.fixture(scope="module")
def runs():
    folds = range(1, N_FOLDS + 1)
    return {Run(model, 1, fold): predictions_of(model, fold) for model in MODELS for fold in folds}


@pytest.fixture(scope="module")
def moved(runs):
    return move_thresholds(runs, choose_thresholds(runs), 0.5)


def evaluated(runs, metric="AUC", **of_way):
    table = evaluate_in_ways(runs, "facs3d", [way(**of_way)], seed=1)
    return table[table["metric"] == metric].iloc[0]


def mean_over_aus(runs, model, metric, average):
    """By :mod:`facs3d.evaluation.metrics`, as Table I is made."""
    if average == "pooled":
        label, probability = pool(runs, model)
        values = [METRICS[metric](*each, 0.5) for each in zip(label.T, probability.T, strict=True)]
        return np.nanmean(values)
    table = metrics_of_runs(runs, average.removesuffix("s"), 0.5)
    table = table[(table["model"] == model) & (table["metric"] == metric)]
    return table.groupby("au")["value"].mean().mean()


@pytest.mark.parametrize(
    ("metric", "thresholds", "average"), [*product(("AUC", "F1"), ("fixed", "training"), AVERAGES)]
)
def test_the_difference_is_that_of_the_tables_metrics(runs, moved, metric, thresholds, average):
    row = evaluated(runs, metric, thresholds=thresholds, average=average)
    judged = runs if thresholds == "fixed" else moved
    one, two = (mean_over_aus(judged, model, metric, average) for model in MODELS)
    assert [row["reference"], row["baseline"]] == pytest.approx([one, two])
    assert row["difference"] == pytest.approx(one - two)
    assert row["low"] < row["difference"] < row["high"]
    assert row["low"] > row["difference"] - 0.4


@pytest.mark.parametrize(
    ("metric", "unit"), [*product(("AUC", "F1"), ("fold", "subject", "video"))]
)
def test_the_tests_are_the_papers_over_the_unit(runs, metric, unit):
    row = evaluated(runs, metric, pairs=unit)
    metrics = metrics_of_runs(runs, unit, 0.5)
    tests = compare_models(metrics, unit, "facs3d").query(f"metric == '{metric}'")
    better, sure = tests["mean_difference"] > 0, tests["p"] < 0.05
    assert row["aus"] == (tests["n"] > 0).sum()
    assert row["aus_better"] == better.sum()
    assert row["aus_significantly_better"] == (sure & better).sum()
    assert row["aus_significantly_worse"] == (sure & ~better).sum()
    # Of the mean over AUs, as if it were one AU more.
    keys = ["model", "repeat", "fold", *UNITS[unit], "metric"]
    of_mean = metrics.groupby(keys)["value"].mean().reset_index().assign(au=0)
    test = compare_models(of_mean, unit, "facs3d").query(f"metric == '{metric}'").iloc[0]
    assert row["n"] == test["n"] == {"fold": 3, "subject": 9, "video": 18}[unit]
    assert row["p"] == pytest.approx(test["p"])
    assert row["verdict"] == ("significantly " if test["p"] < 0.05 else "") + "better"


def test_the_threshold_moves_f1_and_nothing_of_auc(runs):
    f1 = [evaluated(runs, "F1", threshold=threshold)["reference"] for threshold in (0.3, 0.5)]
    auc = [evaluated(runs, "AUC", threshold=threshold)["reference"] for threshold in (0.3, 0.5)]
    assert f1[0] != f1[1]
    assert auc[0] == auc[1]


def test_the_interval_is_of_paired_subjects(runs):
    """Two models that are alike but for one subject: only draws of it differ."""
    same = {run: runs[replace(run, model="facs3d")] for run in runs}
    run = Run("cnn2d", 1, 1)
    first = same[run].subject == same[run].subject[0]
    spoilt = np.where(first[:, np.newaxis], 0.5, same[run].probability)
    same[run] = replace(same[run], probability=spoilt)
    row = evaluated(same)
    assert row["difference"] > 0
    # One draw in e is without that subject: the models are alike in it, were it in both.
    assert row["low"] == 0


def test_a_model_against_itself_is_neither_better_nor_tested(runs):
    same = {run: runs[replace(run, model="facs3d")] for run in runs}
    row = evaluated(same)
    assert (row["difference"], row["aus_better"], row["verdict"]) == (0, 0, "")
    assert np.isnan([row["p"], row["low"], row["high"]]).all()


def test_every_way_has_a_row_of_each_metric_and_the_same_draws(runs):
    ways = [way(average=average) for average in AVERAGES]
    table = evaluate_in_ways(runs, "facs3d", ways, seed=1)
    assert list(table.columns) == [*EVALUATED, *RESULTS]
    assert table["average"].tolist() == [name for name in AVERAGES for _ in range(2)]
    alone = evaluate_in_ways(runs, "facs3d", ways[2:], seed=1)
    assert table[4:].reset_index(drop=True).equals(alone)
    other = evaluate_in_ways(runs, "facs3d", ways[2:], seed=2)
    assert (other["difference"] == alone["difference"]).all()
    assert (other["low"] != alone["low"]).all()


def test_two_models_are_expected(runs):
    only = {run: each for run, each in runs.items() if run.model == "cnn2d"}
    with pytest.raises(InputError, match=r"predictions of facs3d and one other model, found \('cn"):
        evaluate_in_ways(only, "facs3d", [way()], seed=1)


def test_the_script_adds_what_the_training_was(tmp_path):
    paths = [path for path in write_results(tmp_path) if "lstm" not in str(path)]
    done = run_script(
        *("evaluate_specification", "--predictions", *paths, "--training", "abc", "--seed", 1),
        *("--values", '{"training.class_weights": false, "architecture.channels": [4, 8]}'),
        *("--ways", str([way()]).replace("'", '"'), "--output", tmp_path / "e.csv"),
    )
    assert (done.returncode, done.stderr) == (0, "")
    table = read_table(tmp_path / "e.csv", text=("training.class_weights",))
    assert table["training"].tolist() == ["abc"] * 2
    assert table["training.class_weights"].tolist() == ["false"] * 2
    assert table["architecture.channels"].tolist() == ["4 8"] * 2
    assert table["aus"].tolist() == [len(AUS)] * 2

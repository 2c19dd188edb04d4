"""Thresholds chosen on training subjects: by hand, never by the fold they are used on."""

from dataclasses import replace

import numpy as np
import pytest

from facs3d.core.errors import InputError
from facs3d.evaluation.metrics import metrics_of_runs
from facs3d.evaluation.runs import Run
from facs3d.evaluation.tables import read_table
from facs3d.evaluation.thresholds import at_thresholds, choose_thresholds, move_thresholds
from facs3d.training.predictions import Predictions
from tests.support.fake_results import predictions_of, write_results
from tests.support.scripts import run_script


def of_frames(label, probability) -> Predictions:
    n = len(label)
    return Predictions(
        np.full(n, "F001_T1"),
        np.full(n, "F001"),
        np.arange(n),
        np.array(probability, float)[:, np.newaxis],
        np.array(label, np.int8)[:, np.newaxis],
        (12,),
    )


ONE, TWO, THREE = (Run("facs3d", 1, fold) for fold in (1, 2, 3))
RUNS = {
    ONE: of_frames([1, 1, 0, -1], [0.3, 0.2, 0.1, 0.9]),
    TWO: of_frames([1, 1, 0, 0], [0.8, 0.7, 0.6, 0.5]),
    THREE: of_frames([1, 0], [0.75, 0.4]),
}


def test_each_network_has_the_threshold_that_is_best_on_the_other_folds():
    chosen = choose_thresholds(RUNS)
    # Of folds 2 and 3 all present frames lie at 0.7 or above, all absent ones below.
    assert chosen[ONE] == (0.7,)
    # Of folds 1 and 3: 0.3 finds 2 of 3 with one wrong, 0.2 all of 3 with one wrong.
    assert chosen[TWO] == (0.2,)


def test_labels_of_the_held_out_fold_change_its_threshold_nowhere():
    turned = {**RUNS, ONE: replace(RUNS[ONE], label=1 - np.abs(RUNS[ONE].label))}
    assert choose_thresholds(turned)[ONE] == choose_thresholds(RUNS)[ONE]
    assert choose_thresholds(turned)[TWO] != choose_thresholds(RUNS)[TWO]


def test_it_is_that_of_the_highest_f1_whatever_its_precision_and_wherever_it_lies():
    # From 0.9 down F1 is 2/5, then at 0.4 8/13, where 4 of 9 calls are right; judged weights would
    # have 0.9. Of the other network's frames 0.02 tells all apart.
    rare = of_frames([1, 0, 0, 0, 0, 0, 1, 1, 1], [0.9, *[0.5] * 5, 0.4, 0.4, 0.4])
    runs = {ONE: rare, TWO: of_frames([0, 1], [0.01, 0.02])}
    assert choose_thresholds(runs) == {ONE: (0.02,), TWO: (0.4,)}


def test_probabilities_of_0_and_1_can_be_thresholds_too():
    sure = {ONE: of_frames([0, 1], [0.5, 1]), TWO: of_frames([1, 0, 1], [0, 0.3, 0.2])}
    moved = move_thresholds(sure, choose_thresholds(sure), 0.5)
    np.testing.assert_array_equal(moved[ONE].probability[:, 0] >= 0.5, [True, True])
    np.testing.assert_array_equal(moved[TWO].probability[:, 0] >= 0.5, [False] * 3)
    assert all(np.isfinite(one.probability).all() for one in moved.values())


@pytest.mark.parametrize("threshold", [0.5, 0.3])
def test_moved_probabilities_keep_their_order_and_cross_where_they_should(threshold):
    rng = np.random.default_rng(1)
    at = 0.137
    near = [np.nextafter(at, 0), at, np.nextafter(at, 1)]
    probability = np.concatenate([[0, 1], near, rng.random(1000)])
    runs = {ONE: of_frames(np.ones(len(probability)), probability)}
    moved = move_thresholds(runs, {ONE: (at,)}, threshold)[ONE].probability[:, 0]
    np.testing.assert_array_equal(moved >= threshold, probability >= at)
    assert (np.diff(moved[np.argsort(probability)]) >= 0).all()
    assert moved[[0, 1]].tolist() == [0, 1]
    assert moved[3] == threshold


def test_metrics_are_those_at_the_chosen_threshold_and_auc_stays():
    runs = {Run("cnn2d", 1, fold): predictions_of("cnn2d", fold) for fold in (1, 2, 3)}
    chosen = choose_thresholds(runs)
    found = metrics_of_runs(move_thresholds(runs, chosen, 0.5), "fold", 0.5)
    fixed = metrics_of_runs(runs, "fold", 0.5)
    for run in runs:
        by_hand = metrics_of_runs({run: runs[run]}, "fold", chosen[run][0])
        query = f"fold == {run.fold} and au == 1"
        np.testing.assert_allclose(found.query(query)["value"], by_hand.query(query)["value"])
    unmoved = "metric in ('AUC', 'PR-AUC')"
    np.testing.assert_allclose(found.query(unmoved)["value"], fixed.query(unmoved)["value"])


def test_of_one_fold_nothing_can_be_chosen():
    with pytest.raises(InputError, match="facs3d, fold 1, alone; .*set evaluation.thresholds"):
        choose_thresholds({ONE: RUNS[ONE]})


def test_the_tables_use_them_on_request_and_say_so(tmp_path):
    predictions = write_results(tmp_path)
    values = []
    for thresholds in ("fixed", "training"):
        out = tmp_path / thresholds
        done = run_script(
            "aggregate_metrics", "--predictions", *predictions, "--folds", tmp_path / "folds.csv",
            "--thresholds", thresholds, "--output-by-fold", out / "by_fold.csv",
            "--output-by-subject", out / "by_subject.csv", "--output-table1", out / "table1.csv",
            "--output-table1-html", out / "table1.html",
            "--output-table1-latex", out / "table1.tex",
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        chosen = thresholds == "training"
        assert ("facs3d, fold 3: AU01 0." in done.stderr) == chosen
        for page in ("table1.html", "table1.tex"):
            said = " ".join((out / page).read_text().split())
            assert ("highest F1 on its training subjects" in said) == chosen
        values.append(read_table(out / "by_fold.csv").query("metric == 'F1'")["value"])
    assert not values[1].equals(values[0])


def test_runs_are_judged_as_the_config_says():
    runs = {Run("cnn2d", 1, fold): predictions_of("cnn2d", fold) for fold in (1, 2, 3)}
    assert at_thresholds(runs, "fixed", 0.5) == runs
    chosen = choose_thresholds(runs)
    for run, judged in at_thresholds(runs, "training", 0.5).items():
        called = runs[run].probability >= np.array(chosen[run])
        np.testing.assert_array_equal(judged.probability >= 0.5, called)

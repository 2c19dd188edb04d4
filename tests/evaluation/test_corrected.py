"""The corrected resampled t-test: by hand, and by how often it finds what is not there."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from facs3d.core.errors import InputError
from facs3d.datasets.folds import write_folds
from facs3d.evaluation.corrected import (
    COLUMNS,
    compare_repeats,
    corrected_ttest,
    held_out_per_trained,
)
from facs3d.evaluation.metrics import METRICS, metrics_of_runs
from facs3d.evaluation.runs import Run
from facs3d.evaluation.significance import compare_models, holm, paired_ttest
from facs3d.evaluation.splits import average_over_seeds
from facs3d.evaluation.tables import read_table, write_table
from facs3d.report.repeats_tables import stars_grid
from tests.support.across import only
from tests.support.equal_models import N_FOLDS, train_and_test
from tests.support.fake_results import AUS, FOLDS, MODELS, SUBJECTS, predictions_of
from tests.support.scripts import run_script


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
    by_subject, by_fold, _ = train_and_test(n_datasets=400, noise=noise, seed=16)
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
    _, by_fold, _ = train_and_test(n_datasets=60, noise=0.4, seed=18, lead=1.0)
    p = [corrected_ttest(runs.ravel(), 1 / (N_FOLDS - 1))["p"] for runs in by_fold]
    assert np.mean(np.array(p) < 0.05) > 0.8


@pytest.mark.parametrize("noise", [0.0, 0.05])
def test_seeds_of_one_split_are_no_runs_of_their_own(noise):
    """The corrected test of six repeats on one split, each taken for itself and averaged first."""
    _, by_fold, fold = train_and_test(n_datasets=400, noise=noise, seed=16, n_splits=1)
    dataset, repeat, place = np.indices(by_fold.shape).reshape(3, -1)
    runs = pd.DataFrame({"model": "one", "repeat": 1 + repeat, "fold": place, "au": dataset})
    runs = runs.assign(metric="ACC", value=by_fold.ravel())
    p = {"seeds": [], "splits": []}
    for dataset, of_dataset in runs.groupby("au"):
        repeat, subject = np.indices(fold[dataset].shape).reshape(2, -1)
        subjects = {"repeat": 1 + repeat, "subject": subject, "fold": fold[dataset].ravel()}
        averaged = average_over_seeds(of_dataset, pd.DataFrame(subjects))
        assert len(averaged) == N_FOLDS
        for name, table in (("seeds", of_dataset), ("splits", averaged)):
            p[name].append(corrected_ttest(table["value"].to_numpy(), 1 / (N_FOLDS - 1))["p"])
    found = {name: float(np.mean(np.array(values) < 0.05)) for name, values in p.items()}
    assert found["seeds"] > 0.085
    assert found["splits"] < 0.072


RATIO = 0.5
SPLITS = {
    1: FOLDS,
    2: {subject: 1 + place // 3 for place, subject in enumerate(SUBJECTS)},
    3: {subject: 1 + (place + place // 3) % 3 for place, subject in enumerate(SUBJECTS)},
}


def metrics_on(splits):
    """Metrics of a repeat on each of the splits, over folds and subjects."""
    runs = {}
    for model in MODELS:
        for repeat, split in splits.items():
            parts = [predictions_of(model, fold, repeat) for fold in (1, 2, 3)]
            fields = ("video", "subject", "frame_number", "probability", "label")
            joined = {
                name: np.concatenate([getattr(part, name) for part in parts]) for name in fields
            }
            everybody = replace(parts[0], **joined)
            for fold in (1, 2, 3):
                held_out = {subject for subject, of in split.items() if of == fold}
                runs[Run(model, repeat, fold)] = only(everybody, held_out)
    return {unit: metrics_of_runs(runs, unit, 0.5) for unit in ("fold", "subject")}


@pytest.fixture(scope="module")
def metrics():
    return metrics_on(SPLITS)


@pytest.fixture(scope="module")
def tests(metrics):
    table = compare_repeats(metrics, "subject", "facs3d", RATIO)
    assert tuple(table.columns) == COLUMNS
    return table.set_index(["baseline", "au", "metric"])


def difference(table, au, metric, index):
    """FACS3D-Net minus 2D CNN, by the columns ``index``."""
    chosen = table[(table["au"] == au) & (table["metric"] == metric)]
    values = chosen.pivot(index=index, columns="model", values="value")
    return values["facs3d"] - values["cnn2d"]


def test_all_runs_are_tested_with_the_correction(metrics, tests):
    runs = difference(metrics["fold"], 12, "ACC", ["repeat", "fold"])
    assert len(runs) == 9
    expected = corrected_ttest(runs.to_numpy(), RATIO)
    row = tests.loc[("cnn2d", "12", "ACC")]
    assert {name: row[name] for name in expected} == pytest.approx(expected)
    # AU 24 occurs in three subjects: of one fold in repeat 1, of all three in repeats 2 and 3.
    assert tests.loc[("cnn2d", "24", "F1"), "n"] == 7


def test_repeats_that_share_a_split_are_averaged_first():
    metrics = metrics_on({1: SPLITS[1], 2: SPLITS[1], 3: SPLITS[2]})
    tests = compare_repeats(metrics, "subject", "facs3d", RATIO)
    tests = tests.set_index(["baseline", "au", "metric"])
    runs = difference(metrics["fold"], 12, "ACC", ["repeat", "fold"]).to_numpy().reshape(3, 3)
    expected = corrected_ttest(np.concatenate([(runs[0] + runs[1]) / 2, runs[2]]), RATIO)
    row = tests.loc[("cnn2d", "12", "ACC")]
    assert {name: row[name] for name in expected} == pytest.approx(expected)
    assert (row["n"], row["df"], row["repeats"]) == (6, 5, 3)


def test_the_average_is_over_the_aus_that_a_fold_defines(metrics, tests):
    by_au = [difference(metrics["fold"], au, "F1", ["repeat", "fold"]) for au in AUS]
    runs = np.nanmean(by_au, axis=0)
    row = tests.loc[("cnn2d", "Ave", "F1")]
    assert (row["n"], row["mean_difference"]) == (9, pytest.approx(runs.mean()))
    assert row["p"] == pytest.approx(corrected_ttest(runs, RATIO)["p"])
    assert row["p_holm"] == row["p"], "one test by itself"
    aus = tests.loc[[("cnn2d", str(au), "F1") for au in AUS]]
    np.testing.assert_allclose(aus["p_holm"], holm(aus["p"]))


def test_stars_follow_the_adjusted_p(metrics):
    tests = compare_repeats(metrics, "subject", "facs3d", ratio=3.0)
    assert ((tests["p"] < 0.05) & (tests["p_holm"] >= 0.05)).any()
    np.testing.assert_array_equal(tests["stars"].str.startswith("*"), tests["p_holm"] < 0.05)


def test_in_how_many_repeats_the_papers_test_has_a_star(metrics, tests):
    of_repeats = [compare_models(metrics["subject"], "subject", "facs3d", r) for r in SPLITS]
    stars = [of.set_index(["baseline", "au", "metric"])["stars"] for of in of_repeats]
    counts = sum(of.str.startswith("*").astype(int) for of in stars)
    assert set(counts) == {0, 1, 2, 3}
    for (baseline, au, metric), count in counts.items():
        row = tests.loc[(baseline, str(au), metric)]
        assert (row["starred_in"], row["repeats"]) == (count, 3)
    assert (tests["starred_worse"] == 0).all()


def test_a_star_for_the_baseline_is_counted_as_worse(metrics, tests):
    turned = compare_repeats(metrics, "subject", "cnn2d", RATIO)
    turned = turned.set_index(["baseline", "au", "metric"]).loc["facs3d"]
    straight = tests.loc["cnn2d"]
    assert turned["starred_in"].tolist() == straight["starred_in"].tolist()
    assert turned["starred_worse"].tolist() == straight["starred_in"].tolist()


def test_subjects_are_tested_by_their_means_over_the_repeats(metrics, tests):
    runs = difference(metrics["subject"], 1, "AUC", ["repeat", "subject"])
    expected = paired_ttest(runs.groupby("subject").mean().to_numpy())
    row = tests.loc[("cnn2d", "1", "AUC")]
    assert row["subjects_n"] == len(SUBJECTS)
    for name in ("mean_difference", "p", "ci_low", "ci_high"):
        assert row[f"subjects_{name}"] == pytest.approx(expected[name])


def compare_by_script(metrics, folder: Path, pairs: str):
    for unit, table in metrics.items():
        write_table(table, folder / f"metrics_by_{unit}.csv")
    for repeat in metrics["fold"]["repeat"].unique():
        write_folds(SPLITS[repeat], folder / f"repeat{repeat}.csv", repeat)
    return run_script(
        "compare_repeats", "--metrics-by-fold", folder / "metrics_by_fold.csv",
        "--metrics-by-subject", folder / "metrics_by_subject.csv",
        "--metrics-by-pair", folder / f"metrics_by_{pairs}.csv", "--pairs", pairs,
        "--folds", *sorted(folder.glob("repeat*.csv")), "--reference", "facs3d",
        "--output-table", folder / "table.csv", "--output-table-html", folder / "table.html",
        "--output-table-latex", folder / "table.tex",
    )  # fmt: skip


def test_the_files_say_the_same(metrics, tests, tmp_path):
    done = compare_by_script(metrics, tmp_path, "subject")
    assert (done.returncode, done.stderr) == (0, "")
    written = read_table(tmp_path / "table.csv", text=["au"]).set_index(tests.index.names)
    # Three folds of three subjects: 3 / 6.
    np.testing.assert_allclose(written["p"], tests["p"], rtol=1e-5)
    assert written["stars"].tolist() == tests["stars"].tolist()
    page = (tmp_path / "table.html").read_text()
    latex = (tmp_path / "table.tex").read_text()
    for text in (page, latex):
        assert "n_test / n_train = 0.5" in text.replace(r"\_", "_")
        assert text.count(" of 3") >= len(tests)
        # AU 24 does not occur in every fold.
        assert f"Over {written['n'].min()} to 9 runs of 3 repeats" in text
    assert page.count("<table>") == 3
    assert latex.count(r"\begin{table*}") == 1


def test_one_repeat_is_its_folds(metrics, tmp_path):
    once = {unit: table[table["repeat"] == 1] for unit, table in metrics.items()}
    done = compare_by_script(once, tmp_path, "fold")
    assert (done.returncode, done.stderr) == (0, "")
    table = read_table(tmp_path / "table.csv", text=["au"])
    assert table["n"].max() == 3
    assert (table["repeats"] == 1).all()
    assert len(table) == 2 * (len(AUS) + 1) * len(METRICS)
    row = table[(table["au"] == "24") & (table["metric"] == "F1")].iloc[0]
    assert (row["n"], row["stars"]) == (1, "undefined")


def test_runs_that_are_as_many_everywhere_are_counted_once(metrics):
    everywhere = {
        unit: table[(table["au"] == 12) & (table["metric"] == "ACC")]
        for unit, table in metrics.items()
    }
    notes = stars_grid(
        compare_repeats(everywhere, "subject", "facs3d", RATIO), "facs3d", RATIO
    ).notes
    assert notes[0].startswith("Over 9 runs of 3 repeats;")

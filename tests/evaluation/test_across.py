"""Within beside across: the numbers by the tables' own metrics, what is undefined, the files."""

from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from facs3d.core.errors import InputError
from facs3d.evaluation.across import COLUMNS, common_aus, compare_datasets, metrics_across
from facs3d.evaluation.metrics import METRICS
from facs3d.evaluation.runs import Run
from facs3d.evaluation.tables import read_table
from facs3d.report.across_tables import across_findings, across_grids
from facs3d.training.predictions import Predictions
from tests.support.across import only, predictions_elsewhere, write_across
from tests.support.fake_results import FOLDS, MODELS, N_FOLDS, predictions_of, write_results
from tests.support.scripts import run_process, run_script

RUNS = [Run(model, 1, fold) for model, fold in product(MODELS, range(1, N_FOLDS + 1))]


@pytest.fixture(scope="module")
def within():
    return {run: predictions_of(run.model, run.fold) for run in RUNS}


@pytest.fixture(scope="module")
def across():
    return {run: predictions_elsewhere(run.model, run.fold) for run in RUNS}


@pytest.fixture(scope="module")
def table(within, across):
    return compare_datasets(within, across, "disfa", 0.5, seed=1)


def row_of(table, model, metric, au):
    return table.query(f"model == '{model}' and metric == '{metric}' and AU == '{au}'").iloc[0]


@pytest.mark.parametrize(("metric", "au"), [*product(("F1", "AUC"), (1, 12))])
def test_both_sides_are_the_means_of_the_folds_metrics(table, within, across, metric, au):
    row = row_of(table, "facs3d", metric, au)
    column = (1, 12, 24).index(au)
    means = [
        np.mean(
            [
                METRICS[metric](runs[run].label[:, column], runs[run].probability[:, column], 0.5)
                for run in RUNS
                if run.model == "facs3d"
            ]
        )
        for runs in (within, across)
    ]
    assert [row["within"], row["across"]] == pytest.approx(means)
    assert row["drop"] == pytest.approx(means[0] - means[1])
    assert row["drop_low"] < row["drop"] < row["drop_high"]


def test_base_rates_and_chance_are_of_the_labelled_frames(table, within, across):
    label = np.concatenate([within[Run("cnn2d", 1, fold)].label[:, 0] for fold in (1, 2, 3)])
    row = row_of(table, "cnn2d", "F1", 1)
    assert row["base_rate_within"] == row["chance_within"]
    assert row["base_rate_within"] == pytest.approx((label == 1).sum() / (label >= 0).sum())
    assert row["base_rate_across"] == (across[Run("cnn2d", 1, 1)].label[:, 0] == 1).mean()
    assert (row["n_subjects_within"], row["n_subjects_across"]) == (9, 5)
    assert row_of(table, "cnn2d", "AUC", 1)["chance_across"] == 0.5


def test_an_au_that_one_dataset_lacks_is_absent_and_never_0(table, within, across):
    assert table["AU"].unique().tolist() == ["1", "12", "Ave"]
    assert common_aus(within, across, "disfa") == (1, 12)
    by_fold = metrics_across(across, (1, 12), "fold", 0.5)
    assert set(by_fold["au"]) == {1, 12}
    assert set(by_fold["train_status"]) == {"other dataset"}
    assert by_fold["metric"].unique().tolist() == list(METRICS)
    assert by_fold["value"].notna().all()


def test_the_average_is_that_of_the_aus_defined_on_both_sides(within, across):
    # AU 12 is never present elsewhere: F1 is undefined there.
    gone = {
        run: replace(one, label=np.where([False, True, False], np.minimum(one.label, 0), one.label))
        for run, one in across.items()
    }
    table = compare_datasets(within, gone, "disfa", 0.5, seed=1)
    row, average = (row_of(table, "facs3d", "F1", au) for au in (12, "Ave"))
    assert np.isnan(row[["across", "drop", "drop_low", "drop_high"]].astype(float)).all()
    assert row["within"] > 0.5
    assert row["base_rate_across"] == 0
    one = row_of(table, "facs3d", "F1", 1)
    same = [name for name in COLUMNS[4:] if not name.startswith("n_subjects")]
    assert average[same].tolist() == pytest.approx(one[same].tolist())


def test_draws_that_lack_an_au_do_not_count_in_the_average():
    """One of five people elsewhere shows AU 12, and is not drawn in a third of the draws."""

    def of(people, label, probability):
        names = [f"F{n}" for n in range(people)]
        subject = np.repeat(names, 4)
        return Predictions(
            subject, subject, np.tile(np.arange(4), people), probability, label, (1, 12)
        )

    # Within nothing is wrong. Elsewhere AU 12 is found in one of two frames: F1 = 2/3.
    here = np.tile(np.array([[1, 1], [1, 1], [0, 0], [0, 0]], np.int8), (2, 1))
    there = np.tile(np.array([[1, 0], [1, 0], [0, 0], [0, 0]], np.int8), (5, 1))
    there[:2, 1] = 1
    found = there.astype(float)
    found[0, 1] = 0
    run = Run("cnn2d", 1, 1)
    table = compare_datasets(
        {run: of(2, here, here.astype(float))}, {run: of(5, there, found)}, "disfa", 0.5, seed=1
    )
    for au, drop in ((1, 0), (12, 1 / 3), ("Ave", 1 / 6)):
        row = row_of(table, "cnn2d", "F1", au)
        assert [row[name] for name in ("drop", "drop_low", "drop_high")] == pytest.approx(
            [drop] * 3
        )


def test_the_interval_is_a_bootstraps_over_subjects(table, within, across):
    """Drawn anew with another generator, people's frames concatenated, by the tables' metric."""
    rng = np.random.default_rng(3)
    runs = [run for run in RUNS if run.model == "cnn2d"]

    def people(predictions):
        return [
            (predictions.label[rows, 0], predictions.probability[rows, 0])
            for rows in (predictions.subject == name for name in np.unique(predictions.subject))
        ]

    def drawn(parts, chosen):
        label, probability = (np.concatenate([parts[i][part] for i in chosen]) for part in (0, 1))
        return METRICS["F1"](label, probability, 0.5)

    one = [people(within[run]) for run in runs]
    two = [people(across[run]) for run in runs]
    drops = []
    for _ in range(1000):
        chosen = rng.integers(0, 5, 5)
        held_out = np.mean([drawn(parts, rng.integers(0, 3, 3)) for parts in one])
        drops.append(held_out - np.mean([drawn(parts, chosen) for parts in two]))
    row = row_of(table, "cnn2d", "F1", 1)
    low, high = np.percentile(drops, [2.5, 97.5])
    assert row["drop_low"] == pytest.approx(low, abs=0.02)
    assert row["drop_high"] == pytest.approx(high, abs=0.02)


def test_people_who_are_all_alike_leave_no_doubt(within, across):
    def alike(predictions):
        names = np.unique(predictions.subject)
        first = only(predictions, {names[0]})
        n = len(first.subject)
        repeated = {
            name: np.concatenate([getattr(first, name)] * len(names))
            for name in ("video", "frame_number", "probability", "label")
        }
        return replace(predictions, subject=np.repeat(names, n), **repeated)

    same = [{run: alike(one) for run, one in runs.items()} for runs in (within, across)]
    table = compare_datasets(*same, "disfa", 0.5, seed=1)
    np.testing.assert_allclose(table["drop_low"], table["drop"])
    np.testing.assert_allclose(table["drop_high"], table["drop"])


def test_of_one_subject_there_is_no_interval(within, across):
    alone = {run: only(predictions, {"SN001"}) for run, predictions in across.items()}
    table = compare_datasets(within, alone, "disfa", 0.5, seed=1)
    assert table["drop"].notna().all()
    assert table[["drop_low", "drop_high"]].isna().all(axis=None)
    first = {fold: min(name for name, of in FOLDS.items() if of == fold) for fold in (1, 2, 3)}
    fold_of_one = {run: only(one, {first[run.fold]}) for run, one in within.items()}
    table = compare_datasets(fold_of_one, across, "disfa", 0.5, seed=1)
    assert table[["drop_low", "drop_high"]].isna().all(axis=None)


def test_what_cannot_be_compared_is_refused(within, across):
    fewer = {run: predictions for run, predictions in across.items() if run != RUNS[-1]}
    with pytest.raises(InputError, match="facs3d, fold 3: predictions of one dataset only; .*disf"):
        compare_datasets(within, fewer, "disfa", 0.5, seed=1)
    unknown = {run: replace(one, label=np.full_like(one.label, -1)) for run, one in across.items()}
    with pytest.raises(InputError, match="disfa: no AU has labels in both datasets"):
        compare_datasets(within, unknown, "disfa", 0.5, seed=1)


def test_networks_of_other_aus_are_refused(within, across):
    def without_12(one):
        kept = [0, 2]
        return replace(
            one,
            label=one.label[:, kept],
            probability=one.probability[:, kept],
            action_units=(1, 24),
        )

    message = r"cnn2d, fold 1: predicts AUs \[1, 24\] of disfa, expected \[1, 12, 24\]"
    with pytest.raises(InputError, match=message):
        compare_datasets(
            within, across | {RUNS[0]: without_12(across[RUNS[0]])}, "disfa", 0.5, seed=1
        )
    with pytest.raises(InputError, match=r"fold 2: predicts AUs \[1, 24\] of held-out subjects"):
        compare_datasets(
            within | {RUNS[1]: without_12(within[RUNS[1]])}, across, "disfa", 0.5, seed=1
        )


def test_tables_for_people_say_the_loss_and_what_is_no_better_than_chance(table):
    grids = across_grids(table, "bp4dplus")
    assert list(grids) == [
        *("tab:across-disfa-F1", "tab:across-disfa-F1-skew-normalised", "tab:across-disfa-AUC"),
    ]
    grid = grids["tab:across-disfa-AUC"]
    assert "trained on bp4dplus, there and on disfa" in grid.caption
    assert [heads for _, heads in grid.groups[1:3]] == [("bp4dplus", "disfa")] * 2
    assert [head for head, _ in grid.groups[3:]] == ["2D CNN", "2D CNN-LSTM", "FACS3D-Net"]
    au_12 = next(row for row in grid.rows if row[0].text == "12")
    of_model = row_of(table, "cnn2d", "AUC", 12)
    within, across, drop = au_12[5:8]
    assert within.text == f"{100 * of_model['within']:.2f}"
    assert across.text == f"{100 * of_model['across']:.2f}"
    assert across.faint == (of_model["across"] <= 0.5)
    assert drop.details == (
        f"{100 * of_model['drop_low']:.2f} to {100 * of_model['drop_high']:.2f}",
    )
    assert not drop.faint
    findings = across_findings(table)
    assert len(findings) == 9
    average = row_of(table, "facs3d", "AUC", "Ave")
    assert findings[-1].startswith(
        f"FACS3D-Net on disfa: AUC {100 * average['within']:.2f} → {100 * average['across']:.2f} "
        "(chance 50.00), drop "
    )


def run_across(run, predictions: list[Path], across: list[Path], out: Path):
    return run(
        "across_datasets", "--dataset", "bp4dplus", "--seed", 1,
        "--predictions", *predictions, "--across", *across,
        "--output-table", out / "a.csv", "--output-table-html", out / "a.html",
        "--output-table-latex", out / "a.tex", "--output-by-fold", out / "by_fold.csv",
        "--output-by-subject", out / "by_subject.csv",
    )  # fmt: skip


def test_the_script_writes_all_others_together_and_the_same_again(tmp_path, table):
    predictions = write_results(tmp_path)
    across = [*write_across(tmp_path, "disfa"), *write_across(tmp_path, "gft")]
    written = []
    for run in (run_script, run_process):
        out = tmp_path / run.__name__
        done = run_across(run, predictions, across, out)
        assert (done.returncode, done.stderr) == (0, "")
        written.append({path.name: path.read_bytes() for path in out.iterdir()})
    assert written[0] == written[1]
    found = read_table(out / "a.csv", text=("AU",))
    assert list(found.columns) == list(COLUMNS)
    assert found["other_dataset"].unique().tolist() == ["disfa", "gft"]
    of_first = found[found["other_dataset"] == "disfa"]
    np.testing.assert_allclose(of_first["drop_low"], table["drop_low"], rtol=1e-5)
    by_subject = read_table(out / "by_subject.csv")
    head = [
        "model",
        "repeat",
        "fold",
        "train_status",
        "other_dataset",
        "subject",
        "au",
        "metric",
        "value",
    ]
    assert list(by_subject.columns)[: len(head)] == head
    assert len(by_subject) == 2 * 9 * 5 * 2 * len(METRICS)
    page = (out / "a.html").read_text()
    assert page.count("<table>") == 6
    assert "across (train_status: other dataset)" in page
    assert (out / "a.tex").read_text().count(r"\label{tab:across-gft-") == 3


def test_the_script_says_which_file_it_cannot_place(tmp_path):
    predictions, across = write_results(tmp_path), write_across(tmp_path)

    def chosen(name, *words):
        return run_script(name, *words, "--thresholds", "training")

    for paths, message in (
        ([*across, Path("a.csv")], "a.csv: expected a path that ends in <model>/repeat<r>/fold<k>"),
        ([Path("cnn2d/repeat1/fold1/a.csv")], "ends in <other dataset>/<model>/repeat<r>/fold<k>/"),
        (across, "cnn2d, fold 3: predictions of one dataset only; predict disfa with every"),
    ):
        held_out = [path for path in predictions if "fold3" not in str(path)]
        done = run_across(chosen, held_out, paths, tmp_path / "out")
        assert done.returncode == 1
        assert message in done.stderr
        assert len(done.stderr.splitlines()) == 1


def test_the_script_takes_thresholds_of_training_subjects_elsewhere_too(tmp_path, table):
    predictions, across = write_results(tmp_path), write_across(tmp_path)
    done = run_across(
        lambda name, *words: run_script(name, *words, "--thresholds", "training"),
        *(predictions, across, tmp_path / "out"),
    )
    assert done.returncode == 0, done.stderr
    found = read_table(tmp_path / "out" / "a.csv", text=("AU",))
    chosen, fixed = (row_of(each, "cnn2d", "F1", 1)["across"] for each in (found, table))
    assert chosen != pytest.approx(fixed, abs=1e-3)
    for auc in ("within", "across"):
        same = [row_of(each, "cnn2d", "AUC", 1)[auc] for each in (found, table)]
        assert same[0] == pytest.approx(same[1], abs=1e-5)
    assert "highest F1 on its training subjects" in (tmp_path / "out" / "a.html").read_text()

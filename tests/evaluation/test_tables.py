"""Tables I and II: their numbers, their files byte for byte, and what they say where undefined."""

from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from facs3d.core.errors import InputError
from facs3d.datasets.folds import write_folds
from facs3d.evaluation.metrics import METRICS, metrics_of_runs
from facs3d.evaluation.runs import Run, read_histories, read_runs, run_of
from facs3d.evaluation.tables import beside_paper, read_table, table_one, table_two, write_table
from facs3d.report.grid import Cell, Grid, write_html
from facs3d.report.metric_tables import table_one_grid
from facs3d.report.plain_table import plain_grid
from facs3d.report.significance_tables import table_two_grid
from tests.support.fake_results import FOLDS, MODELS, predictions_of, write_results
from tests.support.scripts import run_process, run_script
from tests.support.small_metrics import small_metrics, small_pooled

ROOT = Path(__file__).parents[2]
PAPER = ROOT / "config" / "paper"


def aggregate(predictions: list[Path], folder: Path, out: Path, run=run_script):
    return run(
        "aggregate_metrics", "--predictions", *predictions, "--folds", folder / "folds.csv",
        "--paper", PAPER / "table1.csv",
        "--output-by-fold", out / "metrics_by_fold.csv",
        "--output-by-subject", out / "metrics_by_subject.csv",
        "--output-by-video", out / "metrics_by_video.csv",
        "--output-table1", out / "table1.csv", "--output-table1-html", out / "table1.html",
        "--output-table1-latex", out / "table1.tex",
    )  # fmt: skip


def run_ttests(metrics: Path, pairs: str, out: Path, run=run_script):
    return run(
        "paired_ttests", "--metrics", metrics, "--pairs", pairs, "--reference", "facs3d",
        "--paper", PAPER / "table2.csv",
        "--output-table2", out / "table2.csv", "--output-table2-html", out / "table2.html",
        "--output-stars", out / "stars.csv", "--output-stars-html", out / "stars.html",
        "--output-stars-latex", out / "stars.tex",
    )  # fmt: skip


@pytest.fixture(scope="module")
def results(tmp_path_factory) -> Path:
    """A results folder with ``tables/`` made by the scripts."""
    folder = tmp_path_factory.mktemp("results")
    done = aggregate(write_results(folder), folder, folder / "tables")
    assert done.returncode == 0, done.stderr
    metrics = folder / "tables" / "metrics_by_subject.csv"
    done = run_ttests(metrics, "subject", folder / "tables")
    assert done.returncode == 0, done.stderr
    return folder


class Page(HTMLParser):
    """Rows of cell texts, texts in bold, and notes of a table written as HTML."""

    def __init__(self, path: Path):
        super().__init__()
        self.rows, self.bold, self.notes, self._open = [], [], [], []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        self._open.append(tag)
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")
        elif tag == "p":
            self.notes.append("")

    def handle_endtag(self, tag):
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data):
        if {"td", "th"} & set(self._open):
            self.rows[-1][-1] += f" {data}" if self.rows[-1][-1] else data
        if "b" in self._open:
            self.bold.append(data)
        if "p" in self._open:
            self.notes[-1] += data


def test_table_one_by_hand():
    table = table_one(small_metrics(), small_pooled()).set_index("AU")
    assert table.index.tolist() == ["1", "2", "Ave", "Micro"]
    assert table["BR"].tolist() == pytest.approx([10, 2, 6, 6])
    assert table["n_positive"].tolist() == [40, 8, pd.NA, 48]
    assert table["n_frames"].tolist() == [400, 400, pd.NA, 800]
    assert table["F1_a"].tolist() == pytest.approx([30, 50, 40, 20])
    assert table["F1_b"].tolist() == pytest.approx([40, 70, 55, 60])
    assert table.loc["Micro", "F1_a_sd"] == pytest.approx(np.sqrt(200))
    assert table.loc["1", "F1_a_sd"] == pytest.approx(np.sqrt(200))
    assert np.isnan(table.loc["2", "F1_a_sd"])
    # The folds' averages are over AU 1, the only one defined in both.
    assert table.loc["Ave", "F1_b_sd"] == pytest.approx(np.sqrt(800))
    assert table["F1_n_folds"].tolist()[:2] == [2, 1]


def test_an_au_without_any_value_says_so_and_is_left_out_of_the_average(tmp_path):
    metrics = small_metrics()
    metrics.loc[metrics["au"] == 2, ["value", "n_positive"]] = np.nan, 0
    table = table_one(metrics, small_pooled())
    write_html(table_one_grid(table, ["a", "b"], ["F1"]), tmp_path / "table.html")
    write_table(table, tmp_path / "table.csv")
    page = Page(tmp_path / "table.html")
    assert page.rows[3] == ["2", "0.00 n = 0", "undefined", "undefined"]
    assert page.rows[4][:2] == ["Ave", "5.00"]
    assert page.rows[4][2].startswith("30.00")
    assert "Ave of F1 is over the 1 AUs that have a value." in page.notes
    assert "Folds in which F1 is defined, of 2: AU 2 in 0." in page.notes
    assert (tmp_path / "table.csv").read_text().splitlines()[2] == "2,0,0,400,,,,,,,0"


def test_tidy_tables_have_their_columns_and_lose_no_row(results):
    by_fold = read_table(results / "tables" / "metrics_by_fold.csv")
    tail = ["au", "metric", "value", "n_frames", "n_positive"]
    assert list(by_fold.columns) == ["model", "repeat", "fold", "train_status", *tail]
    assert set(by_fold["train_status"]) == {"held out"}
    assert len(by_fold) == 3 * 3 * 3 * len(METRICS)
    assert by_fold["metric"].unique().tolist() == list(METRICS)
    undefined = by_fold[by_fold["value"].isna()]
    assert set(undefined["metric"]) == {"F1", "AUC", "PR-AUC"}
    assert (undefined["n_positive"] == 0).all()
    by_subject = read_table(results / "tables" / "metrics_by_subject.csv")
    assert list(by_subject.columns) == ["model", "repeat", "fold", "train_status", "subject", *tail]
    by_video = read_table(results / "tables" / "metrics_by_video.csv")
    assert list(by_video.columns) == [
        "model",
        "repeat",
        "fold",
        "train_status",
        "subject",
        "video",
        *tail,
    ]


def test_no_name_in_the_tables_passes_for_a_missing_value(results):
    """As pandas reads them, told nothing: NA, the paper's name of a metric, would be NaN."""
    for name in ("metrics_by_fold.csv", "metrics_by_subject.csv", "table2.csv"):
        metric = pd.read_csv(results / "tables" / name)["metric"]
        assert metric.notna().all()
        assert metric.unique().tolist()[:4] == ["F1", "ACC", "negative_agreement", "AUC"]
    for name in ("table1.csv", "stars.csv"):
        columns = pd.read_csv(results / "tables" / name).columns
        assert not any(column.startswith("NA_") for column in columns)
        assert {"negative_agreement_cnn2d", "negative_agreement_cnn2d_paper"} <= set(columns)
    for name in ("table1.html", "table2.html", "stars.html", "table1.tex", "stars.tex"):
        assert "negative" not in (results / "tables" / name).read_text().replace(
            "where none is negative", ""
        )


def test_table_one_s_files_agree_with_the_metrics(results):
    table = read_table(results / "tables" / "table1.csv", text=["AU"]).set_index("AU")
    by_fold = read_table(results / "tables" / "metrics_by_fold.csv")
    chosen = by_fold.query("model == 'facs3d' and au == 12 and metric == 'negative_agreement'")[
        "value"
    ]
    assert table.loc["12", "negative_agreement_facs3d"] == round(100 * chosen.mean(), 2)
    assert table.loc["12", "negative_agreement_facs3d_sd"] == round(100 * chosen.std(), 2)
    assert table.loc["24", "F1_n_folds"] == 1
    assert set(table["train_status"]) == {"held out"}
    assert table.loc["24", "F1_facs3d_paper"] == 31.94
    assert np.isnan(table.loc["Ave", "F1_facs3d_paper"]), "the paper's is over other AUs"
    page = Page(results / "tables" / "table1.html")
    assert page.rows[0] == ["", "F1", "ACC", "NA", "AUC", "S", "PR-AUC"]
    assert page.rows[1][:6] == ["AU", "BR", "k", "2D", "LSTM", "3D"]
    row = next(row for row in page.rows if row[0] == "12")
    ours = table.loc["12", "F1_facs3d"]
    sign = "+" if ours > 87.45 else "−"
    assert row[5].endswith(f"P 87.45 ({sign}{abs(ours - 87.45):.2f})")
    assert [row[0] for row in page.rows[-2:]] == ["Ave", "Micro"]
    assert f"{table.loc['12', 'F1_facs3d']:.2f}" in page.bold, "the best model is in bold"
    assert f"{table.loc['12', 'F1_cnn2d']:.2f}" not in page.bold


def test_stars_of_a_worse_reference_carry_a_minus():
    tests = pd.DataFrame(
        {
            "baseline": "cnn2d",
            "au": [1, 2, 4],
            "metric": "F1",
            "mean_difference": [0.1, -0.1, -0.1],
            "stars": ["**", "**", "n.s."],
        }
    )
    assert table_two(tests)["F1_cnn2d"].tolist() == ["**", "−**", "n.s."]


def test_table_two_s_files(results):
    tests = read_table(results / "tables" / "table2.csv")
    assert tests.columns.tolist() == [
        *("baseline", "au", "metric", "n", "mean_difference", "t", "df", "p", "p_holm"),
        *("ci_low", "ci_high", "stars", "d_z"),
    ]
    stars = read_table(results / "tables" / "stars.csv", text=["AU"])
    ours = [f"{metric}_{model}" for model in MODELS[:2] for metric in METRICS]
    papers = [f"{name}_paper" for name in ours if not name.startswith("PR-AUC")]
    assert stars.columns.tolist() == ["AU", *ours, *papers]
    first = tests.query(
        "baseline == 'cnn2d_lstm' and au == 12 and metric == 'negative_agreement'"
    ).iloc[0]
    assert stars.set_index("AU").loc["12", "negative_agreement_cnn2d_lstm"] == first["stars"]
    page = Page(results / "tables" / "stars.html")
    assert page.rows[0] == ["", "FACS3D-Net v.s. 2D CNN", "FACS3D-Net v.s. 2D CNN-LSTM"]
    assert page.rows[1][:7] == ["AU", "F1", "ACC", "NA", "AUC", "S", "PR-AUC"]
    assert page.rows[2][1].endswith("P ***")
    assert any("S = 2·ACC − 1" in note for note in page.notes)
    assert not any("contradicts" in note for note in page.notes), "AU 2 is not among these"


def test_what_the_paper_s_table_two_contradicts_is_noted(tmp_path):
    aus = read_table(PAPER / "table2.csv", text=["AU"])["AU"].astype(int)
    tests = pd.DataFrame(
        [
            {"baseline": baseline, "au": au, "metric": metric, "n": 9, "stars": "*"}
            for baseline in MODELS[:2]
            for au in aus
            for metric in ("ACC", "S")
        ]
    ).assign(mean_difference=0.1)
    stars = beside_paper(table_two(tests), PAPER / "table2.csv")
    notes = table_two_grid(stars, tests, "facs3d", "subject").notes
    odd = [note for note in notes if "contradicts" in note]
    assert odd == ["The paper's Table II contradicts that against 2D CNN: AU 2 (ACC n.s., S *)."]


def test_the_full_tests_for_people(results):
    tests = read_table(results / "tables" / "table2.csv")
    test = tests.query("baseline == 'cnn2d' and au == 1 and metric == 'S'").iloc[0]
    page = Page(results / "tables" / "table2.html")
    row = next(row for row in page.rows if row[:2] == ["1", "S"])
    assert row[2] == str(test["n"])
    numbers = [float(cell.replace("−", "-")) for cell in (row[3], *row[4].split(" to "))]
    expected = [100 * test[name] for name in ("mean_difference", "ci_low", "ci_high")]
    assert numbers == pytest.approx(expected, abs=0.0051)
    assert row[-1] == test["stars"]
    heads = [row for row in page.rows if row[0] == "AU"]
    assert len(heads) == 2, "a table for each baseline"


def test_undefined_tests_say_so(results, tmp_path):
    done = run_ttests(results / "tables" / "metrics_by_fold.csv", "fold", tmp_path)
    assert done.returncode == 0, done.stderr
    stars = read_table(tmp_path / "stars.csv", text=["AU"]).set_index("AU")
    assert stars.loc["24", "F1_cnn2d"] == "undefined"
    row = next(row for row in Page(tmp_path / "table2.html").rows if row[:2] == ["24", "F1"])
    assert row[4:] == ["", "", "", "", "", "", "undefined"]


def test_the_scripts_write_the_same_bytes_again(results, tmp_path):
    predictions = [
        results / "models" / model / "repeat1" / f"fold{fold}" / "predictions.csv"
        for model in MODELS
        for fold in (1, 2, 3)
    ]
    aggregate(predictions, results, tmp_path, run_process)
    run_ttests(tmp_path / "metrics_by_subject.csv", "subject", tmp_path, run_process)
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == sorted(path.name for path in (results / "tables").iterdir())
    for name in names:
        assert (tmp_path / name).read_bytes() == (results / "tables" / name).read_bytes()


def test_a_fold_that_predicts_a_training_subject_is_one_clear_line(results, tmp_path):
    moved = FOLDS | {"F001": 2}
    write_folds(moved, tmp_path / "folds.csv")
    predictions = sorted((results / "models").glob("*/*/*/predictions.csv"))
    done = aggregate(predictions, tmp_path, tmp_path / "out")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "fold 1: subject F001 is predicted, but is not in this fold" in done.stderr
    assert not (tmp_path / "out").exists()


def test_incomparable_predictions_are_refused(tmp_path):
    paths = write_results(tmp_path)
    with pytest.raises(InputError, match="no predictions of cnn2d_lstm for fold 3"):
        read_runs([path for path in paths if path != paths[5]])
    text = paths[8].read_text().splitlines(keepends=True)
    paths[8].write_text("".join(text[:-1]))
    with pytest.raises(InputError, match="facs3d, fold 3: its frames or labels differ"):
        read_runs(paths)
    with pytest.raises(InputError, match="given already"):
        read_runs([paths[0], paths[0]])


def test_where_a_run_is_known_from():
    assert run_of("results/x/models/cnn2d/repeat1/fold12/history.csv") == Run("cnn2d", 1, 12)
    for path in (
        "predictions.csv",
        "cnn2d/repeat1/fold0/predictions.csv",
        "cnn2d/1/predictions.csv",
    ):
        with pytest.raises(InputError, match="<model>/repeat<r>/fold<k>/<file>"):
            run_of(path)


def test_a_history_without_loss_is_named(tmp_path):
    path = tmp_path / "cnn2d" / "repeat1" / "fold1" / "history.csv"
    path.parent.mkdir(parents=True)
    path.write_text("epoch,accuracy\n1,0.5\n")
    with pytest.raises(InputError, match="expected the columns epoch, loss"):
        read_histories([path])


def test_the_paper_s_average_is_shown_for_the_paper_s_aus():
    table = pd.DataFrame({"AU": read_table(PAPER / "table1.csv", text=["AU"])["AU"]})
    assert beside_paper(table, PAPER / "table1.csv")["F1_facs3d_paper"].iloc[-1] == 59.71


def test_html_is_escaped_and_opens_without_a_network(tmp_path):
    grid = Grid("a < b", (("", ("x & y",)),), ((Cell("<i>", best=True, details=("p > 0",)),),))
    write_html(grid, tmp_path / "page.html")
    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "<i>" not in text
    assert "http" not in text
    assert Page(tmp_path / "page.html").rows == [["x & y"], ["<i> p > 0"]]


def test_nothing_is_best_where_all_models_are_equal():
    metrics = small_metrics()
    metrics["value"] = 0.5
    grid = table_one_grid(table_one(metrics, small_pooled()), ["a", "b"], ["F1"])
    assert not any(cell.best for row in grid.rows[:3] for cell in row)
    assert [cell.best for cell in grid.rows[3]][-2:] == [False, True]


def test_plain_grid_says_undefined():
    table = pd.DataFrame({"name": ["a"], "n": [3], "value": [np.nan], "p": [0.123456]})
    texts = [cell.text for cell in plain_grid(table, "").rows[0]]
    assert texts == ["a", "3", "undefined", "0.1235"]


def test_tables_round_trip_with_undefined_values_and_the_metric_called_na(tmp_path):
    table = metrics_of_runs({Run("cnn2d", 1, 2): predictions_of("cnn2d", 2)}, "subject", 0.5)
    write_table(table, tmp_path / "table.csv")
    read = read_table(tmp_path / "table.csv")
    pd.testing.assert_frame_equal(read, table, check_dtype=False, rtol=1e-9)


def test_an_empty_file_is_no_table(tmp_path):
    (tmp_path / "empty.csv").touch()
    with pytest.raises(InputError, match="not a table"):
        read_table(tmp_path / "empty.csv")


@pytest.mark.parametrize(
    ("rows", "caption", "shown"),
    [
        ([], "0 of 3 videos gave no clip; 3 did.", []),
        (
            ["F001_T1,F001,T1,too short: 9 of 126 frames"],
            "1 of 3 videos gave no clip; 2 did.",
            [["F001_T1", "F001", "T1", "too short: 9 of 126 frames"]],
        ),
    ],
)
def test_excluded_videos_for_people(tmp_path, rows, caption, shown):
    table = tmp_path / "excluded.csv"
    table.write_text("\n".join(["video,subject,task,reason", *rows, ""]))
    page = tmp_path / "excluded.html"
    done = run_script("list_exclusions", "--excluded", table, "--n-videos", 3, "--output", page)
    assert done.returncode == 0, done.stderr
    assert caption in page.read_text()
    assert Page(page).rows[1:] == shown

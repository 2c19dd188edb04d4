"""The figure of what results are uncertain of: its bars and curves are the components'."""

import numpy as np
import pandas as pd
import pytest

from facs3d.core.errors import InputError
from facs3d.evaluation.tables import read_table, write_table
from facs3d.evaluation.variance import (
    COLUMNS,
    SEED,
    SEED_AND_SPLIT,
    SPLIT,
    SUBJECT,
    Component,
    Size,
    standard_error,
)
from facs3d.report.figures.variance import draw_variance
from tests.support.figure_checks import assert_drawn, texts
from tests.support.scripts import run_script

SIZE = Size(subjects=40, splits=4, seeds=2)
COMPONENTS = {
    SEED: Component(1e-4, 4e-3, 4),
    SPLIT: Component(2e-4, 1e-3, 3),
    SUBJECT: Component(0.0, 1e-2, 39),
}
SCORES = [
    *((model, None) for model in ("cnn2d", "cnn2d_lstm", "facs3d")),
    *(("facs3d", baseline) for baseline in ("cnn2d", "cnn2d_lstm")),
]


def table_of(
    components: dict[str, Component] = COMPONENTS, size: Size = SIZE, scores: list = SCORES
) -> pd.DataFrame:
    rows = [
        (*score, metric, 0.03, *size, name, *one, np.sqrt(one.of_repeat(size.subjects)))
        for metric in ("F1", "ACC", "AUC")
        for score in scores
        for name, one in components.items()
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def test_bars_are_standard_deviations_and_curves_standard_errors():
    figure = draw_variance(table_of())
    assert_drawn(figure)
    left, middle, right = figure.axes[:3]
    labels = [text.get_text() for text in left.get_yticklabels()]
    assert labels == ["2D", "LSTM", "3D", "3D − 2D", "3D − LSTM"]
    assert [bars[0].get_width() for bars in left.containers] == pytest.approx(
        [100 * np.sqrt(1e-4 + 1e-4), 100 * np.sqrt(2e-4 + 2.5e-5), 100 * np.sqrt(2.5e-4)]
    )
    repeats, errors = middle.lines[0].get_data()
    assert repeats[[0, -1]].tolist() == [1, 20]
    # Of one repeat all three: 2e-4 + 2.25e-4 + 2.5e-4.
    assert errors[0] == pytest.approx(100 * np.sqrt(6.75e-4))
    assert errors[4] == pytest.approx(100 * np.sqrt(4.25e-4 / 5 + 2.5e-4))
    now = 100 * standard_error(COMPONENTS, SIZE)
    for axes, place in ((middle, 8), (right, 40)):
        dots = [line.get_data() for line in axes.lines if line.get_marker() == "o"]
        assert [(x[0], y[0]) for x, y in dots] == [(place, pytest.approx(now))] * 2
    subjects, errors = right.lines[0].get_data()
    assert (subjects[0], subjects[-1]) == (40, 320)
    expected = 1e-4 + 2e-4 + (4e-3 + 1e-3 + 1e-2) / 320
    assert errors[-1] == pytest.approx(100 * np.sqrt(expected)), "one repeat, many subjects"
    half = [line for line in middle.lines if line.get_linestyle() == ":"]
    assert half[0].get_ydata()[0] == pytest.approx(1.5)


def test_seed_and_split_in_one():
    components = {SEED_AND_SPLIT: COMPONENTS[SPLIT], SUBJECT: COMPONENTS[SUBJECT]}
    figure = draw_variance(table_of(components, Size(40, 60, 1)))
    assert_drawn(figure)
    assert SEED_AND_SPLIT in texts(figure)
    assert figure.axes[1].lines[0].get_xdata()[-1] == 60, "as far as there are repeats"


def test_one_model_has_nothing_to_be_compared_with():
    figure = draw_variance(table_of(scores=SCORES[2:3]))
    assert_drawn(figure)
    assert texts(figure).count("one model") == 4


def test_a_metric_that_is_undefined_says_so():
    table = table_of()
    figure = draw_variance(table[table["metric"] == "F1"])
    assert_drawn(figure)
    assert texts(figure).count("undefined") == 3


def test_what_is_no_table_of_components_is_named():
    with pytest.raises(InputError, match="no column 'sd'"):
        draw_variance(table_of().drop(columns="sd"))


def test_the_script_writes_table_and_figure(tmp_path):
    rng = np.random.default_rng(2)
    folds = pd.DataFrame(
        [
            {"model": model, "repeat": repeat, "fold": 1 + (s + repeat // 3) % 2, "subject": s}
            for model in ("cnn2d", "facs3d")
            for repeat in (1, 2, 3, 4)
            for s in range(6)
        ]
    ).assign(au=1, metric="F1")
    folds = folds.assign(value=rng.random(len(folds)), subject="F" + folds["subject"].astype(str))
    write_table(folds, tmp_path / "metrics.csv")
    done = run_script(
        "decompose_variance", "--metrics", tmp_path / "metrics.csv", "--reference", "facs3d",
        "--output-table", tmp_path / "t.csv", "--output-png", tmp_path / "f.png",
        "--output-pdf", tmp_path / "f.pdf",
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    table = read_table(tmp_path / "t.csv")
    assert table["component"].tolist() == [SEED, SPLIT, SUBJECT] * 3
    assert (tmp_path / "f.pdf").read_bytes().startswith(b"%PDF")


def test_one_repeat_is_one_clear_line(tmp_path):
    once = pd.DataFrame({"subject": ["a", "b"], "value": [0.1, 0.2], "model": "facs3d"})
    write_table(once.assign(repeat=1, fold=1, au=1, metric="F1"), tmp_path / "metrics.csv")
    done = run_script(
        "decompose_variance", "--metrics", tmp_path / "metrics.csv", "--reference", "facs3d",
        "--output-table", tmp_path / "t.csv", "--output-png", tmp_path / "f.png",
        "--output-pdf", tmp_path / "f.pdf",
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "1 repeats of 2 subjects, expected two or more" in done.stderr
    assert not (tmp_path / "t.csv").exists()

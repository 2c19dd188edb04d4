"""The figure of what is lost across datasets: every value at its place, and the same again."""

import numpy as np
import pandas as pd
import pytest

from facs3d.core.errors import InputError
from facs3d.evaluation.across import COLUMNS
from facs3d.evaluation.tables import write_table
from facs3d.report.figures.across_datasets import INTERVAL, draw_across_datasets
from tests.support.figure_checks import assert_drawn, texts
from tests.support.scripts import run_process, run_script

MODELS = ("cnn2d", "facs3d")


@pytest.fixture
def table():
    rows = [
        (
            *(model, other, au, metric, 0.8 - 0.1 * place, 0.6 - 0.1 * place, 0.2, 0.1, 0.3),
            *(0.2, 0.1 * (1 + place), 0.2, 0.3, 9, 5),
        )
        for model in MODELS
        for other in ("disfa", "gft")
        for metric in ("F1", "AUC")
        for place, au in enumerate(("1", "12", "Ave"))
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def test_a_panel_for_each_other_dataset_and_metric_shows_both_sides_and_chance(table):
    table.loc[(table["model"] == "cnn2d") & (table["AU"] == "12"), ["across", "drop"]] = np.nan
    figure = draw_across_datasets(table)
    assert_drawn(figure)
    labels = [axes.get_ylabel() for axes in figure.axes]
    assert labels == ["F1 (%)\non disfa", "AUC (%)\non disfa", "F1 (%)\non gft", "AUC (%)\non gft"]
    axes = figure.axes[0]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["AU 1", "AU 12", "Ave"]
    of_2d, of_3d = [line.get_ydata() for line in axes.lines[:2]], axes.lines[2:4]
    np.testing.assert_allclose(of_2d, [[80, 70, 60], [60, np.nan, 40]])
    np.testing.assert_allclose([line.get_ydata() for line in of_3d], [[80, 70, 60], [60, 50, 40]])
    chance = axes.collections[-1].get_segments()
    assert [segment[0][1] for segment in chance] == pytest.approx([10, 20, 30])
    legend = {"2D CNN", "FACS3D-Net", "within: held out", "chance there"}
    assert legend <= set(texts(figure).splitlines())


def test_the_drops_interval_hangs_from_the_value_within_where_there_is_one(table):
    """Within 0.8, 0.7, 0.6, the drop 0.1 to 0.3: across may be 50 to 70 %, and so on."""
    table.loc[(table["model"] == "cnn2d") & (table["AU"] == "12"), ["drop_low", "drop_high"]] = (
        np.nan
    )
    figure = draw_across_datasets(table)
    axes = figure.axes[0]
    pale = [drawn for drawn in axes.collections if drawn.get_alpha() == INTERVAL["alpha"]]
    of_2d, of_3d = (
        [sorted(ends[:, 1]) for ends in each.get_segments() if len(ends)] for each in pale
    )
    np.testing.assert_allclose(of_3d, [[50, 70], [40, 60], [30, 50]])
    np.testing.assert_allclose(of_2d, [[50, 70], [30, 50]])
    assert "drop from within: 95 % interval" in texts(figure).splitlines()
    assert_drawn(figure)


def test_what_is_no_such_table_is_named(table):
    with pytest.raises(InputError, match="across datasets: expected .*'within'.*found no row"):
        draw_across_datasets(table[:0])
    with pytest.raises(InputError, match="found the columns"):
        draw_across_datasets(table.drop(columns="within"))


def test_the_script_writes_both_files_and_the_same_again(table, tmp_path):
    write_table(table, tmp_path / "a.csv")
    written = []
    for run in (run_script, run_process):
        png, pdf = tmp_path / f"{run.__name__}.png", tmp_path / f"{run.__name__}.pdf"
        done = run(
            *("plot_across_datasets", "--table", tmp_path / "a.csv"),
            *("--output-png", png, "--output-pdf", pdf),
        )
        assert (done.returncode, done.stderr) == (0, "")
        written.append((png.read_bytes(), pdf.read_bytes()))
    assert written[0] == written[1]

"""The specification curve and the tables beside it: every specification at its place."""

import json

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgba

from facs3d.core.errors import InputError
from facs3d.evaluation.multiverse import RESULTS
from facs3d.evaluation.specifications import number_specifications, table_of_choices
from facs3d.evaluation.tables import read_table, write_table
from facs3d.report.figures.specification_curve import (
    ABOVE,
    BELOW,
    UNSURE,
    draw_specification_curve,
)
from facs3d.report.multiverse_tables import choice_grids, specification_grids
from tests.support.figure_checks import assert_drawn, texts
from tests.support.scripts import run_process, run_script

CHOICES = {"architecture.temporal_init": ["default", "zero_mean"], "seed": ["1", "2", "3"]}
DIFFERENCES = {"AUC": [1, 3, -2, 4, 0, 2], "F1": [-1, -2, -3, 5, 6, 7]}
"""Percentage points of each specification, in the choices' order; an interval is 1.5 each side."""
MODELS = ("facs3d", "cnn2d")


def evaluations() -> pd.DataFrame:
    rows = []
    for metric, points in DIFFERENCES.items():
        for place, point in enumerate(points):
            init, seed = divmod(place, 3)
            sure = "significantly " * (abs(point) > 1.5)
            row = dict.fromkeys(RESULTS, 0.0) | {
                "architecture.temporal_init": CHOICES["architecture.temporal_init"][init],
                "seed": CHOICES["seed"][seed],
                "training": f"t{place}",
                "metric": metric,
                "reference": 0.7 + point / 100,
                "baseline": 0.7,
                "difference": point / 100,
                "low": (point - 1.5) / 100,
                "high": (point + 1.5) / 100,
                "p": 0.01 if sure else 0.3,
                "verdict": sure + ("better" if point > 0 else "worse" if point else ""),
                "n": 9,
                "aus": 12,
                "aus_better": 8,
            }
            counts = ("n", "aus", "aus_better", "aus_significantly_better")
            rows.append(row | {name: int(row[name]) for name in counts})
    return pd.DataFrame(rows)


@pytest.fixture
def table():
    return number_specifications([evaluations()], CHOICES)


def draw(table):
    return draw_specification_curve(table, table_of_choices(table, CHOICES), CHOICES, *MODELS)


def test_specifications_are_sorted_above_the_choices_that_they_make(table):
    figure = draw(table)
    assert_drawn(figure)
    curve, _, panel, _ = figure.axes
    points = curve.collections[1]
    np.testing.assert_allclose(points.get_offsets(), list(enumerate([-2, 0, 1, 2, 3, 4])))
    expected = [to_rgba(c) for c in (BELOW, UNSURE, UNSURE, ABOVE, ABOVE, ABOVE)]
    np.testing.assert_allclose(points.get_facecolors(), expected)
    intervals = [segment[:, 1] for segment in curve.collections[0].get_segments()]
    np.testing.assert_allclose(intervals[0], [-3.5, -0.5])
    rows = [label.get_text() for label in panel.get_yticklabels()]
    assert rows == ["temporal init", "default", "zero mean", "seed", "1", "2", "3"]
    dots = {
        rows[int(dot.get_offsets()[0, 1])]: dot.get_offsets()[:, 0].tolist()
        for dot in panel.collections
        if len(dot.get_offsets())
    }
    # -2 and 1, 3 are the default's, with seeds 3, 1, 2; 0, 2, 4 the others', with 2, 3, 1.
    assert dots == {
        "default": [0, 2, 4],
        "zero mean": [1, 3, 5],
        "1": [2, 5],
        "2": [1, 4],
        "3": [0, 3],
    }


def test_the_configs_own_is_marked_in_both_panels(table):
    curve, other, panel, other_panel = draw(table).axes
    for axes, below, place, point in ((curve, panel, 2, 1), (other, other_panel, 2, -1)):
        mark = axes.lines[0]
        assert mark.get_marker() == "D"
        assert (mark.get_xdata().tolist(), mark.get_ydata().tolist()) == ([place], [point])
        upright = [line for line in below.lines if len(set(line.get_xdata())) == 1]
        assert [line.get_xdata()[0] for line in upright] == [place]


def test_titles_and_heads_say_the_shares(table):
    """In AUC 4 of 6 are better, 3 surely. In F1 the two initialisations differ by 8 on average:
    6 · 4² of a total of 100, of which the seeds explain none."""
    written = texts(draw(table)).splitlines()
    assert "AUC: better in 67 %, significantly in 50 %" in written
    assert "F1: better in 50 %, significantly in 50 %" in written
    assert {"explains 96 %", "explains 0 %"} <= set(written)
    assert {"FACS3D-Net minus 2D CNN", "6 specifications, in order of the difference"} <= set(
        written
    )


def test_many_choices_and_specifications_fit(table):
    names = [f"training.number_{place}" for place in range(12)]
    random = np.random.default_rng(0)
    rows = []
    for number in range(150):
        row = evaluations().iloc[number % 12].to_dict() | {"specification": number}
        rows.append(row | {name: random.choice(["true", "false"]) for name in names})
    choices = {name: ["true", "false"] for name in names}
    many = pd.DataFrame(rows)
    figure = draw_specification_curve(many, table_of_choices(many, choices), choices, *MODELS)
    assert_drawn(figure)


def test_without_any_difference_there_is_no_curve(table):
    with pytest.raises(InputError, match="no specification has a difference"):
        draw(table.assign(difference=np.nan))


def test_the_tables_for_people_say_the_same(table):
    auc, f1 = choice_grids(table_of_choices(table, CHOICES), *MODELS).values()
    assert auc.caption == "FACS3D-Net minus 2D CNN in AUC: where it holds"
    first = [cell.text for cell in auc.rows[0]]
    assert first == ["(all)", "", "6", "1.50", "67", "50", "50", "17", "0", "0", ""]
    names = [row[0].text for row in f1.rows]
    assert names == ["(all)", "architecture.temporal_init", "", "seed", "", "", "(together)"]
    assert [row[-1].text for row in f1.rows] == ["", "96", "", "0", "", "", "4"]
    grids = specification_grids(table, CHOICES, *MODELS)
    best = [cell.text for cell in grids[0].rows[0]]
    assert best[:4] == ["4", "zero_mean", "1", "74.00"]
    assert best[4:] == [
        *("70.00", "4.00", "2.50 to 5.50", "0.0100", "significantly better"),
        *("8 of 12", "0 of 12"),
    ]
    assert [row[0].text for row in grids[0].rows if row[0].best] == ["1 (own)"]


def test_the_scripts_write_whole_tables_and_the_same_figure_again(table, tmp_path):
    parts = evaluations()
    paths = [tmp_path / "one.csv", tmp_path / "two.csv"]
    write_table(parts[parts["seed"] == "1"], paths[1])
    write_table(parts[parts["seed"] != "1"], paths[0])
    models = ("--reference", "facs3d", "--baseline", "cnn2d")
    files = ("table", "table-html", "choices", "choices-html", "choices-latex")
    outputs = [word for name in files for word in (f"--output-{name}", tmp_path / name)]
    choices = ("--choices", json.dumps(CHOICES))
    done = run_script(
        "collect_specifications", "--evaluations", *paths, *choices, *models, *outputs
    )
    assert (done.returncode, done.stderr) == (0, "")
    written = read_table(tmp_path / "table", text=("seed",))
    assert written["difference"].tolist() == pytest.approx(table["difference"].tolist())
    assert "better in 10 of 12 AUs" in (tmp_path / "choices-html").read_text()
    assert r"\label{tab:multiverse-AUC}" in (tmp_path / "choices-latex").read_text()
    assert "1 (own)" in (tmp_path / "table-html").read_text()
    drawn = []
    for run in (run_script, run_process):
        png, pdf = tmp_path / f"{run.__name__}.png", tmp_path / f"{run.__name__}.pdf"
        done = run(
            *("plot_specification_curve", "--table", tmp_path / "table", *choices, *models),
            *("--of-choices", tmp_path / "choices", "--output-png", png, "--output-pdf", pdf),
        )
        assert (done.returncode, done.stderr) == (0, "")
        drawn.append((png.read_bytes(), pdf.read_bytes()))
    assert drawn[0] == drawn[1]

"""The table of claims as people read it: every value in its unit, and files that are whole."""

import h5py
import pandas as pd
import pytest

from facs3d.evaluation.claims.verdicts import COLUMNS, FAILS, HOLDS, UNTOLD, Rule
from facs3d.evaluation.metrics import metrics_of_runs
from facs3d.evaluation.runs import read_runs
from facs3d.evaluation.tables import read_table, write_table
from facs3d.report.claims_tables import claims_findings, claims_grids
from facs3d.report.grid import write_html
from facs3d.report.latex import write_latex
from tests.support.checkout import ROOT
from tests.support.fake_results import write_occlusion, write_results
from tests.support.scripts import run_process, run_script


@pytest.fixture
def table():
    lead = (0.0, 0.0288, None, -0.0454, None, -0.0644, -0.0266, FAILS, "none of it")
    count = (7.5, 10, 12, 8, 9, 8, 9, HOLDS, "all of it")
    unknown = (None, None, None, None, None, None, None, UNTOLD, "not measured")
    rows = [
        (1, "One", "IV-B", "It leads.", "a lead", "share", "above", *lead),
        (2, "One", "IV-B", "It is best in 10 AUs.", "AUs", "AUs", "at least", *count),
        (3, "Two", "V", "It is so.", "no statistic", "number", "", *unknown),
    ]
    types = {"paper_of": "Int64", "ours_of": "Int64"}
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype(types)


def test_values_are_in_their_units_with_their_intervals(table):
    one, two = claims_grids(table).values()
    assert (one.caption, two.caption) == ("One", "Two")
    texts = [[cell.text for cell in row] for row in (*one.rows, *two.rows)]
    assert texts == [
        ["1", "It leads.", "above 0", "2.88", "−4.54", FAILS, "none of it"],
        [
            *("2", "It is best in 10 AUs.", "at least 7.5 of 9"),
            *("10 of 12", "8 of 9", HOLDS, "all of it"),
        ],
        ["3", "It is so.", "", "", "", UNTOLD, "not measured"],
    ]
    assert [row[4].details for row in one.rows] == [("−6.44 to −2.66",), ("8 to 9",)]
    assert one.rows[0][1].details == ("IV-B: a lead",)
    assert [row[5].best for row in (*one.rows, *two.rows)] == [True, True, False]
    first = claims_findings(table, Rule(0.9, 3))[0]
    assert first == "Of 3 claims 1 hold, 1 do not hold, 1 cannot be told here."


def test_sentences_are_broken_into_lines(table, tmp_path):
    grids = claims_grids(table)
    assert [grid.prose for grid in grids.values()] == [tuple(map(bool, (0, 1, 0, 0, 0, 0, 1)))] * 2
    write_latex(grids, tmp_path / "a.tex")
    lines = (tmp_path / "a.tex").read_text(encoding="utf-8").splitlines()
    assert r"\begin{tabular}{@{}lp{0.30\textwidth}rrrrp{0.30\textwidth}@{}}" in lines
    assert any(line.startswith(r"1 & {\raggedright It leads.\par} & above 0 &") for line in lines)
    write_html(grids["tab:claims-1"], tmp_path / "a.html")
    page = (tmp_path / "a.html").read_text(encoding="utf-8")
    assert '<th scope="col" class="long">why</th>' in page
    assert '<td class="long">It leads.<small>IV-B: a lead</small></td>' in page


def test_the_script_judges_made_up_results_and_the_same_again(tmp_path):
    predictions = write_results(tmp_path)
    write_table(metrics_of_runs(read_runs(predictions), "subject", 0.5), tmp_path / "metrics.csv")
    occlusion = write_occlusion(tmp_path / "fold1.h5")
    with h5py.File(occlusion) as file:
        assert file["accuracy"].shape[0] == 3
    tests = "baseline,au,metric,mean_difference,p,p_holm\n"
    for baseline in ("cnn2d", "cnn2d_lstm"):
        for metric in ("F1", "ACC", "negative_agreement", "AUC", "S"):
            tests += f"{baseline},1,{metric},0.2,0.01,0.03\n{baseline},12,{metric},0.1,0.04,0.08\n"
            tests += (
                f"{baseline},24,{metric},-0.2,0.01,0.03\n{baseline},Ave,{metric},0.2,0.01,0.01\n"
            )
    (tmp_path / "corrected.csv").write_text(tests)
    arguments = [
        *("--predictions", *predictions, "--metrics", tmp_path / "metrics.csv"),
        *("--corrected-tests", tmp_path / "corrected.csv", "--occlusion", occlusion),
        *("--paper-table1", ROOT / "config" / "paper" / "table1.csv"),
        *("--paper-table2", ROOT / "config" / "paper" / "table2.csv"),
        *("--seed", "3", "--claims-repeats", "1", "--registration-centre", "eye_line"),
    ]
    written = []
    for run in (run_script, run_process):
        files = [tmp_path / f"{run.__name__}.{suffix}" for suffix in ("csv", "html", "tex")]
        outputs = zip(("", "-html", "-latex"), files, strict=True)
        flags = [word for end, path in outputs for word in (f"--output-table{end}", path)]
        run("judge_claims", *arguments, *flags)
        written.append([path.read_bytes() for path in files])
    assert written[0] == written[1]
    table = read_table(tmp_path / "run_script.csv").set_index("sentence")
    best = table.loc["FACS3D-Net has the highest average F1."]
    assert best["ours"] > 0.05
    assert best["low"] < best["ours"] < best["high"]
    assert best["verdict"] == HOLDS
    corrected = table.loc[
        "FACS3D-Net's F1 is significantly better than the 2D CNN's in 10 of 12 AUs.", "reason"
    ]
    assert corrected.endswith("by the corrected test over all repeats 1 of 3")

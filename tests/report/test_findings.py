"""The demo's numbers on the page of findings are those of its tables."""

import pandas as pd
import pytest

from facs3d.core.errors import InputError
from facs3d.evaluation.tables import read_table
from facs3d.report.findings import BEGIN, END, demo_tables, with_demo_tables
from tests.support.checkout import ROOT

TABLE = pd.DataFrame(
    {
        "AU": ["12", "Ave", "Micro"],
        "BR": [52.82, 52.82, 52.82],
        "F1_cnn2d": [87.18, 56.83, 1.0],
        "AUC_cnn2d": [93.58, 83.94, 2.0],
        "F1_cnn2d_sd": [1.0, 2.25, 3.0],
        "AUC_cnn2d_sd": [0.44, 0.56, 4.0],
        "F1_cnn2d_noise": [1.0, 0.84, 1.0],
        "AUC_cnn2d_noise": [0.1, 0.31, 1.0],
        "F1_n_folds": [5, 5, 5],
        "AUC_n_folds": [5, 5, 5],
    }
)
TESTS = pd.DataFrame(
    {
        "baseline": ["cnn2d", "cnn2d", "cnn2d"],
        "au": ["12", "Ave", "Ave"],
        "metric": ["AUC", "AUC", "ACC"],
        "mean_difference": [0.5, -0.0084, 0.5],
        "ci_low": [0.4, -0.0256, 0.4],
        "ci_high": [0.6, 0.0088, 0.6],
        "p": [0.5, 0.0314, 0.5],
        "starred_in": [9, 1, 9],
        "repeats": [3, 3, 3],
    }
)
LINES = """\
|  | F1 | AUC |
| --- | --- | --- |
| 2D CNN | 56.8 ± 2.2 (0.8) | 83.9 ± 0.6 (0.3) |

AUC of each AU, beside its base rate:

|  | base rate | 2D CNN |
| --- | --- | --- |
| AU 12 | 52.8 | 93.6 ± 0.4 |

FACS3D-Net minus the others, mean over the AUs, in points; corrected resampled t-test:

|  | metric | difference | 95 % | p | the paper's test, p < .05 |
| --- | --- | --- | --- | --- | --- |
| 2D CNN | AUC | -0.8 | -2.6 to +0.9 | 0.031 | in 1 of 3 repeats |
"""


def test_averages_and_aus_are_those_of_the_table():
    assert demo_tables(TABLE, TESTS, "facs3d") == LINES


def test_they_take_the_place_of_what_stood_between_the_lines():
    page = f"# Findings\n{BEGIN}old\n{END}after\n"
    once = with_demo_tables(page, "new\n")
    assert once == f"# Findings\n{BEGIN}\nnew\n\n{END}after\n"
    assert with_demo_tables(once, "new\n") == once


@pytest.mark.parametrize("page", ["# Findings\n", BEGIN, f"{END}{BEGIN}"])
def test_a_page_without_their_place_is_refused(page):
    with pytest.raises(InputError, match="expected the lines <!-- demo-table-begin"):
        with_demo_tables(page, "new")


def test_the_page_is_of_the_demos_results_that_are_kept():
    page = (ROOT / "docs" / "findings.md").read_text()
    kept = ROOT / "results" / "example"
    tables = demo_tables(
        read_table(kept / "table1.csv", text=("AU",)),
        read_table(kept / "table2_repeats.csv", text=("au",)),
        "facs3d",
    )
    assert with_demo_tables(page, tables) == page, "run `make findings`"

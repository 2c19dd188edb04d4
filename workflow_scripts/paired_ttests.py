"""Paired t-tests of one model against each of the others: the paper's Table II."""

import argparse

from facs3d.core.program import run
from facs3d.core.settings import add_flags
from facs3d.evaluation.settings import EvaluationSettings
from facs3d.evaluation.significance import compare_models
from facs3d.evaluation.tables import SIX_DIGITS, beside_paper, read_table, table_two, write_table
from facs3d.report.grid import write_html, write_report
from facs3d.report.latex import write_latex
from facs3d.report.significance_tables import pair_notes, table_two_grid, tests_grid

HOW_TO_READ = (
    "Differences are in percentage points. p (Holm) is adjusted over the AUs of a metric; d_z is "
    "the mean difference in standard deviations of the differences."
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--metrics", required=True, help="metrics_by_<pairs>.csv")
    parser.add_argument("--paper", help="the paper's Table II, to show beside ours")
    parser.add_argument("--output-table2", required=True, help="every test in full, tidy CSV")
    parser.add_argument("--output-table2-html", required=True, help="the same for people")
    parser.add_argument("--output-stars", required=True, help="the paper's layout of stars, CSV")
    parser.add_argument("--output-stars-html", required=True)
    parser.add_argument("--output-stars-latex", required=True, help="for booktabs")
    add_flags(parser, EvaluationSettings, only=("pairs", "reference"))
    args = parser.parse_args()
    tests = compare_models(read_table(args.metrics), args.pairs, args.reference)
    write_table(tests, args.output_table2, SIX_DIGITS)
    write_report(
        "Paired t-tests",
        [*pair_notes(tests, args.pairs), HOW_TO_READ],
        [tests_grid(tests, args.reference, baseline) for baseline in tests["baseline"].unique()],
        args.output_table2_html,
    )
    stars = table_two(tests)
    if args.paper:
        stars = beside_paper(stars, args.paper)
    write_table(stars, args.output_stars)
    grid = table_two_grid(stars, tests, args.reference, args.pairs)
    write_html(grid, args.output_stars_html)
    write_latex({"tab:significance": grid}, args.output_stars_latex)


if __name__ == "__main__":
    run(main)

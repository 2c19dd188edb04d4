"""Tests of one model against each of the others over all repeats: Table II-R."""

import argparse

from facs3d.core.program import run
from facs3d.core.settings import add_flags
from facs3d.datasets.folds import read_splits
from facs3d.evaluation.corrected import compare_repeats, held_out_per_trained
from facs3d.evaluation.settings import EvaluationSettings
from facs3d.evaluation.tables import SIX_DIGITS, read_table, write_table
from facs3d.report.grid import write_report
from facs3d.report.latex import write_latex
from facs3d.report.repeats_tables import HOW_TO_READ, repeats_grid, stars_grid


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--metrics-by-fold", required=True)
    parser.add_argument("--metrics-by-subject", required=True)
    parser.add_argument("--metrics-by-pair", required=True, help="metrics_by_<pairs>.csv")
    parser.add_argument(
        "--folds", required=True, nargs="+", help="subject, repeat, fold; of all repeats"
    )
    parser.add_argument("--output-table", required=True, help="every test in full, tidy CSV")
    parser.add_argument("--output-table-html", required=True)
    parser.add_argument("--output-table-latex", required=True, help="stars, for booktabs")
    add_flags(parser, EvaluationSettings, only=("pairs", "reference"))
    args = parser.parse_args()
    files = {
        "fold": args.metrics_by_fold,
        "subject": args.metrics_by_subject,
        args.pairs: args.metrics_by_pair,
    }
    metrics = {unit: read_table(path) for unit, path in files.items()}
    ratio = held_out_per_trained(read_splits(args.folds).values())
    tests = compare_repeats(metrics, args.pairs, args.reference, ratio)
    write_table(tests, args.output_table, SIX_DIGITS)
    stars = stars_grid(tests, args.reference, ratio)
    write_report(
        "Tests over all repeats (Table II-R)",
        [*HOW_TO_READ],
        [
            stars,
            *(repeats_grid(tests, args.reference, name) for name in tests["baseline"].unique()),
        ],
        args.output_table_html,
    )
    write_latex({"tab:significance-repeats": stars}, args.output_table_latex)


if __name__ == "__main__":
    run(main)

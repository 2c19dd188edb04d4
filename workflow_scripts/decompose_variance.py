"""How much of the scores' variance is of seeds, splits and subjects: a table and a figure."""

import argparse

from facs3d.core.program import run
from facs3d.core.settings import add_flags
from facs3d.evaluation.settings import EvaluationSettings
from facs3d.evaluation.tables import SIX_DIGITS, read_table, write_table
from facs3d.evaluation.variance import variance_table
from facs3d.report.figures.style import save_figure
from facs3d.report.figures.variance import draw_variance


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--metrics", required=True, help="metrics_by_subject.csv, several repeats")
    parser.add_argument("--output-table", required=True)
    parser.add_argument("--output-png", required=True)
    parser.add_argument("--output-pdf", required=True)
    add_flags(parser, EvaluationSettings, only=("reference",))
    args = parser.parse_args()
    table = variance_table(read_table(args.metrics), args.reference)
    write_table(table, args.output_table, SIX_DIGITS)
    save_figure(draw_variance(table), args.output_png, args.output_pdf)


if __name__ == "__main__":
    run(main)

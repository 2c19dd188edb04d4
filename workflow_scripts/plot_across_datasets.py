"""Draw what networks lose on other datasets, AU by AU."""

import argparse

from facs3d.core.program import run
from facs3d.evaluation.tables import read_table
from facs3d.report.figures.across_datasets import draw_across_datasets
from facs3d.report.figures.style import save_figure


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--table", required=True, help="across_datasets.csv")
    parser.add_argument("--output-png", required=True)
    parser.add_argument("--output-pdf", required=True)
    args = parser.parse_args()
    table = read_table(args.table, text=("AU", "other_dataset"))
    save_figure(draw_across_datasets(table), args.output_png, args.output_pdf)


if __name__ == "__main__":
    run(main)

"""Draw every metric of every AU and model: the mean over folds as a bar, each fold as a point."""

import argparse

from facs3d.core.program import run
from facs3d.evaluation.tables import read_table
from facs3d.report.figures.metric_bars import draw_metric_bars
from facs3d.report.figures.style import save_figure


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--metrics", required=True, help="metrics_by_fold.csv")
    parser.add_argument("--output-png", required=True)
    parser.add_argument("--output-pdf", required=True)
    args = parser.parse_args()
    save_figure(draw_metric_bars(read_table(args.metrics)), args.output_png, args.output_pdf)


if __name__ == "__main__":
    run(main)

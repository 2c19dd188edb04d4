"""Draw how well the models' probabilities are calibrated on held-out frames."""

import argparse

from facs3d.core.program import run
from facs3d.evaluation.runs import read_runs
from facs3d.report.figures.reliability import draw_reliability
from facs3d.report.figures.style import save_figure


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--predictions",
        required=True,
        nargs="+",
        help="…/<model>/repeat<r>/fold<k>/predictions.csv",
    )
    parser.add_argument("--output-png", required=True)
    parser.add_argument("--output-pdf", required=True)
    args = parser.parse_args()
    save_figure(draw_reliability(read_runs(args.predictions)), args.output_png, args.output_pdf)


if __name__ == "__main__":
    run(main)

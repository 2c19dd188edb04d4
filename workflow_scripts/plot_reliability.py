"""Draw how well the models' probabilities are calibrated on held-out frames."""

import argparse

from facs3d.errors import run
from facs3d.figures.reliability import draw_reliability
from facs3d.figures.style import save_figure
from facs3d.results import read_runs


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--predictions", required=True, nargs="+", help="…/<model>/fold<k>/predictions.csv"
    )
    parser.add_argument("--output-png", required=True)
    parser.add_argument("--output-pdf", required=True)
    args = parser.parse_args()
    save_figure(draw_reliability(read_runs(args.predictions)), args.output_png, args.output_pdf)


if __name__ == "__main__":
    run(main)

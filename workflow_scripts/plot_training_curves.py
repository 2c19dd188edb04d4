"""Draw the training loss of every model and fold."""

import argparse

from facs3d.core.program import run
from facs3d.evaluation.runs import read_histories
from facs3d.report.figures.style import save_figure
from facs3d.report.figures.training_curves import draw_training_curves


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--histories",
        required=True,
        nargs="+",
        help="…/<model>/repeat<r>/fold<k>/history.csv of every run",
    )
    parser.add_argument("--output-png", required=True)
    parser.add_argument("--output-pdf", required=True)
    args = parser.parse_args()
    figure = draw_training_curves(read_histories(args.histories))
    save_figure(figure, args.output_png, args.output_pdf)


if __name__ == "__main__":
    run(main)

"""Draw ROC and precision-recall curves of every AU over all held-out frames."""

import argparse

from facs3d.core.program import run
from facs3d.evaluation.runs import read_runs
from facs3d.report.figures.detection_curves import draw_precision_recall_curves, draw_roc_curves
from facs3d.report.figures.style import save_figure


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--predictions",
        required=True,
        nargs="+",
        help="…/<model>/repeat<r>/fold<k>/predictions.csv",
    )
    parser.add_argument("--output-roc-png", required=True)
    parser.add_argument("--output-roc-pdf", required=True)
    parser.add_argument("--output-precision-recall-png", required=True)
    parser.add_argument("--output-precision-recall-pdf", required=True)
    args = parser.parse_args()
    runs = read_runs(args.predictions)
    save_figure(draw_roc_curves(runs), args.output_roc_png, args.output_roc_pdf)
    save_figure(
        draw_precision_recall_curves(runs),
        args.output_precision_recall_png,
        args.output_precision_recall_pdf,
    )


if __name__ == "__main__":
    run(main)

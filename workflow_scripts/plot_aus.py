"""Draw the AUs of a new video over time."""

import argparse

from facs3d.core.program import run
from facs3d.prediction.au_table import read_au_table
from facs3d.report.figures.au_course import draw_au_course
from facs3d.report.figures.style import save_figure


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--aus", required=True, help="<video>.aus.csv of predict")
    parser.add_argument("--title", required=True, help="name of the video")
    parser.add_argument("--output-png", required=True)
    parser.add_argument("--output-pdf", required=True)
    args = parser.parse_args()
    figure = draw_au_course(read_au_table(args.aus), args.title)
    save_figure(figure, args.output_png, args.output_pdf)


if __name__ == "__main__":
    run(main)

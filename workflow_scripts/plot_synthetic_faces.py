"""Draw the contact sheet of the synthetic dataset: each AU, combinations, subjects."""

import argparse

import numpy as np

from facs3d.core.program import run
from facs3d.report.figures.style import save_figure
from facs3d.report.figures.synthetic_faces import draw_contact_sheet


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", required=True, help="from render_synthetic_faces.py")
    parser.add_argument("--output-png", required=True)
    parser.add_argument("--output-pdf", required=True)
    args = parser.parse_args()
    with np.load(args.pictures) as pictures:
        figure = draw_contact_sheet(dict(pictures))
    save_figure(figure, args.output_png, args.output_pdf)


if __name__ == "__main__":
    run(main)

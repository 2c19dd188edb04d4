"""Draw the contact sheet of the synthetic dataset: each AU, combinations, subjects."""

import argparse
from pathlib import Path

from facs3d.core.program import run
from facs3d.core.settings import add_flags, from_flags
from facs3d.report.figures.style import save_figure
from facs3d.report.figures.synthetic_faces import draw_contact_sheet
from facs3d.synthetic.dataset import SyntheticSettings
from facs3d.synthetic.expression import action_fields
from facs3d.synthetic.portrait import load_portrait


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--portrait", type=Path, required=True, help="from make_portrait.py")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--output-png", type=Path, required=True)
    parser.add_argument("--output-pdf", type=Path, required=True)
    add_flags(parser, SyntheticSettings)
    arguments = parser.parse_args()
    settings = from_flags(SyntheticSettings, arguments)
    portrait = load_portrait(arguments.portrait)
    figure = draw_contact_sheet(portrait, action_fields(), arguments.seed, settings)
    save_figure(figure, arguments.output_png, arguments.output_pdf)


if __name__ == "__main__":
    run(main)

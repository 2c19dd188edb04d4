"""Draw the specification curve: every specification's difference above the choices it makes."""

import argparse

from facs3d.core.program import run
from facs3d.evaluation.specifications import read_choices, read_specifications
from facs3d.evaluation.tables import read_table
from facs3d.report.figures.specification_curve import draw_specification_curve
from facs3d.report.figures.style import save_figure


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--table", required=True, help="multiverse.csv")
    parser.add_argument("--of-choices", required=True, help="multiverse_choices.csv")
    parser.add_argument("--choices", required=True, help="JSON: choice -> values, the own first")
    parser.add_argument("--reference", required=True)
    parser.add_argument("--baseline", required=True)
    parser.add_argument("--output-png", required=True)
    parser.add_argument("--output-pdf", required=True)
    args = parser.parse_args()
    choices = read_choices(args.choices)
    table = read_specifications(args.table, choices)
    of_choices = read_table(args.of_choices, text=("choice", "value"))
    figure = draw_specification_curve(table, of_choices, choices, args.reference, args.baseline)
    save_figure(figure, args.output_png, args.output_pdf)


if __name__ == "__main__":
    run(main)

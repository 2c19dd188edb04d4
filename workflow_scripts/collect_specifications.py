"""Put all specifications of a multiverse into one table, and say which choices decide."""

import argparse

from facs3d.core.program import run
from facs3d.evaluation.specifications import (
    number_specifications,
    read_choices,
    read_specifications,
    table_of_choices,
)
from facs3d.evaluation.tables import SIX_DIGITS, write_table
from facs3d.report.grid import write_report
from facs3d.report.latex import write_latex
from facs3d.report.multiverse_tables import HOW_TO_READ, choice_grids, specification_grids


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--evaluations", required=True, nargs="+", help="a CSV a training")
    parser.add_argument("--choices", required=True, help="JSON: choice -> values, the own first")
    parser.add_argument("--reference", required=True, help="the model that is ahead or behind")
    parser.add_argument("--baseline", required=True, help="of which it is")
    parser.add_argument("--output-table", required=True, help="CSV: a row a specification")
    parser.add_argument("--output-table-html", required=True)
    parser.add_argument("--output-choices", required=True, help="CSV: a row a choice's value")
    parser.add_argument("--output-choices-html", required=True)
    parser.add_argument("--output-choices-latex", required=True, help="for booktabs")
    args = parser.parse_args()
    choices = read_choices(args.choices)
    tables = [read_specifications(path, choices) for path in args.evaluations]
    table = number_specifications(tables, choices)
    of_choices = table_of_choices(table, choices)
    write_table(table, args.output_table, SIX_DIGITS)
    write_table(of_choices, args.output_choices, SIX_DIGITS)
    models = args.reference, args.baseline
    grids = choice_grids(of_choices, *models)
    write_report(
        "Multiverse: choices", list(HOW_TO_READ), list(grids.values()), args.output_choices_html
    )
    write_latex(grids, args.output_choices_latex)
    write_report(
        "Multiverse: specifications",
        [],
        specification_grids(table, choices, *models),
        args.output_table_html,
    )


if __name__ == "__main__":
    run(main)

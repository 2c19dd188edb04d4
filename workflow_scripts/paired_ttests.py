"""Paired t-tests of one model against each of the others: the paper's Table II."""

import argparse

from facs3d.errors import run
from facs3d.grids import write_html
from facs3d.metrics import UNITS
from facs3d.results import full_name
from facs3d.significance import compare_models
from facs3d.tables import (
    SIX_DIGITS,
    beside_paper,
    plain_grid,
    read_table,
    table_two,
    table_two_grid,
    write_table,
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--metrics", required=True, help="metrics_by_<pairs>.csv")
    parser.add_argument("--pairs", choices=UNITS, default="subject", help="what is paired")
    parser.add_argument("--reference", default="facs3d", help="model tested against the others")
    parser.add_argument("--paper", help="the paper's Table II, to show beside ours")
    parser.add_argument("--output-table2", required=True, help="every test in full, tidy CSV")
    parser.add_argument("--output-table2-html", help="the same as a page of HTML")
    parser.add_argument("--output-stars", required=True, help="the paper's layout of stars, CSV")
    parser.add_argument("--output-stars-html", required=True)
    args = parser.parse_args()
    tests = compare_models(read_table(args.metrics), args.pairs, args.reference)
    write_table(tests, args.output_table2, SIX_DIGITS)
    if args.output_table2_html:
        against = f"{full_name(args.reference)} minus baseline"
        caption = f"Paired t-tests: {against}, pairs are {args.pairs}s"
        write_html(plain_grid(tests, caption), args.output_table2_html)
    stars = table_two(tests)
    if args.paper:
        stars = beside_paper(stars, args.paper)
    write_table(stars, args.output_stars)
    write_html(table_two_grid(stars, tests, args.reference, args.pairs), args.output_stars_html)


if __name__ == "__main__":
    run(main)

"""Compare how local occlusion maps are on held-out faces and on those of other datasets."""

import argparse
from dataclasses import replace

from facs3d.core.program import run
from facs3d.core.settings import add_flags, from_flags
from facs3d.evaluation.occlusion.locality import locality_table
from facs3d.evaluation.occlusion.maps import read_occlusion
from facs3d.evaluation.tables import SIX_DIGITS, write_table
from facs3d.preprocessing.alignment import RegistrationSettings
from facs3d.report.figures.occlusion_maps import OcclusionMapSettings
from facs3d.report.grid import write_report
from facs3d.report.latex import write_latex
from facs3d.report.locality_tables import HOW_TO_READ, locality_findings, locality_grids


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dataset", required=True, help="name of the one trained on")
    parser.add_argument(
        "--occlusion",
        required=True,
        nargs="+",
        help="occlusion/<model>/repeat<r>/fold<k>.h5 of held-out subjects",
    )
    parser.add_argument(
        "--across",
        required=True,
        nargs="+",
        help="across/<other>/<model>/repeat<r>/fold<k>/occlusion.h5 of the same networks",
    )
    parser.add_argument("--output-table", required=True, help="CSV, one row per network and AU")
    parser.add_argument("--output-table-html", required=True)
    parser.add_argument("--output-table-latex", required=True, help="for booktabs")
    add_flags(parser, RegistrationSettings, "registration-")
    add_flags(parser, OcclusionMapSettings, only=("min_positive",))
    args = parser.parse_args()

    registration = from_flags(RegistrationSettings, args, "registration-")
    table = locality_table(
        [read_occlusion(path) for path in args.occlusion],
        [read_occlusion(path) for path in args.across],
        registration,
        args.min_positive,
    )
    write_table(table, args.output_table, SIX_DIGITS)
    grids = locality_grids(table, args.dataset)
    write_report(
        f"How local occlusion maps are: networks trained on {args.dataset}",
        [*locality_findings(table), *HOW_TO_READ],
        [replace(grid, notes=()) for grid in grids.values()],
        args.output_table_html,
    )
    write_latex(grids, args.output_table_latex)


if __name__ == "__main__":
    run(main)

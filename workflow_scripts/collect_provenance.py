"""Put what every training came from, code, data, versions and device, into one table."""

import argparse

from facs3d.core.program import run
from facs3d.evaluation.provenance import provenance_table
from facs3d.evaluation.tables import write_table
from facs3d.report.grid import write_report
from facs3d.report.provenance_tables import common_facts, provenance_grid


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--provenances",
        required=True,
        nargs="+",
        help="…/<model>/repeat<r>/fold<k>/provenance.json",
    )
    parser.add_argument("--output", required=True, help="CSV, one row per run")
    parser.add_argument("--output-html", required=True)
    args = parser.parse_args()
    table = provenance_table(args.provenances)
    write_table(table, args.output)
    grids = [provenance_grid(table)]
    write_report("What the results come from", common_facts(table), grids, args.output_html)


if __name__ == "__main__":
    run(main)

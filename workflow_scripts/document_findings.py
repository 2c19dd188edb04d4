"""Write the demo's Tables I and II-R into the page of findings."""

import argparse
from pathlib import Path

from facs3d.core.atomic import whole
from facs3d.core.program import run
from facs3d.evaluation.tables import read_table
from facs3d.report.findings import demo_tables, with_demo_tables


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--table", required=True, help="the demo's table1.csv")
    parser.add_argument("--tests", required=True, help="the demo's table2_repeats.csv")
    parser.add_argument("--reference", required=True, help="the model that the tests compare")
    parser.add_argument("--page", type=Path, required=True, help="Markdown, changed in place")
    args = parser.parse_args()
    tables = demo_tables(
        read_table(args.table, text=("AU",)), read_table(args.tests, text=("au",)), args.reference
    )
    page = with_demo_tables(args.page.read_text(encoding="utf-8"), tables)
    with whole(args.page) as unfinished:
        unfinished.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    run(main)

"""Judge a network on videos in which you marked by hand when AUs are there."""

import argparse

from facs3d.core.errors import InputError
from facs3d.core.program import run
from facs3d.evaluation.tables import write_table
from facs3d.prediction.au_table import read_au_table
from facs3d.prediction.marks import judge_marks, read_marks


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--table", nargs="+", required=True, help="<video>.aus.csv of predict")
    parser.add_argument(
        "--marks", nargs="+", required=True, help="marks (CSV) of each, in the same order"
    )
    parser.add_argument("--output", help="CSV to write, a row per AU that is marked")
    args = parser.parse_args()
    if len(args.table) != len(args.marks):
        raise InputError(
            f"{len(args.table)} tables and {len(args.marks)} files of marks; give one for each"
        )
    tables = [read_au_table(path) for path in args.table]
    judged = judge_marks(tables, [*map(read_marks, args.marks, tables)])
    print(judged.to_string(index=False, float_format="{:.3f}".format, na_rep=""))
    if args.output:
        write_table(judged, args.output)


if __name__ == "__main__":
    run(main)

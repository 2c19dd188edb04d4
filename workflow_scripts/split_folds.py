"""Assign subjects to folds: at random by seed, or as the video sheet says."""

import argparse

from facs3d.core.program import run
from facs3d.core.settings import add_flags
from facs3d.datasets.folds import folds_of, held_out, write_folds
from facs3d.datasets.settings import DatasetSettings
from facs3d.datasets.sheet import assigned_folds, read_sheet
from facs3d.preprocessing.clips import open_clips


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", required=True, help="clips.h5")
    parser.add_argument("--seed", type=int, required=True, help="of this split")
    parser.add_argument("--repeat", type=int, required=True, help="whose split it is, from 1")
    parser.add_argument("--sheet", help="video sheet whose column `fold` assigns the subjects")
    parser.add_argument("--output", required=True, help="CSV: subject, repeat, fold")
    add_flags(parser, DatasetSettings, only=("folds",))
    args = parser.parse_args()
    subjects = set(open_clips(args.clips).subject)
    assigned = assigned_folds(read_sheet(args.sheet), args.folds) if args.sheet else {}
    folds = folds_of(subjects, assigned, args.folds, args.seed)
    for fold in range(1, args.folds + 1):
        held_out(folds, fold)
    write_folds(folds, args.output, args.repeat)


if __name__ == "__main__":
    run(main)

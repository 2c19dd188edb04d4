"""Assign subjects to folds: at random by seed, or as the video sheet says."""

import argparse

from facs3d.clips import open_clips
from facs3d.errors import run
from facs3d.folds import assigned_folds, folds_of, held_out, write_folds
from facs3d.sheet_file import read_sheet


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", required=True, help="clips.h5")
    parser.add_argument("--folds", type=int, required=True, help="number of folds")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--sheet", help="video sheet whose column `fold` assigns the subjects")
    parser.add_argument("--output", required=True, help="folds.csv: subject, fold")
    args = parser.parse_args()
    subjects = set(open_clips(args.clips).subject)
    assigned = assigned_folds(read_sheet(args.sheet), args.folds) if args.sheet else {}
    folds = folds_of(subjects, assigned, args.folds, args.seed)
    for fold in range(1, args.folds + 1):
        held_out(folds, fold)
    write_folds(folds, args.output)


if __name__ == "__main__":
    run(main)

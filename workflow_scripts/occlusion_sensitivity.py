"""Measure how a trained model's accuracy on positive frames, and its AUC, fall where the face is
occluded."""

import argparse

from facs3d.core.program import run
from facs3d.core.settings import add_flags, from_flags
from facs3d.datasets.folds import read_folds
from facs3d.evaluation.occlusion.sensitivity import OcclusionSettings, load_to_occlude, occlude
from facs3d.evaluation.runs import Run
from facs3d.preprocessing.clips import open_clips
from facs3d.training.batches import split_clips


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", required=True, help="weights.pt of the model to examine")
    parser.add_argument("--clips", required=True, help="clips.h5")
    parser.add_argument("--folds", required=True, help="CSV: subject, repeat, fold")
    parser.add_argument("--repeat", type=int, required=True, help="the model's")
    parser.add_argument("--fold", type=int, required=True, help="the fold the model did not see")
    parser.add_argument("--output", required=True, help="occlusion file (HDF5) to write")
    add_flags(parser, OcclusionSettings)
    args = parser.parse_args()

    settings = from_flags(OcclusionSettings, args)
    trained = load_to_occlude(args.weights, settings)
    clips = open_clips(args.clips)
    trained.check_fits(clips)
    _, indices = split_clips(clips, read_folds(args.folds), args.fold)
    examined = Run(trained.name, args.repeat, args.fold)
    occlude(trained, clips, indices, examined, settings, args.output)


if __name__ == "__main__":
    run(main)

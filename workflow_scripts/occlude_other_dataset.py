"""Measure where occluding the faces of another dataset costs a trained model's accuracy and AUC."""

import argparse

import numpy as np

from facs3d.core.program import run
from facs3d.core.settings import add_flags, from_flags
from facs3d.evaluation.occlusion.sensitivity import OcclusionSettings, load_to_occlude, occlude
from facs3d.evaluation.runs import Run
from facs3d.prediction.other_dataset import check_comparable, labelled_for
from facs3d.preprocessing.clips import open_clips


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", required=True, help="weights.pt of the model to examine")
    parser.add_argument("--clips", required=True, help="clips.h5 of the other dataset")
    parser.add_argument("--other-dataset", required=True, help="its name")
    parser.add_argument("--repeat", type=int, required=True, help="the model's")
    parser.add_argument("--fold", type=int, required=True, help="the fold the model did not see")
    parser.add_argument("--output", required=True, help="occlusion file (HDF5) to write")
    add_flags(parser, OcclusionSettings)
    args = parser.parse_args()

    settings = from_flags(OcclusionSettings, args)
    trained = load_to_occlude(args.weights, settings)
    clips = open_clips(args.clips)
    check_comparable(trained, clips)
    clips = labelled_for(clips, trained.action_units)
    everybody = np.arange(len(clips))
    examined = Run(trained.name, args.repeat, args.fold)
    occlude(trained, clips, everybody, examined, settings, args.output, args.other_dataset)


if __name__ == "__main__":
    run(main)

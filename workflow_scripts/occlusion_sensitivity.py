"""Measure how a trained model's accuracy on positive frames falls where the face is occluded."""

import argparse
from pathlib import Path

from facs3d.core.program import run
from facs3d.core.settings import add_flags, from_flags
from facs3d.datasets.folds import read_folds
from facs3d.evaluation.occlusion.sensitivity import (
    OcclusionSettings,
    mean_face,
    measure_sensitivity,
    write_sensitivity,
)
from facs3d.evaluation.runs import Run
from facs3d.preprocessing.clips import open_clips
from facs3d.training.acceleration import use_arithmetic
from facs3d.training.batches import split_clips
from facs3d.training.devices import choose_device, use_threads
from facs3d.training.weights import load_model


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
    use_threads(settings.threads)
    # TF32 would cost the engine its exactness.
    use_arithmetic("fp32", autotune=False, deterministic=False)
    trained = load_model(args.weights, choose_device(settings.device))
    clips = open_clips(args.clips)
    trained.check_fits(clips)
    _, indices = split_clips(clips, read_folds(args.folds), args.fold)
    output = Path(args.output)
    state = output.with_name(f"{output.stem}.unfinished.npz")
    sensitivity = measure_sensitivity(trained.network, clips, indices, settings, state)
    face = mean_face(clips, indices)
    examined = Run(trained.name, args.repeat, args.fold)
    write_sensitivity(sensitivity, face, trained, examined, settings, output)
    state.unlink(missing_ok=True)


if __name__ == "__main__":
    run(main)

"""Take several trainings of one model as one network, and predict the fold they all held out."""

import argparse
from pathlib import Path

from facs3d.core.errors import InputError
from facs3d.core.program import run
from facs3d.core.provenance import read_json, write_provenance
from facs3d.core.settings import add_flags
from facs3d.datasets.folds import read_folds
from facs3d.prediction.settings import PredictionSettings
from facs3d.preprocessing.clips import open_clips
from facs3d.training.averaging import average, check_held_out
from facs3d.training.batches import split_clips
from facs3d.training.devices import choose_device, use_threads
from facs3d.training.inference import predict
from facs3d.training.predictions import write_predictions
from facs3d.training.weights import load_model, save_model


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", type=Path, nargs="+", required=True, help="of each training")
    parser.add_argument(
        "--made-with", type=Path, nargs="+", required=True, help="provenance.json of each"
    )
    parser.add_argument("--clips", required=True, help="clips.h5 that they were trained on")
    parser.add_argument("--folds", required=True, help="CSV: subject, repeat, fold")
    parser.add_argument("--fold", type=int, required=True, help="the fold that they held out")
    parser.add_argument("--output", required=True, help="weights.pt to write")
    parser.add_argument("--predictions", required=True, help="of that fold, CSV to write")
    parser.add_argument("--provenance", required=True, help="JSON to write: that of each training")
    add_flags(parser, PredictionSettings, only=("device", "threads"))
    args = parser.parse_args()

    if not len({*args.weights}) == len({*args.made_with}) == len(args.weights):
        raise InputError(
            f"--weights, --made-with: {len({*args.weights})} and {len({*args.made_with})} "
            "different files; give both of each training, once"
        )
    made_with = {path: read_json(path, "train this run again") for path in args.made_with}
    check_held_out(made_with, args.fold)
    use_threads(args.threads)
    device, clips = choose_device(args.device), open_clips(args.clips)
    _training, held_out = split_clips(clips, read_folds(args.folds), args.fold)
    trained = average({path: load_model(path, device) for path in args.weights})
    trained.check_fits(clips)
    write_predictions(predict(trained.network, clips, held_out), args.predictions)
    provenance = {"model": trained.name, "trainings": [*made_with.values()]}
    write_provenance(provenance, args.provenance)
    save_model(trained, args.output)


if __name__ == "__main__":
    run(main)

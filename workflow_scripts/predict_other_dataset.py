"""Apply a trained network to every clip of another dataset than its own."""

import argparse

from facs3d.core.program import run
from facs3d.core.settings import add_flags
from facs3d.prediction.other_dataset import predict_other_dataset
from facs3d.prediction.settings import PredictionSettings
from facs3d.preprocessing.clips import open_clips
from facs3d.training.devices import choose_device, use_threads
from facs3d.training.predictions import write_predictions
from facs3d.training.weights import load_model


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", required=True, help="weights.pt of one model and fold")
    parser.add_argument("--clips", required=True, help="clips.h5 of the other dataset")
    parser.add_argument("--output", required=True, help="predictions.csv to write")
    add_flags(parser, PredictionSettings, only=("device", "threads"))
    args = parser.parse_args()

    use_threads(args.threads)
    trained = load_model(args.weights, choose_device(args.device))
    write_predictions(predict_other_dataset(trained, open_clips(args.clips)), args.output)


if __name__ == "__main__":
    run(main)

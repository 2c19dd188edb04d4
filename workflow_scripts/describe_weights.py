"""Write into a weights file what it was trained on, as `train` does; nothing else is changed."""

import argparse
from dataclasses import replace

from facs3d.core.program import run
from facs3d.training.training_data import TrainingData
from facs3d.training.weights import load_model, save_model


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", required=True, help="weights.pt to change")
    parser.add_argument("--dataset", required=True, help="name of the dataset")
    parser.add_argument("--subjects", type=int, required=True, help="trained on, how many")
    parser.add_argument("--clips", type=int, required=True, help="trained on, how many")
    parser.add_argument(
        "--eye-distance", type=float, help="median px between the eyes in the source images"
    )
    args = parser.parse_args()
    data = TrainingData(args.dataset, args.subjects, args.clips, args.eye_distance)
    save_model(replace(load_model(args.weights), training_data=data), args.weights)


if __name__ == "__main__":
    run(main)

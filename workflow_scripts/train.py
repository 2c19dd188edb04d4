"""Train one model on all folds but one and predict the held-out fold."""

import argparse
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from facs3d.core.program import run
from facs3d.core.provenance import write_provenance
from facs3d.core.settings import add_flags, from_flags
from facs3d.datasets.folds import read_folds
from facs3d.preprocessing.clips import ClipSet, open_clips
from facs3d.training.acceleration import possible_precision, use_arithmetic
from facs3d.training.batches import load_training_clips, split_clips, split_validation
from facs3d.training.checkpoint import Checkpoint
from facs3d.training.devices import choose_device, device_name, use_threads
from facs3d.training.inference import ValidationClips, predict
from facs3d.training.loop import train, training_identity, write_history
from facs3d.training.models import Architecture, build_model
from facs3d.training.names import MODEL_NAMES
from facs3d.training.predictions import write_predictions
from facs3d.training.settings import TrainingSettings
from facs3d.training.training_data import TrainingData, median_eye_distance
from facs3d.training.weights import TrainedModel, save_model


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", required=True, help="clips.h5")
    parser.add_argument("--dataset", required=True, help="its name, which goes with the weights")
    parser.add_argument(
        "--tracking", type=Path, help="folder of its tracking tables, by which faces have a size"
    )
    parser.add_argument("--folds", required=True, help="CSV: subject, repeat, fold")
    parser.add_argument("--fold", type=int, required=True, help="the fold to hold out, from 1")
    parser.add_argument("--model", required=True, choices=MODEL_NAMES)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--weights", required=True, help="weights.pt to write")
    parser.add_argument("--history", required=True, help="history.csv to write")
    parser.add_argument("--predictions", required=True, help="predictions.csv to write")
    parser.add_argument("--provenance", required=True, help="provenance.json to write")
    add_flags(parser, Architecture)
    add_flags(parser, TrainingSettings)
    args = parser.parse_args()

    started = time.perf_counter()
    architecture = from_flags(Architecture, args)
    settings = from_flags(TrainingSettings, args)
    use_threads(settings.threads)
    device = choose_device(settings.device)
    settings = replace(settings, precision=possible_precision(settings.precision, device))
    use_arithmetic(settings.precision, settings.autotune, settings.deterministic)
    clips = open_clips(args.clips)
    training_indices, test_indices = split_clips(clips, read_folds(args.folds), args.fold)
    training_indices, validation_indices = split_validation(
        clips, training_indices, settings.validation_subjects, args.seed
    )
    training_clips = load_training_clips(clips, training_indices)
    validation = ValidationClips(clips, validation_indices) if len(validation_indices) else None
    network = build_model(
        args.model, architecture, clips.frame_shape, len(clips.action_units), args.seed
    ).to(device)

    identity = training_identity(
        training_clips, args.model, architecture, settings, args.seed, device
    )
    checkpoint = Checkpoint(Path(args.weights).with_name("checkpoint.pt"), identity)
    history = train(network, training_clips, settings, args.seed, checkpoint, validation)

    trained = TrainedModel(
        args.model,
        architecture,
        clips.action_units,
        clips.frame_shape,
        network,
        clips.expected_input,
        training_data=describe_data(clips, training_indices, args.dataset, args.tracking),
    )
    save_model(trained, args.weights)
    write_predictions(predict(network, clips, test_indices), args.predictions)
    write_history(history, args.history)
    provenance = {
        **identity,
        "fold": args.fold,
        "device": device_name(device),
        "training_clips": len(training_indices),
        "validation_clips": len(validation_indices),
        "held_out_clips": len(test_indices),
        "training_seconds": round(sum(row["seconds"] for row in history), 3),
        "seconds": round(time.perf_counter() - started, 3),
    }
    write_provenance(provenance, args.provenance)
    checkpoint.remove()


def describe_data(
    clips: ClipSet, indices: np.ndarray, dataset: str, tracking: Path | None
) -> TrainingData:
    """What the clips at these indices are of."""
    tables = [tracking / f"{clips.video[index]}.csv" for index in indices] if tracking else []
    subjects = {clips.subject[index] for index in indices}
    return TrainingData(dataset, len(subjects), len(indices), median_eye_distance(tables))


if __name__ == "__main__":
    run(main)

"""Predict the AUs in every frame of a new video whose faces are registered."""

import argparse
import sys
import time

from facs3d.core.program import run
from facs3d.core.provenance import file_digest, write_provenance
from facs3d.core.settings import add_flags
from facs3d.evaluation.settings import EvaluationSettings
from facs3d.prediction.baseline import describe_baseline
from facs3d.prediction.faces import open_faces
from facs3d.prediction.judgements import describe_judgement, describe_training
from facs3d.prediction.predict import check_fits, load_models, predict_to_table
from facs3d.prediction.settings import PredictionSettings
from facs3d.training.devices import choose_device, use_threads


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--faces", required=True, help="faces.h5 of register_new_video")
    parser.add_argument("--tracking", required=True, help="tracking table of register_new_video")
    parser.add_argument(
        "--weights", required=True, nargs="+", help="weights.pt; of several the mean is taken"
    )
    parser.add_argument(
        "--action-units", type=int, nargs="*", help="refuse a network for others; none: take any"
    )
    parser.add_argument("--output", required=True, help="<video>.aus.csv")
    parser.add_argument("--provenance", required=True, help="what it was made with (JSON)")
    add_flags(parser, EvaluationSettings, only=("threshold",))
    add_flags(parser, PredictionSettings, only=("baseline", "device", "threads"))
    args = parser.parse_args()

    use_threads(args.threads)
    models = load_models(args.weights, choose_device(args.device))
    started = time.perf_counter()
    with open_faces(args.faces) as faces:
        check_fits(models[0], faces, args.action_units)
        prediction, persons = predict_to_table(
            models, faces, args.tracking, args.threshold, args.output, args.baseline
        )
        judged = {"threshold": args.threshold}
        if prediction.judgement is not None:
            judged = describe_judgement(prediction.judgement, models[0].action_units)
        if prediction.table.resting is not None:
            resting = prediction.table.resting
            units = prediction.table.action_units
            judged["baseline"] = describe_baseline(args.baseline, resting, units)
            if persons > 1:
                print(
                    f"warning: {faces.video}: perhaps {persons} persons, but the calibrated "
                    "columns take all faces for one person's",
                    file=sys.stderr,
                )
        seconds = time.perf_counter() - started
        provenance = {
            "video": faces.video,
            "content": faces.content,
            "remarks": faces.remarks,
            "clock": faces.clock,
            "frames_per_second": faces.frames_per_second,
            "registration": faces.registration,
            "model": models[0].name,
            "weights": {path: file_digest(path) for path in args.weights},
            "trainings": [model.trainings for model in models],
            "training_data": [describe_training(model) for model in models],
            "clip_shape": models[0].clip_shape,
            "stride": prediction.stride,
            "changes_of_person": max(persons - 1, 0),
            **judged,
            "seconds": round(seconds, 3),
        }
        write_provenance(provenance, args.provenance)
    n_frames = len(prediction.notes)
    print(
        f"{n_frames} frames in {seconds:.1f} s, {n_frames / seconds:.1f} frames/s", file=sys.stderr
    )


if __name__ == "__main__":
    run(main)

"""Judge a network by its predictions of people it was not trained on; what is found goes with it.

Half of those people calibrate its probabilities and choose a threshold per AU, the other half say
what that is worth.
"""

import argparse
from dataclasses import replace

from facs3d.core.errors import InputError
from facs3d.core.program import run
from facs3d.core.provenance import read_json, write_json
from facs3d.evaluation.judging import judge
from facs3d.evaluation.runs import other_dataset_of
from facs3d.evaluation.tables import write_table
from facs3d.prediction.judgements import evidence_table
from facs3d.training.predictions import read_predictions, write_predictions
from facs3d.training.weights import load_model, save_model


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", required=True, help="weights.pt of a training, or of several")
    parser.add_argument("--predictions", required=True, help="of its held-out fold")
    parser.add_argument("--made-with", required=True, help="its provenance.json")
    parser.add_argument(
        "--trained-on", required=True, help='whom it was trained on, such as "rendered people"'
    )
    parser.add_argument("--real", action="store_true", help="whether those are no rendered ones")
    parser.add_argument(
        "--others",
        nargs="*",
        default=[],
        help="…/<other dataset>/<model>/repeat<r>/fold<k>/predictions.csv of it: evidence for its "
        "grades too",
    )
    parser.add_argument(
        "--others-show",
        nargs="*",
        help='whom each of those shows, such as "warps of one portrait" (subjects of <dataset>)',
    )
    parser.add_argument("--seed", type=int, required=True, help="of the halves")
    parser.add_argument("--output", required=True, help="weights to write, with the judgement")
    parser.add_argument("--table", required=True, help="CSV to write, a row per AU")
    parser.add_argument("--evidence", required=True, help="CSV to write: what the grades rest on")
    parser.add_argument(
        "--uncalibrated", required=True, help="predictions to write: the measured half's, as made"
    )
    parser.add_argument("--calibrated", required=True, help="the same, calibrated")
    parser.add_argument("--provenance", required=True, help="JSON to write: that, and who judged")
    args = parser.parse_args()
    trained, predictions = load_model(args.weights), read_predictions(args.predictions)
    if trained.action_units != predictions.action_units:
        raise InputError(
            f"{args.predictions}: of AUs {list(predictions.action_units)}, but {args.weights} is "
            f"for {list(trained.action_units)}; give both of one fold"
        )
    shown = args.others_show
    if shown is None:
        shown = [f"subjects of {other_dataset_of(path)}" for path in args.others]
    if len({*shown}) != len(args.others):
        raise InputError(
            f"--others-show: {len({*shown})} different ones, but --others has {len(args.others)}; "
            "say for each whom it shows"
        )
    others = {whom: read_predictions(path) for whom, path in zip(shown, args.others, strict=True)}
    judged = judge(predictions, args.trained_on, args.seed, args.real, others)
    write_predictions(judged.predictions, args.uncalibrated)
    write_predictions(judged.calibrated, args.calibrated)
    write_table(judged.table, args.table)
    write_table(evidence_table(judged.judgement, trained.action_units), args.evidence)
    made_with = read_json(args.made_with, "train this run again")
    write_json(made_with | {"judged_on": judged.judgement.judged_on}, args.provenance)
    save_model(replace(trained, judgement=judged.judgement), args.output)


if __name__ == "__main__":
    run(main)

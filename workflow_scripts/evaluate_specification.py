"""Evaluate one training of a multiverse in several ways."""

import argparse
import json

from facs3d.core.program import run
from facs3d.core.settings import add_flags, in_words
from facs3d.evaluation.multiverse import evaluate_in_ways
from facs3d.evaluation.runs import read_runs
from facs3d.evaluation.settings import EvaluationSettings
from facs3d.evaluation.tables import write_table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--predictions",
        required=True,
        nargs="+",
        help="…/<model>/repeat<r>/fold<k>/predictions.csv of two models",
    )
    parser.add_argument("--training", required=True, help="name of the training")
    parser.add_argument("--values", required=True, help="JSON: choice -> value it was trained by")
    parser.add_argument(
        "--ways", required=True, help="JSON: a list of evaluation choices -> values"
    )
    parser.add_argument("--seed", type=int, required=True, help="of the bootstrap")
    parser.add_argument("--output", required=True, help="CSV: a row a way and metric")
    add_flags(parser, EvaluationSettings, only=("reference",))
    args = parser.parse_args()
    runs = read_runs(args.predictions)
    table = evaluate_in_ways(runs, args.reference, json.loads(args.ways), args.seed)
    table.insert(0, "training", args.training)
    for name, value in json.loads(args.values).items():
        table[name] = in_words(value)
    write_table(table, args.output)


if __name__ == "__main__":
    run(main)

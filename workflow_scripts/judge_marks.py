"""Judge a network on videos in which you marked by hand when AUs are there.

With --weights what is found becomes evidence for the grades of the weights that made the tables.
"""

import argparse
import json
from dataclasses import replace
from pathlib import Path

from facs3d.core.errors import InputError
from facs3d.core.program import run
from facs3d.core.provenance import file_digest
from facs3d.evaluation.tables import write_table
from facs3d.prediction.au_table import read_au_table
from facs3d.prediction.judgements import evidence_table
from facs3d.prediction.marks import evidence_of_marks, judge_marks, read_marks
from facs3d.training.weights import load_model, save_model


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--table", nargs="+", required=True, help="<video>.aus.csv of predict")
    parser.add_argument(
        "--marks", nargs="+", required=True, help="marks (CSV) of each, in the same order"
    )
    parser.add_argument("--output", help="CSV to write, a row per AU that is marked")
    parser.add_argument("--weights", help="weights.pt, judged, by which the tables were predicted")
    parser.add_argument("--faces", help='what the videos show, such as "two clips of one person"')
    parser.add_argument("--people", type=int, help="how many people that is; each counts once")
    parser.add_argument("--output-weights", help="weights to write, with this evidence too")
    parser.add_argument("--output-evidence", help="CSV to write: what its grades rest on now")
    args = parser.parse_args()
    if len(args.table) != len(args.marks):
        raise InputError(
            f"{len(args.table)} tables and {len(args.marks)} files of marks; give one for each"
        )
    together = (args.weights, args.faces, args.people, args.output_weights)
    given = [each is not None for each in together]
    if any(given) != all(given):
        raise InputError(
            "--weights, --faces, --people and --output-weights go together; give all or none"
        )
    if args.people is not None and args.people < 1:
        raise InputError(f"--people is {args.people}, expected 1 or more")
    tables = [read_au_table(path) for path in args.table]
    judged = judge_marks(tables, [*map(read_marks, args.marks, tables)])
    print(judged.to_string(index=False, float_format="{:.3f}".format, na_rep=""))
    if args.output:
        write_table(judged, args.output)
    if args.weights:
        for path in args.table:
            check_made_by(path, args.weights)
        trained = load_model(args.weights)
        if trained.judgement is None:
            raise InputError(f"{args.weights}: not judged, so that it has no grades")
        evidence = evidence_of_marks(judged, args.faces, args.people, trained.action_units)
        judgement = trained.judgement.with_evidence(evidence)
        if args.output_evidence:
            write_table(evidence_table(judgement, trained.action_units), args.output_evidence)
        save_model(replace(trained, judgement=judgement), args.output_weights)


def check_made_by(table: str, weights: str) -> None:
    """Raise :class:`InputError` unless the table was predicted by these weights alone, as the JSON
    beside it says."""
    path = Path(table).with_suffix(".json")
    try:
        made_by = [*json.loads(path.read_text("utf-8"))["weights"].values()]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(
            f"{path}: does not say which weights made {table}; predict again"
        ) from error
    if made_by != [file_digest(weights)]:
        raise InputError(f"{table}: not made by {weights} as it is; predict again with that")


if __name__ == "__main__":
    run(main)

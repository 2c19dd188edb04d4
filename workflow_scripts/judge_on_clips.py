"""Judge networks on recordings of real people whom somebody marked: what is found becomes evidence
for their grades, in the weights and beside them."""

import argparse
import tempfile
from dataclasses import replace
from pathlib import Path

from facs3d.core.errors import InputError
from facs3d.core.program import run
from facs3d.core.provenance import read_json, write_json
from facs3d.evaluation.tables import write_table
from facs3d.prediction.judgements import evidence_table
from facs3d.prediction.marked_clips import (
    check_alike,
    judge_clips,
    read_marked_clips,
    register_clips,
)
from facs3d.prediction.predict import load_judged
from facs3d.training.weights import save_model


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", type=Path, required=True, help="list of recordings (CSV)")
    parser.add_argument("--folder", type=Path, required=True, help="where the recordings are")
    parser.add_argument("--weights", type=Path, nargs="+", required=True, help="judged networks")
    parser.add_argument(
        "--output",
        type=Path,
        required=True,
        help="folder for <weights>.pt with this evidence, <weights>_evidence.csv, and "
        "<weights>.json where there is one; may be the weights' own",
    )
    args = parser.parse_args()
    if len({path.stem for path in args.weights}) < len(args.weights):
        raise InputError("--weights: two of one file name, whose outputs would be one; rename one")

    clips = read_marked_clips(args.clips, args.folder)
    known = {path: load_judged(path) for path in args.weights}
    models = {path: model for path, (model, _judgement) in known.items()}
    judgements = {path: judgement for path, (_model, judgement) in known.items()}
    beside = {path: path.with_suffix(".json") for path in args.weights}
    made_with = {
        path: read_json(its, "remove it, or copy it again")
        for path, its in beside.items()
        if its.is_file()
    }
    check_alike(models)
    with tempfile.TemporaryDirectory(prefix="facs3d-") as folder:
        faces = register_clips(clips, models[args.weights[0]], Path(folder))
        for path, model in models.items():
            for evidence, judged in judge_clips(faces, model):
                judgements[path] = judgements[path].with_evidence(evidence)
                print(f"{path}, {evidence.faces}:")
                print(judged.to_string(index=False, float_format="{:.3f}".format, na_rep=""))
    args.output.mkdir(parents=True, exist_ok=True)
    for path, judgement in judgements.items():
        table = evidence_table(judgement, models[path].action_units)
        write_table(table, args.output / f"{path.stem}_evidence.csv")
        if path in made_with:
            judged_on = {"judged_on": judgement.judged_on}
            write_json(made_with[path] | judged_on, args.output / f"{path.stem}.json")
        save_model(replace(models[path], judgement=judgement), args.output / path.name)


if __name__ == "__main__":
    run(main)

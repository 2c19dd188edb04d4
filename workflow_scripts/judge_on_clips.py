"""Judge networks on recordings of real people whom somebody marked: what is found becomes evidence
for their grades, in the weights and beside them."""

import argparse
import json
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from facs3d.core.errors import InputError
from facs3d.core.program import run
from facs3d.core.provenance import write_json
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
    made_with = {path: read_made_with(path.with_suffix(".json")) for path in args.weights}
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
        if made_with[path]:
            judged_on = {"judged_on": judgement.judged_on}
            write_json(made_with[path] | judged_on, args.output / f"{path.stem}.json")
        save_model(replace(models[path], judgement=judgement), args.output / path.name)


def read_made_with(path: Path) -> dict[str, Any]:
    """What stands beside weights about how they were made; empty if nothing does."""
    if not path.is_file():
        return {}
    try:
        content = json.loads(path.read_text("utf-8"))
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: not JSON ({error}); remove it, or copy it again") from error
    if not isinstance(content, dict):
        raise InputError(f"{path}: holds no names and values; remove it, or copy it again")
    return content


if __name__ == "__main__":
    run(main)

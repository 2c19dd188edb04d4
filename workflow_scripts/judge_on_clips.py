"""Judge networks on recordings of real people whom somebody marked: what is found becomes evidence
for their grades, in the weights and beside them."""

import argparse
import json
import tempfile
from dataclasses import replace
from pathlib import Path

from facs3d.core.program import run
from facs3d.core.provenance import write_json
from facs3d.evaluation.tables import write_table
from facs3d.prediction.judgements import evidence_table
from facs3d.prediction.marked_clips import judge_clips, read_marked_clips, register_clips
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

    clips = read_marked_clips(args.clips, args.folder)
    networks = {path: load_judged(path) for path in args.weights}
    args.output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="facs3d-") as folder:
        first, _judgement = networks[args.weights[0]]
        faces = register_clips(clips, first, Path(folder))
        for path, (model, judgement) in networks.items():
            for evidence, judged in judge_clips(faces, model):
                judgement = judgement.with_evidence(evidence)
                print(f"{path}, {evidence.faces}:")
                print(judged.to_string(index=False, float_format="{:.3f}".format, na_rep=""))
            table = evidence_table(judgement, model.action_units)
            write_table(table, args.output / f"{path.stem}_evidence.csv")
            save_model(replace(model, judgement=judgement), args.output / path.name)
            made_with = path.with_suffix(".json")
            if made_with.is_file():
                known = json.loads(made_with.read_text("utf-8"))
                judged_on = {"judged_on": judgement.judged_on}
                write_json(known | judged_on, args.output / made_with.name)


if __name__ == "__main__":
    run(main)

"""Refuse networks that cannot predict new videos, before faces are registered for them."""

import argparse
from dataclasses import asdict

from facs3d.core.program import run
from facs3d.core.provenance import file_digest, write_json
from facs3d.core.settings import add_flags, from_flags
from facs3d.prediction.predict import check_fits, load_models
from facs3d.preprocessing.alignment import RegistrationSettings
from facs3d.preprocessing.settings import SamplingSettings


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", required=True, nargs="+", help="weights.pt of each network")
    parser.add_argument(
        "--action-units", type=int, nargs="*", help="refuse a network for others; none: take any"
    )
    parser.add_argument("--output", required=True, help="JSON to write: which files were looked at")
    add_flags(parser, RegistrationSettings)
    add_flags(parser, SamplingSettings, "clip-", only=("image_size",))
    args = parser.parse_args()
    registration = asdict(from_flags(RegistrationSettings, args))
    models = load_models(args.weights)
    check_fits(models[0], registration, args.clip_image_size, "config", args.action_units)
    write_json({"weights": {path: file_digest(path) for path in args.weights}}, args.output)


if __name__ == "__main__":
    run(main)

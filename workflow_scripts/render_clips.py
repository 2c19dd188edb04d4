"""Render people and make clips of them at once: no video is written between."""

import argparse
import json
import sys
from dataclasses import asdict
from functools import partial
from pathlib import Path

import cv2

from facs3d.core.errors import InputError
from facs3d.core.program import run
from facs3d.core.progress import track
from facs3d.core.settings import add_flags, from_flags
from facs3d.datasets.settings import DatasetSettings
from facs3d.preprocessing.alignment import RegistrationSettings
from facs3d.preprocessing.clips import Excluded, write_clip, write_excluded
from facs3d.preprocessing.expected_input import ExpectedInput
from facs3d.preprocessing.settings import SamplingSettings
from facs3d.synthetic.clips import render_clip
from facs3d.synthetic.dataset import SyntheticSettings
from facs3d.synthetic.names import synthetic_tasks
from facs3d.synthetic.sources import open_source


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--portrait", type=Path, help="from make_portrait.py; heads need none")
    parser.add_argument(
        "--only", nargs="+", metavar="SUBJECT", required=True, help="whom to render"
    )
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument(
        "--folder", type=Path, required=True, help="of <subject>_<task>.h5 to write"
    )
    add_flags(parser, DatasetSettings, only=("action_units",))
    add_flags(parser, SyntheticSettings)
    add_flags(parser, RegistrationSettings, "registration-")
    add_flags(parser, SamplingSettings, "sampling-")
    args = parser.parse_args()

    synthesis = from_flags(SyntheticSettings, args)
    sampling = from_flags(SamplingSettings, args, "sampling-")
    registration = from_flags(RegistrationSettings, args, "registration-")
    settings = (synthesis, registration, sampling)
    expected_input = ExpectedInput(
        sampling.steps, synthesis.frames_per_second, asdict(registration)
    )
    frame_shape = (sampling.clip_length, sampling.image_size, sampling.image_size)
    sampled = json.dumps({"seed": args.seed, **asdict(sampling)})
    cv2.setNumThreads(1)
    source = open_source(synthesis, args.portrait)
    for subject in track(args.only, "Rendering", "subjects"):
        film = partial(
            source.film, source.subject(args.seed, subject, synthesis), settings=synthesis
        )
        for task in synthetic_tasks(synthesis.videos_per_subject):
            names = (f"{subject}_{task}", subject, task)
            path = args.folder / f"{names[0]}.h5"
            try:
                clip = render_clip(film, names[1:], args.seed, args.action_units, settings)
            except InputError as error:
                print(f"excluded: {names[0]}: {error}", file=sys.stderr)
                excluded = Excluded(*names, str(error))
                write_excluded(path, excluded, args.action_units, frame_shape, expected_input)
            else:
                write_clip(path, names, args.action_units, clip, sampled, expected_input)


if __name__ == "__main__":
    run(main)

"""Sample one clip from a registered gray video, or note why it gives none."""

import argparse
import json
import sys
from dataclasses import asdict

from facs3d.core.errors import InputError
from facs3d.core.program import run
from facs3d.core.seeding import generator
from facs3d.core.settings import add_flags, from_flags
from facs3d.datasets import open_layout
from facs3d.datasets.positive import positive_rules
from facs3d.datasets.settings import DatasetSettings
from facs3d.preprocessing.alignment import RegistrationSettings
from facs3d.preprocessing.clips import Excluded, write_clip, write_excluded
from facs3d.preprocessing.expected_input import ExpectedInput
from facs3d.preprocessing.sampling import sample_clip
from facs3d.preprocessing.settings import SamplingSettings
from facs3d.preprocessing.tracking import read_tracking


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--video", required=True, help="name of the video")
    parser.add_argument("--subject", required=True)
    parser.add_argument("--task", required=True)
    parser.add_argument("--gray", required=True, help="registered gray video")
    parser.add_argument("--tracking", required=True, help="tracking table of register_faces")
    parser.add_argument("--labels", required=True, help="label file of the video")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--output", required=True, help="one-video clips file (HDF5)")
    add_flags(
        parser,
        DatasetSettings,
        only=("layout", "positive", "action_units", "frames_per_second"),
    )
    add_flags(parser, SamplingSettings)
    add_flags(parser, RegistrationSettings, "registration-")
    args = parser.parse_args()

    settings = from_flags(SamplingSettings, args)
    registration = from_flags(RegistrationSettings, args, "registration-")
    expected_input = ExpectedInput(settings.steps, args.frames_per_second, asdict(registration))
    action_units = args.action_units
    rules = positive_rules(args.positive, action_units)
    frame_shape = (settings.clip_length, settings.image_size, settings.image_size)
    layout = open_layout(args.layout)
    try:
        tracking = read_tracking(args.tracking)
        labels = layout.read_labels(args.labels, args.video, rules)
        for note in labels.notes:
            print(f"note: {note}", file=sys.stderr)
        rng = generator(args.seed, "sampling", args.video)
        clip = sample_clip(args.gray, tracking, labels, settings, rng)
    except InputError as error:
        print(f"excluded: {error}", file=sys.stderr)
        excluded = Excluded(args.video, args.subject, args.task, str(error))
        write_excluded(args.output, excluded, action_units, frame_shape, expected_input)
        return
    names = (args.video, args.subject, args.task)
    sampling = json.dumps({"seed": args.seed, **asdict(settings)})
    write_clip(args.output, names, action_units, clip, sampling, expected_input)


if __name__ == "__main__":
    run(main)

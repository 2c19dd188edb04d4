"""Register the faces of a video's annotated frames: same place, size and tilt in every frame.

Faces that are registered already are taken as they are, after a check of their geometry.

A video that cannot be used does not fail the job: its tracking table holds one row with the
reason, and the steps after exclude it by that.
"""

import argparse
from collections.abc import Iterable
from pathlib import Path

import cv2

from facs3d.core.errors import InputError
from facs3d.core.program import run
from facs3d.core.progress import track
from facs3d.core.settings import add_flags, from_flags
from facs3d.datasets import open_layout
from facs3d.datasets.settings import DatasetSettings
from facs3d.preprocessing.alignment import RegistrationSettings
from facs3d.preprocessing.registered_faces import take_registered_video
from facs3d.preprocessing.registration import RegisteredFrame, register_video, write_registration
from facs3d.preprocessing.tracking import UnusableVideo


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--video", type=Path, required=True, help="video, folder, or zip/folder")
    parser.add_argument("--name", required=True, help="name of the video")
    parser.add_argument("--problem", default="", help="why it is left out, by the video sheet")
    parser.add_argument("--labels", required=True, help="label file of the video")
    parser.add_argument("--video-output", type=Path, required=True, help="registered faces (.avi)")
    parser.add_argument("--tracking-output", type=Path, required=True, help="row per frame (.csv)")
    add_flags(parser, DatasetSettings, only=("layout", "frame_offset"))
    add_flags(parser, RegistrationSettings)
    args = parser.parse_args()

    settings = from_flags(RegistrationSettings, args)
    layout = open_layout(args.layout)
    # A job of the workflow has one core; OpenCV would take all of them.
    cv2.setNumThreads(1)
    try:
        if args.problem:
            raise InputError(args.problem)
        annotated = layout.read_labels(args.labels, args.name, {}).frame_number
        frames: Iterable[RegisteredFrame | UnusableVideo]
        take = take_registered_video if layout.REGISTERED else register_video
        frames = take(args.video, annotated, args.frame_offset, settings)
    except InputError as error:
        annotated, frames = [], [UnusableVideo(str(error))]
    frames = track(frames, "register", "frames", total=len(annotated))
    print(write_registration(frames, args.video_output, args.tracking_output, settings))


if __name__ == "__main__":
    run(main)

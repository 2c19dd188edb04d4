"""Register the face in every frame of a new video, to predict its AUs from."""

import argparse
from pathlib import Path

import cv2

from facs3d.core.program import run
from facs3d.core.settings import add_flags, from_flags
from facs3d.datasets.settings import DatasetSettings
from facs3d.prediction.registration import register_new_video
from facs3d.preprocessing.alignment import RegistrationSettings
from facs3d.preprocessing.settings import SamplingSettings


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--video", type=Path, required=True)
    parser.add_argument("--output-faces", type=Path, required=True, help="faces (.h5)")
    parser.add_argument("--output-tracking", type=Path, required=True, help="row per frame (.csv)")
    add_flags(parser, RegistrationSettings)
    add_flags(parser, SamplingSettings, "clip-", only=("image_size",))
    add_flags(parser, DatasetSettings, only=("frames_per_second",))
    args = parser.parse_args()

    settings = from_flags(RegistrationSettings, args)
    # A job of the workflow has one core; OpenCV would take all of them.
    cv2.setNumThreads(1)
    said = register_new_video(
        args.video,
        settings,
        args.clip_image_size,
        args.frames_per_second,
        args.output_faces,
        args.output_tracking,
    )
    print(said)


if __name__ == "__main__":
    run(main)

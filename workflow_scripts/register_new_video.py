"""Register the face in every frame of a new video, to predict its AUs from."""

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

import cv2

from facs3d.core.program import run
from facs3d.core.progress import track
from facs3d.core.settings import add_flags, from_flags
from facs3d.datasets.settings import DatasetSettings
from facs3d.prediction.faces import write_face_file
from facs3d.prediction.registration import declared_rate, register_every_frame
from facs3d.preprocessing.alignment import RegistrationSettings
from facs3d.preprocessing.settings import SamplingSettings
from facs3d.video.file_names import fingerprint
from facs3d.video.frames import is_recording_of_images
from facs3d.video.remarks import remark


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
    of_images = is_recording_of_images(args.video)
    rate = args.frames_per_second if of_images else declared_rate(args.video)
    frames = register_every_frame(args.video, settings, args.clip_image_size, rate)
    remarks = [] if of_images else remark(args.video)
    for said in remarks:
        print(f"warning: {said.sentence}", file=sys.stderr)
    attributes = {
        "video": str(args.video),
        "content": fingerprint(args.video),
        "remarks": "; ".join(said.words for said in remarks),
        "registration": json.dumps(asdict(settings)),
        **({"clock": f"image numbers at {rate:g} frames/s"} if of_images else {}),
    }
    print(
        write_face_file(
            track(frames, "register", "frames"),
            args.clip_image_size,
            attributes,
            rate,
            args.output_faces,
            args.output_tracking,
        )
    )


if __name__ == "__main__":
    run(main)

"""Draw the AUs of a new video beside the face, as a video."""

import argparse
from pathlib import Path

import cv2

from facs3d.core.program import run
from facs3d.prediction.annotated_video import write_annotated_video
from facs3d.prediction.au_table import read_au_table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--video", type=Path, required=True)
    parser.add_argument("--aus", required=True, help="<video>.aus.csv of predict")
    parser.add_argument("--output", required=True, help="video to write (.mp4)")
    args = parser.parse_args()
    cv2.setNumThreads(1)
    write_annotated_video(args.video, read_au_table(args.aus), args.output)


if __name__ == "__main__":
    run(main)

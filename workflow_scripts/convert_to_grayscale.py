"""Convert a registered video to gray, frame by frame, losslessly (paper, Sec. IV-A.1).

"Since the presence of AU is independent of facial color, and to increase training efficiency, the
normalized RGB images are converted to grayscale images." Luma of ITU-R BT.601.
"""

import argparse
from itertools import chain
from pathlib import Path

import cv2

from facs3d.core.atomic import whole
from facs3d.core.program import run
from facs3d.video.frames import read_frames
from facs3d.video.lossless import LosslessVideo


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--input", type=Path, required=True, help="registered video")
    parser.add_argument("--output", type=Path, required=True, help="gray video (.avi)")
    arguments = parser.parse_args()

    cv2.setNumThreads(1)
    convert_to_grayscale(arguments.input, arguments.output)


def convert_to_grayscale(source: Path, destination: Path) -> None:
    """Write ``source``'s frames as 8-bit luma, 0.299 R + 0.587 G + 0.114 B, to ``destination``."""
    frames = (image for _number, image in read_frames(source))
    first = next(frames)
    height, width = first.shape[:2]
    with whole(destination) as path, LosslessVideo(path, (width, height), color=False) as video:
        for image in chain([first], frames):
            video.write(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY))


if __name__ == "__main__":
    run(main)

"""Write the video sheet of a dataset on disk: one row a video, for a person to check."""

import argparse
import sys

from facs3d.datasets import open_layout
from facs3d.errors import run
from facs3d.sheet import write_sheet


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--layout", required=True, help="layout of the dataset, such as bp4dplus")
    parser.add_argument("--root", required=True, help="folder of the dataset")
    parser.add_argument("--output", required=True, help="video sheet (CSV)")
    args = parser.parse_args()
    videos = open_layout(args.layout).find_videos(args.root)
    write_sheet(videos, args.output)
    subjects = len({video.subject for video in videos})
    print(f"{args.output}: {len(videos)} videos of {subjects} subjects", file=sys.stderr)


if __name__ == "__main__":
    run(main)

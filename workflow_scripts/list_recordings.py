"""List what registration found in each video: lost faces, and several people in view."""

import argparse
import csv
from pathlib import Path

from facs3d.core.atomic import whole
from facs3d.core.program import run
from facs3d.preprocessing.tracking import TrackingSummary, summarize_tracking


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True, help="folder of <video>.csv")
    parser.add_argument("--videos", nargs="+", required=True, help="names of the videos, in order")
    parser.add_argument("--output", required=True, help="recordings.csv")
    args = parser.parse_args()
    summaries = [
        (video, *summarize_tracking(args.folder / f"{video}.csv")) for video in args.videos
    ]
    with (
        whole(args.output) as unfinished,
        open(unfinished, "w", encoding="utf-8", newline="") as file,
    ):
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("video", *TrackingSummary._fields))
        writer.writerows(summaries)


if __name__ == "__main__":
    run(main)

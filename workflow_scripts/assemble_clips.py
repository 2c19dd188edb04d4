"""Put all clips of a dataset into one HDF5 file and list the videos that gave none."""

import argparse
import csv
import sys
from pathlib import Path

from facs3d.core.atomic import whole
from facs3d.core.errors import InputError
from facs3d.core.program import run
from facs3d.core.provenance import file_digest
from facs3d.core.settings import add_flags
from facs3d.datasets.settings import DatasetSettings
from facs3d.preprocessing.clips import Excluded, assemble_clips, read_excluded


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True, help="folder of <video>.h5")
    parser.add_argument("--videos", nargs="+", required=True, help="names of the videos, in order")
    parser.add_argument("--output", required=True, help="clips.h5")
    parser.add_argument("--digest", required=True, help="SHA-256 of clips.h5, a line")
    parser.add_argument("--excluded", required=True, help="excluded_videos.csv")
    add_flags(parser, DatasetSettings, only=("max_excluded",))
    args = parser.parse_args()

    paths = [args.folder / f"{video}.h5" for video in args.videos]
    excluded = {path: reason for path in paths if (reason := read_excluded(path)) is not None}
    for video in excluded.values():
        print(f"excluded: {video.video}: {video.reason}", file=sys.stderr)
    if len(excluded) > args.max_excluded * len(paths):
        raise InputError(
            f"{len(excluded)} of {len(paths)} videos give no clip (the reasons are above), "
            f"more than the allowed share {args.max_excluded:g}; mend the videos or raise "
            "`dataset: max_excluded`"
        )
    with whole(args.digest) as digest, whole(args.excluded) as unfinished:
        with open(unfinished, "w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(Excluded._fields)
            writer.writerows(excluded.values())
        assemble_clips([path for path in paths if path not in excluded], args.output)
        digest.write_text(f"{file_digest(args.output)}\n", "utf-8")


if __name__ == "__main__":
    run(main)

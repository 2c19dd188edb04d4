"""Show the videos that gave no clip, and why, as a page for people."""

import argparse

from facs3d.core.program import run
from facs3d.evaluation.tables import read_table
from facs3d.report.grid import write_html
from facs3d.report.plain_table import plain_grid


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--excluded", required=True, help="excluded_videos.csv")
    parser.add_argument("--n-videos", type=int, required=True, help="videos of the dataset")
    parser.add_argument("--output", required=True, help="HTML")
    args = parser.parse_args()
    excluded = read_table(args.excluded, text=("video", "subject", "task", "reason"))
    kept = args.n_videos - len(excluded)
    caption = f"{len(excluded)} of {args.n_videos} videos gave no clip; {kept} did."
    note = "An excluded video is neither trained on nor tested; its reason says what to mend."
    write_html(plain_grid(excluded, caption, (note,)), args.output)


if __name__ == "__main__":
    run(main)

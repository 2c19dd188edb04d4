"""Draw how well the faces of each video were found, and write the numbers."""

import argparse
from pathlib import Path

from facs3d.core.program import run
from facs3d.evaluation.tables import SIX_DIGITS, write_table
from facs3d.preprocessing.quality import quality_of_videos
from facs3d.report.figures.registration_quality import draw_registration_quality
from facs3d.report.figures.style import save_figure


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True, help="folder of <video>.csv")
    parser.add_argument("--videos", nargs="+", required=True, help="names of the videos, in order")
    parser.add_argument("--output-table", required=True, help="CSV, one row per video")
    parser.add_argument("--output-png", required=True)
    parser.add_argument("--output-pdf", required=True)
    args = parser.parse_args()
    quality = quality_of_videos(args.folder / f"{video}.csv" for video in args.videos)
    write_table(quality, args.output_table, SIX_DIGITS)
    save_figure(draw_registration_quality(quality), args.output_png, args.output_pdf)


if __name__ == "__main__":
    run(main)

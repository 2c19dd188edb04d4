"""Check a dataset before any hour is spent: a report of every video, every AU, and a verdict.

Ends with exit status 1, saying why in one line, only if results would be wrong.
"""

import argparse
import csv
import sys
from types import ModuleType

import cv2

from facs3d.core.errors import InputError
from facs3d.core.program import run
from facs3d.core.progress import track
from facs3d.core.settings import parse_settings
from facs3d.datasets import open_layout
from facs3d.datasets.positive import parse_rules
from facs3d.datasets.recordings import Found
from facs3d.datasets.sheet import assigned_folds, read_sheet
from facs3d.datasets.validation import check_video, judge, predict_folds, summarize_aus
from facs3d.preprocessing.sampling import SamplingSettings
from facs3d.report.validation_page import verdict, write_csv, write_page


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--layout", required=True, help="layout of the dataset, such as bp4dplus")
    parser.add_argument("--root", help="folder of the dataset")
    parser.add_argument("--sheet", help="video sheet (default: the videos found under --root)")
    parser.add_argument("--positive", required=True, help="intensity>=2, or AU -> rule (JSON)")
    parser.add_argument("--action-units", type=int, nargs="+", required=True)
    parser.add_argument("--frame-offset", type=int, default=0)
    parser.add_argument("--max-excluded", type=float, required=True, help="share of videos, 0-1")
    parser.add_argument("--folds", type=int, required=True, help="number of folds")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--sampling", default="{}", help="SamplingSettings as JSON")
    parser.add_argument(
        "--image-size", type=int, default=200, help="side of faces registered already, px"
    )
    parser.add_argument("--paper", help="the paper's Table I, for its base rates")
    parser.add_argument("--output-csv", required=True, help="a row per video")
    parser.add_argument("--output-html", required=True, help="the report")
    args = parser.parse_args()
    cv2.setNumThreads(1)
    layout = open_layout(args.layout)
    rules = parse_rules(args.positive, tuple(args.action_units))
    sampling = parse_settings(SamplingSettings, args.sampling)
    if args.sheet is None and args.root is None:
        parser.error("give --root, --sheet, or both")
    videos, notes = list_videos(layout, args.root, args.sheet)
    assigned = assigned_folds(videos, args.folds)
    checked = [
        check_video(
            video,
            layout,
            rules,
            args.frame_offset,
            sampling.clip_length,
            sampling.frames_needed,
            args.image_size,
        )
        for video in track(videos, "checking", "videos")
    ]
    aus = summarize_aus(checked, rules, read_base_rates(args.paper))
    folds = predict_folds(checked, assigned, args.folds, args.seed)
    findings = judge(checked, aus, rules, folds, args.folds, args.frame_offset, args.max_excluded)
    findings.doubtful.extend(notes)
    write_csv(checked, rules, folds, args.frame_offset, args.output_csv)
    write_page(checked, aus, folds, args.frame_offset, findings, args.output_html)
    for doubt in findings.doubtful:
        print(f"note: {doubt}", file=sys.stderr)
    if findings.wrong:
        raise InputError(f"{verdict(checked, findings)} See {args.output_html}")
    print(f"{verdict(checked, findings)} See {args.output_html}", file=sys.stderr)


def list_videos(layout: ModuleType, root: str | None, sheet: str | None) -> Found:
    """The sheet's videos, whose paths alone matter, or those under ``root``; and what is doubtful
    about the files there."""
    if sheet is None:
        return layout.find_videos(root)
    videos = read_sheet(sheet)
    if root is None:
        return Found(videos, [])
    try:
        found, notes = layout.find_videos(root)
    except InputError as error:
        return Found(videos, [f"{sheet}: not compared with the dataset's folder: {error}"])
    listed = {video.video for video in videos}
    dropped = sorted({video.video for video in found} - listed)
    if dropped:
        notes.append(f"{sheet}: does not list {', '.join(dropped[:5])} ({len(dropped)} in all)")
    return Found(videos, notes)


def read_base_rates(path: str | None) -> dict[int, float]:
    """AU -> base rate from 0 to 1 of the paper's Table I; empty without a path."""
    if path is None:
        return {}
    with open(path, encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        return {int(row["AU"]): float(row["BR"]) / 100 for row in rows if row["AU"].isdecimal()}


if __name__ == "__main__":
    run(main)

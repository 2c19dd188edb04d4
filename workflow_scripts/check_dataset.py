"""Check a dataset before any hour is spent: a report of every video, every AU, and a verdict.

A bad verdict is a result too; `validate.py` ends with exit status 1 on it.
"""

import argparse
import sys
from pathlib import Path
from types import ModuleType

import cv2

from facs3d.core.atomic import whole
from facs3d.core.csv_text import number, written_table
from facs3d.core.errors import InputError
from facs3d.core.program import run
from facs3d.core.progress import track
from facs3d.core.settings import add_flags, from_flags
from facs3d.datasets import open_layout
from facs3d.datasets.frame_rates import judge_rates
from facs3d.datasets.positive import positive_rules
from facs3d.datasets.recordings import Found
from facs3d.datasets.settings import DatasetSettings
from facs3d.datasets.sheet import assigned_folds, read_sheet
from facs3d.datasets.validation import check_video, expected_folds, judge, summarize_aus
from facs3d.preprocessing.alignment import RegistrationSettings
from facs3d.preprocessing.settings import SamplingSettings
from facs3d.report.validation_page import verdict, write_csv, write_page


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--root", help="folder of the dataset")
    parser.add_argument("--sheet", help="video sheet (default: the videos found under --root)")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--paper", help="the paper's Table I, for its base rates")
    parser.add_argument("--output-csv", required=True, help="one row per video")
    parser.add_argument("--output-html", required=True, help="the report")
    parser.add_argument(
        "--output-verdict", type=Path, required=True, help="notes, and the verdict as the last line"
    )
    add_flags(
        parser,
        DatasetSettings,
        only=(
            *("layout", "positive", "action_units", "frame_offset", "frames_per_second"),
            *("max_excluded", "folds"),
        ),
    )
    add_flags(parser, RegistrationSettings, only=("image_size",))
    add_flags(parser, SamplingSettings, "sampling-")
    args = parser.parse_args()
    cv2.setNumThreads(1)
    layout = open_layout(args.layout)
    rules = positive_rules(args.positive, args.action_units)
    sampling = from_flags(SamplingSettings, args, "sampling-")
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
    folds = expected_folds(checked, assigned, args.folds, args.seed)
    findings = judge(checked, aus, rules, folds, args.folds, args.frame_offset, args.max_excluded)
    for found, rates in zip(findings, judge_rates(checked, args.frames_per_second), strict=True):
        found.extend(rates)
    findings.doubtful.extend(notes)
    write_csv(checked, rules, folds, args.frame_offset, args.output_csv)
    write_page(checked, aus, folds, args.frame_offset, findings, args.output_html)
    said = [f"note: {doubt}" for doubt in findings.doubtful]
    said.append(f"{verdict(checked, findings)} See {args.output_html}")
    print(*said, sep="\n", file=sys.stderr)
    with whole(args.output_verdict) as unfinished:
        unfinished.write_text("\n".join([*said, ""]), encoding="utf-8")


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
    rows = written_table(path, ("AU", "BR"), "mend it, or set evaluation.paper_table1 to null")
    return {
        int(row["AU"]): number(place, row, "BR", 0, 100) / 100
        for place, row in rows
        if row["AU"].isdecimal()
    }


if __name__ == "__main__":
    run(main)

"""The validation of a dataset as files: a table of its videos, and a page for people."""

import csv
from collections.abc import Mapping
from math import isnan
from pathlib import Path

import numpy as np

from facs3d.core.action_units import FACS_NAMES, UNKNOWN, au_column
from facs3d.core.atomic import whole
from facs3d.datasets.positive import Positive
from facs3d.datasets.validation import AUSummary, CheckedVideo, Findings, subjects_per_fold
from facs3d.report.grid import Cell, Grid, write_report

VIDEOS_SHOWN = 500


def verdict(checked: list[CheckedVideo], findings: Findings) -> str:
    """One sentence on whether to go on, and what first."""
    if findings.wrong:
        n_more = len(findings.wrong) - 1
        more = f" (and {n_more} more)" if n_more else ""
        return f"results would be wrong: {findings.wrong[0]}{more}."
    kept = [video for video in checked if not video.problem]
    subjects = {video.subject for video in kept}
    doubts = len(findings.doubtful)
    look = f"{doubts} note{'s' if doubts != 1 else ''} to read first" if doubts else "no doubts"
    clips = f"{len(kept)} of {len(checked)} videos give a clip, {len(subjects)} subjects"
    n_damaged = sum(len(video.damaged) for video in checked)
    damaged = f", {n_damaged} damaged image{'s' if n_damaged > 1 else ''}" if n_damaged else ""
    return f"ready: {clips}{damaged}; {look}."


def write_csv(
    checked: list[CheckedVideo],
    rules: Mapping[int, Positive],
    folds: Mapping[str, int],
    frame_offset: int,
    path: str | Path,
) -> None:
    """Write a row per video; ``AU01_base_rate`` and ``AU01_unknown`` are shares from 0 to 1 of its
    known and its annotated frames, empty where there are none; ``fold`` is empty for a subject
    without a video that gives a clip."""
    with whole(path) as unfinished, open(unfinished, "w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        header = ["video", "subject", "task", "fold", "frames_on_disk", "frames_annotated"]
        header += ["labels_without_image", "images_without_label", "repeated_frames"]
        header += ["damaged_images"]
        header += ["labels_beyond_images", "problem", "notes"]
        header += [f"{au_column(au)}_{name}" for au in rules for name in ("base_rate", "unknown")]
        table.writerow(header)
        for video in checked:
            row = [
                *video.listed[:3],
                folds.get(video.subject, ""),
                *_counts(video, frame_offset),
            ]
            row += [int(video.reaches_beyond(frame_offset)), video.problem, "; ".join(video.notes)]
            for column in range(len(rules)):
                codes = video.labels[:, column]
                known = codes[codes != UNKNOWN]
                row += [_share(known == 1), _share(codes == UNKNOWN)]
            table.writerow(row)


def write_page(
    checked: list[CheckedVideo],
    aus: list[AUSummary],
    folds: Mapping[str, int],
    frame_offset: int,
    findings: Findings,
    path: str | Path,
) -> None:
    """Write the report: verdict and findings, AUs, folds, and the videos there is a word about."""
    sentence = verdict(checked, findings)
    lines = [f"Wrong: {line}." for line in findings.wrong]
    lines += [f"Look at: {line}." for line in findings.doubtful]
    grids = [_au_grid(aus), _fold_grid(checked, folds), _video_grid(checked, frame_offset)]
    write_report(sentence[0].upper() + sentence[1:], lines, grids, path)


def _counts(video: CheckedVideo, frame_offset: int) -> tuple[int, int, int, int, int, int]:
    return (
        len(video.images),
        len(video.annotated),
        len(video.without_image(frame_offset)),
        video.n_images_without_label(frame_offset),
        video.repeated,
        len(video.damaged),
    )


def _share(mask: np.ndarray) -> str:
    return f"{mask.mean():.4f}" if len(mask) else ""


def _percent(share: float) -> str:
    return "–" if isnan(share) else f"{100 * share:.2f}"


def _au_grid(aus: list[AUSummary]) -> Grid:
    heads = ("AU", "", "positive by", "annotated frames", "positive", "unknown %", "base rate %")
    rows = tuple(
        (
            Cell(str(au.au)),
            Cell(FACS_NAMES.get(au.au, "")),
            Cell(au.coding),
            Cell(str(au.n_frames)),
            Cell(str(au.n_positive)),
            Cell(_percent(au.unknown_share)),
            Cell(_percent(au.base_rate)),
            Cell(_percent(au.paper_base_rate)),
        )
        for au in aus
    )
    note = "Base rate: positives among frames that are not unknown (code 9), all videos together."
    return Grid("Action units", (("", (*heads, "paper's")),), rows, (note,))


def _fold_grid(checked: list[CheckedVideo], folds: Mapping[str, int]) -> Grid:
    rows = []
    for fold, n_subjects in subjects_per_fold(folds).items():
        videos = [video for video in checked if folds.get(video.subject) == fold]
        kept = sum(not video.problem for video in videos)
        rows.append(tuple(Cell(str(n)) for n in (fold, n_subjects, len(videos), kept)))
    heads = ("fold", "subjects", "videos", "that give a clip")
    notes: tuple[str, ...] = (
        "Drawn by seed over the subjects that have a video which gives a clip, or as the sheet's "
        "column `fold` says.",
    )
    without = {video.subject for video in checked} - set(folds)
    if without:
        notes += (
            f"In no fold, for no video of theirs gives a clip: {', '.join(sorted(without))}.",
        )
    return Grid("Folds", (("", heads),), tuple(rows), notes)


def _video_grid(checked: list[CheckedVideo], frame_offset: int) -> Grid:
    heads: tuple[str, ...] = ("video", "frames on disk", "annotated", "labels without image")
    heads += ("images without label", "repeated", "damaged", "what is the matter")
    striking = [
        video
        for video in checked
        if video.problem or video.notes or video.repeated or len(video.without_image(frame_offset))
    ]
    rows = tuple(
        (
            Cell(video.name),
            *(Cell(str(count)) for count in _counts(video, frame_offset)),
            Cell(video.problem, details=video.notes),
        )
        for video in striking[:VIDEOS_SHOWN]
    )
    hidden = len(striking) - len(rows)
    notes: tuple[str, ...] = (
        f"{len(checked) - len(striking)} more videos without a remark.",
        "Damage is looked for in the first bytes of every image, by decoding the first, the middle "
        "and the last image of a recording, and by decoding videos from end to end.",
    )
    if hidden:
        notes += (f"{hidden} more with one; the CSV has all.",)
    return Grid("Videos to look at", (("", heads),), rows, notes)

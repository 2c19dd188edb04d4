"""The video sheet: a row for each video of a dataset, found by a layout or edited by a person."""

import csv
import re
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from facs3d.errors import InputError
from facs3d.outputs import whole

SAFE_NAME = r"[A-Za-z0-9][A-Za-z0-9_.-]*"


class Video(NamedTuple):
    """A recording: its name, whose it is, where its frames and labels lie.

    ``fold`` is empty, or the fold (from 1) that the subject is assigned to by hand.
    """

    video: str
    subject: str
    task: str
    path: str
    label_path: str
    fold: str = ""


REQUIRED = Video._fields[:-1]


def read_sheet(path: str | Path) -> list[Video]:
    """Read and check a video sheet: CSV with the columns of :class:`Video`, ``fold`` if wanted.

    Raises :class:`InputError` with file and line for a missing column, an empty cell, a name that
    cannot be a file name, a video listed twice, or a subject in two folds.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(
            f"{path}: no such video sheet; write it with `snakemake index_videos` or by hand"
        )
    with open(path, encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        header = reader.fieldnames or []
        missing = [name for name in REQUIRED if name not in header]
        if missing:
            raise InputError(
                f"{path}, line 1: no column {missing[0]!r}; found: {', '.join(header)}"
            )
        videos = []
        for row in reader:
            values = {name: (row.get(name) or "").strip() for name in Video._fields}
            for name in REQUIRED:
                if not values[name]:
                    raise InputError(f"{path}, line {reader.line_num}: {name!r} is empty")
            videos.append(Video(**values))
    try:
        check_sheet(videos)
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    return videos


def check_sheet(videos: list[Video]) -> None:
    """Raise :class:`InputError` unless names are safe file names, unique, and folds consistent."""
    if not videos:
        raise InputError("the sheet lists no video")
    for video in videos:
        for name in (video.video, video.subject, video.task):
            if not re.fullmatch(SAFE_NAME, name):
                raise InputError(
                    f"video {video.video!r}: the name {name!r} may hold letters, digits, '_', '-' "
                    "and '.' only, and begin with a letter or digit"
                )
        if video.fold and not re.fullmatch(r"[1-9][0-9]*", video.fold):
            raise InputError(f"video {video.video!r}: fold is {video.fold!r}, expected 1, 2, …")
    for field in ("video", "path"):
        name, count = Counter(getattr(video, field) for video in videos).most_common(1)[0]
        if count > 1:
            raise InputError(f"{field} {name!r} is listed {count} times")
    folds: dict[str, str] = {}
    for video in videos:
        if folds.setdefault(video.subject, video.fold) != video.fold:
            raise InputError(
                f"subject {video.subject!r} is in fold {folds[video.subject] or '(none)'} and "
                f"fold {video.fold or '(none)'}; a subject belongs to one fold"
            )


def check_subjects(videos: list[Video], n_folds: int) -> None:
    """Raise :class:`InputError` unless there is a subject for each fold."""
    n_subjects = len({video.subject for video in videos})
    if n_subjects < n_folds:
        raise InputError(
            f"{n_subjects} subjects cannot fill {n_folds} folds; set `dataset: folds` lower or "
            "add subjects"
        )


def write_sheet(videos: list[Video], path: str | Path) -> None:
    """Write the sheet as :func:`read_sheet` reads it, without ``fold``."""
    check_sheet(videos)
    with whole(path) as unfinished, open(unfinished, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(REQUIRED)
        writer.writerows(video[: len(REQUIRED)] for video in videos)


def embedded_subjects(n_subjects: int) -> list[str]:
    """``F001``, ``F002``, …; the letter means nothing here (in BP4D+ it is the subject's sex)."""
    return [f"F{number:03d}" for number in range(1, n_subjects + 1)]


def embedded_tasks(videos_per_subject: int) -> list[str]:
    """``T1``, ``T2``, …: one video each."""
    return [f"T{number}" for number in range(1, videos_per_subject + 1)]


def embedded_sheet(root: str, n_subjects: int, videos_per_subject: int) -> list[Video]:
    """The videos of the embedded dataset, before they are rendered: F001_T1, F001_T2, …"""
    return [
        Video(
            video=f"{subject}_{task}",
            subject=subject,
            task=task,
            path=f"{root}/Videos/{subject}/{task}.avi",
            label_path=f"{root}/AUCoding/AU_OCC/{subject}_{task}.csv",
        )
        for subject in embedded_subjects(n_subjects)
        for task in embedded_tasks(videos_per_subject)
    ]

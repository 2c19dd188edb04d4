"""The video sheet: a row for each video of a dataset, found by a layout or edited by a person."""

import csv
import io
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from facs3d.errors import InputError
from facs3d.outputs import whole

SAFE_NAME = r"[A-Za-z0-9][A-Za-z0-9_.-]*"
"""What names of videos, subjects and tasks look like, for they become file names."""


class Video(NamedTuple):
    """A recording: its name, whose it is, where its frames and labels lie.

    ``annotated_frames`` tells people how many there are (empty: not counted); no step reads it.
    ``fold`` is empty, or the fold (from 1) that the subject is assigned to by hand.
    """

    video: str
    subject: str
    task: str
    path: str
    label_path: str
    annotated_frames: str = ""
    fold: str = ""


REQUIRED = Video._fields[:5]
WRITTEN = Video._fields[:6]


def read_sheet(
    path: str | Path, check_row: Callable[[Mapping[str, str]], None] | None = None
) -> list[Video]:
    """Read and check a video sheet: CSV with the columns of :class:`Video`, the last two if wanted.

    ``check_row`` is called with every row and raises :class:`InputError` for a bad value: the
    workflow checks names and numbers against a schema (:func:`facs3d.config.row_checker`).
    Raises :class:`InputError` with file and line for that, for a missing column, a video or path
    listed twice, or a subject in two folds.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(
            f"{path}: no such video sheet; write it with `snakemake index_videos` or by hand"
        )
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            f"{path}: not UTF-8 text (byte {error.start}); save it as CSV UTF-8"
        ) from error
    with io.StringIO(text, newline="") as file:
        reader = csv.DictReader(file)
        header = reader.fieldnames or []
        for name in REQUIRED:
            if name not in header:
                raise InputError(f"{path}, line 1: no column {name!r}; found: {', '.join(header)}")
        videos: list[tuple[str, Video]] = []
        for row in reader:
            values = {name: (row.get(name) or "").strip() for name in Video._fields}
            place = f"{path}, line {reader.line_num}"
            try:
                if check_row:
                    check_row(values)
            except InputError as error:
                raise InputError(f"{place}, {error}") from error
            videos.append((place, Video(**values)))
    if not videos:
        raise InputError(f"{path}: the sheet lists no video")
    _check(videos)
    return [video for _place, video in videos]


def check_videos(videos: list[Video]) -> None:
    """Raise :class:`InputError` unless videos are as :func:`read_sheet` demands them."""
    if not videos:
        raise InputError("there is no video")
    _check([(f"video {video.video!r}", video) for video in videos])


def _check(videos: list[tuple[str, Video]]) -> None:
    first_place: dict[tuple[str, str], str] = {}
    folds: dict[str, str] = {}
    for place, video in videos:
        for key in (("video", video.video), ("path", os.path.normpath(video.path))):
            if key in first_place:
                raise InputError(
                    f"{place}: {key[0]} {key[1]!r} stands in {first_place[key].split(', ')[-1]} "
                    "already; remove one"
                )
            first_place[key] = place
        if folds.setdefault(video.subject, video.fold) != video.fold:
            raise InputError(
                f"{place}: subject {video.subject!r} is in fold {video.fold or '(none)'} and in "
                f"fold {folds[video.subject] or '(none)'}; a subject belongs to one fold"
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
    """Write the sheet as :func:`read_sheet` reads it, without ``fold``.

    Raises :class:`InputError` if there is another sheet at ``path``: a person may have edited it.
    """
    check_videos(videos)
    path = Path(path)
    with whole(path) as unfinished:
        with open(unfinished, "w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(WRITTEN)
            writer.writerows(video[: len(WRITTEN)] for video in videos)
        if path.exists() and path.read_bytes() != unfinished.read_bytes():
            raise InputError(
                f"{path}: exists and differs from what would be written, perhaps edited by "
                "hand; move it away first"
            )


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

"""The videos of a dataset, found by a layout or listed in a sheet: CSV, a row for each video."""

import csv
import os
from functools import cache
from pathlib import Path
from typing import NamedTuple

from facs3d.core.atomic import whole
from facs3d.core.csv_text import read_rows, refuse_misspelt, shown
from facs3d.core.errors import InputError
from facs3d.core.schema import Check, row_checker
from facs3d.video.file_names import repeats_itself

SAFE_NAME = r"[A-Za-z0-9][A-Za-z0-9_.-]*"
"""What names of videos, subjects and tasks look like, for they become file names."""


class Video(NamedTuple):
    """A recording: its name, whose it is, where its frames and labels lie.

    ``annotated_frames`` tells people how many there are (empty: not counted); no step reads it.
    ``problem`` is why the video is left out of the run, or empty.
    ``fold`` is empty, or the fold (from 1) that the subject is assigned to by hand.
    """

    video: str
    subject: str
    task: str
    path: str
    label_path: str
    annotated_frames: str = ""
    problem: str = ""
    fold: str = ""


SCHEMA = Path(__file__).parents[3] / "config" / "schemas" / "videos.schema.yaml"
"""The one place that says what may stand in a cell."""
REQUIRED = Video._fields[:5]
WRITTEN = Video._fields[:7]


def check_videos(videos: list[tuple[str, Video]]) -> None:
    """Raise :class:`InputError` for what must not be among videos, each with its place.

    That is a name that Snakemake refuses, a video or a recording listed twice, a subject in two
    folds, and a fold for some subjects only. A place is such as ``videos.csv, line 3``.
    """
    if not videos:
        raise InputError("there is no video")
    first_place: dict[tuple[str, str], str] = {}
    first_of: dict[str, tuple[str, Video]] = {}
    for place, video in videos:
        for what in ("video", "subject", "task"):
            if repeats_itself(name := getattr(video, what)):
                raise InputError(
                    f"{place}: {what} {shown(name)} ends in ten times the same, which "
                    "Snakemake takes for a runaway rule; give it another name"
                )
        keys = ("video", video.video), ("path", os.path.realpath(video.path))
        for (what, key), value in zip(keys, (video.video, video.path), strict=True):
            if (what, key) in first_place:
                raise InputError(
                    f"{place}: {what} {value!r} stands in {_short(first_place[what, key])} "
                    "already; remove one"
                )
            first_place[what, key] = place
        other_place, other = first_of.setdefault(video.subject, (place, video))
        if other.fold != video.fold:
            raise InputError(
                f"{place}: subject {video.subject!r} is in fold {video.fold or '(none)'} and in "
                f"fold {other.fold or '(none)'} ({_short(other_place)}); a subject belongs to one "
                "fold"
            )
    assigned = next((video for _place, video in videos if video.fold), None)
    for place, video in videos:
        if assigned and not video.fold:
            raise InputError(
                f"{place}: subject {video.subject!r} has no fold, but {assigned.subject!r} has; "
                "give one to every subject, or to none"
            )


def _short(place: str) -> str:
    return place.split(", ")[-1]


def check_folds(videos: list[Video], n_folds: int) -> None:
    """Raise :class:`InputError` unless there is a subject for each fold, and the folds that the
    sheet assigns, if it does, are 1 … ``n_folds``."""
    n_subjects = len({video.subject for video in videos})
    if n_subjects < n_folds:
        raise InputError(
            f"{n_subjects} subjects cannot fill {n_folds} folds; set `dataset: folds` lower or "
            "add subjects"
        )
    numbers = {int(video.fold) for video in videos if video.fold}
    if numbers and numbers != set(range(1, n_folds + 1)):
        raise InputError(
            f"video sheet: folds are {sorted(numbers)}, expected 1 … {n_folds} (`dataset: folds`)"
        )


def assigned_folds(videos: list[Video], n_folds: int) -> dict[str, int]:
    """Subject -> fold as the sheet's ``fold`` column says; empty if no row has one.

    ``videos`` are as :func:`check_videos` demands; raises :class:`InputError`
    as :func:`check_folds` does.
    """
    check_folds(videos, n_folds)
    return {video.subject: int(video.fold) for video in videos if video.fold}


def read_sheet(path: str | Path) -> list[Video]:
    """Read a video sheet and check it: CSV, columns of :class:`Video`, the last three if there.

    Columns stand in any order; others may be there. Raises :class:`InputError` with file and line
    for a cell that the schema refuses, an unbalanced quotation mark, a row longer than the header,
    a column that is missing, there twice or misspelt, and for what
    :func:`check_videos` refuses.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(
            f"{path}: no such video sheet; write it with `snakemake index_videos` or by hand"
        )
    (line, header), *rows = read_rows(path, "a row per video")
    for name in dict.fromkeys([*REQUIRED, *filter(None, header)]):
        if header.count(name) != 1:
            raise InputError(
                f"{path}, line {line}: {header.count(name)} columns {shown(name)}, expected "
                f"one; found: {shown(', '.join(header))}"
            )
    refuse_misspelt(path, (line, header), Video._fields)
    videos = [(f"{path}, line {line}", _video(path, line, header, cells)) for line, cells in rows]
    if not videos:
        raise InputError(f"{path}: the sheet lists no video")
    check_videos(videos)
    return [video for _place, video in videos]


def _video(path: Path, line: int, header: list[str], cells: list[str]) -> Video:
    if len(cells) > len(header):
        raise InputError(
            f"{path}, line {line}: {len(cells)} columns, expected {len(header)}; put a name with a "
            "comma between quotation marks"
        )
    row = dict(zip(header, cells, strict=False))
    values = {name: row.get(name, "") for name in Video._fields}
    try:
        _checker()(values)
    except InputError as error:
        raise InputError(f"{path}, line {line}, {error}") from error
    return Video(**values)


@cache
def _checker() -> Check:
    return row_checker(SCHEMA)


def write_sheet(videos: list[Video], path: str | Path) -> None:
    """Write the sheet as :func:`read_sheet` reads it, without ``fold``.

    Raises :class:`InputError` if there is another sheet at ``path``, for a person may have edited
    it, or if that leads through a file.
    """
    check_videos([(f"video {video.video!r}", video) for video in videos])
    path = Path(path)
    place = next((parent for parent in path.parents if parent.exists()), path.parent)
    if not place.is_dir():
        raise InputError(f"{path}: {place} is a file, not a folder; set `dataset: sheet` otherwise")
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

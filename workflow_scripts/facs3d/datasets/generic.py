"""Any videos and one table of labels, so that own data needs no code.

Under the root folder::

    labels.csv           header video,frame,AU01,AU02,… : a line per annotated frame
    videos/<video>.mp4   (or another video's suffix), or videos/<video>/<number>.jpg, or <video>.zip

Columns stand in any order. Others may be there, but to the right of AUs none that holds whole
numbers, which shifted codes could be, and none to the right of all that are read unless an AU or
the frame is the last of these. ``subject`` and ``task`` are read if present, else a video's name
must be ``<subject>_<task>``. The codes of an AU are those its ``positive`` asks for: 0, 1, 9 for
occurrence, 0-5 and 9 for intensity. 9 is unknown, and so is a blank cell in a row whose last cell
is filled, except the last row: shifted cells leave blanks, too. Frames count like the video's, from
0, or are the numbers of its images (``frame_offset`` shifts them).
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from facs3d.core.csv_text import Rows, read_rows, refuse_misspelt, shown
from facs3d.core.errors import InputError
from facs3d.datasets.labels import (
    FrameLabels,
    named_column,
    read_table,
    refuse_blank_cells,
    refuse_blank_ends,
    refuse_shifted,
)
from facs3d.datasets.positive import Positive
from facs3d.datasets.recordings import Found, check_folder
from facs3d.datasets.sheet import SAFE_NAME, Video
from facs3d.video.file_names import VIDEO_SUFFIXES

REGISTERED = False
COLUMNS = ("video", "subject", "task", "frame")
"""What is read besides AUs."""


class Table(NamedTuple):
    """The label table: its header with its line number, each video's rows, and what is wrong with
    names of videos, a sentence each."""

    header: tuple[int, list[str]]
    rows: dict[str, Rows]
    misnamed: list[str]


def find_videos(root: str | Path) -> Found:
    """The videos of ``labels.csv``; one whose name, subject or task cannot be is left out and
    noted with its line. :class:`InputError` if ``root`` is not such a dataset."""
    root = Path(root)
    check_folder(root, "labels.csv and the folder videos")
    check_folder(root / "videos", "the videos named in labels.csv")
    path = root / "labels.csv"
    table = _read(path)
    recordings, notes = _recordings(root / "videos")
    videos, missing, impossible = [], 0, [*table.misnamed]
    for name, rows in table.rows.items():
        found = recordings.pop(name, [])
        try:
            subject, task = _subject_and_task(path, table.header[1], name, rows)
        except InputError as error:
            impossible.append(str(error))
            continue
        if len(found) > 1:
            notes.append(f"{name} left out: {found[0]} and {found[1].name} are both it; remove one")
            continue
        if not found:
            missing += 1
            line = rows[0][0]
            notes.append(
                f"{path}, line {line}: no video {name!r} in {root / 'videos'}{_hint(name)}"
            )
            found = [root / "videos" / name]
        videos.append(Video(name, subject, task, str(found[0]), str(path)))
    if impossible and not videos:
        raise InputError(impossible[0])
    if missing and missing == len(videos):
        raise InputError(
            f"{root / 'videos'}: holds none of the videos of labels.csv, such as "
            f"{videos[0].video!r}{_hint(videos[0].video)}"
        )
    notes += [f"{problem}; its rows are left out" for problem in impossible]
    notes += [
        f"{entry}: not in labels.csv; left out" for found in recordings.values() for entry in found
    ]
    return Found(sorted(videos), notes)


def _recordings(folder: Path) -> tuple[dict[str, list[Path]], list[str]]:
    """What may be a video in ``folder``, by name, and a note on every other file."""
    recordings: dict[str, list[Path]] = {}
    notes = []
    for entry in sorted(folder.iterdir()):
        if entry.is_dir() or entry.suffix.lower() in (*VIDEO_SUFFIXES, ".zip"):
            name = entry.name if entry.is_dir() else entry.stem
            recordings.setdefault(name, []).append(entry)
        else:
            notes.append(f"{entry}: passed over, for its suffix is no video's and not .zip")
    return recordings, notes


def read_labels(label_path: str | Path, video: str, rules: Mapping[int, Positive]) -> FrameLabels:
    """Labels of ``video``'s rows in the table; :class:`InputError` with file and line."""
    path = Path(label_path)
    table = _read(path)
    frame_column = named_column(path, table.header, "frame")
    return read_table(
        path,
        table.header,
        table.rows.get(video, []),
        rules,
        frame_column,
        blank_is_unknown=True,
    )


def _read(path: Path) -> Table:
    return _read_state(path, path.stat().st_mtime_ns if path.is_file() else 0)


@lru_cache(maxsize=1)
def _read_state(path: Path, _changed: int) -> Table:
    """The table, read once for each state of the file however many videos it holds."""
    header, *rows = read_rows(path)
    refuse_misspelt(path, header, COLUMNS)
    column = named_column(path, header, "video")
    frame_column = named_column(path, header, "frame")
    if not rows:
        raise InputError(f"{path}, line {header[0]}: no frame is annotated")
    # Whose row it is cannot be told of a shifted one, nor whose cells of a shifted column.
    refuse_blank_cells(path, header, rows, COLUMNS)
    refuse_shifted(path, header, rows, frame_column, read_too=COLUMNS, blank_is_unknown=True)
    refuse_blank_ends(path, header, rows)
    by_video: dict[str, Rows] = {}
    for line, cells in rows:
        by_video.setdefault(cells[column], []).append((line, cells))
    misnamed = [name for name in by_video if not re.fullmatch(SAFE_NAME, name)]
    problems = [
        f"{path}, line {by_video.pop(name)[0][0]}: the video's name is {shown(name)}; it may hold "
        "letters, digits, '_', '-' and '.' only, and begin with a letter or digit"
        for name in misnamed
    ]
    return Table(header, by_video, problems)


def _hint(name: str) -> str:
    """What may be wrong with the ``name`` of a video that is not there."""
    suffix = Path(name).suffix
    if suffix.lower() not in (*VIDEO_SUFFIXES, ".zip"):
        return ""
    return f"; in labels.csv, names go without {suffix}"


def _subject_and_task(path: Path, header: list[str], video: str, rows: Rows) -> tuple[str, str]:
    subject, _, task = video.rpartition("_")
    named = {"subject": subject, "task": task}
    for name in named:
        if name in header:
            column = header.index(name)
            lines: dict[str, int] = {}
            for line, cells in rows:
                lines.setdefault(cells[column] if len(cells) > column else "", line)
            named[name], *others = lines
            if others:
                raise InputError(
                    f"{path}, line {lines[others[0]]}: video {video!r} has {name} {others[0]!r}, "
                    f"but {named[name]!r} in line {lines[named[name]]}; give it one"
                )
    for name, value in named.items():
        if not re.fullmatch(SAFE_NAME, value):
            raise InputError(
                f"{path}, line {rows[0][0]}: the {name} of video {video!r} is {shown(value)}; name "
                f"the video <subject>_<task>, or give a column {name!r} of plain names"
            )
    return named["subject"], named["task"]

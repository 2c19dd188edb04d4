"""The video sheet as a file: CSV with a row for each video, for a person to edit."""

import csv
from functools import cache
from pathlib import Path

from facs3d.config import Check, row_checker
from facs3d.errors import InputError
from facs3d.outputs import whole
from facs3d.sheet import Video, check_videos
from facs3d.text_tables import read_rows, refuse_misspelt

SCHEMA = Path(__file__).parents[2] / "config" / "schemas" / "videos.schema.yaml"
"""The one place that says what may stand in a cell."""
REQUIRED = Video._fields[:5]
WRITTEN = Video._fields[:6]


def read_sheet(path: str | Path) -> list[Video]:
    """Read and check a video sheet: CSV with the columns of :class:`Video`, the last two if wanted.

    Columns stand in any order; others may be there. Raises :class:`InputError` with file and line
    for a cell that the schema refuses, an unbalanced quotation mark, a row longer than the header,
    a column that is missing, there twice or misspelt, and for what
    :func:`facs3d.sheet.check_videos` refuses.
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
                f"{path}, line {line}: {header.count(name)} columns {name!r}, expected "
                f"one; found: {', '.join(header)}"
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

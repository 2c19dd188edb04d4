"""The videos that gave no clip, as files: a table for programs, a page for people."""

import csv
from collections.abc import Sequence
from pathlib import Path

from facs3d.clips import Excluded
from facs3d.grids import Cell, Grid, write_html
from facs3d.outputs import whole


def write_exclusions(excluded: Sequence[Excluded], path: str | Path) -> None:
    """Write a CSV with the fields of :class:`facs3d.clips.Excluded`, a row a video."""
    with whole(path) as unfinished, open(unfinished, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(Excluded._fields)
        writer.writerows(excluded)


def write_exclusions_page(excluded: Sequence[Excluded], n_videos: int, path: str | Path) -> None:
    """Write the same as HTML, with how many of the dataset's ``n_videos`` they are."""
    kept = n_videos - len(excluded)
    caption = f"{len(excluded)} of {n_videos} videos gave no clip, {kept} did"
    rows = tuple(tuple(map(Cell, video)) for video in excluded)
    note = "An excluded video is neither trained on nor tested; its reason says what to mend."
    write_html(Grid(caption, (("", Excluded._fields),), rows, (note,)), path)

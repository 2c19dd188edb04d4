"""Faces registered already, by ZFace or another tool: registration is skipped, geometry checked.

Under the root folder::

    Faces/F001_T1.avi (or .mp4, …)     a video of registered faces, or
    Faces/F001_T1/<number>.png         its frames, or zipped: F001_T1.zip; also as F001/T1
    AUCoding/AU_OCC, AUCoding/AU_INT   label files as in BP4D+, or
    labels/F001_T1.csv                 header frame,AU01,AU02,…: a line per annotated frame

In ``labels`` columns stand in any order and others may be there, but to the right of AUs none that
holds whole numbers, which shifted codes could be. The codes of an AU are those its ``positive``
asks for: 0, 1, 9 for occurrence, 0-5 and 9 for intensity. 9 is unknown, and so is a blank cell in a
row whose last cell is filled, except the last row: shifted cells leave blanks, too.
"""

from collections.abc import Mapping
from pathlib import Path

from facs3d.core.csv_text import read_rows
from facs3d.datasets import bp4dplus
from facs3d.datasets.labels import (
    FrameLabels,
    named_column,
    read_table,
    refuse_blank_ends,
    refuse_shifted,
)
from facs3d.datasets.positive import Positive
from facs3d.datasets.recordings import Found, match_videos

REGISTERED = True


def find_videos(root: str | Path) -> Found:
    """Videos with a label file; :class:`InputError` if ``root`` is not such a dataset."""
    root = Path(root)
    return match_videos(root, [root / "AUCoding" / "AU_OCC", root / "labels"], [root / "Faces"])


def read_labels(label_path: str | Path, video: str, rules: Mapping[int, Positive]) -> FrameLabels:
    """Labels of ``video``'s annotated frames; :class:`InputError` with file and line."""
    label_path = Path(label_path)
    if label_path.parent.name == "AU_OCC":
        return bp4dplus.read_labels(label_path, video, rules)
    header, *rows = read_rows(label_path)
    frame_column = named_column(label_path, header, "frame")
    if rules and rows:
        refuse_shifted(label_path, header, rows, frame_column, blank_is_unknown=True)
        refuse_blank_ends(label_path, header, rows)
    return read_table(label_path, header, rows, rules, frame_column, blank_is_unknown=True)

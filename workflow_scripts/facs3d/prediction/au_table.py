"""The AUs of a new video as a table, ``<video>.aus.csv``: a row for every frame of the video.

==================  ==============================================================================
column              content
==================  ==============================================================================
``frame``           number of the frame, from 0
``time``            seconds from the video's start, by its own timestamps
``face_found``      1 or 0
``note``            why there is no face, whether there are several or the person may have changed,
                    or how what the network saw differs from its training
``faces``           how many the frame shows
``person``          number of the one whose face it is, from 1: one more at every change
``right_eye_x`` …   eye centres in px of the frame: ``right_eye_x``, ``right_eye_y``,
                    ``left_eye_x``, ``left_eye_y``; right is the person's
``inter_ocular_…``  ``inter_ocular_distance`` of them, px
``sharpness``       share of the face's contrast in fine detail, 0 to 1; ``brightness`` its mean
                    gray, 0 to 255
``upside_down``     1 or 0
``confidence`` …    from 0 to 1, how sure FaceMesh is of the face; ``yaw``, ``pitch``, ``roll`` in
                    degrees
``AU01`` …          probability that the AU is present, 0 to 1
``AU01_present`` …  1 if it reaches the threshold, else 0
==================  ==============================================================================

In frames without a face the AUs are empty.
"""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

import numpy as np

from facs3d.core.action_units import au_column, parse_aus
from facs3d.core.atomic import whole
from facs3d.core.csv_text import number, written_rows, written_table
from facs3d.core.errors import InputError
from facs3d.preprocessing.tracking import EYES

COPIED = (
    "faces", "person", *EYES, "inter_ocular_distance", "sharpness", "brightness", "upside_down",
    "confidence", "yaw", "pitch", "roll",
)  # fmt: skip
"""Columns that are the tracking table's."""
PRESENT_SUFFIX = "_present"


@dataclass(frozen=True)
class AuTable:
    """N frames, A AUs: ``seconds`` (N,) float64, ``probability`` (N, A) float64, NaN without a
    face, and ``present`` (N, A) bool; ``eyes`` (N, 2, 2) float64: the right and the left eye's
    centre (x, y) in px of the frame, NaN where they were not measured; None before the table is
    written."""

    action_units: tuple[int, ...]
    seconds: np.ndarray
    probability: np.ndarray
    present: np.ndarray
    eyes: np.ndarray | None = None


def present_column(au: int) -> str:
    """``1 -> "AU01_present"``."""
    return f"{au_column(au)}{PRESENT_SUFFIX}"


def write_au_table(
    table: AuTable, tracked: Iterable[Mapping[str, str]], notes: Sequence[str], path: str | Path
) -> int:
    """Write the table; ``tracked``: the tracking table's rows; ``notes``: what there is to say of
    each frame's prediction. Times to 1/1000 s, probabilities with nine significant digits (exact
    for float32). Returns how many persons the faces may be of. Raises :class:`InputError` if
    ``tracked`` is of another video."""
    persons = 0
    header = ["frame", "time", "face_found", "note", *COPIED]
    header += [*map(au_column, table.action_units), *map(present_column, table.action_units)]
    with whole(path) as unfinished, open(unfinished, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        for row, tracking in zip_longest(range(len(table.seconds)), tracked):
            if row is None or tracking is None:
                raise InputError(
                    f"the tracking table has {'more' if tracking else 'fewer'} rows than the "
                    f"{len(table.seconds)} frames of the faces; give the one written with them"
                )
            first = (tracking["frame_number"], f"{table.seconds[row]:.3f}", tracking["face_found"])
            aus = [""] * (2 * len(table.action_units))
            if not np.isnan(table.probability[row, 0]):
                aus = [f"{value:.9g}" for value in table.probability[row]]
                aus += table.present[row].astype(int).tolist()
            note = "; ".join(filter(None, (tracking["problem"], tracking["note"], notes[row])))
            writer.writerow([*first, note, *map(tracking.get, COPIED), *aus])
            persons = int(tracking["person"] or persons)
    return persons


def read_au_table(path: str | Path) -> AuTable:
    """Read the table back; :class:`InputError` if it is another one, with line for a bad cell."""
    remedy = "write it with predict"
    _line, header = next(written_rows(path, remedy), (1, []))
    units = [name.removesuffix(PRESENT_SUFFIX) for name in header if name.endswith(PRESENT_SUFFIX)]
    if "time" not in header or not units:
        raise InputError(f"{path}, line 1: not a table of predicted AUs; {remedy}")
    action_units = parse_aus(units, f"{path}, line 1")
    # Numbers by row: the text of all rows would take ten times the memory.
    rows = [
        (
            number(place, row, "time"),
            np.array([number(place, row, name, 0, 1) for name in units]),
            np.array([row[name + PRESENT_SUFFIX] == "1" for name in units]),
            np.array([number(place, row, name) for name in EYES]).reshape(2, 2),
        )
        for place, row in written_table(path, units, remedy)
    ]
    if not rows:
        raise InputError(f"{path}: no row below its header; {remedy}")
    seconds, *others = map(np.array, zip(*rows, strict=True))
    if np.isnan(seconds).any():
        raise InputError(f"{path}: a frame has no time; {remedy}")
    return AuTable(action_units, seconds, *others)

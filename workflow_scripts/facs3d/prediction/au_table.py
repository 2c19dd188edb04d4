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
``AU01_calibrated``  on request (``predict.baseline``): how far the probability is above the
…                   person's resting face's (:mod:`.baseline`); the presence does not follow it
``AU01_grade`` …    how far the network can be relied upon for the AU: ``good``, ``fair`` or
                    ``poor``, the worst of what is known of it on faces that it was not trained on
                    (:mod:`facs3d.training.judgement`)
``trained_on``      whom it was trained on, such as ``rendered people``
``real_faces``      the AUs that were judged on real faces too, such as ``AU06 AU12``, or none
==================  ==============================================================================

In frames without a face probabilities and what is present are empty. The last three columns are
there if the network was judged, and the same in every row.
"""

import csv
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path

import numpy as np

from facs3d.core.action_units import au_column, parse_aus
from facs3d.core.atomic import whole
from facs3d.core.csv_text import number, shown, written_rows, written_table
from facs3d.core.errors import InputError
from facs3d.prediction.baseline import person_calibrated
from facs3d.prediction.notes import marked
from facs3d.preprocessing.tracking import EYES
from facs3d.training.judgement import GRADES

COPIED = (
    "faces", "person", *EYES, "inter_ocular_distance", "sharpness", "brightness", "upside_down",
    "confidence", "yaw", "pitch", "roll",
)  # fmt: skip
"""Columns that are the tracking table's."""
PRESENT_SUFFIX, CALIBRATED_SUFFIX, GRADE_SUFFIX = "_present", "_calibrated", "_grade"
TRAINED_ON, REAL_FACES, NO_AU = "trained_on", "real_faces", "none"


@dataclass(frozen=True)
class AuTable:
    """N frames, A AUs: ``seconds`` (N,) float64, ``probability`` (N, A) float64, NaN without a
    face, and ``present`` (N, A) bool; ``eyes`` (N, 2, 2) float64: the right and the left eye's
    centre (x, y) in px of the frame, NaN where they were not measured; None before the table is
    written; ``grades`` (A): good, fair or poor, and whom the network was ``trained_on``, both empty
    if it was not judged; ``noted``: of each kind of note that occurs (:mod:`.notes`) a mask (N,)
    bool of its frames, empty before the table is written; ``real_faces``: the AUs that were judged
    on real faces too; ``resting`` (A,) float64: the resting face's probabilities, for the
    calibrated columns; None writes none, and none is read."""

    action_units: tuple[int, ...]
    seconds: np.ndarray
    probability: np.ndarray
    present: np.ndarray
    eyes: np.ndarray | None = None
    grades: tuple[str, ...] = ()
    trained_on: str = ""
    noted: dict[str, np.ndarray] = field(default_factory=dict)
    real_faces: tuple[int, ...] = ()
    resting: np.ndarray | None = None


def present_column(au: int) -> str:
    """``1 -> "AU01_present"``."""
    return f"{au_column(au)}{PRESENT_SUFFIX}"


def calibrated_column(au: int) -> str:
    """``1 -> "AU01_calibrated"``."""
    return f"{au_column(au)}{CALIBRATED_SUFFIX}"


def grade_column(au: int) -> str:
    """``1 -> "AU01_grade"``."""
    return f"{au_column(au)}{GRADE_SUFFIX}"


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
    if table.resting is not None:
        header += map(calibrated_column, table.action_units)
    judged: list[str] = []
    if table.grades:
        header += [*map(grade_column, table.action_units), TRAINED_ON, REAL_FACES]
        real_faces = " ".join(map(au_column, table.real_faces)) or NO_AU
        judged = [*table.grades, table.trained_on, real_faces]
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
            aus = [""] * (len(table.action_units) * (2 if table.resting is None else 3))
            if not np.isnan(table.probability[row, 0]):
                aus = [f"{value:.9g}" for value in table.probability[row]]
                aus += table.present[row].astype(int).tolist()
                if table.resting is not None:
                    calibrated = person_calibrated(table.probability[row], table.resting)
                    aus += [f"{value:.9g}" for value in calibrated]
            note = "; ".join(filter(None, (tracking["problem"], tracking["note"], notes[row])))
            writer.writerow([*first, note, *map(tracking.get, COPIED), *aus, *judged])
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
            # Few notes differ, so that their texts are held once.
            sys.intern(row.get("note", "")),
        )
        for place, row in written_table(path, units, remedy)
    ]
    if not rows:
        raise InputError(f"{path}: no row below its header; {remedy}")
    *numbers, notes = zip(*rows, strict=True)
    seconds, probability, present, eyes = map(np.array, numbers)
    if np.isnan(seconds).any():
        raise InputError(f"{path}: a frame has no time; {remedy}")
    grades, trained_on, real_faces = _read_grades(path, header, units, remedy)
    return AuTable(
        *(action_units, seconds, probability, present, eyes),
        *(grades, trained_on, marked(notes), real_faces),
    )


def _read_grades(
    path: str | Path, header: list[str], units: list[str], remedy: str
) -> tuple[tuple[str, ...], str, tuple[int, ...]]:
    """The grades, whom the network was trained on and the AUs judged on real faces, of the first
    row, for all say the same."""
    if not any(name.endswith(GRADE_SUFFIX) for name in header):
        return (), "", ()
    columns = [name + GRADE_SUFFIX for name in units]
    place, row = next(written_table(path, [*columns, TRAINED_ON, REAL_FACES], remedy))
    for name in columns:
        if row[name] not in GRADES:
            expected = ", ".join(GRADES)
            raise InputError(
                f"{place}: {name} is {shown(row[name])}, expected one of {expected}; {remedy}"
            )
    for name in (TRAINED_ON, REAL_FACES):
        if not row[name]:
            raise InputError(f"{place}: {name} is empty; {remedy}")
    names = [] if row[REAL_FACES] == NO_AU else row[REAL_FACES].split()
    if not {*names} <= {*units}:
        raise InputError(
            f"{place}: {REAL_FACES} is {shown(row[REAL_FACES])}, expected some of the table's AUs "
            f"or {NO_AU}; {remedy}"
        )
    real_faces = parse_aus(names, f"{place}: {REAL_FACES}")
    return tuple(row[name] for name in columns), row[TRAINED_ON], real_faces

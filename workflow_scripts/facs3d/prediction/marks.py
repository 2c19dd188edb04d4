"""Judging a network on a video in which somebody has marked by hand when an AU is there.

The marks are a CSV that a person writes, a row per stretch:

==========================  ===========================================================
column                      content
==========================  ===========================================================
``au``                      such as ``AU12``; in a row of ``ignore`` also ``all``
``start``, ``end``          s: the frames whose time is at least the one, below the other
``start_frame``,            instead: the first and the last frame
``end_frame``
``mark``                    ``present``, ``absent``, or ``ignore``: nothing counts there
==========================  ===========================================================

Frames that no row is about count for nothing.
"""

import sys
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd

from facs3d.core.action_units import ABSENT, PRESENT, UNKNOWN, au_column, parse_au
from facs3d.core.csv_text import number, read_rows, refuse_misspelt, rows_by_column, shown
from facs3d.core.errors import InputError
from facs3d.evaluation.metrics import area_under_roc, f1
from facs3d.prediction.au_table import AuTable
from facs3d.training.judgement import SHARES_OF, Evidence

TIMES, FRAMES = ("start", "end"), ("start_frame", "end_frame")
LABELS = {"present": PRESENT, "absent": ABSENT, "ignore": UNKNOWN}
EVERY_AU = "all"
HOLDS = "a row per marked stretch: au, start, end (s) or start_frame, end_frame, mark"


def read_marks(path: str | Path, table: AuTable) -> np.ndarray:
    """The labels (N, A) int8 in {1 present, 0 absent, -1 unknown} of a table's frames and AUs by
    a file of marks. Marks of AUs that the table lacks are left out, and stderr says so.

    Raises :class:`InputError` with the line for what cannot be read, a stretch without a frame of
    the video, or one that ends after it, and frames marked present and absent.
    """
    path = Path(path)
    rows = read_rows(path, HOLDS)
    line, header = rows[0]
    refuse_misspelt(path, rows[0], ("au", "mark", *TIMES, *FRAMES))
    spans = [span for span in (TIMES, FRAMES) if {*span} & {*header}]
    if len(spans) > 1:
        raise InputError(
            f"{path}, line {line}: columns of seconds and of frames; expected {HOLDS}: keep two"
        )
    span = spans[0] if spans else TIMES
    label = np.full(table.probability.shape, UNKNOWN, np.int8)
    ignored = np.zeros(label.shape, bool)
    others: list[str] = []
    for place, row in rows_by_column(path, rows, ("au", "mark", *span), HOLDS):
        if row["mark"] not in LABELS:
            raise InputError(
                f"{place}: mark is {shown(row['mark'])}, expected one of {', '.join(LABELS)}"
            )
        frames = _frames_of(row, place, span, table)
        columns = _columns_of(row, place, table, others)
        if row["mark"] == "ignore":
            ignored[np.ix_(frames, columns)] = True
            continue
        value, marked = LABELS[row["mark"]], label[np.ix_(frames, columns)]
        if ((marked != UNKNOWN) & (marked != value)).any():
            raise InputError(f"{place}: an earlier line marks some of these frames otherwise")
        label[np.ix_(frames, columns)] = value
    if others:
        names = ", ".join(dict.fromkeys(others))
        print(
            f"warning: {path}: the table has no {names}, whose marks are left out", file=sys.stderr
        )
    label[ignored] = UNKNOWN
    return label


def judge_marks(tables: Sequence[AuTable], labels: Sequence[np.ndarray]) -> pd.DataFrame:
    """What the predictions in ``tables`` are worth by the ``labels`` (N, A) of each, all frames
    together: a row per AU that is marked.

    Columns: ``au``; ``present_frames``, ``absent_frames``, how many are marked so and have a face;
    ``lost_frames``, how many are marked and have none; ``auc``, ``f1`` of what is called; ``found``
    and ``false_calls``, shares called of those where it is present, and absent. NaN where
    undefined. :class:`InputError` if the tables are of different AUs.
    """
    for one, other in pairwise(tables):
        if one.action_units != other.action_units:
            raise InputError(
                f"the tables are of AUs {list(one.action_units)} and {list(other.action_units)}; "
                "judge tables of one network together"
            )
    label = np.concatenate(labels)
    probability = np.concatenate([table.probability for table in tables])
    called = np.concatenate([table.present for table in tables])
    rows = []
    for column, au in enumerate(tables[0].action_units):
        marked, lost = label[:, column] != UNKNOWN, np.isnan(probability[:, column])
        if not marked.any():
            continue
        known = marked & ~lost
        true, calls = label[known, column], called[known, column]
        rows.append(
            {
                "au": au_column(au),
                "present_frames": int((true == PRESENT).sum()),
                "absent_frames": int((true == ABSENT).sum()),
                "lost_frames": int((marked & lost).sum()),
                "auc": area_under_roc(true, probability[known, column], 0.5),
                # Of calls, which are 0 or 1, whatever their thresholds were.
                "f1": f1(true, calls.astype(float), 0.5),
                "found": _share(calls[true == PRESENT]),
                "false_calls": _share(calls[true == ABSENT]),
            }
        )
    if not rows:
        raise InputError("nothing is marked present or absent; mark an AU of the table")
    return pd.DataFrame(rows)


def evidence_of_marks(
    judged: pd.DataFrame, faces: str, people: int, action_units: Sequence[int]
) -> Evidence:
    """What :func:`judge_marks` found on these real ``faces``, in words, of so many ``people``, as
    evidence for a network of these AUs."""
    values = judged.set_index("au").reindex(map(au_column, action_units))
    numbers = {name: tuple(values[name].tolist()) for name in ("auc", "found", "false_calls")}
    frames = values[[*SHARES_OF.values()]].fillna(0).astype(int)
    counts = {name: tuple(frames[name].tolist()) for name in frames}
    return Evidence(faces, people, **numbers, **counts)


def _frames_of(
    row: dict[str, str], place: str, span: tuple[str, str], table: AuTable
) -> np.ndarray:
    """The numbers of the frames that a row is about."""
    start, end = (number(place, row, name, least=0) for name in span)
    if np.isnan([start, end]).any():
        raise InputError(f"{place}: {span[0]} or {span[1]} is empty; give both")
    if span == FRAMES:
        if start % 1 or end % 1:
            raise InputError(f"{place}: {start:g} to {end:g}: frames are whole numbers")
        if end >= len(table.seconds):
            raise InputError(
                f"{place}: end_frame is {end:g}, but the last frame of the video is "
                f"{len(table.seconds) - 1}; are these marks of another video?"
            )
        frames = np.arange(int(start), int(end) + 1)
    else:
        frames = np.flatnonzero((table.seconds >= start) & (table.seconds < end))
    if not len(frames):
        found = f"{len(table.seconds)} frames, the last at {table.seconds[-1]:.3f} s"
        raise InputError(
            f"{place}: {start:g} to {end:g} holds no frame of the video; it has {found}"
        )
    return frames


def _columns_of(row: dict[str, str], place: str, table: AuTable, others: list[str]) -> np.ndarray:
    """The columns of the AUs that a row is about; one that the table lacks is put to ``others``."""
    if row["au"].casefold() == EVERY_AU:
        if row["mark"] != "ignore":
            raise InputError(f"{place}: au is {row['au']!r}, which only ignore may be of; name one")
        return np.arange(len(table.action_units))
    try:
        au = parse_au(row["au"])
    except InputError as error:
        raise InputError(f"{place}: {error}") from error
    if au not in table.action_units:
        others.append(au_column(au))
        return np.zeros(0, int)
    return np.array([table.action_units.index(au)])


def _share(calls: np.ndarray) -> float:
    return float(calls.mean()) if len(calls) else np.nan

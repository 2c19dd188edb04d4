"""Frame labels, and the integer tables that AU codes are distributed in.

A spreadsheet shifts cells without a word, so no table is read whose shape leaves doubt: every cell
under an AU holds a code, a column without a name holds nothing, and a column that is not read holds
no number where an AU's code could have slipped into it. A block of cells deleted or inserted, in
rows, columns or the header, leaves a trace of one of these kinds. What leaves none is not found: a
wrong code, cells exchanged or sorted, a shift whose gap was filled again (by a second shift back,
or by typing), a row left out; and a few headers that ``docs/limits.md`` names.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from facs3d.core.action_units import au_column
from facs3d.core.csv_text import Rows, read_rows, shown, shown_lines
from facs3d.core.errors import InputError
from facs3d.datasets.names import named_au
from facs3d.datasets.positive import INTENSITY_CODES, UNKNOWN_CODE, Positive

INTERVAL = r"(?i)(?<![a-z])(onset|offset|start|begin|end|stop|time|timestamp|duration|seconds)"
"""What columns are called in exports of events, such as ELAN's and Datavyu's."""


class FrameLabels(NamedTuple):
    """Labels of a video's annotated frames.

    ``frame_number`` (n,) int32, strictly increasing; ``labels`` (n, A) int8: 1 present, 0 absent,
    -1 unknown; ``coding``: for each AU "occurrence" or "intensity", the codes its labels are from;
    ``notes``: what is doubtful about the files, a sentence each.
    """

    frame_number: np.ndarray
    labels: np.ndarray
    coding: tuple[str, ...]
    notes: tuple[str, ...] = ()


def named_column(path: Path, header: tuple[int, list[str]], name: str) -> int:
    """The index of the one column called ``name``; :class:`InputError` unless there is one."""
    line, names = header
    if names.count(name) != 1:
        raise InputError(
            f"{path}, line {line}: {names.count(name)} columns {name!r}, expected one; found: "
            f"{_names(names)}{_interval_hint(names)}"
        )
    return names.index(name)


def _names(names: list[str]) -> str:
    return shown(", ".join(names))


def _interval_hint(names: list[str]) -> str:
    """What to do with labels of events or times, if the ``names`` are of such."""
    if "frame" in names or not any(re.search(INTERVAL, name) for name in names):
        return ""
    return (
        "; events and times in seconds are not read, a line per frame is (frame,AU01,AU02,…): "
        "write a line for each frame, numbered seconds × frames per second, with code 1 from an "
        "event's begin to its end and 0 elsewhere"
    )


def find_columns(
    path: Path, header: tuple[int, list[str]], frame_column: int, rules: Mapping[int, Positive]
) -> dict[int, frozenset[int]]:
    """Column index -> codes that may stand in it, for every AU of ``rules``, in their order.

    An AU's column is called ``AU12``, ``AU 12`` or ``12``, or ``AU12_c`` where its rule asks for
    occurrence, as OpenFace calls that. :class:`InputError` unless each AU has exactly one.
    """
    line, names = header
    columns = {}
    for au, rule in rules.items():
        places = [
            place
            for place, (named, kind) in enumerate(map(_named_column, names))
            if place != frame_column and named == au and (not kind or rule.intensity is None)
        ]
        if len(places) != 1:
            raise InputError(
                f"{path}, line {line}: {len(places)} columns for {au_column(au)}, expected "
                f"one, called {au} or {au_column(au)}; found: {_names(names)}"
                f"{_interval_hint(names)}{_openface_hint(names, au, rule)}"
            )
        columns[places[0]] = rule.codes
    return columns


def _named_column(name: str) -> tuple[int | None, str]:
    """The AU whose codes a column called ``name`` holds, and ``"_c"`` if OpenFace named it."""
    match = re.fullmatch(r"(?i)(AU)?\s*(\d+)(_c)?", name)
    if match is None or (match[3] and not match[1]):
        return None, ""
    return named_au(match[2]), (match[3] or "").lower()


def _openface_hint(names: list[str], au: int, rule: Positive) -> str:
    ours = {name.casefold(): name for name in names}
    if occurrence := ours.get(f"{au_column(au)}_c".casefold()):
        return (
            ""
            if rule.intensity is None
            else f"; {occurrence} is occurrence, set `positive` of {au_column(au)} to it"
        )
    if estimate := ours.get(f"{au_column(au)}_r".casefold()):
        return (
            f"; {estimate} is an estimate on a continuous scale: for intensities round it to whole "
            f"numbers 0-5 in a column {au_column(au)}, for occurrence take OpenFace's "
            f"{au_column(au)}_c"
        )
    return ""


def read_coded_frames(path: Path, codes: frozenset[int]) -> tuple[Rows, np.ndarray, np.ndarray]:
    """A file of one AU without a header: its rows, frame numbers and codes, (n,) int32 and int8.

    Each line holds a frame and one of ``codes``; :class:`InputError` as of :func:`parse_codes`.
    """
    rows = read_rows(path)
    line, cells = rows[0]
    named = any(re.search("[A-Za-z]", cell) for cell in cells)
    if named or (cells[0] == "0" and set(map(_whole, cells[1:2])).isdisjoint((None, *codes))):
        raise InputError(
            f"{path}, line {line}: {shown(','.join(cells))} is no frame and code; files of one AU "
            "have no header line: if this is one, remove it"
        )
    frame_number, coded = parse_codes(path, rows, {1: codes})
    return rows, frame_number, coded[:, 0]


def parse_codes(
    path: Path,
    rows: Rows,
    columns: Mapping[int, frozenset[int]],
    frame_column: int = 0,
    width: int = 2,
    blank_is_unknown: bool = False,
) -> tuple[np.ndarray, np.ndarray]:
    """Frame numbers and the codes in ``columns``: (n,) int32, (n, columns) int8.

    ``columns`` maps a column's index to the codes that may stand in it; ``width``: how many
    columns there are (a file without a header has two: frame, code). ``1.0`` is 1. With
    ``blank_is_unknown``, a blank cell is code 9 if the last cell of its row is filled: cells
    shifted to the left leave that one blank, and to the right fill one after it. Raises
    :class:`InputError` with file and line for a row of another width, whose codes could belong to
    other columns, a cell that is not a whole number, another code, and frames that do not increase.
    """
    frame_number = np.empty(len(rows), np.int32)
    codes = np.empty((len(rows), len(columns)), np.int8)
    by_text = [
        (place, column, {str(code): code for code in allowed})
        for place, (column, allowed) in enumerate(columns.items())
    ]
    for index, (line, cells) in enumerate(rows):
        if len(cells) < width or any(cells[width:]):
            raise InputError(
                f"{path}, line {line}: {len(cells)} columns, expected {width}; "
                "is the file cut off, shifted or separated by something other than commas?"
            )
        frame_number[index] = _frame(path, line, cells[frame_column])
        if index and frame_number[index] <= frame_number[index - 1]:
            raise InputError(
                f"{path}, line {line}: frame {frame_number[index]} follows frame "
                f"{frame_number[index - 1]}; frames must increase, each once"
            )
        for place, column, known in by_text:
            code = known.get(cells[column])
            if code is None:
                may_be_blank = blank_is_unknown and cells[width - 1] != ""
                code = _code(path, line, cells[column], column, columns[column], may_be_blank)
            codes[index, place] = code
    return frame_number, codes


def read_table(
    path: Path,
    header: tuple[int, list[str]],
    rows: Rows,
    rules: Mapping[int, Positive],
    frame_column: int = 0,
    blank_is_unknown: bool = False,
) -> FrameLabels:
    """Labels of a table with a column per AU, its codes of the kind each AU's rule asks for.

    ``blank_is_unknown`` and errors are as of :func:`parse_codes`. Only the columns that are asked
    for are looked at; :func:`refuse_shifted` looks at the others.
    """
    line, names = header
    for place, name in enumerate(names):
        if place != frame_column and name.casefold() == "frame":
            raise InputError(
                f"{path}, line {line}: the frame numbers are in column {place + 1}, expected them "
                f"in column {frame_column + 1}; move or remove the columns before it"
            )
    if not rows:
        raise InputError(f"{path}, line {line}: no frame is annotated; expected a line per frame")
    columns = find_columns(path, header, frame_column, rules)
    frame_number, codes = parse_codes(
        path, rows, columns, frame_column, _width(names), blank_is_unknown
    )
    labels = np.empty(codes.shape, np.int8)
    for column, rule in enumerate(rules.values()):
        labels[:, column] = rule.labels(codes[:, column])
    return FrameLabels(frame_number, labels, tuple(rule.coding for rule in rules.values()))


def refuse_shifted(
    path: Path,
    header: tuple[int, list[str]],
    rows: Rows,
    frame_column: int,
    codes: frozenset[int] = INTENSITY_CODES,
    read_too: Collection[str] = (),
    blank_is_unknown: bool = False,
) -> None:
    """Raise :class:`InputError` for what cells shifted in a table of AUs leave, in any column.

    That is a row of another width, something else than ``codes`` under an AU (a blank cell too,
    but as of :func:`parse_codes`), anything in a column without a name, and a whole number to the
    right of an AU in a column that is not read. ``read_too`` are columns that the caller reads, as
    text; the last of all that are read must be an AU's, the frame's, or the table's last.
    """
    line, names = header
    width = _width(names)
    named = [place for place in _au_places(names) if place != frame_column]
    unread = [
        place
        for place, name in enumerate(names[:width])
        if place != frame_column and place not in named and name not in read_too
    ]
    last = max(set(range(width)) - set(unread), default=0)
    after = [names[place] for place in unread if place > last and names[place]]
    if after and last != frame_column and last not in named:
        raise InputError(
            f"{path}, line {line}: column {shown(after[0])} is not read and stands to the right of "
            f"{names[last]!r}, where a shifted row could end unseen; move it to the left"
        )
    plain = set(map(str, codes))
    for row_line, cells in rows:
        # Nearly every row is plain, and a table may hold millions of cells.
        is_plain = len(cells) == width and cells[frame_column].isdecimal()
        if not is_plain or not plain.issuperset([cells[place] for place in named]):
            row = [(row_line, cells)]
            parse_codes(
                path, row, dict.fromkeys(named, codes), frame_column, width, blank_is_unknown
            )
        for place in unread:
            cell = cells[place]
            if cell and not names[place]:
                raise InputError(
                    f"{path}, line {row_line}: {shown(cell)} in column {place + 1}, which has no "
                    f"name in line {line}; are cells shifted? Name the column, or remove it (an "
                    "index, for example)"
                )
            if named and place > named[0] and _whole(cell) is not None:
                raise InputError(
                    f"{path}, line {row_line}: column {shown(names[place])} holds {cell}, which "
                    "could be a shifted AU code; move that column before the AUs', or remove it"
                )


def _width(names: list[str]) -> int:
    """How many columns there are, up to the last with a name."""
    return max((place for place, name in enumerate(names, start=1) if name), default=0)


def _au_places(names: Sequence[str]) -> list[int]:
    """The indices of the columns among ``names`` that hold an AU's codes."""
    return [place for place, name in enumerate(names) if _named_column(name)[0] is not None]


def refuse_blank_ends(path: Path, header: tuple[int, list[str]], rows: Rows) -> None:
    """Raise :class:`InputError` for a column of an AU that ends before the table does, as one does
    in which cells were shifted up."""
    line, cells = rows[-1]
    for place in _au_places(header[1]):
        if not cells[place : place + 1] or not cells[place]:
            raise InputError(
                f"{path}, line {line}: column {header[1][place]} is blank in the last line of the "
                "table; are its cells shifted up? 9 means unknown"
            )


def refuse_blank_cells(
    path: Path, header: tuple[int, list[str]], rows: Rows, columns: Collection[str]
) -> None:
    """Raise :class:`InputError` with the lines in which one of ``columns`` is blank."""
    _line, names = header
    for place in [names.index(name) for name in columns if name in names]:
        blank = [line for line, cells in rows if len(cells) <= place or not cells[place]]
        if blank:
            raise InputError(
                f"{path}, {shown_lines(blank)}: no {names[place]}; write it in every line (merged "
                "cells keep theirs in the first only; are cells shifted?)"
            )


def _whole(text: str) -> int | None:
    """``"12"`` and ``"12.0"`` -> 12; None for what is no whole number >= 0."""
    match = re.fullmatch(r"([0-9]{1,9})(?:\.0+)?", text)
    return None if match is None else int(match[1])


def _frame(path: Path, line: int, text: str) -> int:
    number = _whole(text)
    if number is None:
        raise InputError(
            f"{path}, line {line}: frame number is {shown(text)}, expected a whole number >= 0"
        )
    return number


def _code(
    path: Path, line: int, text: str, column: int, allowed: frozenset[int], may_be_blank: bool
) -> int:
    code = _whole(text)
    if code in allowed:
        return code
    if may_be_blank and not text:
        return UNKNOWN_CODE
    expected = f"expected one of {', '.join(map(str, sorted(allowed)))}"
    if code is not None:
        raise InputError(f"{path}, line {line}: code {code} in column {column + 1}, {expected}")
    shifted = "" if text else "are the row's cells shifted? "
    raise InputError(
        f"{path}, line {line}: code in column {column + 1} is {shown(text)}, {expected}; "
        f"{shifted}9 means unknown"
    )

"""Frame labels, and the integer tables that AU codes are distributed in."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np

from facs3d.core.action_units import au_column
from facs3d.core.csv_text import Rows, shown
from facs3d.core.errors import InputError
from facs3d.datasets.names import named_au
from facs3d.datasets.positive import Positive


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
            f"{_names(names)}"
        )
    return names.index(name)


def _names(names: list[str]) -> str:
    return shown(", ".join(names))


def find_columns(
    path: Path, header: tuple[int, list[str]], frame_column: int, rules: Mapping[int, Positive]
) -> dict[int, frozenset[int]]:
    """Column index -> codes that may stand in it, for every AU of ``rules``, in their order.

    Columns that are not named like an AU, and ``frame_column``, are passed over.
    :class:`InputError` unless each AU has exactly one column.
    """
    line, names = header
    named = [None if place == frame_column else named_au(name) for place, name in enumerate(names)]
    for au in rules:
        if named.count(au) != 1:
            raise InputError(
                f"{path}, line {line}: {named.count(au)} columns for {au_column(au)}, expected "
                f"one, called {au} or {au_column(au)}; found: {_names(names)}"
            )
    return {named.index(au): rule.codes for au, rule in rules.items()}


def parse_codes(
    path: Path,
    rows: Rows,
    columns: Mapping[int, frozenset[int]],
    frame_column: int = 0,
    width: int = 2,
) -> tuple[np.ndarray, np.ndarray]:
    """Frame numbers and the codes in ``columns``: (n,) int32, (n, columns) int8.

    ``columns`` maps a column's index to the codes that may stand in it; ``width``: how many
    columns there are (a file without a header has two: frame, code). Raises :class:`InputError`
    with file and line for a row of another width, whose codes could belong to other columns, a
    cell that is not a whole number, another code, and frames that do not increase.
    """
    frame_number = np.empty(len(rows), np.int32)
    codes = np.empty((len(rows), len(columns)), np.int8)
    for index, (line, cells) in enumerate(rows):
        if len(cells) < width or any(cells[width:]):
            raise InputError(
                f"{path}, line {line}: {len(cells)} columns, expected {width}; "
                "is the file cut off, shifted or separated by something other than commas?"
            )
        frame_number[index] = _whole_number(path, line, cells[frame_column], "frame number")
        if index and frame_number[index] <= frame_number[index - 1]:
            raise InputError(
                f"{path}, line {line}: frame {frame_number[index]} follows frame "
                f"{frame_number[index - 1]}; frames must increase, each once"
            )
        for place, (column, allowed) in enumerate(columns.items()):
            code = _whole_number(path, line, cells[column], f"code in column {column + 1}")
            if code not in allowed:
                raise InputError(
                    f"{path}, line {line}: code {code} in column {column + 1}, "
                    f"expected one of {', '.join(map(str, sorted(allowed)))}"
                )
            codes[index, place] = code
    return frame_number, codes


def read_table(
    path: Path,
    header: tuple[int, list[str]],
    rows: Rows,
    rules: Mapping[int, Positive],
    frame_column: int = 0,
) -> FrameLabels:
    """Labels of a table with a column per AU, its codes of the kind each AU's rule asks for."""
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
    frame_number, codes = parse_codes(path, rows, columns, frame_column, len(names))
    labels = np.empty(codes.shape, np.int8)
    for column, rule in enumerate(rules.values()):
        labels[:, column] = rule.labels(codes[:, column])
    return FrameLabels(frame_number, labels, tuple(rule.coding for rule in rules.values()))


def _whole_number(path: Path, line: int, text: str, what: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise InputError(
            f"{path}, line {line}: {what} is {shown(text)}, expected a whole number >= 0"
        )
    return int(text)

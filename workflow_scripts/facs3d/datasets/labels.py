"""Frame labels, and the integer tables that AU codes are distributed in."""

import csv
import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np

from facs3d.action_units import au_column, parse_au
from facs3d.errors import InputError
from facs3d.positive import Positive

Rows = list[tuple[int, list[str]]]
"""Rows of a text table, each with its line number."""


class FrameLabels(NamedTuple):
    """Labels of a video's annotated frames.

    ``frame_number`` (n,) int32, strictly increasing; ``labels`` (n, A) int8: 1 present, 0 absent,
    -1 unknown; ``coding``: for each AU "occurrence" or "intensity", the codes its labels are from.
    """

    frame_number: np.ndarray
    labels: np.ndarray
    coding: tuple[str, ...]


def read_rows(path: Path) -> Rows:
    """The non-empty rows of a comma-separated text file, each with its line number.

    Byte-order marks and Windows line ends are read as what they are. Raises :class:`InputError`
    for a file that cannot be opened, is empty, not text, a web page, or separated by semicolons.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not a text file (byte {error.start}); expected a CSV") from error
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}; expected a label file") from error
    if text.lstrip()[:1] == "<":
        raise InputError(f"{path}: is a web page, not a CSV; download the file again")
    lines = text.splitlines()
    try:
        rows = [
            (number, [cell.strip() for cell in row])
            for number, row in enumerate(csv.reader(lines), start=1)
            if any(row)
        ]
    except csv.Error as error:
        raise InputError(f"{path}: not a CSV ({error}); get a clean copy") from error
    if not rows:
        raise InputError(f"{path}: is empty; expected a line per annotated frame")
    line, first = rows[0]
    if len(first) == 1 and re.search("[;\t]", first[0]):
        raise InputError(
            f"{path}, line {line}: separated by semicolons or tabs; save it separated by commas"
        )
    return rows


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
                f"{path}, line {line}: {named.count(au)} columns for {au_column(au)}, expected one"
            )
    return {named.index(au): rule.codes for au, rule in rules.items()}


def named_au(name: str) -> int | None:
    """The AU that a column, folder or file is named after; None for any other name."""
    try:
        return parse_au(name)
    except InputError:
        return None


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
        raise InputError(f"{path}, line {line}: {what} is {text!r}, expected a whole number >= 0")
    return int(text)

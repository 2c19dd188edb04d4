"""Comma-separated text as people and downloads leave it: its rows with their lines."""

import csv
import re
from collections.abc import Collection
from difflib import get_close_matches
from pathlib import Path

from facs3d.core.errors import InputError

Rows = list[tuple[int, list[str]]]
"""Rows of a text table, each with its line number."""

NEAR = 0.8
"""Likeness of two names (:mod:`difflib`) from which on one is the other misspelt: ``folds`` and
``fold`` 0.89, ``mask`` and ``task`` 0.75."""
SHOWN = 60
"""Characters of a cell that a message repeats."""
LINES_SHOWN = 5
"""Lines that a message names; more are counted."""


def read_rows(path: Path, holds: str = "a line per annotated frame") -> Rows:
    """The non-empty rows of a comma-separated text file that ``holds`` this.

    Byte-order marks and Windows line ends are read as what they are. Raises :class:`InputError`
    for a file that cannot be opened, is empty, not text, a web page, or separated by semicolons,
    and with the line for a quotation mark that is not closed there.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            f"{path}: not a text file in UTF-8 (byte {error.start}); get or save it as CSV UTF-8"
        ) from error
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}; expected a file with {holds}") from error
    if text.lstrip()[:1] == "<":
        raise InputError(f"{path}: is a web page, not a CSV; download the file again")
    rows = _split(path, text.splitlines())
    if not rows:
        raise InputError(f"{path}: is empty; expected {holds}")
    line, first = rows[0]
    if len(first) == 1 and re.search("[;\t]", first[0]):
        raise InputError(
            f"{path}, line {line}: separated by semicolons or tabs; save it separated by commas"
        )
    return rows


def refuse_misspelt(path: Path, header: tuple[int, list[str]], known: Collection[str]) -> None:
    """Raise :class:`InputError` for a column whose name is nearly one of ``known``, such as
    ``Fold`` or ``folds``, which would be passed over without a word."""
    line, names = header
    for name in names:
        meant = _meant(name, known)
        if meant and name not in known:
            raise InputError(
                f"{path}, line {line}: column {shown(name)} is nearly {meant!r} but would not be "
                "read; call it that, or something quite different"
            )


def _meant(name: str, known: Collection[str]) -> str | None:
    plain = name.strip().casefold()
    letters = {"".join(sorted(other)): other for other in known}
    near = get_close_matches(plain, known, 1, NEAR)
    return near[0] if near else letters.get("".join(sorted(plain)))


def shown(text: str) -> str:
    """``text`` in quotation marks, for a message; a long one is cut."""
    return repr(text if len(text) <= SHOWN else f"{text[:SHOWN]}…")


def shown_lines(lines: list[int]) -> str:
    """``[3, 5] -> "lines 3 and 5"``, for a message; of many, the first few."""
    *before, last = map(str, lines)
    if not before:
        return f"line {last}"
    if len(lines) > LINES_SHOWN:
        before, last = before[:LINES_SHOWN], f"{len(lines) - LINES_SHOWN} more"
    return f"lines {', '.join(before)} and {last}"


def _split(path: Path, lines: list[str]) -> Rows:
    reader = csv.reader(lines, strict=True)
    rows, line = [], 1
    try:
        for cells in reader:
            if reader.line_num > line:
                raise InputError(
                    f"{path}, line {line}: a quotation mark is not closed in this line; close or "
                    "remove it"
                )
            cells = [cell.strip() for cell in cells]
            if any(cells):
                rows.append((line, cells))
            line = reader.line_num + 1
    except csv.Error as error:
        raise InputError(
            f"{path}, line {line}: not CSV ({error}); is a quotation mark missing, or one too many?"
        ) from error
    return rows

"""Comma-separated text as people and downloads leave it: its rows with their lines."""

import csv
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from difflib import get_close_matches
from math import inf, nan
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
NO_TEXT = "a NUL character, which no text holds"


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
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise InputError(f"{path}, line {line}: {NO_TEXT}; get or save it as CSV UTF-8")
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


def rows_by_column(
    path: Path, rows: Rows, columns: Collection[str], holds: str
) -> Iterator[tuple[str, dict[str, str]]]:
    """The rows below the first, by the columns it names, each with its place for messages (file and
    line); :class:`InputError` where one of ``columns`` is missing or a row is of another length."""
    (line, header), *rows = rows
    for name in columns:
        if name not in header:
            raise InputError(f"{path}, line {line}: no column {name!r}; expected {holds}")
    for line, cells in rows:
        place = f"{path}, line {line}"
        if len(cells) != len(header):
            raise InputError(f"{place}: {len(cells)} columns, expected the header's {len(header)}")
        yield place, dict(zip(header, cells, strict=True))


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


def first_few(names: Sequence[str], most: int = 5) -> str:
    """``["a", "b", "c"]`` -> ``"a, b, …"`` with at ``most`` two, for a message."""
    return ", ".join(names[:most]) + (", …" if len(names) > most else "")


def shown_lines(lines: list[int]) -> str:
    """``[3, 5] -> "lines 3 and 5"``, for a message; of many, the first few."""
    *before, last = map(str, lines)
    if not before:
        return f"line {last}"
    if len(lines) > LINES_SHOWN:
        before, last = before[:LINES_SHOWN], f"{len(lines) - LINES_SHOWN} more"
    return f"lines {', '.join(before)} and {last}"


def written_rows(path: str | Path, remedy: str) -> Iterator[tuple[int, list[str]]]:
    """The rows of a table that the pipeline wrote, the header too, with their lines, one at a time.

    Raises :class:`InputError` with line and ``remedy`` where the file is not CSV in UTF-8, a row is
    not as long as the header, or two columns have one name.
    """
    line, header = 1, None
    try:
        with open(path, encoding="utf-8", newline="") as file:
            reader = csv.reader(file, strict=True)
            for cells in filter(None, reader):
                line = reader.line_num
                header = header or cells
                if len(cells) != len(header):
                    found = f"{len(cells)} columns, expected the header's {len(header)}"
                    raise InputError(f"{path}, line {line}: {found}; {remedy}")
                if cells is header and len({*cells}) < len(cells):
                    twice = next(name for name in cells if cells.count(name) > 1)
                    found = f"{cells.count(twice)} columns {shown(twice)}, expected one"
                    raise InputError(f"{path}, line {line}: {found}; {remedy}")
                if any("\0" in cell for cell in cells):
                    raise InputError(f"{path}, line {line}: {NO_TEXT}; {remedy}")
                yield line, cells
    except (csv.Error, UnicodeDecodeError) as error:
        raise InputError(f"{path}, after line {line}: not CSV ({error}); {remedy}") from error


def written_table(
    path: str | Path, columns: Collection[str], remedy: str
) -> Iterator[tuple[str, dict[str, str]]]:
    """The rows below the header by column, each with its place for messages (file and line), one at
    a time; :class:`InputError` as of :func:`written_rows`, and where one of ``columns`` lacks."""
    rows = written_rows(path, remedy)
    _line, header = next(rows, (1, []))
    for name in columns:
        if name not in header:
            raise InputError(f"{path}, line 1: no column {name!r}; {remedy}")
    for line, cells in rows:
        yield f"{path}, line {line}", dict(zip(header, cells, strict=True))


def number(
    place: str, row: Mapping[str, str], column: str, least: float = -inf, most: float = inf
) -> float:
    """The finite number in ``column``, NaN for an empty cell or no column; else
    :class:`InputError`."""
    text = row.get(column)
    if not text:
        return nan
    try:
        value = float(text)
    except ValueError:
        value = nan
    if not (least <= value <= most and abs(value) < inf):
        raise InputError(
            f"{place}: {column} is {shown(text)}, expected a number from {least:g} to {most:g}"
        )
    return value


def whole_number(place: str, row: Mapping[str, str], column: str, least: int = 0) -> int:
    """The whole number in ``column``, of nine digits at most; else :class:`InputError`."""
    text = row[column]
    if re.fullmatch("[0-9]{1,9}", text) is None or int(text) < least:
        raise InputError(
            f"{place}: {column} is {shown(text)}, expected a whole number from {least} on"
        )
    return int(text)


def flag(place: str, row: Mapping[str, str], column: str) -> bool:
    """Whether ``column`` holds 1 and not 0; else :class:`InputError`."""
    if row[column] not in ("0", "1"):
        raise InputError(f"{place}: {column} is {shown(row[column])}, expected 0 or 1")
    return row[column] == "1"


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

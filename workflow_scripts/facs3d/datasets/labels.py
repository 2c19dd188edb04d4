"""Frame labels, and the integer tables that AU codes are distributed in."""

import csv
import re
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from facs3d.errors import InputError

UNKNOWN = -1
UNKNOWN_CODE = 9
OCCURRENCE_CODES = frozenset({0, 1, UNKNOWN_CODE})
INTENSITY_CODES = frozenset({0, 1, 2, 3, 4, 5, UNKNOWN_CODE})


class FrameLabels(NamedTuple):
    """Labels of a video's annotated frames.

    ``frame_number`` (n,) int32, strictly increasing; ``labels`` (n, A) int8: 1 present, 0 absent,
    -1 unknown.
    """

    frame_number: np.ndarray
    labels: np.ndarray


@dataclass(frozen=True)
class Positive:
    """What counts as a positive: coded occurrence, or an intensity of at least ``intensity``."""

    intensity: int | None

    @classmethod
    def parse(cls, text: str) -> "Positive":
        """``"occurrence"`` or ``"intensity>=2"`` (the paper's B level, Sec. III-A)."""
        if text == "occurrence":
            return cls(None)
        match = re.fullmatch(r"intensity\s*>=\s*([1-5])", text)
        if match is None:
            raise InputError(
                f"positive: found {text!r}, expected 'occurrence' or 'intensity>=1' … '>=5'"
            )
        return cls(int(match[1]))

    def labels(self, intensities: np.ndarray) -> np.ndarray:
        """Intensities 0-5 or 9, any shape -> labels 1, 0 or -1 (int8)."""
        if self.intensity is None:
            raise ValueError("occurrence is coded, not derived from intensity")
        labels = (intensities >= self.intensity).astype(np.int8)
        labels[intensities == UNKNOWN_CODE] = UNKNOWN
        return labels


def occurrence_labels(codes: np.ndarray) -> np.ndarray:
    """Occurrence codes 0, 1 or 9 -> labels 0, 1 or -1 (int8)."""
    return np.where(codes == UNKNOWN_CODE, UNKNOWN, codes).astype(np.int8)


def read_rows(path: Path) -> list[tuple[int, list[str]]]:
    """The non-empty rows of a comma-separated text file, each with its line number.

    Byte-order marks and Windows line ends are read as what they are. Raises :class:`InputError`
    for a file that is empty, not text, or a web page.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not a text file (byte {error.start}); expected a CSV") from error
    if text.lstrip()[:1] == "<":
        raise InputError(f"{path}: is a web page, not a CSV; download the file again")
    lines = enumerate(csv.reader(text.splitlines()), start=1)
    rows = [(number, [cell.strip() for cell in row]) for number, row in lines if any(row)]
    if not rows:
        raise InputError(f"{path}: is empty; expected a line per annotated frame")
    return rows


def parse_codes(
    path: Path, rows: list[tuple[int, list[str]]], columns: list[int], allowed: frozenset[int]
) -> tuple[np.ndarray, np.ndarray]:
    """Frame numbers (the first column) and the codes in ``columns``: (n,) int32, (n, columns) int8.

    Raises :class:`InputError` with file and line for a short row, a cell that is not a whole
    number, a code that is not ``allowed``, and frames that do not increase.
    """
    frame_number = np.empty(len(rows), np.int32)
    codes = np.empty((len(rows), len(columns)), np.int8)
    for index, (line, cells) in enumerate(rows):
        if len(cells) <= max(columns):
            raise InputError(
                f"{path}, line {line}: {len(cells)} columns, expected at least {max(columns) + 1}; "
                "is the file cut off or separated by something other than commas?"
            )
        frame_number[index] = _whole_number(path, line, cells[0], "frame number")
        if index and frame_number[index] <= frame_number[index - 1]:
            raise InputError(
                f"{path}, line {line}: frame {frame_number[index]} follows frame "
                f"{frame_number[index - 1]}; frames must increase, each once"
            )
        for place, column in enumerate(columns):
            code = _whole_number(path, line, cells[column], f"code in column {column + 1}")
            if code not in allowed:
                raise InputError(
                    f"{path}, line {line}: code {code} in column {column + 1}, "
                    f"expected one of {', '.join(map(str, sorted(allowed)))}"
                )
            codes[index, place] = code
    return frame_number, codes


def _whole_number(path: Path, line: int, text: str, what: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise InputError(f"{path}, line {line}: {what} is {text!r}, expected a whole number >= 0")
    return int(text)

"""Facial action units (AUs): numbers, FACS names, label values, and the column names of tables."""

import re
from collections.abc import Iterable

from facs3d.core.errors import InputError

FACS_NAMES = {
    1: "inner brow raiser",
    2: "outer brow raiser",
    4: "brow lowerer",
    5: "upper lid raiser",
    6: "cheek raiser",
    7: "lid tightener",
    9: "nose wrinkler",
    10: "upper lip raiser",
    12: "lip corner puller",
    14: "dimpler",
    15: "lip corner depressor",
    17: "chin raiser",
    20: "lip stretcher",
    23: "lip tightener",
    24: "lip pressor",
    25: "lips part",
    26: "jaw drop",
}

PAPER_AUS = (1, 2, 4, 6, 7, 10, 12, 14, 15, 17, 23, 24)
"""The 12 AUs of the paper's Table I (Sec. IV-B)."""

PRESENT, ABSENT, UNKNOWN = 1, 0, -1
"""The values of a label, int8 in every array of labels."""


def au_column(au: int) -> str:
    """``1 -> "AU01"``: the column of an AU in tables."""
    return f"AU{au:02d}"


def au_title(au: int) -> str:
    """``1 -> "AU 1 inner brow raiser"``: an AU in the head of a figure."""
    return f"AU {au} {FACS_NAMES.get(au, '')}".rstrip()


def label_column(au: int) -> str:
    """``1 -> "AU01_label"``: the column of an AU's ground truth beside its prediction."""
    return f"{au_column(au)}_label"


def parse_au(text: str) -> int:
    """``"AU01"``, ``"AU1"``, ``"au1"``, ``"1"`` -> ``1``; anything else: :class:`InputError`."""
    match = re.fullmatch(r"(?:AU)?0*(\d{1,2})", text.strip(), flags=re.IGNORECASE)
    if match is None:
        raise InputError(f"{text!r} is not an action unit; expected a name such as AU01 or 1")
    return int(match[1])


def parse_aus(names: Iterable[str], place: str) -> tuple[int, ...]:
    """The AUs that columns are named after; :class:`InputError` with ``place`` if a name is no AU
    or an AU is named twice."""
    try:
        action_units = tuple(map(parse_au, names))
    except InputError as error:
        raise InputError(f"{place}: {error}") from error
    for au in action_units:
        if action_units.count(au) > 1:
            raise InputError(f"{place}: {au_column(au)} is there twice; keep one")
    return action_units

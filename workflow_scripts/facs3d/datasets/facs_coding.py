"""Label files of the BP4D family: occurrence of all AUs in one file, intensity in one file an AU.

An occurrence file has a header ``0,1,2,…`` (the frame, called ``frame`` or by any number, then AU
numbers) and codes 0, 1 and 9; an intensity file has none: frame, intensity 0-5 or 9. Code 9 is
"unknown" and becomes -1. No cell may be blank: what shifted cells leave is refused, as
:mod:`facs3d.datasets.labels` says.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from facs3d.core.action_units import UNKNOWN, au_column
from facs3d.core.csv_text import Rows, read_rows, shown
from facs3d.core.errors import InputError
from facs3d.datasets.labels import FrameLabels, read_coded_frames, read_table, refuse_shifted
from facs3d.datasets.names import Key, intensity_files, named_au, parse_name
from facs3d.datasets.positive import OCCURRENCE, OCCURRENCE_CODES, UNKNOWN_CODE, Positive

TRACE = 1
"""Intensity A. Datasets differ in whether occurrence begins there or at B."""
MAX_LACKING = 0.1
"""Share of the frames coded in one of two files that the other may lack. Coders skip a few; a file
that lacks more was copied by half, and would make the rest unknown."""


def read_coded_labels(
    label_path: Path, intensity_folder: Path, rules: Mapping[int, Positive]
) -> FrameLabels:
    """Labels of the frames of the occurrence file ``label_path``.

    An AU whose rule asks for intensity takes it from ``intensity_folder/AU06/F001_T1_AU06.csv``;
    frames that are not in there are unknown, which ``notes`` count, as they do frames coded there
    that the occurrence file lacks, and frames in which the two contradict each other. More than
    ``MAX_LACKING`` of either file lacking is an :class:`InputError`.
    If the dataset has no such folder for the AU, its occurrence codes serve, and ``coding`` says
    so. If it has the folder but not this video's file, that is an :class:`InputError`: two meanings
    of positive must not be mixed.
    """
    header, *rows = read_rows(label_path)
    _refuse_codes(label_path, header)
    frame_number, labels, _coding, _notes = read_table(
        label_path, header, rows, dict.fromkeys(rules, OCCURRENCE)
    )
    _check_first_column(label_path, header)
    if rules:
        refuse_shifted(label_path, header, rows, 0, OCCURRENCE_CODES)
    coding, notes, contradicted = [], [], {}
    for column, (au, rule) in enumerate(rules.items()):
        path = None
        if rule.intensity is not None:
            path = _intensity_path(intensity_folder, parse_name(label_path.stem), au)
        if path is not None:
            rows, coded_frames, codes = read_coded_frames(path, rule.codes)
            _refuse_header(path, rows, au, frame_number)
            coded = rule.labels(codes)
            of_occurrence = frame_number[labels[:, column] != UNKNOWN]
            of_intensity = coded_frames[coded != UNKNOWN]
            notes += _lacking(path, coded_frames, label_path, of_occurrence, au)
            notes += _lacking(label_path, frame_number, path, of_intensity, au)
            at_frames = _at_frames(frame_number, coded_frames, codes, UNKNOWN_CODE)
            contradicted[au] = _n_contradicting(labels[:, column], at_frames)
            labels[:, column] = rule.labels(at_frames)
        coding.append("occurrence" if path is None else "intensity")
    notes = [*_contradiction(label_path, contradicted, len(frame_number)), *notes]
    return FrameLabels(frame_number, labels, tuple(coding), tuple(notes))


def _refuse_codes(path: Path, header: tuple[int, list[str]]) -> None:
    """Raise :class:`InputError` for a first line that may be of codes, the header being lost.

    AUs 1 and 9 are codes too, so a header of these alone must begin as headers do.
    """
    line, (first, *names) = header
    may_be_codes = {name for name in names if name} <= {str(code) for code in OCCURRENCE_CODES}
    is_header = first.casefold() == "frame" or (
        first == "0" and names in (["1"], ["9"], ["1", "9"])
    )
    if may_be_codes and any(names) and not is_header:
        raise InputError(
            f"{path}, line {line}: {shown(','.join(header[1]))} looks like codes, not like a "
            "header; expected the AUs' numbers, as in 0,1,2,…; is the first line lost? If this is "
            "the header, call its first column frame"
        )


def _refuse_header(path: Path, rows: Rows, au: int, frames: np.ndarray) -> None:
    """Raise :class:`InputError` for a first line ``0,<au>`` if no frame 0 is among ``frames``."""
    line, cells = rows[0]
    if cells[:2] == ["0", str(au)] and 0 not in frames:
        raise InputError(
            f"{path}, line {line}: {shown(','.join(cells))} looks like a header, for the "
            "occurrence file codes no frame 0; files of one AU have none: remove the line"
        )


def _check_first_column(path: Path, header: tuple[int, list[str]]) -> None:
    line, (first, *_others) = header
    if not first.isdecimal() and first.casefold() != "frame":
        raise InputError(
            f"{path}, line {line}: the first column is called {shown(first)}, expected a number, "
            "as distributed, or frame; remove or move what stands before the frame numbers"
        )


def _intensity_path(folder: Path, video: Key | None, au: int) -> Path | None:
    files = intensity_files(folder, video, au)
    if files is None:
        return None
    if not files:
        raise InputError(
            f"{folder / au_column(au)}: no intensity file of {'_'.join(video or ('this video',))}; "
            f"get it, or set `positive: {{default: intensity>=2, {au_column(au)}: occurrence}}`"
        )
    for path in files:
        named = path.stem.rpartition("_")[2]
        if named_au(named) != au:
            raise InputError(f"{path}: is named after {named}, but lies in the folder of AU {au}")
    if len(files) > 1:
        raise InputError(f"{files[0]}: {files[1].name} is of the same video and AU; remove one")
    return files[0]


def _lacking(
    path: Path, frames: np.ndarray, other: Path, coded_in_other: np.ndarray, au: int
) -> list[str]:
    """A note if ``path`` lacks frames coded in ``other``; :class:`InputError` if it lacks many."""
    n_lacking = len(np.setdiff1d(coded_in_other, frames))
    sentence = (
        f"{path}: lacks {n_lacking} of the {len(coded_in_other)} frames that {other.name} codes "
        f"for {au_column(au)}"
    )
    if n_lacking > MAX_LACKING * len(coded_in_other):
        raise InputError(
            f"{sentence}, more than {MAX_LACKING:.0%}; copy both files again, or set `positive` of "
            f"{au_column(au)} to occurrence"
        )
    return [sentence] if n_lacking else []


def _n_contradicting(present: np.ndarray, intensity: np.ndarray) -> int:
    """Frames coded ``present`` (1) at ``intensity`` 0, or absent (0) at B or more; and of those at
    A, which may be coded either way but should be one way throughout, the fewer."""
    known = intensity != UNKNOWN_CODE
    coded_present, coded_absent = (
        intensity[known & (present == 1)],
        intensity[known & (present == 0)],
    )
    at_trace = (coded_present == TRACE).sum(), (coded_absent == TRACE).sum()
    return int((coded_present < TRACE).sum() + (coded_absent > TRACE).sum() + min(at_trace))


def _contradiction(label_path: Path, contradicted: Mapping[int, int], n_frames: int) -> list[str]:
    """A note on the AUs whose two files cannot both be right, with the number of frames of each."""
    counts = [f"{au_column(au)} in {count}" for au, count in contradicted.items() if count]
    if not counts:
        return []
    return [
        f"{label_path}: its intensity files contradict it: {', '.join(counts)} of {n_frames} "
        "frames (present at intensity 0, absent at B or more, or A now so, now so); were files "
        "swapped, or frames numbered otherwise?"
    ]


def _at_frames(
    frames: np.ndarray, coded_frames: np.ndarray, codes: np.ndarray, otherwise: int
) -> np.ndarray:
    place = np.searchsorted(coded_frames, frames)
    place[place == len(coded_frames)] = 0
    return np.where(coded_frames[place] == frames, codes[place], np.int8(otherwise))

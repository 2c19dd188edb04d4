"""Label files of the BP4D family: occurrence of all AUs in one file, intensity in one file an AU.

An occurrence file has a header ``0,1,2,…`` (the frame, then AU numbers) and codes 0, 1 and 9; an
intensity file has none: frame, intensity 0-5 or 9. Code 9 is "unknown" and becomes -1.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path

import numpy as np

from facs3d.action_units import au_column
from facs3d.datasets.labels import (
    FrameLabels,
    named_au,
    parse_codes,
    read_rows,
    read_table,
)
from facs3d.datasets.recordings import Key, parse_name
from facs3d.errors import InputError
from facs3d.positive import OCCURRENCE, UNKNOWN, Positive


def read_coded_labels(
    label_path: Path, intensity_folder: Path, rules: Mapping[int, Positive]
) -> FrameLabels:
    """Labels of the frames of the occurrence file ``label_path``.

    An AU whose rule asks for intensity takes it from ``intensity_folder/AU06/F001_T1_AU06.csv``;
    frames that are not in there are unknown. If the dataset has no such folder for the AU, its
    occurrence codes serve, and ``coding`` says so. If it has the folder but not this video's file,
    that is an :class:`InputError`: two meanings of positive must not be mixed.
    """
    header, *rows = read_rows(label_path)
    frame_number, labels, _coding = read_table(
        label_path, header, rows, dict.fromkeys(rules, OCCURRENCE)
    )
    coding = []
    for column, (au, rule) in enumerate(rules.items()):
        path = None
        if rule.intensity is not None:
            path = _intensity_path(intensity_folder, parse_name(label_path.stem), au)
        if path is not None:
            coded_frames, codes = parse_codes(path, read_rows(path), {1: rule.codes})
            labels[:, column] = _at_frames(frame_number, coded_frames, rule.labels(codes[:, 0]))
        coding.append("occurrence" if path is None else "intensity")
    return FrameLabels(frame_number, labels, tuple(coding))


def _intensity_path(folder: Path, video: Key | None, au: int) -> Path | None:
    au_folder = _folders_by_au(folder).get(au)
    if au_folder is None:
        return None
    files = _files_by_video(au_folder, au_folder.stat().st_mtime_ns)
    if video not in files:
        raise InputError(
            f"{au_folder}: no intensity file of {'_'.join(video or ('this video',))}; get it, or "
            f"set `positive: {{default: intensity>=2, {au_column(au)}: occurrence}}`"
        )
    return files[video]


def _folders_by_au(folder: Path) -> dict[int | None, Path]:
    if not folder.is_dir():
        return {}
    folders = [path for path in sorted(folder.iterdir()) if named_au(path.name) is not None]
    return _one_each(folders, lambda path: named_au(path.name))


@lru_cache(maxsize=100)
def _files_by_video(folder: Path, _changed: int) -> dict[Key | None, Path]:
    """Files named F001_T1_AU06.csv by their video; read once for each state of the folder."""
    files = sorted(folder.glob("*.csv"))
    for path in files:
        au = path.stem.rpartition("_")[2]
        if named_au(au) != named_au(folder.name):
            raise InputError(f"{path}: is named after {au}, but lies in the folder {folder.name}")
    return _one_each(files, lambda path: parse_name(path.stem.rpartition("_")[0]))


def _one_each(paths: list[Path], key: Callable[[Path], object]) -> dict:
    """Path by its key; :class:`InputError` naming both where two have the same."""
    found: dict[object, Path] = {}
    for path in paths:
        other = found.setdefault(key(path), path)
        if other != path:
            raise InputError(f"{path}: {other.name} beside it is of the same; remove one of them")
    return found


def _at_frames(frames: np.ndarray, coded_frames: np.ndarray, labels: np.ndarray) -> np.ndarray:
    place = np.searchsorted(coded_frames, frames)
    place[place == len(coded_frames)] = 0
    return np.where(coded_frames[place] == frames, labels[place], np.int8(UNKNOWN))

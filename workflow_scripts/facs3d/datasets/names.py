"""What recordings and label files are called: by the numbers in names, ``F001_T8`` is ``F001_08``.

The layouts read files by these names and the workflow watches them by the same, before it has an
environment: standard library only.
"""

import os
import re
from functools import lru_cache
from pathlib import Path

from facs3d.core.action_units import parse_au
from facs3d.core.errors import InputError

SUBJECT = r"(?P<subject>[A-Za-z]{1,3}\d+)"
TASK = r"T?(?P<task>\d+)"

Key = tuple[str, str]
"""Subject and task of a recording, such as ``("F001", "T8")``."""


def parse_name(stem: str) -> Key | None:
    """``"F001_T1"`` or ``"F001_01"`` -> ``("F001", "T1")``; None for any other name."""
    match = re.fullmatch(f"{SUBJECT}_{TASK}", stem)
    return None if match is None else (match["subject"], f"T{int(match['task'])}")


def named_au(name: str) -> int | None:
    """The AU that a column, folder or file is named after; None for any other name."""
    try:
        return parse_au(name)
    except InputError:
        return None


def csv_files(folder: str | Path) -> list[Path]:
    """The files in ``folder`` called ``.csv``, ``.CSV`` and so on, sorted."""
    return sorted(path for path in Path(folder).iterdir() if path.suffix.lower() == ".csv")


def intensity_files(folder: str | Path, video: Key | None, au: int) -> list[Path] | None:
    """Files of ``video`` and ``au`` in a folder of intensity files, such as AU06/F001_T1_AU06.csv.

    Numbers count, not their padding: AU6/F001_01_AU06.csv is the same. None if the folder has none
    for the AU at all.
    """
    if not os.path.isdir(folder):
        return None
    au_folders = _folders_by_au(str(folder), os.stat(folder).st_mtime_ns).get(au)
    if au_folders is None:
        return None
    by_video = (_files_by_video(path, os.stat(path).st_mtime_ns) for path in au_folders)
    return [path for files in by_video for path in files.get(video, [])] if video else []


@lru_cache(maxsize=100)
def _folders_by_au(folder: str, _changed: int) -> dict[int | None, list[str]]:
    """Read once for each state of the folder."""
    found: dict[int | None, list[str]] = {}
    for path in sorted(Path(folder).iterdir()):
        if path.is_dir():
            found.setdefault(named_au(path.name), []).append(str(path))
    return found


@lru_cache(maxsize=100)
def _files_by_video(folder: str, _changed: int) -> dict[Key, list[Path]]:
    """Read once for each state of the folder; files that are named after no video are left out."""
    found: dict[Key, list[Path]] = {}
    for path in csv_files(folder):
        key = parse_name(path.stem.rpartition("_")[0])
        if key is not None:
            found.setdefault(key, []).append(path)
    return found

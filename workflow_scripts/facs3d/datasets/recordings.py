"""Recordings on disk, by the numbers in their names: ``F001_T8`` and ``F001_08`` are the same."""

import os
import re
from collections import Counter
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from facs3d.errors import InputError
from facs3d.sheet import Video
from facs3d.stored_images import COMPETING, is_called, open_images, zip_folders

VIDEO_SUFFIXES = (".avi", ".mp4", ".mov", ".mkv")
SUBJECT = r"(?P<subject>[A-Za-z]{1,3}\d+)"
TASK = r"[Tt]?(?P<task>\d+)"
COMPETING_SHOWN = 5
"""Notes on videos with several recordings; more are named together."""

Key = tuple[str, str]
"""Subject and task of a recording, such as ``("F001", "T8")``."""


class Found(NamedTuple):
    """A dataset's videos, sorted by name, and what is doubtful about its files, a sentence each."""

    videos: list[Video]
    notes: list[str]


def check_folder(folder: Path, holds: str) -> None:
    """:class:`InputError` unless ``folder`` is one that can be read; it ``holds`` this."""
    if not folder.is_dir():
        raise InputError(
            f"{folder}: no such folder; expected {holds} there (is `dataset: root` right?)"
        )
    try:
        next(folder.iterdir(), None)
    except PermissionError as error:
        raise InputError(f"{folder}: may not be read; it should hold {holds}") from error
    except OSError as error:
        raise InputError(f"{folder}: cannot be read ({error.strerror})") from error


def parse_name(stem: str) -> Key | None:
    """``"F001_T1"`` or ``"F001_01"`` -> ``("F001", "T1")``; None for any other name."""
    match = re.fullmatch(f"{SUBJECT}_{TASK}", stem)
    return None if match is None else (match["subject"], f"T{int(match['task'])}")


def files_by_video(files: Iterable[Path]) -> tuple[dict[Key, Path], list[str]]:
    """Label files by the video in their name, and a note on each that is named otherwise.

    :class:`InputError` if two are of the same video.
    """
    found: dict[Key, Path] = {}
    notes = []
    for path in sorted(files):
        key = parse_name(path.stem)
        if key is None:
            notes.append(f"{path}: passed over, for its name is not like F001_T1.csv")
        elif key in found:
            raise InputError(f"{path}: {found[key].name} is the same video; remove one of the two")
        else:
            found[key] = path
    return found, notes


def find_recordings(
    folders: list[Path],
) -> tuple[dict[Key, list[Path]], dict[str, list[Path]], list[str]]:
    """What ``folders`` hold: recordings by subject and task, zips by subject, and notes.

    Read are ``F001/T1`` and ``F001_T1``, each a folder of images, a zip of one, or a video file,
    and ``F001.zip``, which holds the folders of several tasks. The notes name what cannot be read.
    """
    recordings: dict[Key, list[Path]] = {}
    archives: dict[str, list[Path]] = {}
    notes: list[str] = []
    for folder in folders:
        for path in _entries(folder, notes):
            subject = re.fullmatch(SUBJECT, _stem(path))
            if subject is None:
                if (key := parse_name(_stem(path))) is not None and _may_hold_frames(path):
                    recordings.setdefault(key, []).append(path)
            elif os.path.isdir(path):
                for inner in _entries(path, notes):
                    task = re.fullmatch(TASK, _stem(inner))
                    if task is not None and _may_hold_frames(inner):
                        key = (subject["subject"], f"T{int(task['task'])}")
                        recordings.setdefault(key, []).append(inner)
            elif path.suffix.lower() == ".zip":
                archives.setdefault(subject["subject"], []).append(path)
    return recordings, archives, notes


def match_videos(root: Path, label_folders: list[Path], frame_folders: list[Path]) -> Found:
    """Each label file of the first label folder that exists, with the frames of its video.

    A label file without frames stays a video: its path is where the frames should be, so that the
    run excludes it with that reason. So does one with several recordings that differ: its path is
    all of them, for a person to choose. Raises :class:`InputError` if there is no label file, or
    if no label file at all has frames.
    """
    check_folder(root, "the dataset")
    label_folder = next((path for path in label_folders if path.is_dir()), label_folders[0])
    check_folder(label_folder, "label files such as F001_T1.csv")
    files = (path for path in label_folder.iterdir() if path.suffix.lower() == ".csv")
    labels, notes = files_by_video(files)
    if not labels:
        raise InputError(f"{label_folder}: no label file; expected F001_T1.csv and so on")
    recordings, archives, unread = find_recordings(frame_folders)
    n_tasks = Counter(subject for subject, _task in labels)
    videos, missing, competing = [], [], []
    for (subject, task), label_path in labels.items():
        name = f"{subject}_{task}"
        paths = recordings.pop((subject, task), [])
        zips = archives.get(subject, [])
        competes = bool(paths) or len(zips) > 1
        for archive in zips:
            paths += _in_archive(archive, task, n_tasks[subject] == 1, competes)
        if not paths:
            missing.append(name)
            paths = [frame_folders[0] / subject / task]
        elif _differ(paths):
            competing.append((name, paths))
        else:
            paths = paths[:1]
        path = COMPETING.join(map(str, paths))
        videos.append(Video(name, subject, task, path, str(label_path)))
    if len(missing) == len(videos):
        looked = ", ".join(map(str, frame_folders))
        raise InputError(f"{root}: no frames for any of {len(videos)} label files in {looked}")
    notes += unread
    if missing:
        notes.append(f"{_listed(missing, 'label file')} without frames, excluded from the run")
    for name, paths in competing[:COMPETING_SHOWN]:
        notes.append(
            f"{name}: {' and '.join(map(str, paths))} both hold its frames, and they differ; "
            "excluded from the run until all but one are removed, here or from the sheet's path"
        )
    if more := [name for name, _paths in competing[COMPETING_SHOWN:]]:
        notes.append(f"{_listed(more, 'more video')} likewise; the sheet's paths name them all")
    without = [f"{subject}_{task}" for subject, task in recordings]
    without += sorted(set(archives) - set(n_tasks))
    if without:
        notes.append(f"{_listed(without, 'recording')} without a label file, left out")
    return Found(sorted(videos), notes)


def _in_archive(archive: Path, task: str, only: bool, competes: bool) -> list[Path]:
    """Where a zip holds a task's frames: in a folder, or at its top if it is the ``only`` task.

    Empty only where another recording ``competes`` and the zip has none of the task. A zip is
    looked into only where it matters, for it may list tens of thousands of images.
    """
    inside = archive / task
    if not only and not competes:
        return [inside]
    try:
        folders = zip_folders(archive)
    except InputError:
        return [inside]
    if only and folders == [""]:
        return [archive]
    holds = any(is_called(folder, (task,), archive.stem) for folder in folders)
    return [inside] if holds or not competes else []


def _differ(paths: list[Path]) -> bool:
    """Whether recordings differ as far as the numbers and sizes of their images tell; a video file
    does from any other."""
    return any(
        (one := _sizes(before)) is None or one != _sizes(after) for before, after in pairwise(paths)
    )


def _sizes(path: Path) -> dict[int, int] | None:
    try:
        with open_images(path) as images:
            return images and {number: stored.size for number, stored in images.items()}
    except InputError:
        return None


def _entries(folder: Path, notes: list[str]) -> list[Path]:
    try:
        return sorted(folder.iterdir()) if folder.is_dir() else []
    except OSError as error:
        notes.append(f"{folder}: cannot be read ({error.strerror}); what it holds is left out")
        return []


def _stem(path: Path) -> str:
    # Path.is_dir raises in a folder that may be listed but not entered.
    return path.name if os.path.isdir(path) else path.stem


def _may_hold_frames(path: Path) -> bool:
    return os.path.isdir(path) or path.suffix.lower() in (*VIDEO_SUFFIXES, ".zip")


def _listed(names: list[str], what: str) -> str:
    shown = ", ".join(names[:5]) + (", …" if len(names) > 5 else "")
    return f"{len(names)} {what}{'s' if len(names) > 1 else ''} ({shown})"

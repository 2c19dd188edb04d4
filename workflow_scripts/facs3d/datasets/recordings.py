"""Recordings on disk, and the label files they belong to."""

import os
import re
from collections import Counter
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from facs3d.core.csv_text import first_few
from facs3d.core.errors import InputError
from facs3d.datasets.names import SUBJECT, TASK, Key, csv_files, parse_name
from facs3d.datasets.sheet import Video
from facs3d.datasets.watched import intensity_folders
from facs3d.video.file_names import is_video
from facs3d.video.images import is_called, open_images, zip_folders

COMPETING_SHOWN = 5
"""Notes on videos with several recordings; more are named together."""
REMEDY = "remove one and index again, or keep the right path here and delete this note"
"""What to do about such a video, in the sheet."""


class Found(NamedTuple):
    """A dataset's videos, sorted by name, and what is doubtful about its files, a sentence each."""

    videos: list[Video]
    notes: list[str]


def check_folder(folder: Path, holds: str) -> None:
    """:class:`InputError` unless ``folder`` is one that can be read; it ``holds`` this."""
    if not folder.is_dir():
        found = "is a file, not a folder" if folder.is_file() else "no such folder"
        raise InputError(f"{folder}: {found}; expected {holds} there (is `dataset: root` right?)")
    try:
        next(folder.iterdir(), None)
    except PermissionError as error:
        raise InputError(f"{folder}: may not be read; it should hold {holds}") from error
    except OSError as error:
        raise InputError(f"{folder}: cannot be read ({error.strerror})") from error


def files_by_video(files: Iterable[Path]) -> tuple[dict[Key, list[Path]], list[str]]:
    """Label files by the video in their name, and a note on each that is named otherwise."""
    found: dict[Key, list[Path]] = {}
    notes = []
    for path in sorted(files):
        key = parse_name(path.stem)
        if key is None:
            notes.append(f"{path}: passed over, for its name is not like F001_T1.csv")
        else:
            found.setdefault(key, []).append(path)
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
    misnamed: list[str] = []
    others: list[str] = []
    for folder in folders:
        for path in _recordings_in(folder, notes, others):
            subject = re.fullmatch(SUBJECT, _stem(path))
            key = parse_name(_stem(path))
            if key is not None:
                recordings.setdefault(key, []).append(path)
            elif subject is not None and os.path.isdir(path):
                for inner in _recordings_in(path, notes, others):
                    task = re.fullmatch(TASK, _stem(inner))
                    if task is None:
                        misnamed.append(str(inner))
                    else:
                        key = (subject["subject"], f"T{int(task['task'])}")
                        recordings.setdefault(key, []).append(inner)
            elif subject is not None and path.suffix.lower() == ".zip":
                archives.setdefault(subject["subject"], []).append(path)
            else:
                misnamed.append(str(path))
    if misnamed:
        notes.append(
            f"{_listed(misnamed, 'recording')} passed over: not named like F001/T1 or F001_T1"
        )
    if others:
        notes.append(
            f"{_listed(others, 'file')} passed over: neither a video by its suffix nor .zip"
        )
    return recordings, archives, notes


def match_videos(root: Path, label_folders: list[Path], frame_folders: list[Path]) -> Found:
    """Each label file of the first label folder that has any, with the frames of its video.

    A label file without frames stays a video: its path is where the frames should be, so that the
    run excludes it with that reason. So does one with several recordings that differ: its path is
    the first of them and its problem names all, for a person to choose. A video with two label
    files is left out and noted. Raises :class:`InputError` if there is no label file, or if no
    label file at all has frames.
    """
    check_folder(root, "the dataset")
    labels, notes = _label_files(label_folders)
    notes += _flat_intensities(next(iter(labels.values()))[0].parent)
    recordings, archives, doubts = find_recordings(frame_folders)
    n_tasks = Counter(subject for subject, _task in labels)
    videos, missing = [], []
    competing: dict[str, str] = {}
    for (subject, task), (label_path, *twins) in labels.items():
        name, problem = f"{subject}_{task}", ""
        paths = recordings.pop((subject, task), [])
        if twins:
            notes.append(
                f"{name} left out: {label_path} and {twins[0].name} both label it; remove one"
            )
            continue
        zips = archives.get(subject, [])
        competes = bool(paths) or len(zips) > 1
        for archive in zips:
            paths += _in_archive(archive, task, n_tasks[subject] == 1, competes)
        if not paths:
            missing.append(name)
            paths = [frame_folders[0] / subject / task]
        elif _differ(paths):
            both = " and ".join(map(str, paths))
            competing[name] = f"{both} both hold its frames, and they differ"
            problem = f"{competing[name]}; {REMEDY}"
        videos.append(Video(name, subject, task, str(paths[0]), str(label_path), problem=problem))
    if missing and len(missing) == len(videos):
        looked = ", ".join(map(str, frame_folders))
        raise InputError(f"{root}: no frames for any of {len(videos)} label files in {looked}")
    notes += doubts
    if missing:
        notes.append(f"{_listed(missing, 'label file')} without frames, excluded from the run")
    for name in list(competing)[:COMPETING_SHOWN]:
        notes.append(
            f"{name}: {competing[name]}; excluded from the run until all but one are removed, or "
            "the sheet keeps the right path and no `problem`"
        )
    if more := list(competing)[COMPETING_SHOWN:]:
        notes.append(f"{_listed(more, 'more video')} likewise; the sheet names them all")
    without = [f"{subject}_{task}" for subject, task in recordings]
    without += sorted(set(archives) - set(n_tasks))
    if without:
        notes.append(f"{_listed(without, 'recording')} without a label file, left out")
    return Found(sorted(videos), notes)


def _label_files(folders: list[Path]) -> tuple[dict[Key, list[Path]], list[str]]:
    """The label files of the first of ``folders`` that has any; notes say what is not read."""
    there = [folder for folder in folders if folder.is_dir()] or folders[:1]
    for folder in there:
        check_folder(folder, "label files such as F001_T1.csv")
    by_folder = {folder: files_by_video(csv_files(folder)) for folder in there}
    used = next((folder for folder, (labels, _notes) in by_folder.items() if labels), None)
    if used is None:
        raise InputError(f"{there[0]}: no label file; expected F001_T1.csv and so on")
    labels, notes = by_folder.pop(used)
    for folder, (others, _notes) in by_folder.items():
        if others:
            notes.append(f"{folder}: its {len(others)} label files are not read, {used}'s are")
        elif there.index(folder) < there.index(used):
            notes.append(f"{folder}: holds no label file; {used}'s are read")
    return labels, notes


def _flat_intensities(label_folder: Path) -> list[str]:
    """A note on each folder of intensity files in which some lie outside a folder of their AU."""
    flat = {folder: csv_files(folder) for folder in intensity_folders(str(label_folder))}
    return [
        f"{folder}: {_listed([path.name for path in files], 'file')} not read; intensity files lie "
        "in a folder for each AU, such as AU06/F001_T1_AU06.csv"
        for folder, files in flat.items()
        if files
    ]


def _recordings_in(folder: Path, notes: list[str], others: list[str]) -> list[Path]:
    """What may hold frames: folders, video files and zips; ``others`` gets all but hidden files."""
    try:
        entries = sorted(folder.iterdir()) if folder.is_dir() else []
    except OSError as error:
        notes.append(f"{folder}: cannot be read ({error.strerror}); what it holds is left out")
        return []
    found = []
    for path in entries:
        if os.path.isdir(path) or is_video(path) or path.suffix.lower() == ".zip":
            found.append(path)
        elif not path.name.startswith("."):
            others.append(str(path))
    return found


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
            if images is None:
                return None
            return {number: stored.size for number, stored in images.items()}
    except InputError:
        return None


def _stem(path: Path) -> str:
    # Path.is_dir raises in a folder that may be listed but not entered.
    return path.name if os.path.isdir(path) else path.stem


def _listed(names: list[str], what: str) -> str:
    return f"{len(names)} {what}{'s' if len(names) > 1 else ''} ({first_few(names)})"

"""Recordings on disk, and the label files they belong to."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from facs3d.errors import InputError
from facs3d.recording_names import SUBJECT, TASK, VIDEO_SUFFIXES, Key, csv_files, parse_name
from facs3d.sheet import Video


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
) -> tuple[dict[Key, Path], dict[str, Path], list[Path]]:
    """Frames in ``folders``: those of a video by subject and task, zips by subject, and what is
    passed over, for it is named otherwise or a second recording of its video.

    Read are ``F001/T1`` and ``F001_T1``, each a folder of images, a zip of one, or a video file,
    and ``F001.zip``, which holds the folders of several tasks. An earlier folder, and in it the
    first by name, wins over a later one.
    """
    recordings: dict[Key, Path] = {}
    archives: dict[str, Path] = {}
    passed_over = []

    def keep_first(key: Key, path: Path) -> None:
        if recordings.setdefault(key, path) != path:
            passed_over.append(path)

    for path in (path for folder in folders for path in _recordings_in(folder)):
        subject = re.fullmatch(SUBJECT, _stem(path))
        key = parse_name(_stem(path))
        if key is not None:
            keep_first(key, path)
        elif subject is not None and path.is_dir():
            for inner in _recordings_in(path):
                task = re.fullmatch(TASK, _stem(inner))
                if task is None:
                    passed_over.append(inner)
                else:
                    keep_first((subject["subject"], f"T{int(task['task'])}"), inner)
        elif subject is not None and path.suffix.lower() == ".zip":
            archives.setdefault(subject["subject"], path)
        else:
            passed_over.append(path)
    return recordings, archives, passed_over


def match_videos(root: Path, label_folders: list[Path], frame_folders: list[Path]) -> Found:
    """Each label file of the first label folder that has any, with the frames of its video.

    A label file without frames stays a video: its path is where the frames should be, so that the
    run excludes it with that reason. A video with two label files is left out and noted. Raises
    :class:`InputError` if there is no label file, or if no label file at all has frames.
    """
    check_folder(root, "the dataset")
    labels, notes = _label_files(label_folders)
    recordings, archives, passed_over = find_recordings(frame_folders)
    videos, missing = [], []
    for (subject, task), (label_path, *twins) in labels.items():
        name = f"{subject}_{task}"
        path = recordings.pop((subject, task), None)
        if twins:
            notes.append(
                f"{name} left out: {label_path} and {twins[0].name} both label it; remove one"
            )
            continue
        if path is None and subject in archives:
            path = archives[subject] / task
        if path is None:
            missing.append(name)
            path = frame_folders[0] / subject / task
        videos.append(Video(name, subject, task, str(path), str(label_path)))
    if missing and len(missing) == len(videos):
        looked = ", ".join(map(str, frame_folders))
        raise InputError(f"{root}: no frames for any of {len(videos)} label files in {looked}")
    if missing:
        notes.append(f"{_listed(missing, 'label file')} without frames, excluded from the run")
    without = [f"{subject}_{task}" for subject, task in recordings]
    without += sorted(set(archives) - {subject for subject, _task in labels})
    if without:
        notes.append(f"{_listed(without, 'recording')} without a label file, left out")
    if passed_over:
        names = [str(path) for path in passed_over]
        notes.append(
            f"{_listed(names, 'recording')} passed over: not named like F001/T1 or F001_T1, or the "
            "second of a video"
        )
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


def _recordings_in(folder: Path) -> list[Path]:
    """What may hold frames: folders, video files and zips."""
    entries = sorted(folder.iterdir()) if folder.is_dir() else []
    suffixes = (*VIDEO_SUFFIXES, ".zip")
    return [path for path in entries if path.is_dir() or path.suffix.lower() in suffixes]


def _stem(path: Path) -> str:
    return path.name if path.is_dir() else path.stem


def _listed(names: list[str], what: str) -> str:
    shown = ", ".join(names[:5]) + (", …" if len(names) > 5 else "")
    return f"{len(names)} {what}{'s' if len(names) > 1 else ''} ({shown})"

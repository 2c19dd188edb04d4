"""DISFA as distributed: one video and one intensity file an AU for each of 27 subjects.

Under the root folder::

    ActionUnit_Labels/SN001/SN001_au1.txt      no header: frame from 1, intensity 0-5
    Videos_LeftCamera/LeftVideoSN001_comp.avi  (upper and lower case vary)

Label k is the video's frame k - 1: ``frame_offset: -1``. AU files go by their number, for as text
``au12`` sorts before ``au2``.
"""

import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from facs3d.action_units import au_column
from facs3d.datasets.labels import FrameLabels, parse_codes, read_rows
from facs3d.datasets.recordings import Found, check_folder
from facs3d.errors import InputError
from facs3d.positive import Positive
from facs3d.sheet import Video

REGISTERED = False
VIDEO_NAME = re.compile(r"left_?video_?(?P<subject>SN\d+)_?(?:comp)?\.(?:avi|mp4)", re.IGNORECASE)
LABEL_NAME = re.compile(r"(?P<subject>SN\d+)_au(?P<au>\d+)\.txt", re.IGNORECASE)
TASK = "left"


def find_videos(root: str | Path) -> Found:
    """The subjects' left-camera videos; :class:`InputError` if ``root`` is not such a dataset."""
    root = Path(root)
    check_folder(root, "the dataset")
    labels, videos = root / "ActionUnit_Labels", root / "Videos_LeftCamera"
    check_folder(labels, "folders of label files such as SN001/SN001_au1.txt")
    check_folder(videos, "videos such as LeftVideoSN001_comp.avi")
    recordings: dict[str, Path] = {}
    for path in sorted(videos.iterdir()):
        match = VIDEO_NAME.fullmatch(path.name)
        if match is not None:
            subject = match["subject"].upper()
            if subject in recordings:
                raise InputError(f"{path}: {recordings[subject].name} is the same video")
            recordings[subject] = path
    folders = sorted(path for path in labels.iterdir() if re.fullmatch(r"SN\d+", path.name))
    if not folders:
        raise InputError(f"{labels}: no label folder; expected SN001 and so on")
    notes, found = [], []
    for folder in folders:
        path = recordings.pop(folder.name, None)
        if path is None:
            path = videos / f"LeftVideo{folder.name}_comp.avi"
            notes.append(f"{path}: no such video, but it has labels; excluded from the run")
        name = f"{folder.name}_{TASK}"
        found.append(Video(name, folder.name, TASK, str(path), str(folder)))
    notes += [f"{path}: no labels of it; left out" for path in recordings.values()]
    return Found(found, notes)


def read_labels(label_path: str | Path, video: str, rules: Mapping[int, Positive]) -> FrameLabels:
    """Labels of a subject's frames from its label folder; DISFA codes intensity only.

    Raises :class:`InputError` with file and line; also where an AU has no file, or its files do
    not agree about the frames.
    """
    folder = Path(label_path)
    files = _files_by_au(folder)
    for au, rule in rules.items():
        if rule.intensity is None:
            raise InputError(
                f"{folder}: DISFA codes intensity, not occurrence; set "
                f"`positive: intensity>=1` (or higher) for {au_column(au)}"
            )
        if au not in files:
            known = ", ".join(map(str, sorted(files)))
            raise InputError(f"{folder}: no file for {au_column(au)}; there are AUs {known}")
    if not rules:
        first = files[min(files)]
        frame_number, _codes = parse_codes(first, read_rows(first), {})
        return FrameLabels(frame_number, np.empty((len(frame_number), 0), np.int8), ())
    columns = []
    frames = None
    for au, rule in rules.items():
        rows = read_rows(files[au])
        numbers, codes = parse_codes(files[au], rows, {1: rule.codes})
        if frames is not None and not np.array_equal(frames, numbers):
            short = min(len(frames), len(numbers))
            differs = np.flatnonzero(frames[:short] != numbers[:short])
            line = rows[min(differs[0] if len(differs) else short, len(rows) - 1)][0]
            raise InputError(
                f"{files[au]}, line {line}: {len(numbers)} frames, not the same as the "
                f"{len(frames)} of {files[next(iter(rules))].name}; copy the files again"
            )
        frames = numbers
        columns.append(rule.labels(codes[:, 0]))
    return FrameLabels(frames, np.stack(columns, axis=1), ("intensity",) * len(rules))


def _files_by_au(folder: Path) -> dict[int, Path]:
    check_folder(folder, "label files such as SN001_au1.txt")
    files: dict[int, Path] = {}
    for path in sorted(folder.iterdir()):
        match = LABEL_NAME.fullmatch(path.name)
        if match is not None:
            if match["subject"].upper() != folder.name.upper():
                raise InputError(f"{path}: belongs to {match['subject']}, not to {folder.name}")
            if int(match["au"]) in files:
                raise InputError(f"{path}: {files[int(match['au'])].name} is the same AU")
            files[int(match["au"])] = path
    if not files:
        raise InputError(f"{folder}: no label file; expected {folder.name}_au1.txt and so on")
    return files

"""DISFA as distributed: one video and one intensity file an AU for each of 27 subjects.

Under the root folder::

    ActionUnit_Labels/SN001/SN001_au1.txt      no header: frame from 1, intensity 0-5
    Videos_LeftCamera/LeftVideoSN001_comp.avi  (or another video's suffix)

Upper and lower case do not matter.

Label k is the video's frame k - 1: ``frame_offset: -1``. AU files go by their number, for as text
``au12`` sorts before ``au2``. A first line ``0,2`` in the file of AU 2 is taken for a header, which
these files have not, and refused.
"""

import re
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from facs3d.core.action_units import au_column
from facs3d.core.csv_text import Rows, shown
from facs3d.core.errors import InputError
from facs3d.datasets.labels import FrameLabels, read_coded_frames
from facs3d.datasets.positive import INTENSITY_CODES, Positive
from facs3d.datasets.recordings import Found, check_folder
from facs3d.datasets.sheet import Video
from facs3d.video.file_names import is_video

REGISTERED = False
FOLDER_NAME = re.compile(r"(?P<subject>SN\d+)", re.IGNORECASE)
VIDEO_NAME = re.compile(r"left_?video_?(?P<subject>SN\d+)_?(?:comp)?", re.IGNORECASE)
LABEL_NAME = re.compile(r"(?P<subject>SN\d+)_au(?P<au>\d+)\.txt", re.IGNORECASE)
TASK = "left"


def find_videos(root: str | Path) -> Found:
    """The subjects' left-camera videos; :class:`InputError` if ``root`` is not such a dataset.

    A subject without a video stays in, so that the run excludes it with that reason; one with two
    videos or two label folders is left out and noted.
    """
    root = Path(root)
    check_folder(root, "the dataset")
    labels, videos = (
        _in_any_case(root, "ActionUnit_Labels"),
        _in_any_case(root, "Videos_LeftCamera"),
    )
    check_folder(labels, "folders of label files such as SN001/SN001_au1.txt")
    check_folder(videos, "videos such as LeftVideoSN001_comp.avi")
    folders = [path for path in labels.iterdir() if path.is_dir()]
    files = list(videos.iterdir())
    coded, notes = _by_subject(folders, lambda path: FOLDER_NAME.fullmatch(path.name))
    if not coded:
        raise InputError(f"{labels}: no label folder; expected SN001 and so on")
    filmed, more = _by_subject(files, _match_video)
    notes += more
    found = []
    for subject, (folder, *other_folders) in coded.items():
        paths = filmed.pop(subject, [])
        twins = other_folders or paths[1:]
        if twins:
            first = folder if other_folders else paths[0]
            notes.append(
                f"{subject} left out: {first} and {twins[0].name} are both its; remove one"
            )
            continue
        if not paths:
            paths = [videos / f"LeftVideo{subject}_comp.avi"]
            notes.append(f"{paths[0]}: no such video, but it has labels; excluded from the run")
        found.append(Video(f"{subject}_{TASK}", subject, TASK, str(paths[0]), str(folder)))
    notes += [f"{path}: no labels of it; left out" for paths in filmed.values() for path in paths]
    return Found(found, notes)


def _in_any_case(root: Path, name: str) -> Path:
    """The entry of ``root`` called ``name``, in capitals or not; ``root/name`` if there is none."""
    found = (path for path in sorted(root.iterdir()) if path.name.casefold() == name.casefold())
    return next(found, root / name)


def _match_video(path: Path) -> re.Match | None:
    return VIDEO_NAME.fullmatch(path.stem) if is_video(path) and path.is_file() else None


def _by_subject(
    paths: list[Path], match: Callable[[Path], re.Match | None]
) -> tuple[dict[str, list[Path]], list[str]]:
    """Paths by the subject that ``match`` finds in their name, and a note on each without one."""
    found: dict[str, list[Path]] = {}
    notes = []
    for path in sorted(paths):
        subject = match(path)
        if subject is None:
            notes.append(f"{path}: passed over, for it is not named as DISFA's are")
        else:
            found.setdefault(subject["subject"].upper(), []).append(path)
    return dict(sorted(found.items())), notes


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
        first = min(files)
        _rows, frame_number, _codes = _read_file(files[first], first, INTENSITY_CODES)
        return FrameLabels(frame_number, np.empty((len(frame_number), 0), np.int8), ())
    columns = []
    frames = None
    for au, rule in rules.items():
        rows, numbers, codes = _read_file(files[au], au, rule.codes)
        if frames is not None and not np.array_equal(frames, numbers):
            short = min(len(frames), len(numbers))
            differs = np.flatnonzero(frames[:short] != numbers[:short])
            line = rows[min(differs[0] if len(differs) else short, len(rows) - 1)][0]
            raise InputError(
                f"{files[au]}, line {line}: {len(numbers)} frames, not the same as the "
                f"{len(frames)} of {files[next(iter(rules))].name}; copy the files again"
            )
        frames = numbers
        columns.append(rule.labels(codes))
    assert frames is not None  # there is a rule
    return FrameLabels(frames, np.stack(columns, axis=1), ("intensity",) * len(rules))


def _read_file(path: Path, au: int, codes: frozenset[int]) -> tuple[Rows, np.ndarray, np.ndarray]:
    rows, frame_number, coded = read_coded_frames(path, codes)
    line, cells = rows[0]
    if cells[:2] == ["0", str(au)]:
        raise InputError(
            f"{path}, line {line}: {shown(','.join(cells))} looks like a header, for DISFA counts "
            "frames from 1; its files have none: remove the line"
        )
    return rows, frame_number, coded


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

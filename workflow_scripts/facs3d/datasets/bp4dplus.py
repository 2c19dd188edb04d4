"""BP4D+ and EB+ as distributed, and every dataset laid out like them (the embedded one is).

Under the root folder::

    AUCoding/AU_OCC/F001_T1.csv           header 0,1,2,…: column 1 the frame, then codes 0, 1 or 9
    AUCoding/AU_INT/AU06/F001_T1_AU06.csv no header: frame, intensity 0-5 or 9
    2D+3D/F001.zip                        frames as …/T1/<number>.jpg, or
    2D+3D/F001/T1/<number>.jpg            the same unpacked, or
    Videos/F001/T1.avi                    a video file

Code 9 is "unknown" and becomes -1, never a negative. Columns are found by their header, label
files by their parsed numbers: ``F001_T8`` and ``F001_08`` are the same task.
"""

import re
from pathlib import Path

import numpy as np

from facs3d.action_units import au_column, parse_au
from facs3d.datasets.labels import (
    INTENSITY_CODES,
    OCCURRENCE_CODES,
    FrameLabels,
    Positive,
    occurrence_labels,
    parse_codes,
    read_rows,
)
from facs3d.errors import InputError
from facs3d.sheet import Video

VIDEO_SUFFIXES = (".avi", ".mp4", ".mov", ".mkv")
OCCURRENCE_FOLDER = Path("AUCoding") / "AU_OCC"
VIDEO_NAME = re.compile(r"(?P<subject>[A-Za-z]\d+)_T?(?P<task>\d+)")


def find_videos(root: str | Path) -> list[Video]:
    """Videos with an occurrence file, sorted; :class:`InputError` for one without frames."""
    root = Path(root)
    folder = root / OCCURRENCE_FOLDER
    if not folder.is_dir():
        raise InputError(
            f"{folder}: no such folder; expected the dataset's AU_OCC label files there"
        )
    videos = []
    for label_path in sorted(folder.glob("*.csv")):
        match = VIDEO_NAME.fullmatch(label_path.stem)
        if match is None:
            raise InputError(f"{label_path}: expected a file name such as F001_T1.csv")
        subject, task = match["subject"], f"T{int(match['task'])}"
        path = _find_frames(root, subject, task, label_path)
        videos.append(Video(f"{subject}_{task}", subject, task, str(path), str(label_path)))
    if not videos:
        raise InputError(f"{folder}: no label file; expected F001_T1.csv and so on")
    return videos


def _find_frames(root: Path, subject: str, task: str, label_path: Path) -> Path:
    for suffix in VIDEO_SUFFIXES:
        video = root / "Videos" / subject / f"{task}{suffix}"
        if video.is_file():
            return video
    unpacked = root / "2D+3D" / subject / task
    if unpacked.is_dir():
        return unpacked
    archive = root / "2D+3D" / f"{subject}.zip"
    if archive.is_file():
        return archive / task
    raise InputError(
        f"{label_path}: no frames for it; looked for {unpacked}, {archive} and "
        f"{root / 'Videos' / subject / task}.avi"
    )


def read_labels(
    label_path: str | Path, action_units: tuple[int, ...], positive: str
) -> FrameLabels:
    """Labels of the frames of the occurrence file ``label_path``.

    With ``positive="occurrence"`` they are its codes; with ``"intensity>=k"`` they follow from the
    AU_INT files where an AU has one, and from its occurrence code where intensity is not coded. A
    frame that is not in an AU's intensity file is unknown for that AU.
    """
    label_path = Path(label_path)
    rule = Positive.parse(positive)
    frame_number, codes = _read_occurrence(label_path, action_units)
    labels = occurrence_labels(codes)
    if rule.intensity is not None:
        for column, au in enumerate(action_units):
            intensity_path = _intensity_path(label_path, au)
            if intensity_path.is_file():
                coded_frames, intensities = parse_codes(
                    intensity_path, read_rows(intensity_path), [1], INTENSITY_CODES
                )
                labels[:, column] = _at_frames(
                    frame_number, coded_frames, rule.labels(intensities[:, 0])
                )
    return FrameLabels(frame_number, labels)


def _read_occurrence(path: Path, action_units: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    (line, header), *rows = read_rows(path)
    try:
        coded = [parse_au(name) for name in header[1:]]
    except InputError as error:
        raise InputError(f"{path}, line {line}: {error}") from error
    columns = []
    for au in action_units:
        if coded.count(au) != 1:
            raise InputError(
                f"{path}, line {line}: {coded.count(au)} columns for {au_column(au)}, expected one"
            )
        columns.append(1 + coded.index(au))
    if not rows:
        raise InputError(f"{path}: no frame is annotated; expected a line per frame")
    return parse_codes(path, rows, columns, OCCURRENCE_CODES)


def _intensity_path(label_path: Path, au: int) -> Path:
    name = au_column(au)
    return label_path.parent.parent / "AU_INT" / name / f"{label_path.stem}_{name}.csv"


def _at_frames(frames: np.ndarray, coded_frames: np.ndarray, labels: np.ndarray) -> np.ndarray:
    place = np.searchsorted(coded_frames, frames)
    place[place == len(coded_frames)] = 0
    return np.where(coded_frames[place] == frames, labels[place], np.int8(-1))

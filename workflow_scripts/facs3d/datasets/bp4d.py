"""BP4D as distributed.

Under the root folder::

    AUCoding/AU_OCC/F001_T1.csv                      or AUCoding/F001_T1.csv: header 0,1,2,…,99
    AU-Intensity-Codes3.0/AU06/F001_T1_AU06.csv      no header: frame, intensity; AUs 6 10 12 14 17
    Sequences(2D+3D)/F001/T1/2440.jpg                frames, padded to 3 or 4 digits or not at all

or, in place of the folder of frames, ``Sequences(2D+3D)/F001.zip`` or ``…/F001/T1.zip``.
"""

from collections.abc import Mapping
from pathlib import Path

from facs3d.datasets.facs_coding import read_coded_labels
from facs3d.datasets.labels import FrameLabels
from facs3d.datasets.positive import Positive
from facs3d.datasets.recordings import Found, match_videos
from facs3d.datasets.watched import BP4D_INTENSITIES

REGISTERED = False
LABELS = "AUCoding"


def find_videos(root: str | Path) -> Found:
    """Videos with an occurrence file; :class:`InputError` if ``root`` is not such a dataset."""
    root = Path(root)
    labels = [root / LABELS / "AU_OCC", root / LABELS]
    return match_videos(root, labels, [root / "Sequences(2D+3D)", root / "2D+3D"])


def read_labels(label_path: str | Path, video: str, rules: Mapping[int, Positive]) -> FrameLabels:
    """Labels of ``video``'s annotated frames; :class:`InputError` with file and line."""
    label_path = Path(label_path)
    coding = next((path for path in label_path.parents if path.name == LABELS), label_path.parent)
    inside = coding / BP4D_INTENSITIES
    return read_coded_labels(
        label_path, inside if inside.is_dir() else coding.parent / BP4D_INTENSITIES, rules
    )

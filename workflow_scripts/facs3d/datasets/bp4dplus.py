"""BP4D+ and EB+ as distributed, and every dataset laid out like them (the synthetic one is).

Under the root folder::

    AUCoding/AU_OCC/F001_T1.csv           header 0,1,2,…: column 1 the frame, then codes 0, 1 or 9
    AUCoding/AU_INT/AU06/F001_T1_AU06.csv no header: frame, intensity 0-5 or 9
    2D+3D/F001.zip                        frames as …/T1/<number>.jpg, or
    2D+3D/F001/T1/<number>.jpg            the same unpacked, or
    Videos/F001/T1.avi                    a video file
"""

from collections.abc import Mapping
from pathlib import Path

from facs3d.datasets.facs_coding import read_coded_labels
from facs3d.datasets.labels import FrameLabels
from facs3d.datasets.positive import Positive
from facs3d.datasets.recordings import Found, match_videos
from facs3d.datasets.watched import BP4DPLUS_INTENSITIES

REGISTERED = False


def find_videos(root: str | Path) -> Found:
    """Videos with an occurrence file; :class:`InputError` if ``root`` is not such a dataset."""
    root = Path(root)
    return match_videos(root, [root / "AUCoding" / "AU_OCC"], [root / "Videos", root / "2D+3D"])


def read_labels(label_path: str | Path, video: str, rules: Mapping[int, Positive]) -> FrameLabels:
    """Labels of ``video``'s annotated frames; :class:`InputError` with file and line."""
    label_path = Path(label_path)
    return read_coded_labels(label_path, label_path.parent.parent / BP4DPLUS_INTENSITIES, rules)

"""The files a video's labels are read from, for the workflow to notice when one changes or comes.

The workflow reads this before it has an environment: standard library only. What a label file
means is the layouts' business (:mod:`facs3d.datasets`); here it is only watched.
"""

import os
from functools import cache
from pathlib import Path

from facs3d.datasets.names import intensity_files, parse_name

BP4DPLUS_INTENSITIES, BP4D_INTENSITIES = "AU_INT", "AU-Intensity-Codes3.0"


def label_files(label_path: str, action_units: list[int]) -> list[str]:
    """The label file that the sheet names, or the files in it if it is a folder, and the intensity
    files of its video that lie in a folder of their own. Only files that exist."""
    if os.path.isdir(label_path):
        return sorted(entry.path for entry in os.scandir(label_path) if entry.is_file())
    if not os.path.isfile(label_path):
        return []
    folder, name = os.path.split(label_path)
    video = parse_name(os.path.splitext(name)[0])
    found = [
        str(path)
        for intensities in intensity_folders(folder)
        for au in action_units
        for path in intensity_files(intensities, video, au) or []
    ]
    return [label_path, *found]


@cache
def intensity_folders(folder: str) -> list[str]:
    """Folders of intensity files beside a folder of label files, or one or two levels up."""
    places = (Path(folder), *Path(folder).parents[:2])
    found = (place / name for place in places for name in (BP4DPLUS_INTENSITIES, BP4D_INTENSITIES))
    return [str(path) for path in found if path.is_dir()]

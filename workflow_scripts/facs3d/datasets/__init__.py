"""Dataset layouts: where the videos of a dataset lie and how its frames are labelled.

A layout is a module of this package with two functions, and its name in ``LAYOUTS``:

``find_videos(root) -> list[Video]``
    the videos in a dataset's folder, sorted by name;
``read_labels(label_path, action_units, positive) -> FrameLabels``
    the labels of one video's annotated frames.
"""

from types import ModuleType

from facs3d.datasets import bp4dplus
from facs3d.errors import InputError

LAYOUTS: dict[str, ModuleType] = {"bp4dplus": bp4dplus}


def open_layout(name: str) -> ModuleType:
    """The layout module called ``name``; :class:`InputError` if there is none."""
    if name not in LAYOUTS:
        raise InputError(f"unknown dataset layout {name!r}; known: {', '.join(sorted(LAYOUTS))}")
    return LAYOUTS[name]

"""Dataset layouts: where the videos of a dataset lie and how its frames are labelled.

A layout is a module of this package, with its name in ``LAYOUTS`` (then ``make settings``):

``find_videos(root) -> Found``
    the videos in a dataset's folder, and what is doubtful about its files;
``read_labels(label_path, video, rules) -> FrameLabels``
    the labels of one video's annotated frames, a column for each AU of ``rules``; without rules,
    the annotated frames alone;
``REGISTERED``
    whether its faces are registered already.

The frames of every layout are read by number with :func:`facs3d.video.frames.read_frames` from the
video's ``path``: a video file, a folder of images, or a folder in a zip.
"""

from importlib import import_module
from types import ModuleType

from facs3d.core.errors import InputError

LAYOUTS = ("bp4d", "bp4dplus", "disfa", "generic", "registered")


def open_layout(name: str) -> ModuleType:
    """The layout module called ``name``; :class:`InputError` if there is none."""
    if name not in LAYOUTS:
        raise InputError(f"unknown dataset layout {name!r}; known: {', '.join(LAYOUTS)}")
    return import_module(f"{__name__}.{name}")

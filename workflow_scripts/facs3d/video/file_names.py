"""Which files are videos and images by their names, and whether one of them was replaced.

The workflow reads this before it has an environment: standard library only. What the files hold is
the business of the other modules; here they are only watched.
"""

import hashlib
import os
import posixpath
import re
from functools import cache

VIDEO_SUFFIXES = (
    *(".3g2", ".3gp", ".asf", ".avi", ".divx", ".dv", ".f4v", ".flv", ".gif", ".m2t", ".m2ts"),
    *(".m2v", ".m4v", ".mjpeg", ".mjpg", ".mkv", ".mov", ".mp4", ".mpe", ".mpeg", ".mpg", ".mts"),
    *(".mxf", ".ogm", ".ogv", ".qt", ".ts", ".vob", ".webm", ".wmv"),
)
"""What counts as a video in a folder; one that is named itself may have any."""
IMAGE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp"})
PART = 1 << 16
"""Bytes of a file that the workflow looks at, at its beginning, middle and end."""


def is_image(path: str | os.PathLike) -> bool:
    """Whether the suffix is an image's; hidden files (macOS's ``._7.jpg``) are not."""
    name = posixpath.basename(os.fspath(path))
    return posixpath.splitext(name)[1].lower() in IMAGE_SUFFIXES and not name.startswith(".")


def is_video(path: str | os.PathLike) -> bool:
    """Whether the suffix is a video's; hidden files are not."""
    name = posixpath.basename(os.fspath(path))
    return name.lower().endswith(VIDEO_SUFFIXES) and not name.startswith(".")


def repeats_itself(name: str) -> bool:
    """Whether a name ends in ten times the same, which Snakemake takes for a runaway rule."""
    return re.search(r"(.+?)\1{9}$", name) is not None


@cache
def fingerprint(path: str | os.PathLike[str]) -> str:
    """What tells in a few letters that another recording lies at ``path``: the names and sizes of a
    folder's images, or a file's (of a folder in a zip, the zip's) size and some of its content.
    Empty for what is not there, or cannot be read.

    Times do not count: a copy keeps an old one, a touch changes it, and a folder's changes with its
    names only, so that an image mended in place would go unnoticed.
    """
    path = os.fspath(path)
    if os.path.isdir(path):
        return _folder_fingerprint(path)
    while path and not os.path.exists(path):
        path = os.path.dirname(path)
    try:
        return file_fingerprint(path) if os.path.isfile(path) else ""
    except OSError:
        return ""


def _folder_fingerprint(path: str) -> str:
    try:
        with os.scandir(path) as entries:
            images = sorted((file.name, _size(file)) for file in entries if is_image(file.name))
    except OSError:
        return ""
    return hashlib.sha256(repr(images).encode()).hexdigest()[:16]


def file_fingerprint(path: str | os.PathLike, part: int = PART) -> str:
    """A file's size and its first, middle and last ``part`` bytes in a few letters."""
    size = os.path.getsize(path)
    digest = hashlib.sha256(str(size).encode())
    with open(path, "rb") as file:
        for start in (0, (size - part) // 2, size - part):
            file.seek(max(start, 0))
            digest.update(file.read(part))
    return digest.hexdigest()[:16]


def _size(entry: os.DirEntry) -> int:
    try:
        return entry.stat().st_size
    except OSError:
        return -1

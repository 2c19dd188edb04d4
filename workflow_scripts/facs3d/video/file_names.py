"""Which files are videos and images by their names, and whether one of them was replaced.

The workflow reads this before it has an environment: standard library only. What the files hold is
the business of the other modules; here they are only watched.
"""

import hashlib
import os
import posixpath
from functools import cache

VIDEO_SUFFIXES = (
    *(".3g2", ".3gp", ".asf", ".avi", ".divx", ".dv", ".f4v", ".flv", ".gif", ".m2t", ".m2ts"),
    *(".m2v", ".m4v", ".mjpeg", ".mjpg", ".mkv", ".mov", ".mp4", ".mpe", ".mpeg", ".mpg", ".mts"),
    *(".mxf", ".ogm", ".ogv", ".qt", ".ts", ".vob", ".webm", ".wmv"),
)
"""What counts as a video in a folder; one that is named itself may have any."""
IMAGE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp"})
PART = 1 << 20


def is_image(path: str | os.PathLike) -> bool:
    """Whether the suffix is an image's; hidden files (macOS's ``._7.jpg``) are not."""
    name = posixpath.basename(os.fspath(path))
    return posixpath.splitext(name)[1].lower() in IMAGE_SUFFIXES and not name.startswith(".")


def is_video(path: str | os.PathLike) -> bool:
    """Whether the suffix is a video's; hidden files are not."""
    name = posixpath.basename(os.fspath(path))
    return name.lower().endswith(VIDEO_SUFFIXES) and not name.startswith(".")


@cache
def folder_fingerprint(path: str) -> str:
    """Names and sizes of a folder's images in a few letters; empty if ``path`` is no folder, or one
    that cannot be read.

    A folder's own time changes with its names only, so an image mended in place would go
    unnoticed. The images' times do not count: a touch changes nothing.
    """
    try:
        with os.scandir(path) as entries:
            images = sorted((file.name, _size(file)) for file in entries if is_image(file.name))
    except OSError:
        return ""
    return hashlib.sha256(repr(images).encode()).hexdigest()[:16]


def file_fingerprint(path: str | os.PathLike) -> str:
    """A file's size and first, middle and last MiB in a few letters: another video in its place
    differs, a touch does not."""
    size = os.path.getsize(path)
    digest = hashlib.sha256(str(size).encode())
    with open(path, "rb") as file:
        for start in (0, (size - PART) // 2, size - PART):
            file.seek(max(start, 0))
            digest.update(file.read(PART))
    return digest.hexdigest()[:16]


def _size(entry: os.DirEntry) -> int:
    try:
        return entry.stat().st_size
    except OSError:
        return -1

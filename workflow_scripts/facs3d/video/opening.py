"""Opening a video file: one regular file of a container with pictures, and nothing that it names.

FFmpeg also takes a text for a video that lists other files or addresses, and opens those: they
would be read unseen by whoever watches the inputs, from anywhere on the disk or the network.
"""

import mimetypes
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2

from facs3d.core.errors import InputError
from facs3d.video.file_names import is_video
from facs3d.video.limits import LIMITS, Limits, check_regular
from facs3d.video.tracks import read_tracks

# Hundreds of lines on a damaged file, of which none says more than the error that is raised. Read
# when the first video is opened; who sets them sees them.
os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
if "OPENCV_LOG_LEVEL" not in os.environ:
    cv2.setLogLevel(2)

PROBED = 1 << 20
"""Bytes that FFmpeg looks at to tell what a file is."""
LISTS = re.compile(
    rb"^\s*(#EXTM3U|ffconcat|c=IN IP|v=0\r?$|\[playlist\])|<(MPD|smil|CompositionPlaylist)",
    re.IGNORECASE | re.MULTILINE,
)
"""By what FFmpeg knows playlists and descriptions of streams, in the text before a zero byte."""
NUMBERED = re.compile(r"%([0-9]*d|[*?\[\]{}])")
"""In the name of an image, FFmpeg takes this for the names of many."""


@contextmanager
def open_video(path: Path, limits: Limits = LIMITS) -> Iterator[cv2.VideoCapture]:
    """Open a video file for decoding; :class:`InputError` if it is none, or its frames are larger
    than ``limits`` allow."""
    if path.is_dir():
        raise InputError(f"{path}: a folder; give each of its videos by itself")
    try:
        str(path.absolute()).encode()
    except UnicodeEncodeError as error:
        raise InputError(
            f"{path}: the name is not UTF-8, which OpenCV needs; rename it, or a folder above"
        ) from error
    try:
        check_regular(path)
        with open(path, "rb") as file:
            head = file.read(PROBED)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from error
    text = head.partition(b"\0")[0].removeprefix(b"\xef\xbb\xbf")
    image = (mimetypes.guess_type(path.name)[0] or "").startswith("image/")
    name = str(path.absolute())
    if LISTS.search(text) or ((image or not is_video(path)) and NUMBERED.search(name)):
        raise InputError(f"{path}: stands for other files, no video; give a video file itself")
    # FFmpeg by name: other backends would take a name with digits for an image sequence. One
    # thread, because a job of the workflow has one core. An absolute path is no address.
    capture = cv2.VideoCapture(name, cv2.CAP_FFMPEG, [cv2.CAP_PROP_N_THREADS, 1])
    try:
        if not capture.isOpened():
            if _is_sound(path):
                raise InputError(f"{path}: sound without pictures; give the video it belongs to")
            found = "not a video FFmpeg can read" if head else "an empty file"
            raise InputError(f"{path}: {found}; copy it again, or leave this video out")
        limits.check_pixels(path, *stored_size(capture))
        yield capture
    finally:
        capture.release()


def _is_sound(path: Path) -> bool:
    """Whether a file has sound and no pictures."""
    kinds = {track.kind for track in read_tracks(path)}
    if kinds:
        return b"soun" in kinds and b"vide" not in kinds
    return (mimetypes.guess_type(path.name)[0] or "").startswith("audio/")


def stored_size(capture: cv2.VideoCapture) -> tuple[int, int]:
    """Width and height of an opened video's pictures as they are stored, px."""
    return (
        int(capture.get(cv2.CAP_PROP_FRAME_WIDTH)),
        int(capture.get(cv2.CAP_PROP_FRAME_HEIGHT)),
    )


def codec_name(capture: cv2.VideoCapture) -> str:
    """The four letters of an opened video's codec, small."""
    code = int(capture.get(cv2.CAP_PROP_FOURCC)) & 0xFFFFFFFF
    return code.to_bytes(4, "little").decode("latin-1").lower()

"""How far a video file's container is whole: the chunks of an AVI, the elements of a Matroska file.

A reader that meets garbage looks for the next thing that it knows and goes on there, without a
word; the frames between are lost, and all after them get too small a number. Walking from head to
head, by the sizes that they give, shows where that happens. Only heads are read.
"""

import re
from collections.abc import Iterator
from math import inf
from pathlib import Path
from typing import BinaryIO

AVI_LISTS = (b"RIFF", b"LIST")
AVI_ENTERED = (b"AVI ", b"AVIX", b"movi", b"rec ")
AVI_VIDEO = re.compile(rb"\d\d(dc|db)")

SEGMENT, CLUSTER, TRACKS, TRACK, GROUP = 0x18538067, 0x1F43B675, 0x1654AE6B, 0xAE, 0xA0
VIDEO, COLOUR = 0xE0, 0x55B0
BLOCKS = (0xA3, 0xA1)
TRACK_PARENTS = (SEGMENT, TRACKS, TRACK, VIDEO, COLOUR)
MATROSKA_ENTERED = (SEGMENT, CLUSTER, TRACKS, TRACK, GROUP)
MATROSKA_KNOWN = {
    *(0x1A45DFA3, 0x114D9B74, 0x1549A966, 0x1C53BB6B, 0x1941A469, 0x1043A770, 0x1254C367),
    *(0xE7, 0xA7, 0xAB, 0x5854, 0xEC, 0xBF, 0xA3, 0xAF),
    *(0xA1, 0xA2, 0x75A1, 0x9B, 0xFA, 0xFB, 0xFD, 0xA4, 0x75A2, 0x8E),
}
"""Identifiers at the top, in a segment, in a cluster and in a group of blocks."""
TRACK_NUMBER, TRACK_TYPE, VIDEO_TRACK = 0xD7, 0x83, 1


def whole_frames(path: Path) -> float | None:
    """How many video frames an AVI or Matroska file holds before the first break of its structure.

    A frame that the end of the file cuts off counts. Infinity without a break; None for files of
    other kinds (an MP4 has one table for all its frames, whole or missing).
    """
    size = path.stat().st_size
    with open(path, "rb", buffering=512) as file:
        head = file.read(12)
        if head[:4] == b"RIFF" and head[8:] == b"AVI ":
            return _walk_avi(file, size)
        if head[:4] == b"\x1a\x45\xdf\xa3":
            return _walk_matroska(file, size)
    return None


def matroska_elements(path: Path) -> Iterator[tuple[int, int]]:
    """The identifiers and values (of up to four bytes) of what a Matroska file says of its tracks,
    in order, parents before their children; nothing after its first frames."""
    position, end = 0, path.stat().st_size
    with open(path, "rb", buffering=512) as file:
        while position < end:
            file.seek(position)
            head = file.read(16)
            name, length = _number(head, keep_marker=True)
            size, more = _number(head[length:], keep_marker=False)
            if name == CLUSTER or not name:
                return
            content = length + more
            yield name, int.from_bytes(head[content:][: min(size, 4)], "big")
            position += content if name in TRACK_PARENTS else content + size


def is_complete(path: Path) -> bool:
    """Whether this is an AVI or MP4 file whose writer came to its end: by what it writes last, the
    lengths in an AVI's heads and an MP4's last box, its parts fill the file to the byte."""
    size, position, names = path.stat().st_size, 0, set()
    with open(path, "rb", buffering=512) as file:
        while position < size:
            file.seek(position)
            head = file.read(16)
            if head[:4] == b"RIFF":
                name, length = b"RIFF", int.from_bytes(head[4:8], "little")
                length += 8 if length else 0
            else:
                name, length = head[4:8], int.from_bytes(head[:4], "big")
                if length == 1:
                    length = int.from_bytes(head[8:], "big")
            if length < 8:
                return False
            names.add(name)
            position += length
    return position == size and (names == {b"RIFF"} or {b"ftyp", b"moov", b"mdat"} <= names)


def _walk_avi(file: BinaryIO, end: int) -> float:
    n_frames = position = 0
    riff_end = end
    padded = False
    while position + 8 <= end:
        file.seek(position)
        head = file.read(12)
        name, size = head[:4], int.from_bytes(head[4:8], "little")
        if not re.fullmatch(rb"[\w ]{4}", name):
            if padded:  # Some writers leave out the byte after a chunk of odd size.
                position, padded = position - 1, False
                continue
            return n_frames if position < riff_end else inf
        if name == b"RIFF" and size:
            riff_end = position + 8 + size
        if name in AVI_LISTS and head[8:] in AVI_ENTERED:
            position, padded = position + 12, False
            continue
        n_frames += size > 0 and AVI_VIDEO.fullmatch(name) is not None
        padded = bool(size % 2)
        position += 8 + size + padded
    return n_frames if position > end + 1 else inf


def _walk_matroska(file: BinaryIO, end: int) -> float:
    n_frames = position = tracks_end = number = 0
    video = None
    while position < end:
        file.seek(position)
        head = file.read(16)
        name, length = _number(head, keep_marker=True)
        size, more = _number(head[length:], keep_marker=False)
        content = position + length + more
        in_tracks = position < tracks_end
        if not in_tracks and name not in MATROSKA_KNOWN and name not in MATROSKA_ENTERED:
            return n_frames
        value = int.from_bytes(head[length + more :][: min(size, 2)], "big")
        if in_tracks and name == TRACK_NUMBER:
            number = value
        if in_tracks and name == TRACK_TYPE and value == VIDEO_TRACK:
            video = number
        if name == TRACKS:
            tracks_end = content + size
        if name in MATROSKA_ENTERED:
            position = content
            continue
        n_frames += name in BLOCKS and _number(head[length + more :], False)[0] in (video, None)
        position = content + size
    return n_frames if position > end else inf


def _number(head: bytes, keep_marker: bool) -> tuple[int, int]:
    """A Matroska number of variable length, and its length in bytes; (0, 1) where there is none."""
    if not head or not head[0]:
        return 0, 1
    length = 9 - head[0].bit_length()
    value = int.from_bytes(head[:length], "big")
    return (value if keep_marker else value & ((1 << 7 * length) - 1)), length

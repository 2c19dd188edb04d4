"""What a file says of its tracks: MP4 and QuickTime (ISO/IEC 14496-12: boxes of size, name,
content) and Matroska (RFC 9559).

OpenCV tells of a track's matrix only by how far it turns the picture, and nothing of the rest.
"""

import re
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from facs3d.video.containers import TRACK, TRACK_TYPE, matroska_elements

PARENTS = (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"edts")
FIRST = (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip")
"""Boxes that such a file begins with."""
ROOM = 64 << 20
"""Bytes of the largest ``moov`` that is read: that of a day's video has about 20 million."""
COLOUR = re.compile(rb"colrncl[xc]..(..)", re.DOTALL)
FIELDS = re.compile(rb"\x00\x00\x00\x0afiel\x02")
MATROSKA_KINDS = {1: b"vide", 2: b"soun"}
FLAG_INTERLACED, INTERLACED, TRANSFER = 0x9A, 1, 0x55BA


class Track(NamedTuple):
    """``kind`` such as b"vide" or b"soun"; ``matrix`` a, b, c, d: a point (x, y) of the picture is
    shown at (a x + c y, b x + d y), but for a shift; ``edited``: an edit list leaves frames out;
    ``interlaced``: frames are two fields; ``transfer``: the number of the transfer characteristics
    of ITU-T H.273, 2 where they are not said.
    """

    kind: bytes = b""
    matrix: tuple[float, float, float, float] = (1, 0, 0, 1)
    edited: bool = False
    interlaced: bool = False
    transfer: int = 2


def read_tracks(path: Path) -> list[Track]:
    """The tracks; empty for other files and for what is damaged."""
    try:
        with open(path, "rb") as file:
            if file.read(4) == b"\x1a\x45\xdf\xa3":
                return _matroska_tracks(path)
        return _mp4_tracks(_movie_box(path))
    except (struct.error, IndexError):
        return []


def _matroska_tracks(path: Path) -> list[Track]:
    tracks: list[Track] = []
    for name, value in matroska_elements(path):
        if name == TRACK:
            tracks.append(Track())
        elif name == TRACK_TYPE and tracks:
            tracks[-1] = tracks[-1]._replace(kind=MATROSKA_KINDS.get(value, b""))
        elif name == FLAG_INTERLACED and tracks:
            tracks[-1] = tracks[-1]._replace(interlaced=value == INTERLACED)
        elif name == TRANSFER and tracks:
            tracks[-1] = tracks[-1]._replace(transfer=value)
    return tracks


def _movie_box(path: Path) -> bytes:
    position, end = 0, path.stat().st_size
    with open(path, "rb") as file:
        while position + 8 <= end:
            file.seek(position)
            head = file.read(16)
            size, name = struct.unpack_from(">I4s", head)
            start = 8
            if size == 1:
                (size,) = struct.unpack_from(">Q", head, 8)
                start = 16
            if position == 0 and name not in FIRST:
                return b""
            if name == b"moov":
                file.seek(position + start)
                return file.read(min((size or end - position) - start, ROOM))
            if size < 8:
                return b""
            position += size
    return b""


def _mp4_tracks(movie: bytes) -> list[Track]:
    tracks: list[Track] = []
    for name, content in _boxes(movie):
        if name == b"trak":
            tracks.append(Track())
        elif name == b"tkhd" and tracks:
            # Version 1 has times of eight bytes.
            numbers = struct.unpack_from(">5i", content, 52 if content[0] else 40)
            a, b, c, d = (numbers[place] / 65536 for place in (0, 1, 3, 4))
            tracks[-1] = tracks[-1]._replace(matrix=(a, b, c, d))
        elif name == b"hdlr" and tracks and not tracks[-1].kind:
            tracks[-1] = tracks[-1]._replace(kind=content[8:12])
        elif name == b"elst" and tracks:
            tracks[-1] = tracks[-1]._replace(edited=True)
        elif name == b"stsd" and tracks:
            colour = COLOUR.search(content)
            tracks[-1] = tracks[-1]._replace(
                interlaced=FIELDS.search(content) is not None,
                transfer=int.from_bytes(colour[1], "big") if colour else 2,
            )
    return tracks


def _boxes(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """All boxes, parents before their children."""
    position = 0
    while position + 8 <= len(content):
        size, name = struct.unpack_from(">I4s", content, position)
        size = size or len(content) - position
        if size < 8:
            return
        inside = content[position + 8 : position + size]
        yield name, inside
        if name in PARENTS:
            yield from _boxes(inside)
        position += size

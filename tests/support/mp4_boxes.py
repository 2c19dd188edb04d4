"""MP4 files as telephones write them: turned, and with frames that last differently long.

OpenCV writes neither, so its files are changed (ISO/IEC 14496-12: boxes of size, name, content).
"""

import struct
from collections.abc import Sequence
from pathlib import Path

PARENTS = (b"moov", b"trak", b"mdia", b"minf", b"stbl")
QUARTER_TURN = struct.pack(">9i", 0, 1 << 16, 0, -1 << 16, 0, 0, 0, 0, 1 << 30)
"""The matrix of a video to be shown turned clockwise by 90 degrees."""


def turn_clockwise(path: Path) -> None:
    """Have the video shown turned clockwise by a quarter."""
    data = bytearray(path.read_bytes())
    header = data.index(b"tkhd") + 4
    # Version 0: 40 bytes from version to volume stand before the matrix.
    data[header + 40 : header + 76] = QUARTER_TURN
    path.write_bytes(data)


def set_durations(path: Path, milliseconds: Sequence[int]) -> None:
    """Have the frames last that long, one after the other."""
    data = bytearray(path.read_bytes())
    # The index stands after the frames, so a longer one moves none of them.
    assert data.index(b"mdat") < data.index(b"moov")
    (ticks_per_second,) = struct.unpack_from(">I", data, data.index(b"mdhd") + 16)
    entries = [(1, round(length * ticks_per_second / 1000)) for length in milliseconds]
    start = data.index(b"stts") - 4
    (old_size,) = struct.unpack_from(">I", data, start)
    box = struct.pack(">4sII", b"stts", 0, len(entries))
    box += b"".join(struct.pack(">II", *entry) for entry in entries)
    for name in PARENTS:
        place = data.index(name) - 4
        (size,) = struct.unpack_from(">I", data, place)
        struct.pack_into(">I", data, place, size + len(box) + 4 - old_size)
    data[start : start + old_size] = struct.pack(">I", len(box) + 4) + box
    path.write_bytes(data)

"""The size that an image's head declares, read before the image is decoded."""

import struct

JPEG, PNG, BMP = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"BM"
MAGIC = (JPEG, PNG, BMP)
"""The first bytes of JPEG, PNG and BMP files."""
FRAME_HEADS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""JPEG's markers of a frame's head, of all its ways to code."""
WITHOUT_LENGTH = frozenset({0x01, *range(0xD0, 0xD9)})
"""JPEG's markers that stand alone."""


def declared_size(content: bytes) -> tuple[int, int] | None:
    """Width and height in px of a PNG, JPEG or BMP; None if it is none, or its head is not whole.

    Decoders take other kinds for what they are, whatever their name; here they count as none.
    """
    try:
        if content.startswith(PNG):
            # The first part must be the head.
            return struct.unpack_from(">II", content, 16) if content[12:16] == b"IHDR" else None
        if content.startswith(BMP):
            (length,) = struct.unpack_from("<I", content, 14)
            width, height = struct.unpack_from("<HH" if length == 12 else "<ii", content, 18)
            # Negative: its rows go from top to bottom.
            return abs(width), abs(height)
        if content.startswith(JPEG):
            return _jpeg_size(content)
    except struct.error:
        pass
    return None


def _jpeg_size(content: bytes) -> tuple[int, int] | None:
    position = 2
    while True:
        # As decoders do, skip what is between two parts, and fill bytes.
        position = content.find(b"\xff", position)
        if position < 0 or position + 1 >= len(content):
            return None
        marker = content[position + 1]
        if marker in (0x00, 0xFF):
            position += 1
        elif marker in FRAME_HEADS:
            height, width = struct.unpack_from(">HH", content, position + 5)
            return width, height
        elif marker in WITHOUT_LENGTH:
            position += 2
        else:
            position += 2 + struct.unpack_from(">H", content, position + 2)[0]

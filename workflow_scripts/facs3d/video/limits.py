"""What no recording of a face exceeds, checked before memory is spent; and what is no file."""

import stat
from pathlib import Path
from typing import NamedTuple

from facs3d.core.errors import InputError

KINDS = (
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


class Limits(NamedTuple):
    """The largest frame, in ``megapixels`` (10^6), and encoded image, in ``mebibytes``."""

    megapixels: float = 64
    mebibytes: float = 256

    def check_pixels(self, name: str | Path, width: int, height: int) -> None:
        """Raise :class:`InputError` if a frame of this size is too large."""
        if width * height > self.megapixels * 1e6:
            raise InputError(
                f"{name}: a frame of {width}x{height} px, more than {self.megapixels:g} megapixels;"
                " it is damaged or no recording of a face: copy it again, or make it smaller"
            )

    def check_bytes(self, name: str | Path, size: int) -> None:
        """Raise :class:`InputError` if an encoded image has too many bytes."""
        if size > self.mebibytes * 2**20:
            raise InputError(
                f"{name}: an image of {size / 2**20:.0f} MiB, more than {self.mebibytes:g}; it is "
                "damaged or no recording of a face: copy it again, or make it smaller"
            )


LIMITS = Limits()
"""Holds with room to spare: an 8K frame has 33 megapixels, and uncompressed 190 MiB of 16 bits."""


def check_regular(path: Path) -> None:
    """Raise :class:`InputError` if a path is a pipe, device or socket, which may never end.

    Raises :class:`OSError` if it cannot be looked at.
    """
    mode = path.stat().st_mode
    for is_kind, kind in KINDS:
        if is_kind(mode):
            raise InputError(f"{path}: {kind}, not a file; copy what comes out of it to a file")

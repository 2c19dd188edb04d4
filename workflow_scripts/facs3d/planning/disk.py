"""Whether a disk takes results."""

import os
import shutil
from pathlib import Path

ROOM = 100 * 1024**2
"""Bytes below which a disk counts as full."""


def obstacle(folder: str | os.PathLike) -> str | None:
    """Why nothing can be written to ``folder`` (which need not be there yet); None if it can."""
    place = Path(folder).absolute()
    while not place.exists():
        place = place.parent
    if not os.access(place, os.W_OK):
        return f"{folder}: cannot be written to; make it writable, or a link to a folder that is"
    free = shutil.disk_usage(place).free
    if free < ROOM:
        return (
            f"{folder}: {free / 1024**2:.0f} MB are free on its disk, too few to go on; make room"
            " and run the same command again"
        )
    return None

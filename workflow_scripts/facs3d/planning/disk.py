"""Whether a disk takes results, and whether their times can be trusted."""

import os
import shutil
import time
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

SLACK = 60
"""Seconds by which the clock of a file server may be ahead."""
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


def from_the_future(folder: str, sources: Iterable[str] = ()) -> str | None:
    """Which of the files in ``folder`` and of ``sources`` has a time that is still to come; None if
    none has. What a job makes of it, Snakemake would call older than its input, and delete."""
    inside = (os.path.join(root, name) for root, _, names in os.walk(folder) for name in names)
    for path in (*inside, *sources):
        try:
            changed = os.path.getmtime(path)
        except OSError:
            continue
        if changed > time.time() + SLACK:
            return (
                f"{path}: dated {datetime.fromtimestamp(changed):%Y-%m-%d %H:%M}, which is still to"
                " come, so Snakemake would delete what is made of it; `touch` it, or set the clock"
            )
    return None

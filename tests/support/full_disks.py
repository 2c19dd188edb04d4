"""Disks that fill up: a file system of so many bytes, or a limit where none can be mounted."""

import resource
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

PAGE = 4096


@contextmanager
def disk_of(room: int, folder: Path) -> Iterator[Callable[[list], subprocess.CompletedProcess]]:
    """Make ``folder`` a disk of ``room`` bytes (a multiple of the page); yields what runs a command
    on it. Without the right to mount, no file may be larger than that instead.
    """
    folder.mkdir(parents=True, exist_ok=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={room}", "tmpfs", str(folder)]
    mounted = subprocess.run(mount, capture_output=True).returncode == 0

    def limit() -> None:
        if not mounted:
            resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))

    def run(command: list) -> subprocess.CompletedProcess:
        return subprocess.run(command, capture_output=True, text=True, preexec_fn=limit)

    try:
        yield run
    finally:
        if mounted:
            subprocess.run(["umount", str(folder)], check=True)

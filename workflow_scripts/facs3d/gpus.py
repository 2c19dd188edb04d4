"""A GPU of its own for each job on this machine, where no scheduler hands them out."""

import fcntl
import os
import sys
import tempfile
import time
from collections.abc import MutableMapping, Sequence
from pathlib import Path
from urllib.parse import quote

from facs3d.errors import InputError

VISIBLE = "CUDA_VISIBLE_DEVICES"


def take_gpu(count: int, environment: MutableMapping[str, str] = os.environ) -> None:
    """Leave this process one of ``count`` GPUs, one that no other process has taken this way.

    Call before CUDA starts: the choice is ``CUDA_VISIBLE_DEVICES`` in ``environment``. If that
    names one device (or none), a scheduler or the user has chosen and nothing is done; several are
    what is chosen from, as far as CUDA sees them: the first ``count``. Waits, saying so, while all
    are taken. The GPU is free again when the process has ended, however it ends. Other users'
    processes are not known of. Raises :class:`InputError` where no lock can be kept.
    """
    listed = environment.get(VISIBLE)
    entries = map(str, range(count)) if listed is None else listed.split(",")
    names = list(dict.fromkeys(entry.strip() for entry in entries))[:count]
    if len(names) > 1 or (names and listed is None):
        folder = Path(tempfile.gettempdir()) / f"facs3d-gpus-{os.getuid()}"
        try:
            folder.mkdir(mode=0o700, exist_ok=True)
            environment[VISIBLE] = _lock_one(names, folder)
        except OSError as error:
            raise InputError(
                f"{folder}: no lock on a GPU can be kept there ({error.strerror}); remove it, or "
                f"choose a GPU by {VISIBLE}"
            ) from error


def _lock_one(names: Sequence[str], folder: Path, pause: float = 1.0) -> str:
    """The first of ``names`` whose lock file in ``folder`` is free, locked until this process ends.

    The kernel frees a lock with its process, which therefore never closes the file.
    """
    files = {
        name: os.open(folder / quote(name, safe=""), os.O_RDWR | os.O_CREAT, 0o600)
        for name in names
    }
    waiting = False
    while True:
        for name, file in files.items():
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            for other in files.values():
                if other != file:
                    os.close(other)
            return name
        if not waiting:
            print(f"waiting for one of {len(names)} GPUs, all in use", file=sys.stderr, flush=True)
            waiting = True
        time.sleep(pause)

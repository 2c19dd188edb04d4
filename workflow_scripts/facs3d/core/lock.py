"""Locks between processes, which the kernel frees with the process that holds them."""

import fcntl
import time
from collections.abc import Callable, Sequence
from math import inf


def lock_first_free(
    descriptors: Sequence[int],
    patience: float = inf,
    pause: float = 0.2,
    on_wait: Callable[[], None] = lambda: None,
) -> int | None:
    """Lock the first of some open files that no other process has locked; returns its place.

    While all are taken, looks again every ``pause`` seconds, after one call of ``on_wait``; None
    once ``patience`` seconds have passed. The lock lasts until the file is closed. Raises
    ``OSError`` where the file system has no locks.
    """
    waited_until = time.monotonic() + patience
    while True:
        for place, descriptor in enumerate(descriptors):
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            return place
        if time.monotonic() > waited_until:
            return None
        on_wait()
        on_wait = _nothing
        time.sleep(pause)


def _nothing() -> None:
    pass

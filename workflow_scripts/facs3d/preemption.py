"""SIGTERM, by which clusters end a job: noticed, and answered where the work can be kept."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

EXIT_STATUS = 128 + signal.SIGTERM
"""What a shell reports of a process that SIGTERM has ended; Snakemake's ``retries`` start anew."""


class Preempted(SystemExit):
    """The program was told to end and has kept its work; exits with :data:`EXIT_STATUS`."""

    def __init__(self) -> None:
        super().__init__(EXIT_STATUS)


@contextmanager
def notice_sigterm() -> Iterator[threading.Event]:
    """Yield an event that SIGTERM sets; outside the block the signal does what it did before.

    Only a program's main thread can take signals: in another one the event is never set.
    """
    asked = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield asked
        return
    before = signal.signal(signal.SIGTERM, lambda number, frame: asked.set())
    try:
        yield asked
    finally:
        signal.signal(signal.SIGTERM, before)

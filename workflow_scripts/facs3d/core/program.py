"""A program's life: how it ends on an error, with its Snakemake, and on SIGTERM.

The workflow reads this before it has an environment: standard library only.
"""

import ctypes
import errno
import os
import select
import signal
import sys
import tempfile
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from facs3d.core.errors import InputError, is_out_of_memory

PARENTS = "JOB_PARENTS"
"""Environment variable: numbers of the job's Snakemake and shell, from
:mod:`facs3d.planning.jobs`."""
PIDFD_OPEN = 434
"""Number of the system call, on all processors but Alpha."""
EXIT_STATUS = 128 + signal.SIGTERM
"""What a shell reports of a process that SIGTERM has ended; Snakemake's ``retries`` start anew."""


def run(main: Callable[[], None]) -> None:
    """Call ``main`` as a program: an :class:`InputError`, an operating-system error (disk full, no
    permission, missing file) or a lack of memory ends it with one ``error: …`` line on stderr and
    exit status 1. Anything else is a bug and keeps its traceback.
    """
    warnings.formatwarning = _plain_warning
    try:
        with _some_home():
            main()
    except InputError as error:
        sys.exit(f"error: {error}")
    except OSError as error:
        if error.filename is None and error.strerror is None:
            raise
        # Files that could not be flushed would say so again when they are collected.
        sys.unraisablehook = lambda _: None
        place = f"{error.filename}: " if error.filename else ""
        sys.exit(f"error: {place}{error.strerror or error}")
    except Exception as error:
        if not is_out_of_memory(error):
            raise
        sys.exit(
            f"error: {Path(sys.argv[0]).name}: out of memory ({_first_line(error)}); give it "
            "more (a job's mem_mb, a larger machine) or less to do at once"
        )


@contextmanager
def _some_home() -> Iterator[None]:
    """Have a home folder to write to, where there is none (daemons, containers): libraries keep
    caches there. A temporary one is removed in the end."""
    if os.access(os.path.expanduser("~"), os.W_OK | os.X_OK):
        yield
        return
    with tempfile.TemporaryDirectory(prefix="facs3d-home-", ignore_cleanup_errors=True) as home:
        os.environ["HOME"] = home
        yield


def _plain_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    line: str | None = None,
) -> str:
    """What the package says to its users as one line; of others' warnings, where they come from."""
    if category is UserWarning:
        return f"warning: {message}\n"
    return f"{filename}:{lineno}: {category.__name__}: {message}\n"


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0] or type(error).__name__


def end_with_parents() -> None:
    """Kill this process as soon as one of ``JOB_PARENTS`` has ended, were it by SIGKILL.

    Snakemake's jobs would go on without it, and write what the next run writes. Nothing happens to
    a program started by hand, which has no such variable, nor where the kernel has no pidfd (before
    Linux 5.3) or hides that process.
    """
    for process in map(int, os.environ.get(PARENTS, "").split()):
        # A shell that has made way for this program (exec) is this process.
        if process == os.getpid():
            continue
        descriptor = _open(process)
        if descriptor >= 0:
            threading.Thread(target=_die_after, args=(descriptor,), daemon=True).start()
        elif ctypes.get_errno() == errno.ESRCH:
            os.kill(os.getpid(), signal.SIGKILL)


def _open(process: int) -> int:
    """A descriptor that can be read once ``process`` has ended; -1 and ctypes' errno without one.

    The system call itself, for conda's Pythons are built where ``os.pidfd_open`` is unknown."""
    return ctypes.CDLL(None, use_errno=True).syscall(PIDFD_OPEN, process, 0)


def _die_after(descriptor: int) -> None:
    select.select([descriptor], [], [])
    os.kill(os.getpid(), signal.SIGKILL)


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

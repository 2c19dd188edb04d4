"""A job ends with those who started it, so that the next run never meets its orphan."""

import ctypes
import errno
import os
import select
import signal
import threading

PARENTS = "JOB_PARENTS"
"""Environment variable: numbers of the job's Snakemake and shell, set by rules/common.smk."""
PIDFD_OPEN = 434
"""Number of the system call, on all processors but Alpha."""


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

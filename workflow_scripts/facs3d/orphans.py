"""A job ends with those who started it, so that the next run never meets its orphan."""

import contextlib
import os
import select
import signal
import threading

PARENTS = "JOB_PARENTS"
"""Environment variable: numbers of the job's Snakemake and shell, set by rules/common.smk."""


def end_with_parents() -> None:
    """Kill this process as soon as one of ``JOB_PARENTS`` has ended, were it by SIGKILL.

    Snakemake's jobs would go on without it, and write what the next run writes. Nothing happens to
    a program started by hand, which has no such variable, nor on kernels without pidfd (Linux 5.3).
    """
    for process in map(int, os.environ.get(PARENTS, "").split()):
        # A shell that has made way for this program (exec) is this process.
        if process != os.getpid():
            with contextlib.suppress(AttributeError, PermissionError, NotImplementedError):
                threading.Thread(target=_die_after, args=(_open(process),), daemon=True).start()


def _open(process: int) -> int:
    try:
        return os.pidfd_open(process)
    except ProcessLookupError:
        os.kill(os.getpid(), signal.SIGKILL)
        raise


def _die_after(descriptor: int) -> None:
    select.select([descriptor], [], [])
    os.kill(os.getpid(), signal.SIGKILL)

"""The command lines of workflow_scripts, run in this process or in one of their own."""

import contextlib
import io
import os
import runpy
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from unittest import mock

import cv2
import torch

from facs3d.core.program import PARENTS
from facs3d.training import devices

SCRIPTS = Path(__file__).parents[2] / "workflow_scripts"
NAMES = sorted(path.stem for path in SCRIPTS.glob("*.py"))
UNSHOWN = (DeprecationWarning, PendingDeprecationWarning, ImportWarning, ResourceWarning)
"""Warnings that Python shows to nobody who does not ask."""


def run_script(
    name: str, *arguments: object, folder: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Run ``workflow_scripts/<name>.py`` in this process, in ``folder``, and undo what it sets.

    The result is a process's, with what Python wrote to stdout and stderr, warnings too. An
    exception other than SystemExit is a bug, and raised. What needs a real process (signals, limits
    of its memory or disk, what C++ libraries write) is for :func:`start_script`.
    """
    script = str(SCRIPTS / f"{name}.py")
    argv = [script, *map(str, arguments)]
    output, errors = io.StringIO(), io.StringIO()
    with (
        _process_undone(argv),
        contextlib.chdir(folder or Path.cwd()),
        contextlib.redirect_stdout(output),
        contextlib.redirect_stderr(errors),
    ):
        try:
            runpy.run_path(script, run_name="__main__")
            status = 0
        except SystemExit as end:
            status = _exit_status(end.code)
    return subprocess.CompletedProcess(argv, status, output.getvalue(), errors.getvalue())


def start_script(name: str, *arguments: object, **options: object) -> subprocess.Popen[str]:
    """Start ``workflow_scripts/<name>.py`` as a process of its own; its output can be read."""
    return subprocess.Popen(
        [sys.executable, SCRIPTS / f"{name}.py", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )


def run_process(
    name: str, *arguments: object, folder: Path | None = None, **options: object
) -> subprocess.CompletedProcess[str]:
    """:func:`run_script` by a process of its own."""
    process = start_script(name, *arguments, cwd=folder, **options)
    output, errors = process.communicate()
    return subprocess.CompletedProcess(process.args, process.returncode, output, errors)


def run_code(code: str, *arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run Python ``code`` that imports the library in a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        env=os.environ | {"PYTHONPATH": str(SCRIPTS)} | environment,
        capture_output=True,
        text=True,
    )


def _exit_status(code: object) -> int:
    """As Python ends a process: a message is written to stderr and means 1."""
    if code is None or isinstance(code, int):
        return code or 0
    print(code, file=sys.stderr)
    return 1


@contextlib.contextmanager
def _process_undone(argv: list[str]) -> Iterator[None]:
    """A process's beginning, with these arguments; afterwards all is as before."""
    # The tests may be a job of somebody's, but the script is not.
    environment = {name: value for name, value in os.environ.items() if name != PARENTS}
    with (
        mock.patch.object(sys, "argv", argv),
        mock.patch.object(sys, "unraisablehook", sys.unraisablehook),
        mock.patch.dict(os.environ, environment, clear=True),
        # What mallopt sets cannot be read, hence not be undone: it is not found.
        mock.patch.object(devices, "ctypes", SimpleNamespace(CDLL=lambda _: None)),
        _switches_undone(),
        warnings.catch_warnings(),
    ):
        warnings.resetwarnings()
        for category in UNSHOWN:
            warnings.simplefilter("ignore", category)
        warnings.showwarning = _show_warning
        yield


@contextlib.contextmanager
def _switches_undone() -> Iterator[None]:
    """Threads and arithmetic of OpenCV and PyTorch are those of before."""
    cudnn = torch.backends.cudnn
    switches = [
        *((torch.backends.cuda.matmul, "allow_tf32"), (cudnn, "allow_tf32")),
        *((cudnn, "benchmark"), (cudnn, "deterministic")),
    ]
    values = [getattr(owner, name) for owner, name in switches]
    deterministic = torch.are_deterministic_algorithms_enabled()
    threads = torch.get_num_threads(), cv2.getNumThreads()
    try:
        yield
    finally:
        for (owner, name), value in zip(switches, values, strict=True):
            setattr(owner, name, value)
        torch.use_deterministic_algorithms(deterministic)
        torch.set_num_threads(threads[0])
        cv2.setNumThreads(threads[1])


def _show_warning(message, category, filename, lineno, file=None, line=None) -> None:
    """To the stderr of now; pytest's own keeps warnings for the end of the session."""
    sys.stderr.write(warnings.formatwarning(message, category, filename, lineno, line))

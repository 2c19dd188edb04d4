"""The one kind of error a user can cause, and how a command line ends on it."""

import sys
from collections.abc import Callable

from facs3d.orphans import end_with_parents


class InputError(Exception):
    """A fault in what the user supplied.

    The message is one sentence or two: where (file, line or field), what was found, what was
    expected, and what to do.
    """


def run(main: Callable[[], None]) -> None:
    """Call ``main`` as a program: an :class:`InputError` or an operating-system error (disk full,
    no permission, missing file) ends it with one ``error: …`` line on stderr and exit status 1.
    Anything else is a bug and keeps its traceback. A program that is a job ends with its Snakemake.
    """
    end_with_parents()
    try:
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

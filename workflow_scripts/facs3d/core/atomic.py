"""Outputs that appear whole or not at all."""

import errno
import glob
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

DISK_ERRORS = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.EFBIG)


@contextmanager
def whole(path: str | os.PathLike) -> Iterator[Path]:
    """Yield a temporary path beside ``path`` with the same suffix, renamed to ``path`` on success.

    Missing parent folders are made. The content is on disk (fsync) before the rename, so a crash
    or a full disk leaves either the old file or none; after an exception nothing new is left. What
    a killed process left of the same output is removed first: an output has one writer at a time.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    for leftover in path.parent.glob(f".{glob.escape(path.name)}.*"):
        shutil.rmtree(leftover, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=f".{path.name}.", dir=path.parent) as folder:
        unfinished = Path(folder) / path.name
        try:
            yield unfinished
            with open(unfinished, "rb") as written:
                os.fsync(written.fileno())
            os.replace(unfinished, path)
        except OSError as error:
            if error.errno in DISK_ERRORS:
                raise OSError(error.errno, error.strerror, str(path)) from error
            raise

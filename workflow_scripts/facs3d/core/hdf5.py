"""HDF5 files that appear whole or not at all."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py

from facs3d.core.atomic import whole


@contextmanager
def whole_hdf5(path: str | Path) -> Iterator[h5py.File]:
    """Yield a new HDF5 file to fill, which becomes ``path`` on success.

    A full disk is an :class:`OSError` at the end of the block, and nothing is left.
    """
    with whole(path) as unfinished, _WatchedFile(unfinished, "w+") as raw:
        try:
            with h5py.File(raw, "w") as file:
                yield file
        finally:
            if raw.error is not None:
                raise raw.error


class _WatchedFile(io.FileIO):
    """A file that keeps its first error in writing and then only pretends to write.

    HDF5 writes its cache when it closes a file, where h5py cannot report errors: it prints them,
    tries again and crashes. So it is told that all is well, and the error is raised afterwards.
    """

    error: OSError | None = None

    def write(self, data: Any) -> int:
        rest = memoryview(data).cast("B")
        try:
            while rest and self.error is None:
                rest = rest[super().write(rest) :]
        except OSError as error:
            self.error = error
        return memoryview(data).nbytes

    def truncate(self, size: int | None = None) -> int:
        try:
            return super().truncate(size)
        except OSError as error:
            self.error = self.error or error
            assert size is not None  # HDF5 always names one
            return size

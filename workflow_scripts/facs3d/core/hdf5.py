"""HDF5 files that appear whole or not at all, and are read as plain data."""

import io
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from errno import EINVAL
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from facs3d.core.atomic import whole
from facs3d.core.errors import InputError

DAMAGE = (KeyError, IndexError, RuntimeError, ValueError, TypeError, AttributeError, OverflowError)
"""What h5py raises of a damaged file, besides :class:`OSError`."""
DENSEST = 2000
"""Bytes that one stored byte stands for at most, twice what gzip reaches with zeros."""
SMALL = 1 << 20
"""Bytes up to which a dataset is read whatever is stored of it."""


class PlainFile:
    """An HDF5 file open for reading: numbers and texts in its datasets and attributes.

    All is checked before it is given: datasets lie in the file itself, at its top, and have the
    kind and the sides asked for. A side is a letter, which stands for one size throughout the file.
    Everything else is an :class:`InputError`: ``<path>: not <what> (<found>); <remedy>``.
    """

    def __init__(self, file: h5py.File, path: Path, what: str, remedy: str) -> None:
        self.path = path
        self._file, self._what, self._remedy = file, what, remedy
        self._sides: dict[str, int] = {}
        self._dense: set[str] = set()
        with self._checking():
            for name in file:
                if not isinstance(file.get(name, getlink=True), h5py.HardLink):
                    raise ValueError(f"{name!r} is a link to elsewhere")

    def shape(self, name: str, kind: type, sides: str) -> tuple[int, ...]:
        """The shape of a dataset of numbers of ``kind``, with as many ``sides`` as letters."""
        with self._checking():
            return self._dataset(name, kind, sides).shape

    def numbers(self, name: str, kind: type, sides: str, part: Any = None) -> np.ndarray:
        """The numbers of a dataset, or a ``part`` of it (as h5py selects)."""
        with self._checking():
            data = self._dataset(name, kind, sides)
            return data[()] if part is None else data[part]

    def texts(self, name: str, side: str) -> tuple[str, ...]:
        """The texts of a dataset."""
        with self._checking():
            return tuple(self._dataset(name, str, side).asstr()[:])

    def has(self, name: str) -> bool:
        """Whether there is an attribute of that name."""
        with self._checking():
            return name in self._file.attrs

    def text(self, name: str) -> str:
        """The attribute, a text."""
        with self._checking():
            value = self._file.attrs[name]
            if not isinstance(value, str):
                raise TypeError(f"{name!r} is no text")
            return value

    def settings(self, name: str) -> dict[str, object]:
        """The attribute, a JSON object."""
        text = self.text(name)
        with self._checking():
            value = json.loads(text)
            if not isinstance(value, dict):
                raise TypeError(f"{name!r} is no JSON object")
            return value

    def integer(self, name: str) -> int:
        """The attribute, a whole number."""
        with self._checking():
            return int(self._integers(name, 0))

    def integers(self, name: str, side: str) -> tuple[int, ...]:
        """The attribute, a row of whole numbers."""
        with self._checking():
            values = self._integers(name, 1)
            self._check_sides(name, values.shape, side)
            return tuple(values.tolist())

    def check(self, right: bool, found: str) -> None:
        """Raise the file's :class:`InputError` unless ``right``."""
        with self._checking():
            if not right:
                raise ValueError(found)

    def _integers(self, name: str, n_sides: int) -> np.ndarray:
        values = np.asarray(self._file.attrs[name])
        if values.ndim != n_sides or not np.issubdtype(values.dtype, np.integer):
            raise TypeError(f"{name!r} is {values.dtype} {values.shape}, expected whole numbers")
        return values

    def _dataset(self, name: str, kind: type, sides: str) -> h5py.Dataset:
        data = self._file[name]
        if not isinstance(data, h5py.Dataset):
            raise TypeError(f"{name!r} is no dataset")
        if data.is_virtual or data.external:
            raise ValueError(f"{name!r} is stored elsewhere")
        text = h5py.check_string_dtype(data.dtype) is not None
        if text != (kind is str) or not (text or np.issubdtype(data.dtype, kind)):
            raise TypeError(f"{name!r} is {data.dtype}, expected {kind.__name__}")
        self._check_sides(name, data.shape, sides)
        # Once, for the size of all chunks is added up.
        if name not in self._dense:
            if data.nbytes > max(SMALL, DENSEST * data.id.get_storage_size()):
                raise ValueError(f"{name!r} is {data.shape}, of which hardly anything is stored")
            self._dense.add(name)
        return data

    def _check_sides(self, name: str, shape: tuple[int, ...] | None, sides: str) -> None:
        if shape is None or len(shape) != len(sides):
            raise ValueError(f"{name!r} has the shape {shape}, expected {len(sides)} sides")
        for side, size in zip(sides, shape, strict=True):
            if self._sides.setdefault(side, size) != size:
                known = self._sides[side]
                raise ValueError(f"{name!r} has the shape {shape}, expected {known} for {size}")

    @contextmanager
    def _checking(self) -> Iterator[None]:
        with _reading(self.path, self._what, self._remedy):
            yield


@contextmanager
def open_plain(path: str | Path, what: str, remedy: str) -> Iterator[PlainFile]:
    """Open an HDF5 file for reading as a :class:`PlainFile`.

    What the system refuses (no such file, no permission, a disk that fails) stays an
    :class:`OSError`.
    """
    path = Path(path)
    with _reading(path, what, remedy):
        # No lock: nobody changes a file that is there, and not every file system has locks.
        file = h5py.File(path, "r", locking=False)
    with file:
        yield PlainFile(file, path, what, remedy)


@contextmanager
def _reading(path: Path, what: str, remedy: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        # A damaged offset is an invalid argument of the system's.
        if error.errno not in (None, 0, EINVAL):
            raise OSError(error.errno, os.strerror(error.errno), str(path)) from error
        raise InputError(f"{path}: not {what} ({_line(error)}); {remedy}") from error
    except DAMAGE as error:
        raise InputError(f"{path}: not {what} ({_line(error)}); {remedy}") from error


def _line(error: Exception) -> str:
    text = error.args[0] if isinstance(error, KeyError) and error.args else error
    return str(text).partition("\n")[0] or type(error).__name__


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

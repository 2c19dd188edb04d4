"""Plain values and tensors in a file of PyTorch's, read with ``weights_only=True``: loading one
never executes code."""

import io
import pickle
import zipfile
import zlib
from errno import EINVAL
from pathlib import Path
from typing import Any

import torch

from facs3d.core.errors import InputError, is_out_of_memory


def write_torch_file(content: dict[str, Any], path: Path) -> None:
    """Write ``content``; the same content gives the same bytes."""
    # A buffer, since torch.save to a path puts the file's name into the bytes.
    buffer = io.BytesIO()
    torch.save(content, buffer)
    path.write_bytes(buffer.getbuffer())


def read_torch_file(path: str | Path, device: torch.device | str) -> dict[str, Any]:
    """The content, its tensors on ``device``; :class:`InputError` if the file is no such one or its
    checksums do not fit."""
    _check_sums(path)
    try:
        content = torch.load(path, map_location=device, weights_only=True)
    except pickle.UnpicklingError as error:
        # PyTorch's own words advise to run the code that such a file holds.
        found = "it holds more than plain values and tensors"
        raise InputError(f"{path}: not a file of weights or damaged ({found})") from error
    except (RuntimeError, EOFError, LookupError, ValueError, TypeError, AttributeError) as error:
        if is_out_of_memory(error):
            raise
        reason = str(error).partition("\n")[0].partition(". ")[0] or type(error).__name__
        raise InputError(f"{path}: not a file of weights or damaged ({reason})") from error
    if not isinstance(content, dict):
        raise InputError(f"{path}: not a file of weights, it holds a {type(content).__name__}")
    return content


def _check_sums(path: str | Path) -> None:
    """Refuse a file whose checksums do not fit, which torch.load does not look at."""
    try:
        with zipfile.ZipFile(path) as archive:
            damaged = archive.testzip()
    except OSError as error:
        # A damaged offset leads before the file's start; all else is the system's, not the file's.
        if error.errno not in (None, EINVAL):
            raise OSError(error.errno, error.strerror, str(path)) from error
        raise InputError(f"{path}: not a file of weights or damaged ({error})") from error
    except (zipfile.BadZipFile, EOFError, zlib.error, RuntimeError, ValueError) as error:
        # The last two: a damaged flag (encrypted, unknown compression) or name.
        raise InputError(f"{path}: not a file of weights or damaged ({error})") from error
    if damaged is not None:
        raise InputError(f"{path}: damaged (checksum of {damaged}); copy it again, or train anew")

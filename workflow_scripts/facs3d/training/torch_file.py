"""Plain values and tensors in a file of PyTorch's, read with ``weights_only=True``: loading one
never executes code."""

import io
import pickle
from pathlib import Path
from typing import Any

import torch

from facs3d.core.errors import InputError


def write_torch_file(content: dict[str, Any], path: Path) -> None:
    """Write ``content``; the same content gives the same bytes."""
    # A buffer, since torch.save to a path puts the file's name into the bytes.
    buffer = io.BytesIO()
    torch.save(content, buffer)
    path.write_bytes(buffer.getbuffer())


def read_torch_file(path: str | Path, device: torch.device | str) -> dict[str, Any]:
    """The content, its tensors on ``device``; :class:`InputError` if the file is no such one."""
    try:
        content = torch.load(path, map_location=device, weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError, LookupError, ValueError) as error:
        reason = str(error).partition("\n")[0] or type(error).__name__
        raise InputError(f"{path}: not a file of weights or damaged ({reason})") from error
    if not isinstance(content, dict):
        raise InputError(f"{path}: not a file of weights, it holds a {type(content).__name__}")
    return content

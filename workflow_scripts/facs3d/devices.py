"""Where torch computes, and how it uses the CPU."""

import ctypes
import sys

import torch

from facs3d.errors import InputError

DEVICES = ("auto", "cuda", "cpu")
MMAP_MAX, TRIM_THRESHOLD = -4, -1
"""Parameters of glibc's ``mallopt``."""


def choose_device(name: str) -> torch.device:
    """The device for ``auto`` (a GPU if there is one), ``cuda`` or ``cpu``.

    Raises :class:`InputError` if a GPU was asked for and there is none.
    """
    available = torch.cuda.is_available()
    if name == "cuda" and not available:
        raise InputError(
            "device is 'cuda' but torch sees no GPU; use 'auto' or 'cpu', or check the driver"
        )
    return torch.device("cuda" if available and name != "cpu" else "cpu")


def device_name(device: torch.device) -> str:
    """The GPU's name as its driver says it, or ``cpu``."""
    return torch.cuda.get_device_name(device) if device.type == "cuda" else device.type


def use_threads(threads: int) -> None:
    """Let this process compute on ``threads`` CPU threads and keep the memory it frees.

    glibc would hand every large block back to the kernel and fault it in again at the next step: a
    fifth of a training's time on the CPU. Call once, at the start of a program.
    """
    torch.set_num_threads(threads)
    if sys.platform == "linux":
        set_option = getattr(ctypes.CDLL(None), "mallopt", None)
        if set_option is not None:
            set_option(MMAP_MAX, 0)
            set_option(TRIM_THRESHOLD, 2**31 - 1)

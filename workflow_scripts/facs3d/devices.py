"""Where torch computes, and how it uses the CPU."""

import ctypes
import os
import sys

import torch

from facs3d.errors import InputError
from facs3d.gpus import VISIBLE, take_gpu

DEVICES = ("auto", "cuda", "cpu")
MMAP_MAX, TRIM_THRESHOLD = -4, -1
"""Parameters of glibc's ``mallopt``."""


def choose_device(name: str) -> torch.device:
    """The device for ``auto`` (a GPU if there is one), ``cuda`` or ``cpu``.

    A GPU is this process's own on this machine, see :func:`facs3d.gpus.take_gpu`: call once, at the
    start of a program. Raises :class:`InputError` if a GPU was asked for and there is none.
    """
    if name != "cpu":
        # Counting does not start CUDA, which would fix the devices this process sees.
        take_gpu(torch.cuda.device_count())
    available = torch.cuda.is_available()
    if name == "cuda" and not available:
        raise InputError(f"device is 'cuda' but {_why_no_gpu()}, or use device 'auto' or 'cpu'")
    return torch.device("cuda" if available and name != "cpu" else "cpu")


def _why_no_gpu() -> str:
    """The reason torch sees no GPU, and what to do about it."""
    if torch.version.cuda is None:
        return (
            f"this PyTorch ({torch.__version__}) was built for CPUs only; remake its environment,"
            " envs/training.yaml, where there is a GPU, or with CONDA_OVERRIDE_CUDA=12.9 set"
        )
    return (
        f"torch sees no GPU ({VISIBLE} is {os.environ.get(VISIBLE, 'not set')}); check the driver"
        " by `nvidia-smi`"
    )


def device_name(device: torch.device) -> str:
    """The GPU's name as its driver says it, or ``cpu``."""
    return torch.cuda.get_device_name(device) if device.type == "cuda" else device.type


def use_threads(threads: int) -> None:
    """Let this process compute on ``threads`` CPU threads and keep the memory it frees.

    ``OMP_NUM_THREADS``, which Snakemake sets to the cores that the job has got, is their limit.
    glibc would hand every large block back to the kernel and fault it in again at the next step: a
    fifth of a training's time on the CPU. Call once, at the start of a program.
    """
    allowed = int(os.environ.get("OMP_NUM_THREADS", threads))
    torch.set_num_threads(min(threads, allowed))
    if sys.platform == "linux":
        set_option = getattr(ctypes.CDLL(None), "mallopt", None)
        if set_option is not None:
            set_option(MMAP_MAX, 0)
            set_option(TRIM_THRESHOLD, 2**31 - 1)

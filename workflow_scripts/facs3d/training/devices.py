"""Where torch computes, and how it uses the CPU."""

import ctypes
import os
import sys
import tempfile
from collections.abc import MutableMapping, Sequence
from pathlib import Path
from urllib.parse import quote

import torch

from facs3d.core.errors import InputError
from facs3d.core.lock import lock_first_free

DEVICES = ("auto", "cuda", "cpu")
VISIBLE = "CUDA_VISIBLE_DEVICES"
MMAP_MAX, TRIM_THRESHOLD = -4, -1
"""Parameters of glibc's ``mallopt``."""


def choose_device(name: str) -> torch.device:
    """The device for ``auto`` (a GPU if there is one), ``cuda`` or ``cpu``.

    A GPU is this process's own on this machine, see :func:`facs3d.training.devices.take_gpu`: call
    once, at the start of a program. Raises :class:`InputError` if a GPU was asked for and there is
    none.
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
    # AMD's GPUs are "cuda" too.
    if torch.version.cuda is None and torch.version.hip is None:
        return (
            f"this PyTorch ({torch.__version__}) was built for CPUs only; remake its environment,"
            " envs/training.yaml, where there is a GPU, or with CONDA_OVERRIDE_CUDA=12.9 set"
        )
    return (
        f"torch sees no GPU ({VISIBLE} is {os.environ.get(VISIBLE, 'not set')}); check the driver"
        " by `nvidia-smi` (AMD: `rocm-smi`)"
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


def take_gpu(count: int, environment: MutableMapping[str, str] = os.environ) -> None:
    """Leave this process one of ``count`` GPUs, one that no other process has taken this way.

    Call before CUDA starts: the choice is ``CUDA_VISIBLE_DEVICES`` in ``environment``. If that
    names one device (or none), a scheduler or the user has chosen and nothing is done; several are
    what is chosen from, as far as CUDA sees them: the first ``count``. Waits, saying so, while all
    are taken. The GPU is free again when the process has ended, however it ends. Other users'
    processes are not known of. Raises :class:`InputError` where no lock can be kept.
    """
    listed = environment.get(VISIBLE)
    entries = map(str, range(count)) if listed is None else listed.split(",")
    names = list(dict.fromkeys(entry.strip() for entry in entries))[:count]
    if len(names) > 1 or (names and listed is None):
        folder = Path(tempfile.gettempdir()) / f"facs3d-gpus-{os.getuid()}"
        try:
            folder.mkdir(mode=0o700, exist_ok=True)
            environment[VISIBLE] = _lock_one(names, folder)
        except OSError as error:
            raise InputError(
                f"{folder}: no lock on a GPU can be kept there ({error.strerror}); remove it, or "
                f"choose a GPU by {VISIBLE}"
            ) from error


def _lock_one(names: Sequence[str], folder: Path, pause: float = 1.0) -> str:
    """The first of ``names`` whose lock file in ``folder`` is free, locked until this process ends.

    The kernel frees a lock with its process, which therefore never closes the file.
    """
    descriptors = [
        os.open(folder / quote(name, safe=""), os.O_RDWR | os.O_CREAT, 0o600) for name in names
    ]
    chosen = lock_first_free(
        descriptors,
        pause=pause,
        on_wait=lambda: print(
            f"waiting for one of {len(names)} GPUs, all in use", file=sys.stderr, flush=True
        ),
    )
    for place, descriptor in enumerate(descriptors):
        if place != chosen:
            os.close(descriptor)
    assert chosen is not None  # it waits without end
    return names[chosen]

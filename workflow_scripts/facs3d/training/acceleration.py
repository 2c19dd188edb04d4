"""What makes training faster or smaller at the price of bits: precision, cuDNN, fused layers.

On a CPU the defaults change nothing.
"""

import os
import shutil
import sys
from contextlib import AbstractContextManager, nullcontext

import torch
from torch import Tensor, nn
from torch.nn import functional

from facs3d.training.models import ActionUnitModel

PRECISIONS = ("fp32", "tf32", "bf16")


def use_arithmetic(precision: str, autotune: bool, deterministic: bool) -> None:
    """Set this process's switches of a GPU's arithmetic. Call once, before the GPU is used.

    "fp32" is full single precision; "tf32" and "bf16" let what stays in float32 use TF32. With
    ``deterministic`` PyTorch uses reproducible algorithms only and cuDNN does not choose by time.
    """
    fast = precision != "fp32"
    torch.backends.cuda.matmul.allow_tf32 = fast
    torch.backends.cudnn.allow_tf32 = fast
    torch.backends.cudnn.benchmark = autotune and not deterministic
    torch.backends.cudnn.deterministic = deterministic
    if deterministic:
        # cuBLAS is reproducible only with a workspace of fixed size (CUDA's own documentation).
        os.environ["CUBLAS_WORKSPACE_CONFIG"] = ":4096:8"
    torch.use_deterministic_algorithms(deterministic)


def possible_precision(precision: str, device: torch.device) -> str:
    """``precision``, or "fp32" where that is "bf16" and the GPU has no such arithmetic (compute
    capability below 8.0: V100, T4, RTX 20); a line says so. The layers are then not fused."""
    if precision == "bf16" and device.type == "cuda":
        capability = torch.cuda.get_device_capability(device)
        if capability < (8, 0):
            print(
                f"note: {torch.cuda.get_device_name(device)} has no bfloat16 (compute capability "
                f"{capability[0]}.{capability[1]}, needs 8.0): training in fp32, slower",
                file=sys.stderr,
                flush=True,
            )
            return "fp32"
    return precision


def autocast(precision: str, device: torch.device) -> AbstractContextManager:
    """Where the forward pass computes in bfloat16; the weights stay float32."""
    if precision != "bf16":
        return nullcontext()
    return torch.autocast(device.type, torch.bfloat16)


class ReproduciblePool3d(nn.Module):
    """``nn.MaxPool3d(3, stride=2)``, one axis after another by comparisons of slices.

    The same values; the gradient differs only where positive values tie (it is shared). PyTorch has
    no reproducible gradient of its own pooling on a GPU: windows overlap, and are added atomically.
    """

    def __init__(self, padding: int) -> None:
        super().__init__()
        self.padding = padding

    def forward(self, maps: Tensor) -> Tensor:
        if self.padding:
            maps = functional.pad(maps, (self.padding,) * 6, value=float("-inf"))
        for axis in (2, 3, 4):
            n_windows = (maps.shape[axis] - 3) // 2 + 1
            first, second, third = (
                maps.narrow(axis, start, 2 * n_windows - 1)[_every_second(axis)]
                for start in (0, 1, 2)
            )
            maps = torch.maximum(torch.maximum(first, second), third)
        return maps


def make_reproducible(model: ActionUnitModel) -> None:
    """Replace the 3D poolings, which have no weights, by :class:`ReproduciblePool3d`."""
    if model.clip_stream is None:
        return
    for name, layer in model.clip_stream.named_children():
        if isinstance(layer, nn.MaxPool3d):
            assert isinstance(layer.padding, int)  # as make_stream gives it
            setattr(model.clip_stream, name, ReproduciblePool3d(layer.padding))


def fuse_blocks(model: ActionUnitModel) -> bool:
    """Train through :mod:`facs3d.training.fused.blocks`; where that cannot be, a line says why."""
    try:
        from facs3d.training.fused.blocks import fuse_streams
    except ImportError as error:
        reason = f"{error.name} is missing, which comes with PyTorch's CUDA builds"
    else:
        if shutil.which(os.environ.get("CC", "gcc")) is None and shutil.which("clang") is None:
            reason = "Triton needs a C compiler, gcc or clang"
        elif fuse_streams(model):
            return True
        else:
            reason = "their padding, channels or size of kernels do not allow it"
    print(
        f"layers are not fused ({reason}): slower, the same otherwise", file=sys.stderr, flush=True
    )
    return False


def _every_second(axis: int) -> tuple[slice, ...]:
    return (slice(None),) * axis + (slice(None, None, 2),)

"""Where the training clips lie, and how a batch of them comes to the device that computes.

On a CPU, and on a GPU that has room, all clips lie beside the network as uint8 (6 GB for EB+) and
a batch is picked there. Else they stay in host memory; a batch is picked into page-locked memory
and copied while the GPU still works on the ones before.
"""

from collections import deque
from collections.abc import Iterator
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

RESIDENT_SHARE = 0.4
"""Of the GPU's free memory, what the clips may take; the rest is the network's."""
BATCHES_AHEAD = 2


class ClipMemory(Protocol):
    """Clips, to be asked for by batches."""

    def batches(self, order: list[np.ndarray]) -> Iterator[Tensor]:
        """A copy of the clips of each batch of indices, (B, T, S, S) uint8 on the device."""
        ...


def place_clips(frames: np.ndarray, device: torch.device) -> ClipMemory:
    """Put ``frames`` (V, T, S, S) uint8 where training on ``device`` finds them fastest."""
    on_host = torch.from_numpy(frames)
    if device.type == "cuda":
        free, _ = torch.cuda.mem_get_info(device)
        if frames.nbytes > RESIDENT_SHARE * free:
            return StreamedClips(on_host, device)
    return ResidentClips(on_host.to(device))


class ResidentClips:
    """All clips lie on the device; a batch is picked without the host waiting."""

    def __init__(self, frames: Tensor) -> None:
        self.frames = frames

    def batches(self, order: list[np.ndarray]) -> Iterator[Tensor]:
        # One copy per epoch: one copy per step would make the host wait for the GPU.
        everything = torch.from_numpy(np.concatenate(order)).to(self.frames.device)
        for indices in everything.split([len(batch) for batch in order]):
            yield self.frames.index_select(0, indices)


class StreamedClips:
    """Clips in host memory, copied to a GPU batch by batch beside its work."""

    def __init__(self, frames: Tensor, device: torch.device) -> None:
        self.frames = frames
        self.device = device

    def batches(self, order: list[np.ndarray]) -> Iterator[Tensor]:
        copying, computing = (
            torch.cuda.Stream(self.device),
            torch.cuda.current_stream(self.device),
        )
        in_work: deque[torch.cuda.Event] = deque()
        for indices in order:
            picked = torch.empty(
                (len(indices), *self.frames.shape[1:]), dtype=torch.uint8, pin_memory=True
            )
            torch.index_select(self.frames, 0, torch.from_numpy(indices), out=picked)
            with torch.cuda.stream(copying):
                batch = picked.to(self.device, non_blocking=True)
            computing.wait_stream(copying)
            # Its memory must not be given away while the other stream still reads it.
            batch.record_stream(computing)
            yield batch
            in_work.append(computing.record_event())
            if len(in_work) > BATCHES_AHEAD:
                # Bounds the batches on their way; the GPU has others to work on meanwhile.
                in_work.popleft().synchronize()

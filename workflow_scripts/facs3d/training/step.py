"""One step of the optimiser on a batch of clips, in parts that fit into memory.

A batch goes through the network whole, or in micro-batches whose gradients are added up. The loss
is the whole batch's mean over its known labels either way. Batch normalisation is not the same: it
normalises each micro-batch by that micro-batch's own mean and variance, and its running statistics
move a little with each of them; with n clips at once every statistic is over n clips' frames. So
the weights depend on the size of the micro-batch; fix ``micro_batch_clips`` to have the same on
cards of any memory.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler

from facs3d.core.errors import InputError
from facs3d.training.acceleration import autocast
from facs3d.training.batches import Batch
from facs3d.training.losses import count_frames, weighted_loss
from facs3d.training.models import ActionUnitModel

MEMORY_SHARE = 0.9
"""Of a GPU's free memory, what micro-batches are sized for."""


@dataclass
class TrainingStep:
    """A step of ``optimizer`` and ``schedule`` on a batch with the class ``weights`` (A,).

    ``micro_batch`` clips go through ``model`` at once; 0 finds out on a GPU how many fit, and takes
    the whole batch on a CPU. Where memory runs out it is halved and the batch starts again, from
    the state before it. Raises :class:`InputError` if not even one clip fits.
    """

    model: ActionUnitModel
    optimizer: Optimizer
    schedule: LRScheduler
    weights: Tensor
    precision: str = "fp32"
    micro_batch: int = 0

    def state_dict(self) -> dict[str, int]:
        return {"micro_batch": self.micro_batch}

    def load_state_dict(self, state: dict[str, int]) -> None:
        self.micro_batch = state["micro_batch"]

    def __call__(self, batch: Batch) -> Tensor:
        """Returns the batch's loss, a scalar on the device: reading it would make the host wait."""
        n_clips = len(batch.labels)
        self.micro_batch = self.micro_batch or self._fitting(batch)
        loss = self._try(batch)
        while loss is None:
            size = min(self.micro_batch, n_clips)
            if size == 1:
                raise InputError(
                    "training: the memory does not hold one clip; set precision: bf16, fused: true "
                    "or a smaller frames_per_clip"
                )
            self.micro_batch = -(-size // 2)
            print(f"out of memory: {self.micro_batch} clips at once from here", file=sys.stderr)
            loss = self._try(batch)
        self.optimizer.step()
        self.schedule.step()
        return loss

    def _try(self, batch: Batch) -> Tensor | None:
        """The batch's loss, with its gradients in the parameters; None, and nothing changed, if
        memory ran out."""
        before = _ChangedByForward.of(self.model)
        try:
            return self._accumulate(batch)
        except torch.OutOfMemoryError:
            pass
        # Not in the `except` block: the error holds the failed pass's tensors.
        self.optimizer.zero_grad()
        before.restore(self.model)
        if self.weights.is_cuda:
            torch.cuda.empty_cache()
        return None

    def _accumulate(self, batch: Batch) -> Tensor:
        self.model.train()
        self.optimizer.zero_grad()
        n_frames = count_frames(batch.labels)
        losses = []
        for part in split(batch, self.micro_batch):
            with autocast(self.precision, part.clips.device):
                logits = self.model(self.model.as_input(part.clips), part.frames)
            loss = weighted_loss(logits.float(), part.labels, self.weights, n_frames)
            loss.backward()
            losses.append(loss.detach())
        return losses[0] if len(losses) == 1 else torch.stack(losses).sum()

    def _fitting(self, batch: Batch) -> int:
        """Clips that fit at once, in parts of about equal size, judged by a pass of one clip."""
        n_clips, device = len(batch.labels), batch.clips.device
        if device.type != "cuda":
            return n_clips
        self.micro_batch = 1
        allocated = torch.cuda.memory_allocated(device)
        torch.cuda.reset_peak_memory_stats(device)
        before = _ChangedByForward.of(self.model)
        if self._try(next(split(batch, 1))) is None:
            return 1
        self.optimizer.zero_grad()
        before.restore(self.model)
        per_clip = torch.cuda.max_memory_allocated(device) - allocated
        torch.cuda.empty_cache()
        free, _ = torch.cuda.mem_get_info(device)
        # Gradients and the optimiser's state come on top.
        kept = 3 * sum(p.numel() * p.element_size() for p in self.model.parameters())
        fitting = max(1, int(MEMORY_SHARE * (free - kept) // per_clip))
        return even_part(n_clips, fitting)


def even_part(n_clips: int, largest: int) -> int:
    """Size of a batch's parts, as few and as even as possible, none above ``largest``."""
    n_parts = -(-n_clips // largest)
    return -(-n_clips // n_parts)


def split(batch: Batch, n_clips: int) -> Iterator[Batch]:
    """The batch in parts of up to ``n_clips`` clips, in order."""
    for start in range(0, len(batch.labels), n_clips):
        rows = slice(start, start + n_clips)
        frames = None if batch.frames is None else batch.frames[rows]
        yield Batch(batch.clips[rows], frames, batch.labels[rows])


@dataclass(frozen=True)
class _ChangedByForward:
    """What a pass in training mode changes beside gradients: running statistics, random states."""

    buffers: list[Tensor]
    cpu_random: Tensor
    gpu_random: Tensor | None

    @classmethod
    def of(cls, model: ActionUnitModel) -> "_ChangedByForward":
        buffers = [buffer.clone() for buffer in model.buffers()]
        device = model.input_mean.device
        on_gpu = torch.cuda.get_rng_state(device) if device.type == "cuda" else None
        return cls(buffers, torch.get_rng_state(), on_gpu)

    def restore(self, model: ActionUnitModel) -> None:
        for buffer, value in zip(model.buffers(), self.buffers, strict=True):
            buffer.copy_(value)
        torch.set_rng_state(self.cpu_random)
        if self.gpu_random is not None:
            torch.cuda.set_rng_state(self.gpu_random, model.input_mean.device)

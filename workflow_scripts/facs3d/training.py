"""Training a network on all folds but one and predicting the held-out fold (Sec. III-C, IV-A)."""

import csv
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.optim import Optimizer
from torch.optim.lr_scheduler import ConstantLR, LRScheduler, OneCycleLR

from facs3d.batches import Batch, Sampling, TrainingClips, draw_batches, draw_order
from facs3d.checkpoints import Checkpoint
from facs3d.clips import ClipSet
from facs3d.devices import DEVICES
from facs3d.errors import InputError
from facs3d.losses import class_weights, weighted_loss
from facs3d.models import ActionUnitModel, Architecture, as_input
from facs3d.outputs import whole
from facs3d.predictions import Predictions
from facs3d.progress import track
from facs3d.provenance import array_digest, source_digest, versions
from facs3d.seeding import generator

HISTORY = ("epoch", "loss", "learning_rate", "seconds", "clips_per_second")


@dataclass(frozen=True)
class TrainingSettings:
    """How to train; the defaults are the paper's (Sec. IV-A.4) or, where it is silent, ours.

    ``batch_clips`` clips a step; ``frames_per_clip`` frames of each count in the loss (0 = all);
    ``optimizer`` "sgd" (with ``momentum``) or "adam"; ``schedule`` "constant" or "one_cycle"
    (``learning_rate`` is then the peak); ``class_weights``: Eq. 5, or all 1; ``subtract_mean``: the
    networks subtract the training clips' mean gray value. Augmentation, not in the paper:
    ``mirror`` half of the clips, ``shift`` them by up to so many pixels. ``device``: "auto", "cuda"
    or "cpu"; ``threads`` on the CPU (results are the same to the bit for the same number).
    """

    epochs: int = 30
    batch_clips: int = 20
    frames_per_clip: int = 0
    optimizer: str = "sgd"
    learning_rate: float = 1e-3
    momentum: float = 0.9
    weight_decay: float = 0.0
    schedule: str = "constant"
    class_weights: bool = True
    subtract_mean: bool = True
    mirror: bool = False
    shift: int = 0
    device: str = "auto"
    threads: int = 1

    def __post_init__(self) -> None:
        for name, minimum in (
            ("epochs", 1),
            ("batch_clips", 1),
            ("frames_per_clip", 0),
            ("weight_decay", 0),
            ("shift", 0),
            ("threads", 1),
        ):
            if getattr(self, name) < minimum:
                raise InputError(
                    f"training: {name} is {getattr(self, name)}, expected at least {minimum}"
                )
        if not self.learning_rate > 0:
            raise InputError(
                f"training: learning_rate is {self.learning_rate}, expected more than 0"
            )
        if not 0 <= self.momentum < 1:
            raise InputError(f"training: momentum is {self.momentum}, expected 0 <= momentum < 1")
        for name, allowed in (
            ("optimizer", ("sgd", "adam")),
            ("schedule", ("constant", "one_cycle")),
            ("device", DEVICES),
        ):
            if getattr(self, name) not in allowed:
                raise InputError(
                    f"training: {name} is {getattr(self, name)!r}, "
                    f"expected {' or '.join(map(repr, allowed))}"
                )

    @property
    def sampling(self) -> Sampling:
        """What of the clips a step sees."""
        return Sampling(self.frames_per_clip, self.mirror, self.shift)


def training_identity(
    clips: TrainingClips,
    model: str,
    architecture: Architecture,
    settings: TrainingSettings,
    seed: int,
    device: torch.device,
) -> dict[str, Any]:
    """All that decides the weights, by name: what a checkpoint must share with the training that
    goes on from it."""
    return {
        "model": model,
        **{f"architecture.{name}": value for name, value in asdict(architecture).items()},
        **{f"training.{name}": value for name, value in asdict(settings).items()},
        "training.device": device.type,
        "seed": seed,
        "action_units": list(clips.action_units),
        "data": array_digest(clips.frames, clips.labels),
        "code": source_digest("batches", "losses", "models", "training"),
        "torch": versions()["torch"],
    }


def train(
    model: ActionUnitModel,
    clips: TrainingClips,
    settings: TrainingSettings,
    seed: int,
    checkpoint: Checkpoint,
) -> list[dict[str, float]]:
    """Train ``model``, where it lies, for the epochs that ``checkpoint`` has not done yet.

    Returns the history, a row of :data:`HISTORY` an epoch. A training that was interrupted and goes
    on gives the same weights as an uninterrupted one. Raises :class:`InputError` where the loss or
    a weight becomes NaN or infinite; the checkpoint of the last good epoch stays.
    """
    device = model.input_mean.device
    model.input_mean.fill_(clips.mean() if settings.subtract_mean else 0)
    weights = np.ones(len(clips.action_units), np.float32)
    if settings.class_weights:
        weights = class_weights(clips.labels, clips.action_units)
    optimizer, schedule = make_optimizer(model, settings, len(clips))
    parts = {"model": model, "optimizer": optimizer, "schedule": schedule}
    history = checkpoint.restore(parts, device)
    for epoch in range(len(history) + 1, settings.epochs + 1):
        started = time.perf_counter()
        order = draw_order(len(clips), settings.batch_clips, seed, epoch)
        batches = draw_batches(clips, order, settings.sampling, seed, epoch)
        label = f"epoch {epoch}/{settings.epochs}"
        with _seeded(device, int(generator(seed, "dropout", epoch).integers(2**63))):
            losses = train_one_epoch(
                model,
                track(batches, label, "batches", len(order)),
                optimizer,
                schedule,
                torch.from_numpy(weights).to(device),
            )
        videos = [[clips.video[i] for i in indices] for indices in order]
        _check_finite(model, losses, videos, epoch)
        seconds = time.perf_counter() - started
        row = {
            "epoch": epoch,
            "loss": float(losses.mean()),
            "learning_rate": float(optimizer.param_groups[0]["lr"]),
            "seconds": seconds,
            "clips_per_second": len(clips) / seconds,
        }
        history.append(row)
        checkpoint.save(history, parts)
        left = (settings.epochs - epoch) * seconds
        print(f"{label}: loss {row['loss']:.4f}, {left:.0f} s left", file=sys.stderr, flush=True)
    return history


def train_one_epoch(
    model: ActionUnitModel,
    batches: Iterable[Batch],
    optimizer: Optimizer,
    schedule: LRScheduler,
    weights: Tensor,
) -> np.ndarray:
    """One optimiser step a batch; returns the batches' losses, which are read at the end only."""
    device = weights.device
    model.train()
    losses = []
    for batch in batches:
        frames = None if batch.frames is None else batch.frames.to(device)
        logits = model(as_input(batch.clips.to(device)), frames)
        loss = weighted_loss(logits, batch.labels.to(device), weights)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        losses.append(loss.detach())
    return torch.stack(losses).cpu().numpy()


def make_optimizer(
    model: ActionUnitModel, settings: TrainingSettings, n_clips: int
) -> tuple[Optimizer, LRScheduler]:
    """The optimiser, and a schedule that steps once a batch (one_cycle leaves the momentum be)."""
    rates = {"lr": settings.learning_rate, "weight_decay": settings.weight_decay}
    if settings.optimizer == "sgd":
        optimizer = torch.optim.SGD(model.parameters(), momentum=settings.momentum, **rates)
    else:
        optimizer = torch.optim.Adam(model.parameters(), **rates)
    if settings.schedule == "constant":
        return optimizer, ConstantLR(optimizer, factor=1.0)
    n_steps = settings.epochs * -(-n_clips // settings.batch_clips)
    return optimizer, OneCycleLR(
        optimizer, settings.learning_rate, total_steps=n_steps + 1, cycle_momentum=False
    )


def predict(model: ActionUnitModel, clips: ClipSet, indices: np.ndarray) -> Predictions:
    """Probabilities of every frame of the clips ``indices``, one clip at a time."""
    device = model.input_mean.device
    model.eval()
    n_frames = clips.frame_shape[0]
    probability = np.empty((len(indices), n_frames, len(clips.action_units)))
    with torch.inference_mode():
        for row, index in enumerate(track(indices, "predicting", "clips")):
            frames = torch.from_numpy(clips.read_frames([index])).to(device)
            probability[row] = torch.sigmoid(model(as_input(frames)))[0].cpu().numpy()
    return Predictions(
        video=np.repeat(np.array(clips.video)[indices], n_frames),
        subject=np.repeat(np.array(clips.subject)[indices], n_frames),
        frame_number=clips.frame_number[indices].ravel(),
        probability=probability.reshape(-1, probability.shape[-1]),
        label=clips.labels[indices].reshape(-1, probability.shape[-1]),
        action_units=clips.action_units,
    )


def write_history(history: list[dict[str, float]], path: str | Path) -> None:
    """Write the rows; ``learning_rate`` is the one after the epoch's last step.

    The table holds times, so it differs from run to run.
    """
    with whole(path) as unfinished, open(unfinished, "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, HISTORY, lineterminator="\n")
        writer.writeheader()
        writer.writerows(history)


@contextmanager
def _seeded(device: torch.device, seed: int) -> Iterator[None]:
    """Draw dropout from ``seed`` inside, without touching the global random state."""
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        torch.manual_seed(seed)
        yield


def _check_finite(
    model: ActionUnitModel, losses: np.ndarray, videos: list[list[str]], epoch: int
) -> None:
    """Refuse a loss, or a weight after the last step, that is NaN or infinite.

    ``videos`` are the names in each batch, for the message."""
    bad = np.flatnonzero(~np.isfinite(losses))
    if not len(bad) and all(value.isfinite().all() for value in model.state_dict().values()):
        return
    batch = int(bad[0]) if len(bad) else len(losses) - 1
    raise InputError(
        f"training diverged in epoch {epoch}, batch {batch + 1} (loss {losses[batch]}; videos "
        f"{', '.join(videos[batch])}); the checkpoint holds the epochs before; "
        "lower learning_rate or check these clips"
    )

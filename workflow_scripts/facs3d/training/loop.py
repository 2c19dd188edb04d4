"""Training a network on all folds but one (Sec. III-C, IV-A)."""

import csv
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.optim import Optimizer
from torch.optim.lr_scheduler import ConstantLR, LRScheduler, OneCycleLR

from facs3d.core.atomic import whole
from facs3d.core.errors import InputError
from facs3d.core.program import Preempted, notice_sigterm
from facs3d.core.progress import track
from facs3d.core.provenance import array_digest, versions
from facs3d.core.seeding import generator
from facs3d.planning.code_digest import code_digest
from facs3d.training.acceleration import fuse_blocks, make_reproducible
from facs3d.training.batches import Batch, TrainingClips, draw_batches, draw_order
from facs3d.training.checkpoint import Checkpoint, Progress, Stateful
from facs3d.training.clip_memory import place_clips
from facs3d.training.inference import ValidationClips
from facs3d.training.losses import class_weights
from facs3d.training.models import MEAN_GRAY, ActionUnitModel, Architecture
from facs3d.training.settings import TrainingSettings
from facs3d.training.step import TrainingStep

HISTORY = (
    "epoch",
    "loss",
    "learning_rate",
    "seconds",
    "clips_per_second",
    "validation_f1",
    "validation_auc",
)


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
        "code": code_digest(Path(__file__)),
        "torch": versions()["torch"],
    }


def train(
    model: ActionUnitModel,
    clips: TrainingClips,
    settings: TrainingSettings,
    seed: int,
    checkpoint: Checkpoint,
    validation: ValidationClips | None = None,
) -> list[dict[str, Any]]:
    """Train ``model``, where it lies, from where ``checkpoint`` is to the last epoch.

    Returns the history, a row of :data:`HISTORY` an epoch. A training that was interrupted and goes
    on gives the same weights as an uninterrupted one. On SIGTERM the step is finished, the state
    kept, and :class:`Preempted` raised. Raises :class:`InputError` where the loss or a weight
    becomes NaN or infinite; the checkpoint of the last good epoch stays.
    """
    device = model.input_mean.device
    model.standardise = settings.standardise
    mean = MEAN_GRAY if settings.standardise else clips.mean()
    model.input_mean.fill_(mean if settings.subtract_mean else 0)
    fit_to_device(model, settings)
    memory = place_clips(clips.frames, device)
    weights = np.ones(len(clips.action_units), np.float32)
    if settings.class_weights:
        weights = class_weights(clips.labels, clips.action_units)
    optimizer, schedule = make_optimizer(model, settings, len(clips))
    step = TrainingStep(
        model,
        optimizer,
        schedule,
        torch.from_numpy(weights).to(device),
        settings.precision,
        settings.micro_batch_clips,
    )
    parts: dict[str, Stateful]
    parts = {"model": model, "optimizer": optimizer, "schedule": schedule, "step": step}
    with checkpoint.alone(), notice_sigterm() as asked_to_end:
        progress = checkpoint.restore(parts, device)
        while len(progress.history) < settings.epochs:
            epoch = len(progress.history) + 1
            order = draw_order(len(clips), settings.batch_clips, seed, epoch)
            batches = draw_batches(
                clips, memory, order[len(progress.losses) :], settings.batch_options, seed, epoch
            )
            label = f"epoch {epoch}/{settings.epochs}"
            shown = track(batches, label, "batches", len(order) - len(progress.losses))
            with _seeded(device, int(generator(seed, "dropout", epoch).integers(2**63))):
                set_random_states(progress.random_states)
                progress = train_one_epoch(step, shown, progress, asked_to_end)
            videos = [[clips.video[i] for i in indices] for indices in order]
            _check_finite(model, progress.losses, videos, epoch)
            if len(progress.losses) == len(order):
                row = _history_row(progress, optimizer, len(clips))
                row |= validation.score(model) if validation else {}
                progress = Progress([*progress.history, row])
            checkpoint.save(progress, parts)
            if not progress.losses:
                left = (settings.epochs - epoch) * row["seconds"]
                line = f"{label}: loss {row['loss']:.4f}, {row['clips_per_second']:.1f} clips/s"
                print(f"{line}, {left:.0f} s left", file=sys.stderr, flush=True)
            if asked_to_end.is_set() and len(progress.history) < settings.epochs:
                print(f"SIGTERM: state kept in {checkpoint.path}", file=sys.stderr, flush=True)
                raise Preempted
    return progress.history


def train_one_epoch(
    step: TrainingStep, batches: Iterable[Batch], progress: Progress, asked_to_end: Event
) -> Progress:
    """A step on each batch, until the end or until asked to end; returns the progress then.

    The losses are read at the end only: reading one makes the host wait for the device."""
    started = time.perf_counter()
    losses = []
    for batch in batches:
        losses.append(step(batch))
        if asked_to_end.is_set():
            break
    values = torch.stack(losses).tolist()
    return Progress(
        progress.history,
        [*progress.losses, *values],
        progress.seconds + time.perf_counter() - started,
        random_states(step.weights.device),
    )


def fit_to_device(model: ActionUnitModel, settings: TrainingSettings) -> None:
    """Give the network the layout and the layers that the settings ask for."""
    if not settings.channels_last:
        model.to(memory_format=torch.contiguous_format)  # type: ignore[call-overload]  # not in its stubs
    on_gpu = model.input_mean.is_cuda
    fused = settings.fused and on_gpu and settings.precision == "bf16" and fuse_blocks(model)
    if settings.deterministic and on_gpu and not fused:
        make_reproducible(model)


def make_optimizer(
    model: ActionUnitModel, settings: TrainingSettings, n_clips: int
) -> tuple[Optimizer, LRScheduler]:
    """The optimiser, and a schedule that steps once a batch (one_cycle leaves the momentum be)."""
    rates: dict[str, Any] = {"lr": settings.learning_rate, "weight_decay": settings.weight_decay}
    # One kernel for all weights; on a CPU the plain one, whose bits are settled.
    fused = True if model.input_mean.is_cuda else None
    if settings.optimizer == "sgd":
        optimizer: Optimizer = torch.optim.SGD(
            model.parameters(), momentum=settings.momentum, fused=fused, **rates
        )
    else:
        optimizer = torch.optim.Adam(model.parameters(), fused=fused, **rates)
    if settings.schedule == "constant":
        return optimizer, ConstantLR(optimizer, factor=1.0)
    n_steps = settings.epochs * -(-n_clips // settings.batch_clips)
    return optimizer, OneCycleLR(
        optimizer, settings.learning_rate, total_steps=n_steps + 1, cycle_momentum=False
    )


def write_history(history: list[dict[str, Any]], path: str | Path) -> None:
    """Write the rows; ``learning_rate`` is the one after the epoch's last step.

    The validation columns are empty without validation subjects. The table holds times, so it
    differs from run to run.
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


def random_states(device: torch.device) -> dict[str, Tensor]:
    """The states of the generators that dropout on ``device`` draws from."""
    states = {"cpu": torch.get_rng_state()}
    if device.type == "cuda":
        states["cuda"] = torch.cuda.get_rng_state(device)
    return states


def set_random_states(states: dict[str, Tensor]) -> None:
    """Go on drawing from ``states``; none leave the generators as they are."""
    if "cpu" in states:
        torch.set_rng_state(states["cpu"].cpu())
    if "cuda" in states:
        torch.cuda.set_rng_state(states["cuda"].cpu())


def _history_row(progress: Progress, optimizer: Optimizer, n_clips: int) -> dict[str, Any]:
    return {
        "epoch": len(progress.history) + 1,
        # In single precision, as the losses are.
        "loss": float(np.mean(progress.losses, dtype=np.float32)),
        "learning_rate": float(optimizer.param_groups[0]["lr"]),
        "seconds": progress.seconds,
        "clips_per_second": n_clips / progress.seconds,
        "validation_f1": None,
        "validation_auc": None,
    }


def _check_finite(
    model: ActionUnitModel, losses: list[float], videos: list[list[str]], epoch: int
) -> None:
    """Refuse a loss, or a weight after the last step, that is NaN or infinite.

    ``videos`` are the names in each batch, for the message."""
    bad = np.flatnonzero(~np.isfinite(losses))
    if not len(bad) and all(value.isfinite().all() for value in model.state_dict().values()):
        return
    batch = int(bad[0]) if len(bad) else len(losses) - 1
    kept = "the checkpoint holds the epochs before; " if epoch > 1 else ""
    raise InputError(
        f"training diverged in epoch {epoch}, batch {batch + 1} (loss {losses[batch]}; videos "
        f"{', '.join(videos[batch])}); {kept}lower learning_rate or check these clips"
    )

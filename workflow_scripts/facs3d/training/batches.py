"""Training clips in memory, and the mini-batches of an epoch."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from facs3d.core.action_units import UNKNOWN
from facs3d.core.errors import InputError
from facs3d.core.seeding import generator
from facs3d.datasets.folds import held_out
from facs3d.preprocessing.clips import ClipSet
from facs3d.training.clip_memory import ClipMemory


@dataclass(frozen=True)
class TrainingClips:
    """V clips: ``frames`` (V, T, S, S) uint8, ``labels`` (V, T, A) int8 in {1, 0, -1}, V names."""

    frames: np.ndarray
    labels: np.ndarray
    video: tuple[str, ...]
    action_units: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.video)

    def usable(self) -> np.ndarray:
        """(V, T) bool: the frame has a known label."""
        return (self.labels != UNKNOWN).any(axis=2)

    def mean(self) -> float:
        """Mean gray value of the usable frames, in [0, 1]."""
        usable = self.usable()
        # Clip by clip: a mask over all frames at once would copy the whole data set.
        pairs = zip(self.frames, usable, strict=True)
        total = sum(int(clip[used].sum(dtype=np.uint64)) for clip, used in pairs)
        return total / (255 * int(usable.sum()) * self.frames[0, 0].size)


def split_clips(
    clips: ClipSet, folds: Mapping[str, int], fold: int
) -> tuple[np.ndarray, np.ndarray]:
    """Indices of the training clips (all other folds) and of the clips of the held-out ``fold``.

    Raises :class:`InputError` if ``folds`` (subject -> fold) does not fit the clips.
    """
    test_subjects = held_out(dict(folds), fold)
    for subject in clips.subject:
        if subject not in folds:
            raise InputError(
                f"{clips.path}: subject {subject!r} is in no fold; run split_folds anew"
            )
    training = clips.of_subjects(set(folds) - test_subjects)
    test = clips.of_subjects(test_subjects)
    if not len(training) or not len(test):
        part = "held out" if len(training) else "to train on"
        raise InputError(f"{clips.path}: fold {fold} leaves no clip {part}; run split_folds anew")
    return training, test


def split_validation(
    clips: ClipSet, training: np.ndarray, n_subjects: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Part the ``training`` clips' indices: to train on, and those of ``n_subjects`` random ones.

    Raises :class:`InputError` if that leaves no subject to train on.
    """
    subjects = sorted({clips.subject[index] for index in training})
    if n_subjects >= len(subjects):
        raise InputError(
            f"training: validation_subjects is {n_subjects} but there are {len(subjects)} training "
            "subjects; leave some to train on"
        )
    drawn = generator(seed, "validation").permutation(subjects)[:n_subjects]
    held_back = np.isin(np.array(clips.subject)[training], drawn)
    return training[~held_back], training[held_back]


def load_training_clips(clips: ClipSet, indices: np.ndarray) -> TrainingClips:
    """Read the clips ``indices``; :class:`InputError` if no label in them is known."""
    labels = clips.labels[indices]
    if not (labels != UNKNOWN).any():
        raise InputError(f"{clips.path}: no label is known in the {len(indices)} training clips")
    return TrainingClips(
        frames=clips.read_frames(indices),
        labels=labels,
        video=tuple(clips.video[index] for index in indices),
        action_units=clips.action_units,
    )


@dataclass(frozen=True)
class Batch:
    """``clips`` (B, T, S, S) uint8; the ``frames`` that count, (B, F) int64 or None for all; their
    ``labels`` (B, F, A) int8."""

    clips: Tensor
    frames: Tensor | None
    labels: Tensor


@dataclass(frozen=True)
class BatchOptions:
    """What of the clips a step sees: frames of a clip that count (0 = all), and augmentation:
    whether half of the clips are mirrored, and by up to how many pixels clips are moved."""

    frames_per_clip: int = 0
    mirror: bool = False
    shift: int = 0


def draw_order(n_clips: int, batch_clips: int, seed: int, epoch: int) -> list[np.ndarray]:
    """Indices of the clips of each mini-batch of an epoch: every clip once, in random order.

    The last batch may be short. Like all drawn here, the order depends on the arguments only, so a
    resumed training sees what an uninterrupted one sees.
    """
    order = generator(seed, "order", epoch).permutation(n_clips)
    return [order[start : start + batch_clips] for start in range(0, n_clips, batch_clips)]


def draw_batches(
    clips: TrainingClips,
    memory: ClipMemory,
    order: list[np.ndarray],
    options: BatchOptions,
    seed: int,
    epoch: int,
) -> Iterator[Batch]:
    """The mini-batches of one epoch, in the ``order`` of :func:`draw_order` or the rest of it.

    ``memory`` holds the clips' frames; the batches lie where it gives them out. What is drawn for a
    clip does not depend on ``order``.
    """
    n_clips = len(clips)
    frames = _draw_frames(clips, options.frames_per_clip, generator(seed, "frames", epoch))
    random = generator(seed, "augmentation", epoch)
    mirrored = random.random(n_clips) < (0.5 if options.mirror else 0)
    moves = random.integers(-options.shift, options.shift, size=(n_clips, 2), endpoint=True)
    labels, chosen = clips.labels, None
    rows = np.concatenate(order)
    if frames is not None:
        labels = np.take_along_axis(labels, frames[:, :, np.newaxis], axis=1)
    start = 0
    for indices, images in zip(order, memory.batches(order), strict=True):
        if start == 0:
            # One copy an epoch: a copy a step would make the host wait for the GPU.
            targets = torch.from_numpy(labels[rows]).to(images.device)
            if frames is not None:
                chosen = torch.from_numpy(frames[rows]).to(images.device)
        for row, index in enumerate(indices):
            if mirrored[index] or moves[index].any():
                images[row] = augment(images[row], bool(mirrored[index]), *moves[index].tolist())
        part = slice(start, start + len(indices))
        yield Batch(images, None if chosen is None else chosen[part], targets[part])
        start += len(indices)


def augment(clip: Tensor, mirror: bool, down: int, right: int) -> Tensor:
    """A clip (T, S, S), mirrored if asked, then moved by pixels; the border is repeated.

    All frames alike, so that movement stays movement.
    """
    height, width = clip.shape[1:]
    rows = torch.arange(height, device=clip.device).sub(down).clamp(0, height - 1)
    columns = torch.arange(width, device=clip.device).sub(right).clamp(0, width - 1)
    if mirror:
        columns = width - 1 - columns
    return clip.index_select(1, rows).index_select(2, columns)


def _draw_frames(
    clips: TrainingClips, frames_per_clip: int, random: np.random.Generator
) -> np.ndarray | None:
    """Frames without replacement, (V, frames_per_clip) ascending; unlabelled ones only where a clip
    has too few labelled. None if all frames count."""
    n_clips, n_frames = clips.labels.shape[:2]
    if frames_per_clip in (0, n_frames):
        return None
    if frames_per_clip > n_frames:
        raise InputError(
            f"training: frames_per_clip is {frames_per_clip} but clips have {n_frames} frames"
        )
    priority = random.random((n_clips, n_frames)) + ~clips.usable()
    return np.sort(priority.argsort(axis=1)[:, :frames_per_clip], axis=1)

"""Occlusion sensitivity (Sec. IV-C): accuracy on positive frames with a gray patch on the face.

The patch covers the same pixels in all frames of a clip. An engine computes the logits of one clip
for many patch positions; all engines in :data:`ENGINES` give the same numbers.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import h5py
import numpy as np
import torch
from torch import Tensor

from facs3d.checkpoints import TrainedModel
from facs3d.clips import ClipSet
from facs3d.devices import DEVICES
from facs3d.errors import InputError
from facs3d.losses import UNKNOWN
from facs3d.models import ActionUnitModel, as_input
from facs3d.outputs import whole
from facs3d.progress import track


@dataclass(frozen=True)
class OcclusionSettings:
    """The paper's patch, and how to compute.

    ``patch`` side and ``stride`` in pixels; ``value`` of the patch, on the input's scale of 0 to 1;
    ``threshold``: a frame is detected from this probability on; ``engine``: see :data:`ENGINES`;
    ``batch_positions`` computed at once: memory grows with it;
    ``max_clips``: so many clips, spread evenly over the held-out fold's, 0 = all; ``device``:
    "auto", "cuda" or "cpu"; ``threads`` on the CPU.
    """

    patch: int = 15
    stride: int = 3
    value: float = 0.5
    threshold: float = 0.5
    engine: str = "naive"
    batch_positions: int = 4
    max_clips: int = 0
    device: str = "auto"
    threads: int = 1

    def __post_init__(self) -> None:
        for name, minimum in (
            ("patch", 1),
            ("stride", 1),
            ("batch_positions", 1),
            ("max_clips", 0),
            ("threads", 1),
        ):
            if getattr(self, name) < minimum:
                raise InputError(
                    f"occlusion: {name} is {getattr(self, name)}, expected at least {minimum}"
                )
        for name in ("value", "threshold"):
            if not 0 <= getattr(self, name) <= 1:
                raise InputError(
                    f"occlusion: {name} is {getattr(self, name)}, expected a value from 0 to 1"
                )
        for name, allowed in (("engine", tuple(ENGINES)), ("device", DEVICES)):
            if getattr(self, name) not in allowed:
                raise InputError(
                    f"occlusion: {name} is {getattr(self, name)!r}, "
                    f"expected {' or '.join(map(repr, allowed))}"
                )


@dataclass(frozen=True)
class Sensitivity:
    """Accuracy on positive frames for A AUs at Y × X patch positions.

    ``accuracy`` (A, Y, X) and ``baseline_accuracy`` (A,) without a patch, float64 in [0, 1], NaN
    where ``n_positive`` (A,) int64 is 0; ``y`` (Y,) and ``x`` (X,) int64: the patch's top and left
    edge in pixels; ``n_clips`` that were occluded.
    """

    accuracy: np.ndarray
    baseline_accuracy: np.ndarray
    n_positive: np.ndarray
    y: np.ndarray
    x: np.ndarray
    n_clips: int


class Engine(Protocol):
    """Made for a model and one clip (T, S, S) float32 in [0, 1] on its device, and a patch."""

    def logits(self, positions: np.ndarray) -> Tensor:
        """Logits (P, T, A) with the patch's top left corner at ``positions`` (P, 2) int (y, x)."""
        ...


class NaiveEngine:
    """A full forward pass for every position: slow, and what other engines are checked against."""

    def __init__(self, model: ActionUnitModel, clip: Tensor, patch: int, value: float) -> None:
        self.model, self.clip, self.patch, self.value = model, clip, patch, value

    def logits(self, positions: np.ndarray) -> Tensor:
        occluded = self.clip.repeat(len(positions), 1, 1, 1)
        for row, (y, x) in enumerate(positions.tolist()):
            occluded[row, :, y : y + self.patch, x : x + self.patch] = self.value
        return self.model(occluded)


ENGINES: dict[str, Callable[[ActionUnitModel, Tensor, int, float], Engine]] = {"naive": NaiveEngine}


def patch_edges(side: int, patch: int, stride: int) -> np.ndarray:
    """Top (or left) edges of all patches that lie wholly in an image: 62 for 200, 15, 3."""
    if patch > side:
        raise InputError(f"occlusion: patch is {patch} px but faces are {side} px; set it lower")
    return np.arange(0, side - patch + 1, stride)


def measure_sensitivity(
    model: ActionUnitModel, clips: ClipSet, indices: np.ndarray, settings: OcclusionSettings
) -> Sensitivity:
    """Slide the patch over the clips ``indices``; ``model`` is in evaluation mode, on its device.

    Correct detections are counted clip by clip, so memory does not grow with their number.
    """
    device = next(model.parameters()).device
    edges = patch_edges(clips.frame_shape[1], settings.patch, settings.stride)
    positions = np.stack(np.meshgrid(edges, edges, indexing="ij"), axis=-1).reshape(-1, 2)
    chosen = spread(indices, settings.max_clips)
    n_aus = len(clips.action_units)
    n_detected = np.zeros((n_aus, len(positions)), np.int64)
    n_baseline = np.zeros(n_aus, np.int64)

    def detected(logits: Tensor, positive: Tensor) -> np.ndarray:
        """(P, A): how many positive frames reach the threshold."""
        hits = (torch.sigmoid(logits) >= settings.threshold) & positive
        return hits.sum(dim=1).cpu().numpy()

    with torch.inference_mode():
        for index in track(chosen, "occluding", "clips"):
            positive = torch.from_numpy(clips.labels[index] == 1).to(device)
            if not positive.any():
                continue
            clip = as_input(torch.from_numpy(clips.read_frames([index])[0]).to(device))
            n_baseline += detected(model(clip.unsqueeze(0)), positive)[0]
            engine = ENGINES[settings.engine](model, clip, settings.patch, settings.value)
            for start in range(0, len(positions), settings.batch_positions):
                batch = slice(start, start + settings.batch_positions)
                n_detected[:, batch] += detected(engine.logits(positions[batch]), positive).T

    n_positive = (clips.labels[chosen] == 1).sum(axis=(0, 1))
    defined = np.where(n_positive, n_positive, np.nan)
    return Sensitivity(
        accuracy=(n_detected / defined[:, np.newaxis]).reshape(n_aus, len(edges), len(edges)),
        baseline_accuracy=n_baseline / defined,
        n_positive=n_positive,
        y=edges,
        x=edges,
        n_clips=len(chosen),
    )


def spread(indices: np.ndarray, at_most: int) -> np.ndarray:
    """``at_most`` of ``indices``, evenly spaced from the first to the last; all of them for 0."""
    if at_most in (0, len(indices)) or at_most > len(indices):
        return indices
    return indices[np.linspace(0, len(indices) - 1, at_most).round().astype(int)]


def mean_face(clips: ClipSet, indices: np.ndarray) -> np.ndarray:
    """Mean of the labelled frames of the clips ``indices``, (S, S) float64 in [0, 1].

    A frame without a known label shows no face; without any such frame the mean is NaN.
    """
    total = np.zeros(clips.frame_shape[1:], np.int64)
    labelled = (clips.labels[indices] != UNKNOWN).any(axis=2)
    for index, used in zip(indices, labelled, strict=True):
        total += clips.read_frames([index])[0][used].sum(axis=0, dtype=np.int64)
    return total / (255 * int(labelled.sum()) or np.nan)


def write_sensitivity(
    sensitivity: Sensitivity,
    face: np.ndarray,
    trained: TrainedModel,
    fold: int,
    settings: OcclusionSettings,
    path: str | Path,
) -> None:
    """Write the arrays of :class:`Sensitivity` and ``mean_face``; parameters are attributes."""
    with whole(path) as unfinished, h5py.File(unfinished, "w") as file:
        for name in ("accuracy", "baseline_accuracy", "n_positive", "y", "x"):
            file[name] = getattr(sensitivity, name)
        file["mean_face"] = face
        file.attrs["model"] = trained.name
        file.attrs["fold"] = fold
        file.attrs["action_units"] = np.array(trained.action_units, np.int32)
        file.attrs["image_size"] = trained.clip_shape[1]
        file.attrs["n_clips"] = sensitivity.n_clips
        for name in ("patch", "stride", "value", "threshold", "engine"):
            file.attrs[name] = getattr(settings, name)

"""Occlusion sensitivity: what a gray patch on the face costs, of the accuracy on positive frames
(Sec. IV-C), and of the AUC, to which frames without the AU count too.

The patch covers the same pixels in all frames of a clip. An engine computes the logits of one clip
for many patch positions; all engines in :data:`ENGINES` give the same numbers.
"""

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from facs3d.core.action_units import ABSENT, PRESENT, UNKNOWN
from facs3d.core.errors import InputError
from facs3d.core.hdf5 import whole_hdf5
from facs3d.core.progress import track
from facs3d.core.settings import Settings, same_as, setting
from facs3d.evaluation.occlusion.incremental import IncrementalEngine, Patch
from facs3d.evaluation.occlusion.ranking import auc_of_grades, grades_of
from facs3d.evaluation.occlusion.state import (
    BARE,
    Counts,
    OcclusionState,
    clips_digest,
    weights_digest,
)
from facs3d.evaluation.runs import Run
from facs3d.evaluation.settings import EvaluationSettings
from facs3d.planning.code_digest import code_digest
from facs3d.preprocessing.clips import ClipSet
from facs3d.training.acceleration import use_arithmetic
from facs3d.training.devices import DEVICES, choose_device, use_threads
from facs3d.training.inference import all_finite
from facs3d.training.models import ActionUnitModel
from facs3d.training.weights import TrainedModel, load_model

ENGINES = ("incremental", "naive")
BY_AU = ("accuracy", "baseline_accuracy", "auc", "baseline_auc", "n_positive", "n_negative")
"""What a file holds, a row for each AU."""
WHAT_COUNTS = ("patch", "stride", "value", "threshold", "engine", "bfloat16")
"""Settings that a resumed run must share."""


@dataclass(frozen=True)
class OcclusionSettings(Settings, section="occlusion"):
    """The paper's patch, and how to compute (Sec. IV-C)."""

    patch: int = setting(
        15, "side of the patch, px of a clip's images; at most their side", minimum=1, paper="15"
    )
    stride: int = setting(3, "px from one position of the patch to the next", minimum=1, paper="3")
    value: float = setting(
        0.5,
        "gray of the patch, black 0 to white 1; 0.5 is the mean of a standardised frame",
        minimum=0,
        maximum=1,
        paper="0.5",
    )
    threshold: float = same_as(EvaluationSettings, "threshold")
    engine: str = setting(
        "incremental",
        "both give the same numbers: incremental computes only what the patch changes, naive works "
        "with any layer",
        choices=ENGINES,
    )
    max_clips: int = setting(
        0,
        "clips, spread evenly over the fold's (or another dataset's); 0 takes all",
        minimum=0,
        paper="all of the test fold",
    )
    memory_gb: float = setting(2.0, "GiB that a batch of patch positions may take", above=0)
    bfloat16: bool = setting(
        False,
        "differences of the incremental engine in bfloat16: faster, logits off by 0.001 typically, "
        "by 0.04 at most",
    )
    device: str = setting(
        "auto", "where to compute; auto takes a GPU if there is one", choices=DEVICES
    )
    threads: int = setting(1, "threads on the CPU", minimum=1)


@dataclass(frozen=True)
class Sensitivity:
    """Accuracy on positive frames, and AUC, for A AUs at Y × X patch positions.

    ``accuracy`` (A, Y, X) and ``baseline_accuracy`` (A,) without a patch, float64 in [0, 1], NaN
    where ``n_positive`` (A,) int64 is 0; ``auc`` and ``baseline_auc`` alike, of logits rounded as
    in :mod:`facs3d.evaluation.occlusion.ranking`, NaN also where ``n_negative`` is 0; ``y`` (Y,)
    and ``x`` (X,) int64: the patch's top and left edge in pixels; ``n_clips`` that were occluded.
    """

    action_units: tuple[int, ...]
    accuracy: np.ndarray
    baseline_accuracy: np.ndarray
    auc: np.ndarray
    baseline_auc: np.ndarray
    n_positive: np.ndarray
    n_negative: np.ndarray
    y: np.ndarray
    x: np.ndarray
    n_clips: int


class Engine(Protocol):
    """Computes the logits of one clip after the other under a patch at many positions."""

    def prepare(self, clip: Tensor) -> None:
        """Take a clip (T, S, S) float32, as the model's input, on its device."""
        ...

    def batches(self, positions: np.ndarray) -> list[np.ndarray]:
        """Indices of ``positions`` (P, 2), each in one batch, as they are best computed."""
        ...

    def logits(self, positions: np.ndarray) -> Tensor:
        """Logits (P, T, A) with the patch's top left corner at ``positions`` (P, 2) int (y, x)."""
        ...


class NaiveEngine:
    """A full forward pass for every position: slow, and what other engines are checked against.

    ``memory``: bytes that a batch may take; it works with any model and with any layers.
    """

    def __init__(
        self,
        model: ActionUnitModel,
        clip_shape: tuple[int, int, int],
        patch: Patch,
        memory: int,
    ) -> None:
        self.model, self.patch = model, patch
        clip = torch.zeros(clip_shape, device=next(model.parameters()).device)
        # Input and output of a layer, and the occluded clips.
        position_bytes = 4 * (2 * _largest_output(model, clip) + clip.numel())
        self.at_once = max(1, memory // position_bytes)

    def prepare(self, clip: Tensor) -> None:
        self.clip = clip

    def batches(self, positions: np.ndarray) -> list[np.ndarray]:
        order = np.arange(len(positions))
        return np.array_split(order, range(self.at_once, len(order), self.at_once))

    def logits(self, positions: np.ndarray) -> Tensor:
        occluded = self.clip.repeat(len(positions), 1, 1, 1)
        for row, (y, x) in enumerate(positions.tolist()):
            covered = occluded[row, :, y : y + self.patch.side, x : x + self.patch.side]
            covered[...] = self.patch.value
        return self.model(occluded)


def _largest_output(model: ActionUnitModel, clip: Tensor) -> int:
    """Number of values of the largest output of a layer for one clip."""
    sizes = [clip.numel()]

    def note(_module: object, _inputs: object, output: object) -> None:
        if isinstance(output, Tensor):
            sizes.append(output.numel())

    hooks = [module.register_forward_hook(note) for module in model.modules()]
    with torch.inference_mode():
        model(clip.unsqueeze(0))
    for hook in hooks:
        hook.remove()
    return max(sizes)


def make_engine(
    model: ActionUnitModel, clip_shape: tuple[int, int, int], settings: OcclusionSettings
) -> Engine:
    """The engine that the settings name."""
    patch, memory = Patch(settings.patch, settings.value), int(settings.memory_gb * 2**30)
    if settings.engine == "naive":
        return NaiveEngine(model, clip_shape, patch, memory)
    dtype = torch.bfloat16 if settings.bfloat16 else torch.float32
    return IncrementalEngine(model, clip_shape, patch, memory, dtype)


def patch_edges(side: int, patch: int, stride: int) -> np.ndarray:
    """Top (or left) edges of all patches that lie wholly in an image: 62 for 200, 15, 3."""
    if patch > side:
        raise InputError(f"occlusion: patch is {patch} px but faces are {side} px; set it lower")
    return np.arange(0, side - patch + 1, stride)


def measure_sensitivity(
    model: ActionUnitModel,
    clips: ClipSet,
    indices: np.ndarray,
    settings: OcclusionSettings,
    state_path: str | Path,
) -> Sensitivity:
    """Slide the patch over the clips ``indices``; ``model`` is in evaluation mode, on its device.

    Frames are counted as they come, so memory does not grow with the number of clips. The counts
    are kept at ``state_path`` after every clip; an interrupted run goes on after the last one that
    was finished. The caller removes the file once the result is safe.
    """
    edges = patch_edges(clips.frame_shape[1], settings.patch, settings.stride)
    positions = np.stack(np.meshgrid(edges, edges, indexing="ij"), axis=-1).reshape(-1, 2)
    chosen = spread(indices, settings.max_clips)
    n_positive, n_negative = (
        (clips.labels[chosen] == kind).sum(axis=(0, 1)) for kind in (PRESENT, ABSENT)
    )
    state = OcclusionState(
        state_path,
        {
            **{name: getattr(settings, name) for name in WHAT_COUNTS},
            "model": repr(model),
            "code": code_digest(Path(__file__)),
            "weights": weights_digest(model),
            "clips": clips_digest(clips, chosen),
        },
    )
    shape = (len(clips.action_units), len(edges), len(edges))
    counts = state.restore() or Counts.none(shape[0], len(positions))
    with torch.inference_mode():
        _count(model, clips, chosen, positions, settings, counts, state)
    accuracy = counts.detected / np.where(n_positive, n_positive, np.nan)[:, np.newaxis]
    auc = auc_of_grades(counts.graded[ABSENT], counts.graded[PRESENT])
    return Sensitivity(
        action_units=clips.action_units,
        accuracy=accuracy[:, :BARE].reshape(shape),
        baseline_accuracy=accuracy[:, BARE],
        auc=auc[:, :BARE].reshape(shape),
        baseline_auc=auc[:, BARE],
        n_positive=n_positive,
        n_negative=n_negative,
        y=edges,
        x=edges,
        n_clips=len(chosen),
    )


def _count(
    model: ActionUnitModel,
    clips: ClipSet,
    chosen: np.ndarray,
    positions: np.ndarray,
    settings: OcclusionSettings,
    counts: Counts,
    state: OcclusionState,
) -> None:
    """Add what the clips after the first ``counts.n_clips`` give to ``counts``."""
    device = next(model.parameters()).device
    engine = make_engine(model, clips.frame_shape, settings)
    batches = engine.batches(positions)
    remaining = range(counts.n_clips, len(chosen))
    steps = ((number, batch) for number in remaining for batch in range(len(batches)))

    def count(logits: Tensor, places: np.ndarray) -> None:
        """``logits`` (P, T, A) of the patch at ``places`` (P,)."""
        hits = (torch.sigmoid(all_finite(logits)) >= settings.threshold).cpu().numpy()
        counts.detected[:, places] += (hits & (labels == PRESENT)).sum(axis=1).T
        counts.grade(places, labels, grades_of(logits).cpu().numpy())

    total = len(remaining) * len(batches)
    for number, batch in track(steps, "occluding", "batches", total=total):
        index = chosen[number]
        labels = clips.labels[index]
        known = (labels != UNKNOWN).any()
        if batch == 0 and known:
            clip = model.as_input(torch.from_numpy(clips.read_frames([index])[0]).to(device))
            count(model(clip.unsqueeze(0)), np.array([BARE]))
            engine.prepare(clip)
        if known:
            places = batches[batch]
            count(engine.logits(positions[places]), places)
        if batch == len(batches) - 1:
            counts.n_clips = number + 1
            state.save(counts)


def spread(indices: np.ndarray, at_most: int) -> np.ndarray:
    """``at_most`` of ``indices``, evenly spaced from the first to the last; all of them for 0."""
    if at_most in (0, len(indices)) or at_most > len(indices):
        return indices
    return indices[np.linspace(0, len(indices) - 1, at_most).round().astype(int)]


def mean_face(clips: ClipSet, indices: np.ndarray) -> np.ndarray:
    """Mean of the labelled frames of the clips ``indices``, (S, S) float64 in [0, 1].

    Without a labelled frame the mean is NaN.
    """
    total = np.zeros(clips.frame_shape[1:], np.int64)
    labelled = (clips.labels[indices] != UNKNOWN).any(axis=2)
    for index, used in zip(indices, labelled, strict=True):
        total += clips.read_frames([index])[0][used].sum(axis=0, dtype=np.int64)
    return total / (255 * int(labelled.sum()) or np.nan)


def load_to_occlude(path: str | Path, settings: OcclusionSettings) -> TrainedModel:
    """The network of a weights file, ready on the settings' device with their threads;
    :class:`InputError` if it is the mean of several, whose layers are not one network's."""
    use_threads(settings.threads)
    # TF32 would cost the engine its exactness.
    use_arithmetic("fp32", autotune=False, deterministic=False)
    trained = load_model(path, choose_device(settings.device))
    if trained.trainings > 1:
        raise InputError(
            f"{path}: the mean of {trained.trainings} trainings, but occlusion is measured of one; "
            "give the weights of one"
        )
    return trained


def occlude(
    trained: TrainedModel,
    clips: ClipSet,
    indices: np.ndarray,
    run: Run,
    settings: OcclusionSettings,
    path: str | Path,
    other_dataset: str = "",
) -> None:
    """Measure the clips ``indices``, which have labels of the network's AUs, and write the file
    that :func:`facs3d.evaluation.occlusion.maps.read_occlusion` reads.

    ``other_dataset``: the name of the clips' dataset, if it is not the network's own. Then AUs
    without a known label there are left out: nothing can be said of them. An interrupted
    measurement goes on from ``<path's stem>.unfinished.npz`` beside the file.
    """
    path, network = Path(path), trained.network
    assert isinstance(network, ActionUnitModel)  # load_to_occlude takes no other
    state = path.with_name(f"{path.stem}.unfinished.npz")
    sensitivity = measure_sensitivity(network, clips, indices, settings, state)
    if other_dataset:
        labelled = (clips.labels[indices] != UNKNOWN).any(axis=(0, 1))
        sensitivity = _only(sensitivity, np.flatnonzero(labelled))
    face = mean_face(clips, indices)
    _write(sensitivity, face, run, settings, path, other_dataset)
    state.unlink(missing_ok=True)


def _only(sensitivity: Sensitivity, rows: np.ndarray) -> Sensitivity:
    """Of the AUs in these rows."""
    return replace(
        sensitivity,
        action_units=tuple(sensitivity.action_units[row] for row in rows),
        **{name: getattr(sensitivity, name)[rows] for name in BY_AU},
    )


def _write(
    sensitivity: Sensitivity,
    face: np.ndarray,
    run: Run,
    settings: OcclusionSettings,
    path: Path,
    other_dataset: str,
) -> None:
    """Write the arrays of :class:`Sensitivity` and ``mean_face``; parameters are attributes."""
    with whole_hdf5(path) as file:
        for name in (*BY_AU, "y", "x"):
            file[name] = getattr(sensitivity, name)
        file["mean_face"] = face
        for name, value in asdict(run).items():
            file.attrs[name] = value
        if other_dataset:
            file.attrs["other_dataset"] = other_dataset
        file.attrs["action_units"] = np.array(sensitivity.action_units, np.int32)
        file.attrs["image_size"] = len(face)
        file.attrs["n_clips"] = sensitivity.n_clips
        for name in WHAT_COUNTS:
            file.attrs[name] = getattr(settings, name)

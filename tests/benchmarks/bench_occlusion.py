"""The incremental occlusion engine against full forward passes and against captum.

``python -m tests.benchmarks.bench_occlusion`` computes a whole clip of the paper's size instead,
all 3,844 positions on one CPU thread, and says how long it took and how much memory.
"""

import copy
import resource
import time
from collections.abc import Callable, Iterator

import numpy as np
import torch
from captum.attr import Occlusion
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from facs3d.evaluation.occlusion.incremental import IncrementalEngine, Patch
from facs3d.evaluation.occlusion.sensitivity import NaiveEngine, patch_edges
from facs3d.training.devices import use_threads
from facs3d.training.models import ActionUnitModel, Architecture, build_model
from tests.benchmarks.comparison import Comparison, time_in_turns

PATCH = Patch(side=15, value=0.5)
STRIDE = 3
N_AUS = 12
MEMORY = 2**31
DEMO = Architecture(channels=(16, 32, 32), features=64, padding="same", pool_padding=1)
SIZES = {
    "126 frames, 200×200, channels 64/128/128": (Architecture(), (126, 200, 200)),
    "16 frames, 200×200, channels 16/32/32": (
        Architecture(channels=(16, 32, 32), features=64, pool_padding=1, padding="same"),
        (16, 200, 200),
    ),
    "demo: 12 frames, 80×80, channels 16/32/32": (DEMO, (12, 80, 80)),
}
PAPER = next(iter(SIZES))


def compare(device: torch.device) -> Iterator[Comparison]:
    """FACS3D-Net at each size: 64 positions spread over the face by us, all of them at the demo's
    size; by the others, whose time is the same everywhere, a few of them."""
    for size, (architecture, clip_shape) in SIZES.items():
        model, clip = _model_and_clip(architecture, clip_shape, device)
        others = {"naive loop": _naive(model, clip)}
        if size == PAPER:
            folded = _naive(_fold(model), clip)
            others |= {"captum": _captum(model, clip), "naive, BN folded, channels_last": folded}
        else:
            others["naive, 8 positions at once"] = _naive(model, clip, at_once=8)
        for against, theirs in others.items():
            yield _compare(size, against, model, clip, theirs)


def compare_keeping_memory(device: torch.device) -> Iterator[Comparison]:
    """The same against the naive loop in a process that keeps the memory it frees, as the
    pipeline's do: that speeds up the naive loop, whose maps are large, more than ours."""
    use_threads(1)
    for size, (architecture, clip_shape) in SIZES.items():
        model, clip = _model_and_clip(architecture, clip_shape, device)
        yield _compare(size, "naive loop, freed memory kept", model, clip, _naive(model, clip))


def _compare(
    size: str,
    against: str,
    model: ActionUnitModel,
    clip: torch.Tensor,
    theirs: Callable[[], int],
) -> Comparison:
    edges = patch_edges(clip.shape[1], PATCH.side, STRIDE)
    edges = edges[3::8] if len(edges) > 30 else edges
    positions = np.stack(np.meshgrid(edges, edges, indexing="ij"), axis=-1).reshape(-1, 2)

    def ours() -> int:
        for batch in batches:
            engine.logits(positions[batch])
        return len(positions)

    with torch.inference_mode():
        engine = IncrementalEngine(model, tuple(clip.shape), PATCH, MEMORY)
        engine.prepare(clip)
        batches = engine.batches(positions)
        seconds, their_seconds = time_in_turns(ours, theirs, clip.device)
    ratio = their_seconds / seconds
    device = torch.cuda.get_device_name() if clip.is_cuda else "cpu, 1 thread"
    return Comparison("occlusion", size, against, ratio, seconds, their_seconds, device)


def _model_and_clip(
    architecture: Architecture, clip_shape: tuple[int, int, int], device: torch.device
) -> tuple[ActionUnitModel, torch.Tensor]:
    model = build_model("facs3d", architecture, clip_shape, N_AUS, seed=0).eval().to(device)
    clip = torch.rand(clip_shape, generator=torch.Generator().manual_seed(0))
    return model, clip.to(device)


def _naive(model: ActionUnitModel, clip: torch.Tensor, at_once: int = 1) -> Callable[[], int]:
    """Full passes over ``at_once`` positions each."""
    engine = NaiveEngine(model, tuple(clip.shape), PATCH, memory=1)
    engine.at_once = at_once
    engine.prepare(clip)
    n_positions = 3 if clip.numel() > 10**6 else 16
    positions = np.linspace(0, clip.shape[1] - PATCH.side, n_positions).astype(int)
    positions = np.stack((positions, positions), axis=1)

    def work() -> int:
        for batch in engine.batches(positions):
            engine.logits(positions[batch])
        return n_positions

    return work


def _captum(model: ActionUnitModel, clip: torch.Tensor) -> Callable[[], int]:
    """captum's Occlusion with few, large windows: what is in a window costs it nothing."""
    n_passes = 0

    def forward(clips: torch.Tensor) -> torch.Tensor:
        nonlocal n_passes
        n_passes += 1
        return model(clips).sum(dim=(1, 2))

    def work() -> int:
        nonlocal n_passes
        n_passes = 0
        n_frames, side, _ = clip.shape
        Occlusion(forward).attribute(
            clip.unsqueeze(0),
            sliding_window_shapes=(n_frames, side // 2, side),
            strides=(n_frames, side // 2, side),
            baselines=PATCH.value,
        )
        return n_passes

    return work


def _fold(model: ActionUnitModel) -> ActionUnitModel:
    """The same network with batch normalisation folded into the convolutions."""
    model = copy.deepcopy(model)
    for stream, layout in (
        (model.frame_stream, torch.channels_last),
        (model.clip_stream, torch.channels_last_3d),
    ):
        names = [name for name, layer in stream.named_children() if name.startswith("conv")]
        for name in names:
            norm = name.replace("conv", "norm")
            folded = fuse_conv_bn_eval(getattr(stream, name), getattr(stream, norm))
            setattr(stream, name, folded)
            setattr(stream, norm, nn.Identity())
        stream.to(memory_format=layout)
    return model


def whole_clip() -> str:
    """Time and memory of all positions of one clip of the paper's size, on one CPU thread."""
    use_threads(1)
    architecture, clip_shape = SIZES[PAPER]
    model, clip = _model_and_clip(architecture, clip_shape, torch.device("cpu"))
    edges = patch_edges(clip_shape[1], PATCH.side, STRIDE)
    positions = np.stack(np.meshgrid(edges, edges), axis=-1).reshape(-1, 2)
    started, started_cpu = time.perf_counter(), time.process_time()
    with torch.inference_mode():
        engine = IncrementalEngine(model, clip_shape, PATCH, MEMORY)
        engine.prepare(clip)
        for batch in engine.batches(positions):
            engine.logits(positions[batch])
    seconds, cpu = time.perf_counter() - started, time.process_time() - started_cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    return f"{len(positions)} positions: {seconds:.0f} s ({cpu:.0f} s CPU), peak {peak:.1f} GiB"


if __name__ == "__main__":
    torch.set_num_threads(1)
    print(whole_clip())

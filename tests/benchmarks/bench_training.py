"""A training step of FACS3D-Net against plain PyTorch and against the per-frame 3D scheme.

``python -m tests.benchmarks.bench_training`` prints for each model clips per second, memory, the
share of time spent waiting for data and, on a GPU, the share of its measured peak that is used and
the time that the whole paper would take.
"""

import itertools
import resource
import time
from collections.abc import Callable, Iterator

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset
from torch.utils.flop_counter import FlopCounterMode

from facs3d.training.acceleration import use_arithmetic
from facs3d.training.batches import Batch, BatchOptions, TrainingClips, draw_batches
from facs3d.training.clip_memory import place_clips
from facs3d.training.loop import fit_to_device, make_optimizer
from facs3d.training.losses import weighted_loss
from facs3d.training.models import MODELS, ActionUnitModel, Architecture, build_model
from facs3d.training.settings import TrainingSettings
from facs3d.training.step import TrainingStep
from tests.benchmarks.comparison import Comparison, time_in_turns

PAPER = "126 frames, 200×200, channels 64/128/128"
CLIP_SHAPE = (126, 200, 200)
DEMO_SHAPE = (12, 80, 80)
DEMO = Architecture(channels=(16, 32, 32), features=64, padding="same", pool_padding=1)
N_AUS, WORKERS = 12, 2
PAPER_CLIPS, PAPER_EPOCHS, PAPER_FOLDS = 972, 30, 5
Work = Callable[[], int]


def compare(device: torch.device) -> Iterator[Comparison]:
    """Seconds per frame at the paper's size; steps of one clip on a CPU, of 20 on a GPU."""
    on_gpu = device.type == "cuda"
    n_clips = 20 if on_gpu else 1
    settings = TrainingSettings(batch_clips=n_clips, precision="bf16" if on_gpu else "fp32")
    clips = random_clips((10 if on_gpu else 2) * n_clips, CLIP_SHAPE)
    ours = our_step(new_model("facs3d", Architecture(), clips, device), clips, settings)
    others = {
        f"plain PyTorch, contiguous fp32, {WORKERS} workers": plain_step(clips, n_clips, device),
        "3D stream run for every frame": per_frame_step(clips, settings, device),
    }
    name = torch.cuda.get_device_name() if on_gpu else "cpu, 1 thread"
    for against, theirs in others.items():
        seconds, their_seconds = time_in_turns(ours, theirs, device, rounds=9 if on_gpu else 2)
        ratio = their_seconds / seconds
        yield Comparison("training_step", PAPER, against, ratio, seconds, their_seconds, name)


def random_clips(n_clips: int, clip_shape: tuple[int, int, int]) -> TrainingClips:
    random = np.random.default_rng(0)
    return TrainingClips(
        random.integers(0, 256, (n_clips, *clip_shape), np.uint8),
        random.integers(0, 2, (n_clips, clip_shape[0], N_AUS)).astype(np.int8),
        tuple(f"F{number:03d}_T1" for number in range(n_clips)),
        tuple(range(1, N_AUS + 1)),
    )


def new_model(
    name: str, architecture: Architecture, clips: TrainingClips, device: torch.device
) -> ActionUnitModel:
    return build_model(name, architecture, clips.frames.shape[1:], N_AUS, seed=0).to(device)


def our_step(model: ActionUnitModel, clips: TrainingClips, settings: TrainingSettings) -> Work:
    """The pipeline's own step and batches; returns the frames done."""
    step = new_step(model, clips, settings)
    batches = endless_batches(clips, settings.batch_clips, model.input_mean.device)

    def work() -> int:
        use_arithmetic(settings.precision, settings.autotune, settings.deterministic)
        batch = next(batches)
        step(batch)
        return batch.labels.shape[0] * batch.labels.shape[1]

    return work


def new_step(
    model: ActionUnitModel, clips: TrainingClips, settings: TrainingSettings
) -> TrainingStep:
    fit_to_device(model, settings)
    optimizer, schedule = make_optimizer(model, settings, len(clips))
    weights = torch.ones(N_AUS, device=model.input_mean.device)
    return TrainingStep(model, optimizer, schedule, weights, settings.precision)


def endless_batches(clips: TrainingClips, n_clips: int, device: torch.device) -> Iterator:
    memory = place_clips(clips.frames, device)
    order = np.split(np.arange(len(clips)), len(clips) // n_clips)
    for epoch in itertools.count(1):
        yield from draw_batches(clips, memory, order, BatchOptions(), seed=0, epoch=epoch)


class ClipDataset(Dataset):
    """Clips as most training scripts hold them: converted to float one at a time, by workers."""

    def __init__(self, clips: TrainingClips) -> None:
        self.clips = clips

    def __len__(self) -> int:
        return len(self.clips)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, torch.Tensor]:
        frames = torch.from_numpy(self.clips.frames[index]).float() / 255
        return frames, torch.from_numpy(self.clips.labels[index])


def plain_step(clips: TrainingClips, n_clips: int, device: torch.device) -> Work:
    """The same network in contiguous fp32 with PyTorch's own switches, fed by a DataLoader that
    keeps its workers, the loss read at every step."""
    model = new_model("facs3d", Architecture(), clips, device).train()
    model.to(memory_format=torch.contiguous_format)
    optimizer = torch.optim.SGD(model.parameters(), 1e-3, momentum=0.9)
    loader = DataLoader(
        ClipDataset(clips),
        n_clips,
        num_workers=WORKERS,
        pin_memory=device.type == "cuda",
        persistent_workers=True,
    )
    batches = itertools.chain.from_iterable(itertools.repeat(loader))
    weights = torch.ones(N_AUS, device=device)

    def work() -> int:
        torch.backends.cudnn.allow_tf32, torch.backends.cudnn.benchmark = True, False
        torch.backends.cuda.matmul.allow_tf32 = False
        frames, labels = (part.to(device) for part in next(batches))
        optimizer.zero_grad()
        loss = weighted_loss(model(frames), labels, weights)
        loss.backward()
        optimizer.step()
        loss.item()
        return labels.shape[0] * labels.shape[1]

    return work


def per_frame_step(clips: TrainingClips, settings: TrainingSettings, device: torch.device) -> Work:
    """A step on pairs of a clip and one of its frames, each with its own 3D pass.

    Everything else is ours, so that the ratio is the scheme's alone."""
    step = new_step(new_model("facs3d", Architecture(), clips, device), clips, settings)
    n_pairs = max(2, settings.batch_clips)
    frames = torch.arange(n_pairs, device=device).unsqueeze(1)
    batch = Batch(
        torch.from_numpy(clips.frames[:1]).to(device).expand(n_pairs, -1, -1, -1),
        frames,
        torch.from_numpy(clips.labels[0]).to(device)[frames],
    )

    def work() -> int:
        use_arithmetic(settings.precision, settings.autotune, settings.deterministic)
        step(batch)
        return n_pairs

    return work


def report(device: torch.device) -> Iterator[str]:
    """One line per model: the paper's size and batch on a GPU, the demo's on a CPU."""
    on_gpu = device.type == "cuda"
    architecture, shape = (Architecture(), CLIP_SHAPE) if on_gpu else (DEMO, DEMO_SHAPE)
    settings = TrainingSettings(
        batch_clips=20 if on_gpu else 5, precision="bf16" if on_gpu else "fp32"
    )
    use_arithmetic(settings.precision, settings.autotune, settings.deterministic)
    clips = random_clips(5 * settings.batch_clips, shape)
    paper_seconds = 0.0
    for name in MODELS:
        seconds, waiting = seconds_a_step(
            new_model(name, architecture, clips, device), clips, settings, n_steps=10
        )
        rate = settings.batch_clips / seconds
        line = f"{name}: {rate:.1f} clips/s, peak {peak_memory(device):.1f} GiB, "
        line += f"data wait {100 * waiting / seconds:.1f} %"
        if on_gpu:
            flops = flops_a_clip(new_model(name, architecture, clips, device), clips)
            line += f", {100 * rate * flops / matmul_peak(device):.0f} % of the matmul peak"
        paper_seconds += PAPER_FOLDS * PAPER_EPOCHS * PAPER_CLIPS / rate
        yield line
    if on_gpu:
        yield f"the paper's {len(MODELS) * PAPER_FOLDS} trainings: {paper_seconds / 60:.0f} min"


def seconds_a_step(
    model: ActionUnitModel, clips: TrainingClips, settings: TrainingSettings, n_steps: int
) -> tuple[float, float]:
    """Seconds a step takes, and how many of them are for its batch: those that a step on a batch
    at hand takes less."""
    device = model.input_mean.device
    step = new_step(model, clips, settings)
    batches = endless_batches(clips, settings.batch_clips, device)
    at_hand = itertools.repeat(next(batches))
    for _ in range(3):
        step(next(batches))
    finish(device)
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)

    def seconds(source: Iterator) -> float:
        started = time.perf_counter()
        for _ in range(n_steps):
            step(next(source))
        finish(device)
        return (time.perf_counter() - started) / n_steps

    whole = seconds(batches)
    return whole, max(0.0, whole - seconds(at_hand))


def flops_a_clip(model: ActionUnitModel, clips: TrainingClips) -> float:
    """Floating-point operations of a step on one clip, as PyTorch counts them."""
    device = model.input_mean.device
    with FlopCounterMode(display=False) as counter:
        model(model.as_input(torch.from_numpy(clips.frames[:1]).to(device))).sum().backward()
    return counter.get_total_flops()


def matmul_peak(device: torch.device, side: int = 8192, rounds: int = 20) -> float:
    """Operations per second of a large bfloat16 matrix product."""
    matrix = torch.randn(side, side, device=device, dtype=torch.bfloat16)
    for _ in range(3):
        matrix @ matrix
    finish(device)
    started = time.perf_counter()
    for _ in range(rounds):
        matrix @ matrix
    finish(device)
    return rounds * 2 * side**3 / (time.perf_counter() - started)


def peak_memory(device: torch.device) -> float:
    """Gibibytes: of the GPU's memory, or of this process so far."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device) / 2**30
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def finish(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)


if __name__ == "__main__":
    torch.set_num_threads(1)
    for line in report(torch.device("cuda" if torch.cuda.is_available() else "cpu")):
        print(line, flush=True)

"""What a benchmark reports: ours against theirs, timed in turns in one run on one thread."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

import torch


@dataclass(frozen=True)
class Comparison:
    """One row of results/benchmarks.csv; times are for the same piece of work."""

    benchmark: str
    size: str
    against: str
    ratio: float
    ours_seconds: float
    theirs_seconds: float
    device: str


def time_in_turns(
    ours: Callable[[], int], theirs: Callable[[], int], device: torch.device, rounds: int = 3
) -> tuple[float, float]:
    """Median seconds per item of two functions that return how many items they have done.

    In turns, so that a busy machine slows both. CPU time of this process on a CPU; on a GPU wall
    time until it is done. The first call of each is not counted.
    """
    ours(), theirs()
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for work, found in zip((ours, theirs), times, strict=True):
            started = _now(device)
            n_items = work()
            found.append((_now(device) - started) / n_items)
    return statistics.median(times[0]), statistics.median(times[1])


def _now(device: torch.device) -> float:
    if device.type == "cpu":
        return time.process_time()
    torch.cuda.synchronize()
    return time.perf_counter()

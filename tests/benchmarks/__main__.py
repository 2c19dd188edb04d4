"""Speed as ratios: ``make bench`` writes results/benchmarks.csv and prints it."""

from dataclasses import asdict
from pathlib import Path

import pandas as pd
import torch

from facs3d.core.atomic import whole
from tests.benchmarks import (
    bench_occlusion,
    bench_prediction,
    bench_registration,
    bench_rendering,
    bench_training,
)

OUTPUT = Path(__file__).resolve().parents[2] / "results" / "benchmarks.csv"


def main() -> None:
    torch.set_num_threads(1)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    cpu = torch.device("cpu")
    comparisons = [*bench_occlusion.compare(cpu), bench_registration.compare()]
    comparisons += [bench_rendering.compare(), bench_prediction.compare()]
    comparisons += bench_training.compare(cpu)
    if device.type == "cuda":
        comparisons += [*bench_occlusion.compare(device), *bench_training.compare(device)]
    # Last: it changes how this process holds memory.
    comparisons += bench_occlusion.compare_keeping_memory(cpu)
    table = pd.DataFrame(map(asdict, comparisons))
    with whole(OUTPUT) as unfinished:
        table.to_csv(unfinished, index=False, float_format="%.4g", lineterminator="\n")
    print(table.to_string(index=False, float_format="%.4g"))
    for line in [*bench_prediction.report(), *bench_training.report(device)]:
        print(line)


if __name__ == "__main__":
    main()

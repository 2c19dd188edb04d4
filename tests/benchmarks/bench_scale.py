"""The workflow at EB+'s size, without its hours: ``python tests/benchmarks/bench_scale.py``.

A fake EB+ (200 subjects, 1,261 videos) is indexed and validated; the DAG of the whole run is
planned; then every job is run with a stand-in for ``python`` that writes the job's outputs and
nothing else, and the finished run is planned again. Last, 1,215 clips of full size are assembled.
Prints a line each. ``--without-run`` leaves out the stand-in jobs (some minutes).
"""

import argparse
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

os.environ["OMP_NUM_THREADS"] = "1"
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "workflow_scripts"))

import numpy as np

from facs3d.action_units import PAPER_AUS
from facs3d.clips import Clip, write_clip
from tests.benchmarks.fake_ebplus import write_fake_ebplus

ROOT = Path(__file__).resolve().parents[2]
N_CLIPS, FRAME_SHAPE = 1215, (126, 200, 200)

STAND_IN = """#!/bin/sh
# Outputs are the paths under results/ that are not there yet.
for word; do
  case "$word" in results/*) [ -e "$word" ] || { mkdir -p "${word%/*}"; echo x > "$word"; } ;; esac
done
"""


def timed(command: list, folder: Path, path: str | None = None) -> tuple[float, float, str]:
    """Run a command in ``folder``: seconds, peak memory of the largest child in MB, output."""
    started = time.perf_counter()
    environment = os.environ | {
        "PATH": f"{path or Path(sys.executable).parent}:{os.environ['PATH']}"
    }
    done = subprocess.run(
        list(map(str, command)), cwd=folder, env=environment, capture_output=True, text=True
    )
    if done.returncode:
        sys.exit(f"{command}\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return time.perf_counter() - started, peak, done.stdout + done.stderr


def bench_dag(folder: Path, run_jobs: bool) -> None:
    for part in ("Snakefile", "rules", "workflow_scripts", "config", "envs", "profiles"):
        copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy
        copy(ROOT / part, folder / part)
    started = time.perf_counter()
    write_fake_ebplus(folder / "data")
    print(f"fake EB+ written: {time.perf_counter() - started:.0f} s", flush=True)
    (folder / "fake.yaml").write_text(f"dataset: {{root: {folder / 'data'}, sheet: videos.csv}}\n")
    snakemake = [sys.executable, "-m", "snakemake", "--cores", "2"]
    snakemake += ["--configfile", "config/ebplus.yaml", "fake.yaml", "--"]
    print(f"index_videos: {timed([*snakemake, 'index_videos'], folder)[0]:.1f} s", flush=True)
    seconds, peak, said = timed([*snakemake, "validate"], folder)
    print(f"validate: {seconds:.1f} s, {peak:.0f} MB at most", flush=True)
    print("  " + re.search("ready: .*", said)[0])
    plan = [*snakemake[:-1], "--dry-run", "--quiet", "rules"]
    seconds, peak, said = timed(plan, folder)
    jobs = re.search(r"total\s+(\d+)", said)[1]
    print(f"dry run of {jobs} jobs: {seconds:.1f} s, {peak:.0f} MB", flush=True)
    if run_jobs:
        bin_folder = folder / "bin"
        bin_folder.mkdir()
        (bin_folder / "python").write_text(STAND_IN)
        (bin_folder / "python").chmod(0o755)
        run = [*snakemake[:-1], "--quiet", "all"]
        seconds, peak, _said = timed(run, folder, str(bin_folder))
        print(f"run of {jobs} stand-in jobs: {seconds:.0f} s, {peak:.0f} MB", flush=True)
        seconds, peak, said = timed([*snakemake[:-1]], folder, str(bin_folder))
        assert "Nothing to be done" in said, said[-1000:]
        print(f"rerun with nothing to do: {seconds:.1f} s, {peak:.0f} MB", flush=True)


def bench_assembly(folder: Path) -> None:
    """One clip of noise under 1,215 names (links, so it is read from memory), written out whole."""
    frames = np.random.default_rng(0).integers(0, 256, FRAME_SHAPE, dtype=np.uint8)
    labels = np.zeros((FRAME_SHAPE[0], len(PAPER_AUS)), np.int8)
    clip = Clip(frames, labels, np.arange(FRAME_SHAPE[0], dtype=np.int32))
    write_clip(folder / "clip.h5", ("F001_T1", "F001", "T1"), PAPER_AUS, clip)
    paths = [folder / f"{number}.h5" for number in range(N_CLIPS)]
    for path in paths:
        os.link(folder / "clip.h5", path)
    started = time.perf_counter()
    with open(folder / "raw", "wb") as file:
        for _ in range(N_CLIPS):
            file.write(frames)
        file.flush()
        os.fsync(file.fileno())
    raw = time.perf_counter() - started
    (folder / "raw").unlink()
    command = [sys.executable, ROOT / "workflow_scripts" / "assemble_clips.py", "--clips", *paths]
    command += ["--max-excluded", "0", "--output", folder / "clips.h5"]
    seconds, peak, _said = timed([*command, "--excluded", folder / "excluded.csv"], folder)
    size = (folder / "clips.h5").stat().st_size / 1e9
    print(
        f"assemble_clips: {N_CLIPS} clips, {size:.1f} GB in {seconds:.0f} s ({size / seconds:.2f} "
        f"GB/s; writing the same bytes alone takes {raw:.0f} s), {peak:.0f} MB"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--without-run", action="store_true")
    parser.add_argument("--without-assembly", action="store_true", help="needs 13 GB of disk")
    args = parser.parse_args()
    # First, for the peak of memory is that of the largest child so far.
    if not args.without_assembly:
        with tempfile.TemporaryDirectory() as folder:
            bench_assembly(Path(folder))
    with tempfile.TemporaryDirectory() as folder:
        bench_dag(Path(folder), not args.without_run)


if __name__ == "__main__":
    main()

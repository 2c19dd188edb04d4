"""The workflow at EB+'s size, without its hours: ``python tests/benchmarks/bench_scale.py``.

A fake EB+ (200 subjects, 1,261 videos) is indexed and validated; the DAG of the whole run is
planned; then every job is run with a stand-in for its script that writes the job's outputs and
nothing else, and the finished run is planned again. Last, 1,215 clips of full size are assembled.
Prints one line per step. ``--without-run`` leaves out the stand-in jobs (some minutes).
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

from facs3d.core.action_units import PAPER_AUS
from facs3d.preprocessing.clips import Clip, write_clip
from facs3d.preprocessing.expected_input import ExpectedInput
from tests.benchmarks.fake_ebplus import write_fake_ebplus

ROOT = Path(__file__).resolve().parents[2]
N_CLIPS, FRAME_SHAPE = 1215, (126, 200, 200)

STAND_IN = """
import os, sys
for word in sys.argv:
    if word.startswith("results/") and not os.path.exists(word):
        os.makedirs(os.path.dirname(word), exist_ok=True)
        with open(word, "w") as file:
            file.write("x")
"""
"""Outputs are the paths under results/ that are not there yet."""


def timed(command: list, folder: Path) -> tuple[str, str]:
    """Run a command in ``folder``: what it cost, for people, and its output.

    Processor time is what it would take on an idle machine at least; memory is the peak of the
    largest process so far.
    """
    started, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(list(map(str, command)), cwd=folder, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{command}\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    seconds, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    cost = f"{seconds:.1f} s ({processor:.1f} s of processor), {after.ru_maxrss / 1024:.0f} MB"
    return cost, done.stdout + done.stderr


def bench_dag(folder: Path, run_jobs: bool) -> None:
    for part in ("Snakefile", "rules", "workflow_scripts", "config", "envs", "profiles"):
        copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy
        copy(ROOT / part, folder / part)
    started = time.perf_counter()
    write_fake_ebplus(folder / "data")
    print(f"fake EB+ written: {time.perf_counter() - started:.0f} s", flush=True)
    (folder / "fake.yaml").write_text(f"dataset: {{root: {folder / 'data'}, sheet: videos.csv}}\n")
    snakemake = [sys.executable, "-m", "snakemake", "--cores", "2"]
    snakemake += ["--configfile", "config/ebplus.yaml", "fake.yaml"]
    print("index_videos:", timed([*snakemake, "--", "index_videos"], folder)[0], flush=True)
    cost, said = timed([*snakemake, "--", "validate"], folder)
    print(f"validate: {cost}\n  {re.search('ready: .*', said)[0]}", flush=True)
    cost, said = timed([*snakemake, "--dry-run", "--quiet", "rules"], folder)
    jobs = re.search(r"total\s+(\d+)", said)[1]
    print(f"dry run of {jobs} jobs: {cost}", flush=True)
    if run_jobs:
        for script in (folder / "workflow_scripts").glob("*.py"):
            script.write_text(STAND_IN)
        cost, _said = timed([*snakemake, "--quiet", "all"], folder)
        print(f"run of {jobs} stand-in jobs: {cost}", flush=True)
        cost, said = timed(snakemake, folder)
        if "Nothing to be done" not in said:
            sys.exit(f"the rerun is not empty\n{said[-2000:]}")
        print(f"rerun with nothing to do: {cost}", flush=True)


def bench_assembly(folder: Path) -> None:
    """One clip of noise under 1,215 names (links, so it is read from memory), written out whole."""
    frames = np.random.default_rng(0).integers(0, 256, FRAME_SHAPE, dtype=np.uint8)
    labels = np.zeros((FRAME_SHAPE[0], len(PAPER_AUS)), np.int8)
    clip = Clip(frames, labels, np.arange(FRAME_SHAPE[0], dtype=np.int32))
    names = ("F001_T1", "F001", "T1")
    write_clip(folder / "clip.h5", names, PAPER_AUS, clip, "{}", ExpectedInput())
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
    command = [sys.executable, ROOT / "workflow_scripts" / "assemble_clips.py", "--folder", folder]
    command += ["--videos", *(path.stem for path in paths), "--max-excluded", "0"]
    command += ["--output", folder / "clips.h5", "--digest", folder / "clips.sha256"]
    cost, _said = timed([*command, "--excluded", folder / "excluded.csv"], folder)
    size = (folder / "clips.h5").stat().st_size / 1e9
    print(f"assemble_clips: {N_CLIPS} clips, {size:.1f} GB: {cost}")
    print(f"  writing as many bytes alone: {raw:.0f} s", flush=True)


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

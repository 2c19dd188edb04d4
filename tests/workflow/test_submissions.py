"""What profiles/slurm asks a scheduler for, and what is said of a refusal: sbatch is a stand-in."""

import json
import os
import sys
from itertools import pairwise

import pytest

from tests.support.checkout import Checkout, make_checkout

pytestmark = pytest.mark.workflow

REFUSAL = "sbatch: error: Batch job submission failed: Requested time limit is invalid"
SBATCH = f"""\
#!{sys.executable}
import json, sys
with open("submitted", "a") as file:
    print(json.dumps(sys.argv[1:]), file=file)
sys.exit({REFUSAL!r})
"""
N_VIDEOS = 70
OPTIONS = (
    *("--configfile", "tiny.yaml", "disk.yaml", "--profile", "profiles/slurm"),
    *("--cores", "16", "--retries", "0"),
)


@pytest.fixture
def checkout(tmp_path, monkeypatch) -> Checkout:
    """One whose dataset is 70 videos on disk, empty files, beside a scheduler that refuses all."""
    checkout = make_checkout(tmp_path / "checkout")
    root = checkout.folder / "dataset"
    (root / "videos").mkdir(parents=True)
    names = [f"v{number:03}" for number in range(N_VIDEOS)]
    for name in names:
        (root / "videos" / f"{name}.mp4").touch()
    (root / "labels.csv").write_text("video,frame,AU01\n")
    rows = [f"{name},s{name},T1,dataset/videos/{name}.mp4,dataset/labels.csv\n" for name in names]
    (checkout.folder / "sheet.csv").write_text(
        "".join(["video,subject,task,path,label_path\n", *rows])
    )
    (checkout.folder / "disk.yaml").write_text(
        "dataset: {synthesize: false, layout: generic, root: dataset, sheet: sheet.csv}\n"
    )
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("sbatch", "squeue", "sinfo", "sacct", "scontrol"):
        (programs / name).write_text(SBATCH if name == "sbatch" else "#!/bin/sh\n")
        (programs / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    return checkout


def run(checkout: Checkout) -> str:
    done = checkout.snakemake(*OPTIONS, "--", "results/tiny/clips.h5")
    assert done.returncode != 0
    return done.stdout + done.stderr


def submissions(checkout: Checkout) -> list[dict[str, str]]:
    """The options of each call of sbatch with their values."""
    said = run(checkout)
    lines = (checkout.folder / "submitted").read_text().splitlines()
    assert lines, said
    return [options(json.loads(line)) for line in lines]


def options(arguments: list[str]) -> dict[str, str]:
    flat = [part for word in arguments for part in word.split("=", 1)]
    return dict(pairwise([*flat, ""]))


def test_a_group_of_videos_fits_a_partition_of_two_hours(checkout):
    calls = submissions(checkout)
    assert len(calls) == 2  # 50 videos and 20
    for call in calls:
        assert int(call["-t"]) <= 120
        assert int(call["--cpus-per-task"]) <= 16
        assert int(call["--mem"]) <= 16 * 2000


def test_memory_can_be_asked_for_per_core(checkout):
    profile = checkout.folder / "profiles" / "slurm" / "config.yaml"
    text = profile.read_text()
    assert text.count("# mem_mb_per_cpu: f") == 1
    profile.write_text(text.replace("# mem_mb_per_cpu: f", "mem_mb_per_cpu: f"))
    for call in submissions(checkout):
        assert call["--mem-per-cpu"] == "4000M"
        assert "--mem" not in call


def test_why_a_job_was_refused_is_said(checkout):
    assert REFUSAL in run(checkout)

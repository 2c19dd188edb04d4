"""Command lines that people are told to use, and those that Snakemake runs, on made-up datasets."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from facs3d.datasets.sheet import Video, write_sheet
from facs3d.preprocessing.clips import Clip, open_clips, write_clip
from facs3d.preprocessing.expected_input import ExpectedInput
from tests.support.checkout import ROOT, Checkout, make_checkout
from tests.support.documents import PAGES, blocks, commands, named_configs

pytestmark = pytest.mark.workflow

SUBJECTS = range(1, 6)
CONDA = """#!/bin/sh
# All that a dry run with --use-conda asks of conda.
echo '{"conda_version": "25.1.0", "conda_prefix": "/", "platform": "linux-64",'
echo ' "get": {"channel_priority": "strict"}}'
"""
PAGE_COMMANDS = [
    command
    for path in PAGES
    for command in commands(path)
    if re.match(r"snakemake |python workflow_scripts/", command)
]
HEADER_COMMANDS = [
    command
    for path in sorted((ROOT / "config").glob("*.yaml"))
    for command in re.findall(r"^#   (snakemake .+?)  +\w", path.read_text(), re.M)
]
# A report is made of results, which nothing plans.
PLANS = r"snakemake|python workflow_scripts/predict\.py"
"""What runs Snakemake; other scripts plan nothing."""
COMMANDS = [
    command
    for command in dict.fromkeys(PAGE_COMMANDS + HEADER_COMMANDS)
    if re.match(PLANS, command) and "--report" not in command
]


def write(path: Path, text: str = "") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def write_bp4d(root: Path, frames: str) -> None:
    for number in SUBJECTS:
        write(root / "AUCoding" / "AU_OCC" / f"F00{number}_T1.csv", "0,1\n1,0\n")
        write(root / frames / f"F00{number}" / "T1" / "1.jpg")


def write_disfa(root: Path) -> None:
    for number in SUBJECTS:
        write(root / "ActionUnit_Labels" / f"SN00{number}" / f"SN00{number}_au1.txt", "1,0\n")
        write(root / "Videos_LeftCamera" / f"LeftVideoSN00{number}_comp.avi")


def run(folder: Path, command: str, *more: str) -> subprocess.CompletedProcess:
    return run_in_bash(folder, f"{command} {shlex.join(more)}")


def run_in_bash(folder: Path, line: str) -> subprocess.CompletedProcess:
    path = f"{folder}/bin:{Path(sys.executable).parent}:{os.environ['PATH']}"
    return subprocess.run(
        ["bash", "-c", line],
        cwd=folder,
        env=os.environ | {"PATH": path},
        capture_output=True,
        text=True,
        timeout=600,
    )


def write_documented_example(folder: Path) -> None:
    """The dataset `my_data` of docs/your-dataset.md as it stands there, and the pages' configs."""
    (table,) = blocks(ROOT / "docs" / "your-dataset.md", "csv")
    write(folder / "my_data" / "labels.csv", table)
    write(folder / "my_data" / "videos" / "anna_T1.mp4")
    write(folder / "my_data" / "videos" / "ben_T1" / "0.png")
    for page in PAGES:
        for name, config in named_configs(page).items():
            write(folder / name, config)


@pytest.fixture(scope="module")
def with_datasets(tmp_path_factory) -> Checkout:
    """A checkout with the root of every shipped config edited, what the pages' examples need, and
    the demo's networks."""
    folder = tmp_path_factory.mktemp("commands")
    checkout = make_checkout(folder / "checkout")
    conda = checkout.folder / "bin" / "conda"
    write(conda, CONDA)
    conda.chmod(0o755)
    write_bp4d(folder / "bp4d", "Sequences(2D+3D)")
    write_bp4d(folder / "bp4dplus", "2D+3D")
    write_bp4d(folder / "ebplus", "2D+3D")
    write_disfa(folder / "disfa")
    for video in ("my_video.mp4", "take 1 #2.mov"):
        write(checkout.folder / video)
    write_documented_example(checkout.folder)
    for fold in range(1, 6):
        own = checkout.folder / f"results/synthetic/models/facs3d/repeat1/fold{fold}/weights.pt"
        own.parent.mkdir(parents=True)
        shutil.copy(checkout.folder / "weights" / "facs3d.pt", own)
    # Another dataset's clips are taken as they lie.
    for name in ("clips.h5", "clips.sha256"):
        write(checkout.folder / "results" / "bp4d" / name)
    for name in ("bp4d", "bp4dplus", "ebplus", "disfa"):
        config = checkout.folder / "config" / f"{name}.yaml"
        text, n_roots = re.subn("root: /path/.*", f"root: {folder / name}", config.read_text())
        assert n_roots == 1
        config.write_text(text)
        done = run(checkout.folder, f"snakemake index_videos --cores 1 --configfile {config}")
        assert done.returncode == 0, done.stdout + done.stderr
    return checkout


def test_commands_are_found_where_people_read_them():
    assert len(COMMANDS) >= 13
    for config in ("bp4d", "bp4dplus", "ebplus", "disfa"):
        for target in ("snakemake index_videos", "snakemake validate", "snakemake --cores"):
            of_config = [line for line in COMMANDS if line.endswith(f"config/{config}.yaml")]
            assert any(line.startswith(target) for line in of_config), (config, target)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_of_the_pages_and_the_configs_can_be_planned(with_datasets, command):
    program = re.match(PLANS, command)[0]
    done = run_in_bash(with_datasets.folder, command.replace(program, f"{program} --dry-run", 1))
    assert done.returncode == 0, done.stdout + done.stderr
    if "--unlock" not in command:
        assert re.search(r"^total +[1-9]", done.stdout, re.M), done.stdout + done.stderr


@pytest.mark.parametrize("other", ["validate", "all", "results/ebplus/clips.h5"])
def test_index_videos_is_not_run_with_what_needs_its_sheet(with_datasets, other):
    command = "snakemake --cores 1 --dry-run --configfile config/ebplus.yaml --"
    for targets in (("index_videos", other), (other, "index_videos")):
        done = run(with_datasets.folder, command, *targets)
        assert done.returncode != 0
        assert f"index_videos writes the sheet that {other} would be planned by; run it alone" in (
            done.stdout + done.stderr
        )


def test_a_mistake_in_the_config_is_said_before_anything_runs(with_datasets):
    mine = with_datasets.folder / "mistaken.yaml"
    for text, message in (
        (
            "figures: {time_course: {video: nobody}}",
            "time_course.video: there is no video 'nobody'",
        ),
        ("training: {learning_rate: .nan}", "training.learning_rate: nan is not a finite number"),
        (
            'dataset: {root: "d{v}"}',
            "dataset.root: 'd{v}' does not match '^[^{}]+$'; the dataset's",
        ),
        ("dataset: {folds: 9}", "5 subjects cannot fill 9 folds"),
    ):
        mine.write_text(text)
        command = "snakemake --cores 1 --dry-run --configfile config/ebplus.yaml mistaken.yaml"
        done = run(with_datasets.folder, command)
        assert done.returncode != 0
        assert message in done.stdout + done.stderr
        assert "Traceback" not in done.stdout + done.stderr


def test_more_clips_than_fit_a_command_by_their_paths_are_assembled(tmp_path):
    """4,000 paths have 140 KiB; Linux refuses a command of more than 128."""
    checkout = make_checkout(tmp_path / "checkout")
    names = [(f"F{number:04d}", f"task{task:02d}") for number in range(400) for task in range(10)]
    videos = [
        Video(f"{subject}_{task}", subject, task, f"{subject}_{task}.avi", "labels.csv")
        for subject, task in names
    ]
    write_sheet(videos, checkout.folder / "videos.csv")
    (checkout.folder / "many.yaml").write_text(
        "dataset: {name: many, synthesize: false, root: data, sheet: videos.csv}\n"
    )
    folder = checkout.folder / "results" / "many" / "clips"
    folder.mkdir(parents=True)
    clip = Clip(np.zeros((2, 8, 8), np.uint8), np.zeros((2, 1), np.int8), np.arange(2))
    names = ("F0000_task00", "F0000", "task00")
    write_clip(tmp_path / "clip.h5", names, (1,), clip, "{}", ExpectedInput())
    for video in videos:
        os.link(tmp_path / "clip.h5", folder / f"{video.video}.h5")
    done = checkout.snakemake(
        *("--configfile", "tiny.yaml", "many.yaml", "--allowed-rules", "assemble_clips"),
        *("--", "results/many/clips.h5"),
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert len(open_clips(checkout.folder / "results" / "many" / "clips.h5")) == 4000

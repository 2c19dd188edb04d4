"""A checkout of its own for workflow tests, and Snakemake to run in it."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PARTS = ("Snakefile", "rules", "workflow_scripts", "config", "envs", "profiles", "report")


@dataclass(frozen=True)
class Checkout:
    """A copy of the workflow's files in a folder of its own."""

    folder: Path

    @property
    def results(self) -> Path:
        return self.folder / "results" / "tiny"

    def snakemake(self, *arguments: str) -> subprocess.CompletedProcess:
        """Run Snakemake on the tiny config with two cores; output is captured as text."""
        command = [sys.executable, "-m", "snakemake", "--configfile", "tiny.yaml", "--cores", "2"]
        return subprocess.run(
            [*command, *arguments],
            cwd=self.folder,
            env=os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
            capture_output=True,
            text=True,
            timeout=900,
        )

    def planned(self, *arguments: str) -> dict[str, int]:
        """Rule -> number of jobs that a run would execute."""
        done = self.snakemake("--dry-run", "--quiet", "rules", *arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        jobs: dict[str, int] = {}
        for line in (done.stdout + done.stderr).splitlines():
            words = line.split()
            if len(words) == 2 and words[1].isdecimal() and words[0] != "total":
                jobs[words[0]] = int(words[1])
        return jobs


def make_checkout(folder: Path) -> Checkout:
    folder.mkdir(parents=True, exist_ok=True)
    for part in PARTS:
        source = ROOT / part
        if source.is_dir():
            shutil.copytree(source, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, folder / part)
    shutil.copy(Path(__file__).with_name("tiny.yaml"), folder / "tiny.yaml")
    return Checkout(folder)


@pytest.fixture(scope="session")
def finished(tmp_path_factory) -> Checkout:
    """A checkout in which the tiny run has completed; tests that change it work on a copy."""
    checkout = make_checkout(tmp_path_factory.mktemp("finished") / "checkout")
    done = checkout.snakemake()
    assert done.returncode == 0, done.stdout + done.stderr
    return checkout


@pytest.fixture
def copy_of_finished(finished, tmp_path) -> Checkout:
    """The finished run with its history, free to be changed."""
    shutil.copytree(finished.folder, tmp_path / "checkout", symlinks=True)
    return Checkout(tmp_path / "checkout")

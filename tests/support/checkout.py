"""Copies of the workflow in folders of their own, and Snakemake to run in them."""

import os
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PARTS = (
    "Snakefile",
    "pyproject.toml",
    "rules",
    "workflow_scripts",
    "config",
    "envs",
    "profiles",
    "report",
    "weights",
)
TINY = Path(__file__).with_name("tiny.yaml")


@dataclass(frozen=True)
class Checkout:
    """A copy of the workflow's files in a folder of its own."""

    folder: Path

    @property
    def results(self) -> Path:
        return self.folder / "results" / "tiny"

    def start(self, *arguments: str) -> subprocess.Popen:
        """Start Snakemake on the tiny config with two cores; in a process group of its own."""
        command = [sys.executable, "-m", "snakemake", "--configfile", "tiny.yaml", "--cores", "2"]
        return subprocess.Popen(
            [*command, *arguments],
            cwd=self.folder,
            env=os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def snakemake(self, *arguments: str) -> subprocess.CompletedProcess:
        """Run Snakemake to its end; what it started ends with this call, whatever happens."""
        snakemake = self.start(*arguments)
        try:
            output, errors = snakemake.communicate(timeout=900)
        except BaseException:
            os.killpg(snakemake.pid, signal.SIGKILL)
            snakemake.wait()
            raise
        return subprocess.CompletedProcess(snakemake.args, snakemake.returncode, output, errors)

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
    shutil.copy(TINY, folder)
    return Checkout(folder)


def change(path: Path, before: str, after: str) -> None:
    """Replace the first ``before`` in a file, which must be there."""
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after, 1))

"""Every script in a fresh environment that holds the packages of its rules' env file only."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.checkout import ROOT, Checkout, make_checkout
from tests.support.environments import PIP_NAMES, dependencies, scripts_by_environment

pytestmark = pytest.mark.environments

NAMES = ("registration", "training", "analysis")


@pytest.fixture(scope="module")
def pythons(tmp_path_factory) -> dict[str, Path]:
    """Name of an environment -> its Python, with what conda would put there, from PyPI."""
    folder = tmp_path_factory.mktemp("environments")
    return {name: make_environment(name, folder / name) for name in NAMES}


def make_environment(name: str, folder: Path) -> Path:
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    wanted = dependencies(ROOT / "envs" / f"{name}.yaml")
    pins = [
        f"{PIP_NAMES.get(package, package)}=={version}.*"
        for package, version in wanted.items()
        if package not in ("python", "pip")
    ]
    python = folder / "bin" / "python"
    constraints = ["-c", str(ROOT / "requirements-lock.txt")]
    install([str(python), "-m", "pip", "install", *pins, *constraints])
    post_deploy = ROOT / "envs" / f"{name}.post-deploy.sh"
    if post_deploy.exists():
        install(["bash", str(post_deploy)], CONDA_PREFIX=str(folder))
    return python


def install(command: list[str], **environment: str) -> None:
    done = subprocess.run(command, env=os.environ | environment, capture_output=True, text=True)
    if "NewConnectionError" in done.stderr:
        pytest.skip("PyPI is out of reach")
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def scripts() -> dict[str, set[Path]]:
    return scripts_by_environment()


def with_their_pythons(checkout: Checkout, python_of: dict[str, Path]) -> None:
    """Let jobs' `python` be the one of the environment that the script's rules name."""
    stand_in = checkout.folder / "bin" / "python"
    cases = [f'{name}) exec {python} "$@" ;;\n' for name, python in python_of.items()]
    stand_in.parent.mkdir()
    stand_in.write_text('#!/bin/sh\ncase "${1##*/}" in\n' + "".join(cases) + "esac\nexit 1\n")
    stand_in.chmod(0o755)
    module = checkout.folder / "workflow_scripts" / "facs3d" / "planning" / "jobs.py"
    before, after = module.read_text().split("python: str = sys.executable")
    module.write_text(f"{before}python: str = {str(stand_in)!r}{after}")


@pytest.mark.parametrize("name", NAMES)
def test_help(name, scripts, pythons):
    for script in sorted(scripts[name]):
        done = subprocess.run([pythons[name], script, "--help"], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        assert done.stdout.startswith("usage: ")


def test_the_whole_pipeline(pythons, scripts, tmp_path):
    checkout = make_checkout(tmp_path / "checkout")
    named = [(path.name, pythons[name]) for name, paths in scripts.items() for path in paths]
    with_their_pythons(checkout, dict(named))
    done = checkout.snakemake()
    assert done.returncode == 0, done.stdout + done.stderr
    (checkout.folder / "disk.yaml").write_text(
        "dataset: {name: disk, synthesize: false, root: results/tiny/dataset, sheet: disk.csv}\n"
    )
    for target in ("index_videos", "validate"):
        done = checkout.snakemake("--configfile", "tiny.yaml", "disk.yaml", "--", target)
        assert done.returncode == 0, done.stdout + done.stderr

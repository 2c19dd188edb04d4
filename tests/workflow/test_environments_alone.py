"""Every script in a fresh environment that holds the packages of its rules' env file only."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from facs3d.planning.code_digest import LIBRARY
from tests.planning.test_environments import PIP_NAMES, ROOT, dependencies, environment, rules
from tests.support.checkout import Checkout, make_checkout

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


def with_their_pythons(checkout: Checkout, pythons: dict[str, Path]) -> None:
    """Let every rule of a checkout call the Python of the environment that it names."""
    for path in (checkout.folder / "rules").glob("*.smk"):
        smk = path.read_text()
        for _, text in rules(path):
            own = pythons[environment(text).stem]
            smk = smk.replace(
                text, text.replace("python workflow_scripts", f"{own} workflow_scripts")
            )
        assert not re.search(r'[" ]python ', smk)
        path.write_text(smk)


# Not what a developer runs by hand: document_settings.py.
OF_RULES = [
    path
    for path in sorted(LIBRARY.parent.glob("*.py"))
    if any(path.name in text for _, text in rules())
]


@pytest.mark.parametrize("script", OF_RULES, ids=lambda path: path.stem)
def test_help(script, pythons):
    name = next(environment(text).stem for _, text in rules() if script.name in text)
    done = subprocess.run([pythons[name], script, "--help"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("usage: ")


def test_the_whole_pipeline(pythons, tmp_path):
    checkout = make_checkout(tmp_path / "checkout")
    with_their_pythons(checkout, pythons)
    done = checkout.snakemake()
    assert done.returncode == 0, done.stdout + done.stderr
    (checkout.folder / "disk.yaml").write_text(
        "dataset: {name: disk, synthesize: false, root: results/tiny/dataset, sheet: disk.csv}\n"
    )
    for target in ("index_videos", "validate"):
        done = checkout.snakemake("--configfile", "tiny.yaml", "disk.yaml", "--", target)
        assert done.returncode == 0, done.stdout + done.stderr

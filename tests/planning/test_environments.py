"""Conda environments: every rule names one, it declares all its scripts import, versions agree."""

import re
import sys
import tomllib

import pytest

from facs3d.planning.code_digest import LIBRARY, code_files, imported_names
from tests.support.environments import PIP_NAMES, dependencies, environment, from_pypi, script
from tests.support.workflow import ROOT, read_rules

CONDA_NAMES = {
    "cv2": "opencv-python-headless",
    "matplotlib": "matplotlib-base",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "torch": "pytorch",
    "yaml": "pyyaml",
}
OPTIONAL = {"triton"}  # comes with PyTorch's CUDA builds; a CPU build does without
# Python, MediaPipe, which is imported by name, and what it needs.
INDIRECT = {"python", "pip", "mediapipe", "absl-py", "attrs", "flatbuffers", "protobuf"}


def needed(script):
    """Names of the third-party packages that a script's code imports, as conda calls them."""
    imported = {name.split(".")[0] for path in code_files(script) if path.suffix == ".py"
                for name in imported_names(path)}  # fmt: skip
    packages = imported - set(sys.stdlib_module_names) - {LIBRARY.name} - OPTIONAL
    return {CONDA_NAMES.get(name, name) for name in packages}


@pytest.fixture(scope="module")
def rules():
    """Name -> rule, of those that run something."""
    with read_rules() as found:
        yield {rule.name: rule for rule in found if rule.shellcmd}


def test_every_rule_has_an_environment_a_log_and_a_docstring(rules):
    assert len(rules) > 20
    for name, rule in rules.items():
        assert environment(rule).is_file(), name
        assert script(rule).is_file(), name
        assert rule.docstring, name
        assert len(rule.log) == 1, name
        assert rule.shellcmd.rstrip().endswith((">{log} 2>&1", "2>&1 | tee {log}")), name
        assert {"mem_mb", "runtime"} <= rule.resources.keys(), name


@pytest.mark.parametrize("name", ["registration", "training", "analysis"])
def test_an_environment_declares_exactly_what_its_scripts_import(rules, name):
    path = ROOT / "envs" / f"{name}.yaml"
    own = [script(rule) for rule in rules.values() if environment(rule) == path]
    declared = dependencies(path).keys() | from_pypi(path).keys()
    assert declared - INDIRECT == set().union(*map(needed, own))


def requirements() -> dict[str, str]:
    """Package -> version, of all requirements files."""
    versions = {}
    for path in ROOT.glob("requirements*.txt"):
        for line in path.read_text().splitlines():
            if line and not line.startswith("#"):
                name, version = line.split("==")
                assert versions.setdefault(name.lower(), version) == version, name
    return versions


def test_versions_agree_with_the_requirements():
    tested = requirements()
    for path in (ROOT / "envs").glob("*.yaml"):
        for name, version in dependencies(path).items():
            if name not in ("python", "pip"):
                own = tested[PIP_NAMES.get(name, name)]
                # conda-forge may lack a patch release: a prefix will do.
                assert f"{own}.".startswith(f"{version}."), f"{path.name}: {name}"
        for name, version in from_pypi(path).items():
            assert version == tested[name], f"{path.name}: {name}"


def test_what_follows_from_pypi_is_not_condas_too():
    path = ROOT / "envs" / "registration.yaml"
    added = from_pypi(path)
    assert {"mediapipe", "protobuf", "opencv-python-headless"} <= added.keys()
    assert not added.keys() & dependencies(path).keys()


def test_versions_agree_with_what_people_read():
    readme = (ROOT / "README.md").read_text()
    cluster = (ROOT / "docs" / "cluster.md").read_text()
    named = re.findall(r"([\w-]+)==([\w.]+)", readme + cluster)
    assert {"snakemake", "snakemake-executor-plugin-slurm", "pygments"} <= set(dict(named))
    for name, version in named:
        assert requirements()[name] == version, name
    python = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]
    assert python == ">=3.11,<3.13"
    assert "Python 3.11 or 3.12" in readme
    for path in (ROOT / "envs").glob("*.yaml"):
        assert dependencies(path)["python"] == "3.11"


def test_the_image_is_made_of_the_environments_requirements():
    lines = (ROOT / "Containerfile").read_text()
    (copied,) = re.findall(r"^COPY (.+) /opt/facs3d/$", lines, re.M)
    installed = re.findall(r"pip install --no-cache-dir (.+?)(?: \\)?$", lines, re.M)
    here = (ROOT / ".ci" / "make_environment").read_text()
    tested = re.findall(r'^"\$\{pip\[@\]\}" install (.+)$', here, re.M)
    assert installed == [line.replace(" -r requirements-dev.txt", "") for line in tested]
    assert set(copied.split()) == set(re.findall(r"requirements[\w-]*\.txt", " ".join(installed)))
    assert {"git", "gcc", "libc6-dev", "python3-dev"} <= set(lines.split())
    assert re.search(r"^USER (?!root)\w+$", lines, re.M)

"""Conda environments: every rule names one, it declares all its scripts import, versions agree."""

import re
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from facs3d.planning.code_digest import LIBRARY, code_files, imported_names

ROOT = Path(__file__).parents[2]
CONDA_NAMES = {
    "cv2": "opencv",
    "matplotlib": "matplotlib-base",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "torch": "pytorch",
    "yaml": "pyyaml",
}
PIP_NAMES = {
    "matplotlib-base": "matplotlib",
    "opencv": "opencv-python-headless",
    "pytorch": "torch",
}
# What MediaPipe needs; it comes by registration.post-deploy.sh, which pip is for.
OPTIONAL = {"triton"}  # comes with PyTorch's CUDA builds; a CPU build does without
INDIRECT = {"python", "pip", "absl-py", "attrs"}


def rules(*paths):
    """(rule, its text) of every rule that runs something, in these files or all."""
    for path in paths or sorted((ROOT / "rules").glob("*.smk")):
        for text in re.split(r"^rule ", path.read_text(), flags=re.MULTILINE)[1:]:
            yield text.split(":")[0], text


def environment(text):
    constant = re.search(r"conda:\n\s+([A-Z]+)\n", text)[1]
    common = (ROOT / "rules" / "common.smk").read_text()
    return ROOT / "rules" / re.search(rf'^{constant} = "([^"]+)"$', common, re.MULTILINE)[1]


def dependencies(path):
    declared = yaml.safe_load(path.read_text())
    assert declared["channels"] == ["conda-forge", "nodefaults"]
    return dict(map(str.strip, entry.partition("=")[::2]) for entry in declared["dependencies"])


def needed(script):
    """Names of the third-party packages that a script's code imports, as conda calls them."""
    imported = {name.split(".")[0] for path in code_files(script) if path.suffix == ".py"
                for name in imported_names(path)}  # fmt: skip
    packages = imported - set(sys.stdlib_module_names) - {LIBRARY.name} - OPTIONAL
    return {CONDA_NAMES.get(name, name) for name in packages}


def test_every_rule_has_an_environment_a_log_and_a_docstring():
    for name, text in rules():
        assert environment(text).is_file(), name
        assert re.search(r"^    log:\n", text, re.MULTILINE), name
        assert re.search(r'^    """', text, re.MULTILINE), name
        assert re.search(r">\{log\} 2>&1|2>&1 \| tee \{log\}", text), name
        assert re.search(r"^    resources:\n", text, re.MULTILINE), name


@pytest.mark.parametrize("name", ["registration", "training", "analysis"])
def test_an_environment_declares_exactly_what_its_scripts_import(name):
    path = ROOT / "envs" / f"{name}.yaml"
    wanted = set()
    for _, text in rules():
        if environment(text).resolve() == path:
            script = re.search(r'program\("(\w+\.py)"', text)[1]
            wanted |= needed(ROOT / "workflow_scripts" / script)
    declared = set(dependencies(path)) - INDIRECT
    assert declared == wanted


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
                assert f"{own}.".startswith(f"{version}."), f"{path.name}: {name}"
    post_deploy = (ROOT / "envs" / "registration.post-deploy.sh").read_text()
    pins = dict(re.findall(r"(\S+)==(\S+)", post_deploy))
    assert pins == {name: tested[name] for name in ("mediapipe", "protobuf", "flatbuffers")}


def test_versions_agree_with_the_readme():
    readme = (ROOT / "README.md").read_text()
    named = re.findall(r"([\w-]+)==([\w.]+)", readme)
    assert {"snakemake", "snakemake-executor-plugin-slurm"} <= set(dict(named))
    for name, version in named:
        assert requirements()[name] == version, name
    python = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]
    assert python == ">=3.11,<3.13"
    assert "Python 3.11 or 3.12" in readme
    for path in (ROOT / "envs").glob("*.yaml"):
        assert dependencies(path)["python"] == "3.11"

"""What the rules' environment files declare, and which script needs which."""

import re
from pathlib import Path

import yaml
from snakemake.rules import Rule

from tests.support.workflow import ROOT, read_rules

PIP_NAMES = {
    "matplotlib-base": "matplotlib",
    "pytorch": "torch",
}


def dependencies(path: Path) -> dict[str, str]:
    """Package -> version, as conda calls them."""
    declared = yaml.safe_load(path.read_text())
    assert declared["channels"] == ["conda-forge", "nodefaults"]
    return dict(map(str.strip, entry.partition("=")[::2]) for entry in declared["dependencies"])


def from_pypi(path: Path) -> dict[str, str]:
    """Package -> version, as PyPI calls them, of what an environment's post-deploy script adds."""
    post_deploy = path.with_suffix(".post-deploy.sh")
    return dict(
        re.findall(r"(\S+)==(\S+)", post_deploy.read_text() if post_deploy.exists() else "")
    )


def environment(rule: Rule) -> Path:
    return ROOT / "envs" / Path(str(rule.conda_env)).name


def script(rule: Rule) -> Path:
    """The one that the rule's code digest is of."""
    return Path(rule.params.script(None, None).strip("'"))


def scripts_by_environment() -> dict[str, set[Path]]:
    """Name of an environment -> the scripts of its rules; no script has two."""
    found: dict[str, set[Path]] = {}
    with read_rules() as rules:
        for rule in rules:
            if rule.shellcmd:
                found.setdefault(environment(rule).stem, set()).add(script(rule))
    assert len(set().union(*found.values())) == sum(map(len, found.values()))
    return found

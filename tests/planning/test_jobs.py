"""What a job's shell does first, run by bash."""

import subprocess
import sys
import venv
from pathlib import Path

import pytest
from snakemake.shell import shell

from facs3d.planning.jobs import job_prefix
from tests.support.workflow import read_rules


def run(prefix: str, command: str, **environment: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        ["bash", "-c", prefix + command],
        env={"PATH": "/usr/bin:/bin", **environment},
        capture_output=True,
        text=True,
    )


@pytest.fixture
def environment(tmp_path) -> Path:
    """A conda environment, as far as a shell can tell."""
    python = tmp_path / "env" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    return tmp_path / "env"


def test_without_conda_python_is_the_one_that_runs_snakemake(environment):
    prefix = job_prefix(False, str(environment / "bin" / "python"))
    done = run(prefix, "command -v python")
    assert done.stdout == f"{environment}/bin/python\n"


def test_with_conda_python_must_be_the_environments(environment):
    active = {"PATH": f"{environment}/bin:/usr/bin:/bin", "CONDA_PREFIX": str(environment)}
    done = run(job_prefix(True, outer="/opt/conda"), "echo on", **active)
    assert (done.returncode, done.stdout) == (0, "on\n")


@pytest.mark.parametrize("prefix", ["", "/opt/conda", "same"])
def test_a_failed_activation_stops_the_job(environment, prefix):
    outer = str(environment) if prefix == "same" else prefix
    path = {"PATH": f"{environment}/bin:/usr/bin:/bin"}
    done = run(job_prefix(True, outer=outer), "echo on", CONDA_PREFIX=outer, **path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("error: the conda environment of this job was not activated")
    assert run(job_prefix(True, outer=""), "echo on").returncode == 1


def test_the_users_own_packages_are_not_seen(tmp_path):
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    site = tmp_path / ".local" / "lib" / version / "site-packages"
    site.mkdir(parents=True)
    (site / "poison.py").write_text("")
    # Like conda's, this Python looks at ~/.local.
    venv.create(tmp_path / "env", system_site_packages=True)
    command = f"{tmp_path}/env/bin/python -c 'import poison'"
    assert run("", command, HOME=str(tmp_path)).returncode == 0
    done = run(job_prefix(False), command, HOME=str(tmp_path))
    assert "No module named 'poison'" in done.stderr


@pytest.mark.parametrize("conda", [True, False])
def test_the_workflow_puts_it_before_every_command(conda):
    with read_rules(conda=conda):
        assert shell._process_prefix.replace("{{", "{").replace("}}", "}") == job_prefix(conda)

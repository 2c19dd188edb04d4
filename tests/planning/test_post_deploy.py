"""What follows registration.yaml from PyPI, with made-up wheels and a user whose own pip settings
and packages are in the way."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.support.environments import from_pypi
from tests.support.workflow import ROOT

SCRIPT = ROOT / "envs" / "registration.post-deploy.sh"
PINS = from_pypi(ROOT / "envs" / "registration.yaml")


def content(name: str, version: str) -> dict[str, str]:
    """Path -> text of an installed package of one module."""
    module = name.replace("-", "_")
    info = f"{module}-{version}.dist-info"
    files = {
        f"{module}.py": f"version = {version!r}\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    return files | {f"{info}/RECORD": "".join(f"{path},,\n" for path in [*files, f"{info}/RECORD"])}


@pytest.fixture
def wheels(tmp_path) -> Path:
    folder = tmp_path / "wheels"
    folder.mkdir()
    for name, version in PINS.items():
        path = folder / f"{name.replace('-', '_')}-{version}-py3-none-any.whl"
        with zipfile.ZipFile(path, "w") as wheel:
            for member, text in content(name, version).items():
                wheel.writestr(member, text)
    return folder


@pytest.fixture
def home(tmp_path) -> Path:
    """A user who has another protobuf, this flatbuffers, and pip told to install elsewhere."""
    home = tmp_path / "home"
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    site = home / ".local" / "lib" / version / "site-packages"
    for name, own in {"protobuf": "5.29.0", "flatbuffers": PINS["flatbuffers"]}.items():
        for path, text in content(name, own).items():
            (site / path).parent.mkdir(parents=True, exist_ok=True)
            (site / path).write_text(text)
    settings = home / ".config" / "pip" / "pip.conf"
    settings.parent.mkdir(parents=True)
    settings.write_text("[global]\nuser = true\nrequire-virtualenv = true\n")
    return home


def files(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def deploy(wheels, home, tmp_path):
    """Runs the script in an environment that looks at ~/.local, as conda's do."""
    prefix = tmp_path / "environment"
    command = [sys.executable, "-m", "venv", "--system-site-packages", str(prefix)]
    subprocess.run(command, check=True)

    def run() -> tuple[subprocess.CompletedProcess, Path]:
        done = subprocess.run(
            ["bash", str(SCRIPT)],
            cwd=tmp_path,
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(home),
                "XDG_CONFIG_DIRS": str(tmp_path / "none"),
                "CONDA_PREFIX": str(prefix),
                "PYTHONPATH": str(next(home.glob(".local/lib/*/site-packages"))),
                "PIP_NO_INDEX": "1",
                "PIP_FIND_LINKS": str(wheels),
                "PIP_NO_CACHE_DIR": "1",
                "PIP_DISABLE_PIP_VERSION_CHECK": "1",
                "PIP_USER": "1",
            },
            capture_output=True,
            text=True,
        )
        return done, prefix

    return run


def test_the_users_own_packages_and_settings_have_no_part(deploy, home):
    before = files(home / ".local")
    done, prefix = deploy()
    assert done.returncode == 0, done.stdout + done.stderr
    assert files(home / ".local") == before
    (site,) = prefix.glob("lib/python*/site-packages")
    installed = {
        path.name.partition("-")[0].replace("_", "-"): path.name.removesuffix(".dist-info")
        for path in site.glob("*.dist-info")
    }
    for name, version in PINS.items():
        assert installed.get(name) == f"{name.replace('-', '_')}-{version}"


def test_packages_that_a_pip_conf_sends_elsewhere_are_an_error(deploy, home, tmp_path):
    settings = home / ".config" / "pip" / "pip.conf"
    settings.write_text(f"[install]\ntarget = {tmp_path / 'elsewhere'}\n")
    done, prefix = deploy()
    assert done.returncode == 1
    assert f"error: mediapipe is not in {prefix}; is there a target or prefix" in done.stderr

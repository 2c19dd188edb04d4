"""The head file: mesh, shape targets and facial movements of a parametric head, about 1 MB.

``head.npz`` is made by ``make_head_file.py`` from data of MakeHuman that are free of rights (CC0);
see ``NOTICE.md`` beside it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import numpy as np

from facs3d.core.atomic import whole

HEAD_FILE = Path(__file__).with_name("head.npz")
UNIT = 1e-3
"""Lengths are whole numbers of this share of a decimetre, MakeHuman's unit: 0.1 mm."""

SKIN, RIGHT_EYE, LEFT_EYE, UPPER_TEETH, LOWER_TEETH, TONGUE = range(6)
"""What a triangle belongs to."""


@dataclass(frozen=True, eq=False)
class Head:
    """A mesh and how it changes: ``vertices`` (V, 3) int16 x to the person's left, y up, z to the
    front; ``triangles`` (T, 3) int16; ``parts`` (T,) int8, see :data:`SKIN`. The targets lie one
    after the other: target i moves the vertices ``moved[start[i]:start[i + 1]]`` by ``by``."""

    vertices: np.ndarray
    triangles: np.ndarray
    parts: np.ndarray
    names: np.ndarray
    start: np.ndarray
    moved: np.ndarray
    by: np.ndarray

    def displacement(self, weights: Mapping[str, float]) -> np.ndarray:
        """Displacement (V, 3) float32 in dm: the sum of the named targets times their weights."""
        total = np.zeros(self.vertices.shape, np.float32)
        for name, weight in weights.items():
            index = self._index[name]
            chosen = slice(self.start[index], self.start[index + 1])
            total[self.moved[chosen]] += self.by[chosen] * np.float32(weight * UNIT)
        return total

    def part(self, *parts: int) -> np.ndarray:
        """The vertices of these parts."""
        return np.unique(self.triangles[np.isin(self.parts, parts)])

    @cached_property
    def _index(self) -> dict[str, int]:
        return {name: index for index, name in enumerate(self.names.tolist())}


def save_head(path: Path, head: Head) -> None:
    with whole(path) as unfinished:
        np.savez_compressed(unfinished, **vars(head))


@cache
def load_head() -> Head:
    """The head of the repository."""
    with np.load(HEAD_FILE, allow_pickle=False) as saved:
        return Head(**saved)

"""People of the parametric model, and AUs for them to show."""

from functools import cache

import numpy as np

from facs3d.core.action_units import PAPER_AUS
from facs3d.core.seeding import generator
from facs3d.synthetic.heads.actor import make_actor

AT_REST = np.zeros(12, np.float32)


@cache
def actor(name: str):
    return make_actor(generator(1, "person", name), AT_REST)


def showing(*aus: int) -> np.ndarray:
    return np.array([[5.0 if au in aus else 0.0 for au in PAPER_AUS]])

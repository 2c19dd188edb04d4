"""Independent random streams from one seed and names: no global random state anywhere."""

import hashlib

import numpy as np


def generator(seed: int, *names: str | int) -> np.random.Generator:
    """A random generator for one use, named by words and numbers (``generator(1, "folds")``).

    The stream depends on the seed and the names only, never on what else is drawn or how many
    videos there are; unlike ``hash()`` it is the same in every process.
    """
    digest = hashlib.sha256("\x1f".join(map(str, names)).encode()).digest()
    return np.random.default_rng([seed, *np.frombuffer(digest[:16], dtype=np.uint32).tolist()])


def seed_of_repeat(seed: int, repeat: int) -> int:
    """The seed of repeat 1, 2, … of everything that ``seed`` is for; the first has ``seed`` itself,
    so that to repeat more often changes nothing that is known."""
    return seed if repeat == 1 else int(generator(seed, "repeat", repeat).integers(2**31))

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

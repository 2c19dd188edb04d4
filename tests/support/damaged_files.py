"""Faults in files of any kind, drawn at random."""

import numpy as np


def damage(content: bytes, random: np.random.Generator) -> bytes:
    """``content`` with one to five faults, more of them near its start, where heads are."""
    changed = bytearray(content)
    for _ in range(random.integers(1, 6)):
        near = random.random() < 0.5
        place = int(random.integers(0, min(len(changed), 600) if near else len(changed)))
        how = random.integers(0, 5)
        if how == 0:
            changed[place] ^= 1 << int(random.integers(0, 8))
        elif how == 1:
            changed[place] = int(random.choice([0, 1, 0x7F, 0x80, 0xFF]))
        elif how == 2:
            changed[place : place + 4] = bytes([int(random.choice([0, 0xFF]))]) * 4
        elif how == 3 and place > 20:
            del changed[place:]
        else:
            changed[place:place] = changed[place : place + int(random.integers(1, 64))]
    return bytes(changed)

"""Seeds of repeats, as the rules hand them to jobs."""

import hashlib


def seed_of_repeat(seed: int, repeat: int) -> int:
    """The seed of repeat 1, 2, … of everything that ``seed`` is for; the first has ``seed`` itself,
    so that to repeat more often changes nothing that is known."""
    if repeat == 1:
        return seed
    digest = hashlib.sha256(f"{seed}\x1frepeat\x1f{repeat}".encode()).digest()
    return int.from_bytes(digest[:4], "big") >> 1

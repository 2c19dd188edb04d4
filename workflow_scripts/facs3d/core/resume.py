"""What resumable work shares: it goes on only from the state of the same work."""

from collections.abc import Mapping
from typing import Any


def differences(there: Mapping[str, Any], here: Mapping[str, Any]) -> str:
    """What differs between two identities, which hold by name everything that decides a result
    (plain values): ``seed is 1 there, 2 here; …``; empty if nothing does."""
    differing = (
        f"{name} is {there.get(name)!r} there, {here.get(name)!r} here"
        for name in sorted({*there, *here})
        if there.get(name) != here.get(name)
    )
    return "; ".join(differing)

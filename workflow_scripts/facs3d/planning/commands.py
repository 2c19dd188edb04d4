"""Settings as the flags of a command line. Standard library only."""

import shlex
from collections.abc import Mapping


def flags(values: Mapping[str, object], prefix: str = "") -> str:
    """The scalar and list values of a config section as shell text, sorted by name.

    ``{"epochs": 3, "mirror": True, "steps": [2, 3]}`` becomes ``--epochs 3 --mirror --steps 2 3``;
    false is ``--no-mirror``, null is left out, and so are sections within the section.
    """
    words: list[str] = []
    for name, value in sorted(values.items()):
        flag = f"--{prefix}{name.replace('_', '-')}"
        if isinstance(value, bool):
            words.append(flag if value else f"--no-{flag.removeprefix('--')}")
        elif isinstance(value, list | tuple):
            words += [flag, *map(str, value)]
        elif value is not None and not isinstance(value, Mapping):
            words += [flag, str(value)]
    return shlex.join(words)


def positive_flag(positive: str | Mapping[str, str]) -> str:
    """``dataset.positive`` as a flag: ``--positive default=intensity>=2 AU24=occurrence``."""
    rules = {"default": positive} if isinstance(positive, str) else positive
    return shlex.join(["--positive", *(f"{au}={rule}" for au, rule in sorted(rules.items()))])

"""Settings as the flags of a command line."""

from dataclasses import asdict


def flags_of(settings: object, prefix: str = "") -> list[str]:
    """The words that say all fields of a settings dataclass, as the workflow writes them."""
    words = []
    for name, value in asdict(settings).items():
        flag = f"{prefix}{name.replace('_', '-')}"
        if isinstance(value, bool):
            words.append(f"--{flag}" if value else f"--no-{flag}")
        elif isinstance(value, tuple):
            words += [f"--{flag}", *map(str, value)]
        else:
            words += [f"--{flag}", str(value)]
    return words

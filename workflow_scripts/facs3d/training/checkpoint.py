"""The state of an unfinished training on disk, to go on from."""

import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor

from facs3d.core.atomic import whole
from facs3d.core.errors import InputError
from facs3d.core.lock import lock_first_free
from facs3d.core.resume import differences
from facs3d.training.torch_file import read_torch_file, write_torch_file


class Stateful(Protocol):
    """A network, an optimiser or a learning-rate schedule."""

    def state_dict(self) -> dict[str, Any]: ...

    def load_state_dict(self, state: dict[str, Any], /) -> object: ...


@dataclass(frozen=True)
class Progress:
    """How far a training is: the ``history`` of its whole epochs and, of an epoch that was broken
    off, the ``losses`` of its first batches, the ``seconds`` they took and the random states."""

    history: list[dict[str, float | None]] = field(default_factory=list)
    losses: list[float] = field(default_factory=list)
    seconds: float = 0.0
    random_states: dict[str, Tensor] = field(default_factory=dict)


class Checkpoint:
    """The state of an unfinished training, rewritten whole after every epoch.

    ``identity`` holds by name everything that decides the result (plain values). Training goes on
    only from a checkpoint of the same identity. The state before the last one is kept beside it
    (``checkpoint.before.pt``), for the case that the last one is damaged.
    """

    def __init__(self, path: str | Path, identity: Mapping[str, Any]) -> None:
        self.path = Path(path)
        self.before = self.path.with_name(f"{self.path.stem}.before{self.path.suffix}")
        self.identity = dict(identity)

    @contextmanager
    def alone(self, patience: float = 10.0) -> Iterator[None]:
        """Keep other trainings away from the folder meanwhile, where its file system knows locks.

        Raises :class:`InputError` if one is at work there for more than ``patience`` seconds.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True)
        folder = os.open(self.path.parent, os.O_RDONLY)
        try:
            if not _lock(folder, patience):
                raise InputError(
                    f"{self.path.parent}: another training is at work there; wait for it, or "
                    "end it (on a cluster: scancel its job)"
                )
            yield
        finally:
            os.close(folder)

    def save(self, progress: Progress, parts: Mapping[str, Stateful]) -> None:
        """Keep the state; killed at any moment, or with a full disk, this leaves one of the two
        files whole."""
        content = {
            "identity": self.identity,
            "progress": vars(progress),
            "states": {name: part.state_dict() for name, part in parts.items()},
        }
        try:
            with whole(self.path) as unfinished:
                write_torch_file(content, unfinished)
                if self.path.exists():
                    self.path.replace(self.before)
        except OSError as error:
            kept = self.path.exists() or self.before.exists()
            last = "the last one is whole" if kept else "and there is none before it"
            raise InputError(
                f"{self.path}: the checkpoint could not be written ({error.strerror}), {last}; "
                f"make room and start again{', the training goes on from there' if kept else ''}"
            ) from error

    def restore(self, parts: Mapping[str, Stateful], device: torch.device) -> Progress:
        """Fill ``parts`` with the state kept and return how far it is; empty if there is none.

        A checkpoint of another training or a damaged one is renamed and not used; stderr says why.
        """
        for path in filter(Path.exists, (self.path, self.before)):
            content = self._read_own(path, parts, device)
            if content is None:
                continue
            for name, part in parts.items():
                part.load_state_dict(content["states"][name])
            progress = Progress(**content["progress"])
            batches = f" and {len(progress.losses)} batches" if progress.losses else ""
            print(
                f"going on after epoch {len(progress.history)}{batches} of {path}", file=sys.stderr
            )
            return progress
        return Progress()

    def remove(self) -> None:
        """Delete the checkpoint of a training that is done."""
        self.path.unlink(missing_ok=True)
        self.before.unlink(missing_ok=True)

    def _read_own(
        self, path: Path, parts: Mapping[str, Stateful], device: torch.device
    ) -> dict[str, Any] | None:
        """The content, checked whole before anything of it is used; None if it is of no use."""
        try:
            content = read_torch_file(path, device)
            _check_content(path, content, parts)
        except InputError as error:
            _set_aside(path, "damaged", str(error))
            return None
        difference = differences(content["identity"], self.identity)
        if difference:
            _set_aside(path, "other", f"{path} is of another training: {difference}")
            return None
        return content


def _lock(folder: int, patience: float) -> bool:
    """Whether the lock is ours, or cannot be had for another reason than that it is taken."""
    try:
        return lock_first_free([folder], patience) is not None
    except OSError:
        return True


def _set_aside(path: Path, kind: str, reason: str) -> None:
    aside = path.with_name(f"{path.stem}.{kind}{path.suffix}")
    path.replace(aside)
    print(f"warning: {reason}; not used, kept as {aside.name}", file=sys.stderr)


def _check_content(path: Path, content: Any, parts: Iterable[str]) -> None:
    """Refuse what is no checkpoint of these ``parts``, before anything of it is used."""
    expected = {
        "progress": {entry.name for entry in fields(Progress)},
        "states": set(parts),
        "identity": None,
    }
    for name, keys in expected.items():
        values: Any = content.get(name) if isinstance(content, dict) else None
        plain = isinstance(values, dict) and all(isinstance(key, str) for key in values)
        if not plain or (keys is not None and set(values) != keys):
            raise InputError(f"{path}: not a checkpoint of this training (its {name!r})")

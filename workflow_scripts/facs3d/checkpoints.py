"""What training leaves on disk: the weights to use a network, the checkpoint to go on training it.

Both are read with ``weights_only=True``: loading them never executes code.
"""

import fcntl
import io
import os
import pickle
import sys
import time
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor

from facs3d.clips import ClipSet
from facs3d.errors import InputError
from facs3d.footage import Footage
from facs3d.models import ActionUnitModel, Architecture, build_model
from facs3d.outputs import whole


@dataclass(frozen=True)
class TrainedModel:
    """A network and what one must know to use it: clips are (T, S, S) = ``clip_shape``, the
    logits' columns are ``action_units``, and ``footage`` says how videos become such clips. The
    gray value that is subtracted is the network's buffer ``input_mean``."""

    name: str
    architecture: Architecture
    action_units: tuple[int, ...]
    clip_shape: tuple[int, int, int]
    network: ActionUnitModel
    footage: Footage = field(default_factory=Footage)

    def check_fits(self, clips: ClipSet) -> None:
        """Raise :class:`InputError` if the network was made for other clips than these."""
        made_for = (self.action_units, self.clip_shape)
        found = (clips.action_units, clips.frame_shape)
        for what, expected, other in zip(("AUs", "clips of"), made_for, found, strict=True):
            if expected != other:
                raise InputError(
                    f"{clips.path}: the weights are for {what} {expected}, the file has {other}"
                )


def save_model(trained: TrainedModel, path: str | Path) -> None:
    """Write the weights file; the same network gives the same bytes."""
    content = {
        "model": trained.name,
        "architecture": asdict(trained.architecture),
        "action_units": list(trained.action_units),
        "clip_shape": list(trained.clip_shape),
        "footage": {
            "steps": list(trained.footage.steps),
            "frames_per_second": trained.footage.frames_per_second,
            "registration": dict(trained.footage.registration),
        },
        "weights": trained.network.state_dict(),
    }
    with whole(path) as unfinished:
        _write(content, unfinished)


def load_model(path: str | Path, device: torch.device | str = "cpu") -> TrainedModel:
    """Read a weights file; the network is in evaluation mode. :class:`InputError` if it is none."""
    content = _read(path, device)
    try:
        name, clip_shape = content["model"], tuple(content["clip_shape"])
        architecture = Architecture(**content["architecture"])
        action_units = tuple(content["action_units"])
        network = build_model(name, architecture, clip_shape, len(action_units), seed=0)
        network.load_state_dict(content["weights"])
        footage = content["footage"]
        footage = Footage(**{**footage, "steps": tuple(footage["steps"])})
    except (KeyError, TypeError, RuntimeError) as error:
        raise InputError(
            f"{path}: not a weights file of this version ({error}); train anew"
        ) from error
    network = network.to(device).eval()
    return TrainedModel(name, architecture, action_units, clip_shape, network, footage)


class Stateful(Protocol):
    """A network, an optimiser or a learning-rate schedule."""

    def state_dict(self) -> dict[str, Any]: ...

    def load_state_dict(self, state: dict[str, Any]) -> object: ...


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
        waited_until = time.monotonic() + patience
        try:
            while not _lock(folder):
                if time.monotonic() > waited_until:
                    raise InputError(
                        f"{self.path.parent}: another training is at work there; wait for it, or "
                        "end it (on a cluster: scancel its job)"
                    )
                time.sleep(0.2)
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
                _write(content, unfinished)
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
            _check_sums(path)
            content = _read(path, device)
            _check_content(path, content, parts)
        except InputError as error:
            _set_aside(path, "damaged", str(error))
            return None
        difference = self._difference(content["identity"])
        if difference:
            _set_aside(path, "other", f"{path} is of another training: {difference}")
            return None
        return content

    def _difference(self, identity: Mapping[str, Any]) -> str:
        differing = []
        for name in sorted({*identity, *self.identity}):
            there, here = identity.get(name), self.identity.get(name)
            if there != here:
                differing.append(f"{name} is {there!r} there, {here!r} here")
        return "; ".join(differing)


def _lock(folder: int) -> bool:
    """Whether the lock is ours, or cannot be had for another reason than that it is taken."""
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True
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
        values = content.get(name) if isinstance(content, dict) else None
        plain = isinstance(values, dict) and all(isinstance(key, str) for key in values)
        if not plain or (keys is not None and set(values) != keys):
            raise InputError(f"{path}: not a checkpoint of this training (its {name!r})")


def _check_sums(path: Path) -> None:
    """Refuse a file whose checksums do not fit, which torch.load does not look at."""
    try:
        with zipfile.ZipFile(path) as archive:
            damaged = archive.testzip()
    except (zipfile.BadZipFile, EOFError, zlib.error, OSError, RuntimeError, ValueError) as error:
        # The last three: a damaged offset, flag (encrypted, unknown compression) or name.
        raise InputError(f"{path}: damaged ({error})") from error
    if damaged is not None:
        raise InputError(f"{path}: damaged (checksum of {damaged})")


def _write(content: dict[str, Any], path: Path) -> None:
    # A buffer, since torch.save to a path puts the file's name into the bytes.
    buffer = io.BytesIO()
    torch.save(content, buffer)
    path.write_bytes(buffer.getbuffer())


def _read(path: str | Path, device: torch.device | str) -> dict[str, Any]:
    try:
        content = torch.load(path, map_location=device, weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError, LookupError, ValueError) as error:
        reason = str(error).partition("\n")[0] or type(error).__name__
        raise InputError(f"{path}: not a file of weights or damaged ({reason})") from error
    if not isinstance(content, dict):
        raise InputError(f"{path}: not a file of weights, it holds a {type(content).__name__}")
    return content

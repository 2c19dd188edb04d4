"""What training leaves on disk: the weights to use a network, the checkpoint to go on training it.

Both are read with ``weights_only=True``: loading them never executes code.
"""

import io
import pickle
import shutil
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

import torch

from facs3d.clips import ClipSet
from facs3d.errors import InputError
from facs3d.models import ActionUnitModel, Architecture, build_model
from facs3d.outputs import whole


@dataclass(frozen=True)
class TrainedModel:
    """A network and what one must know to use it: clips are (T, S, S) = ``clip_shape``, the
    logits' columns are ``action_units``."""

    name: str
    architecture: Architecture
    action_units: tuple[int, ...]
    clip_shape: tuple[int, int, int]
    network: ActionUnitModel

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
    _write(
        {
            "model": trained.name,
            "architecture": asdict(trained.architecture),
            "action_units": list(trained.action_units),
            "clip_shape": list(trained.clip_shape),
            "weights": trained.network.state_dict(),
        },
        path,
    )


def load_model(path: str | Path, device: torch.device | str = "cpu") -> TrainedModel:
    """Read a weights file; the network is in evaluation mode. :class:`InputError` if it is none."""
    content = _read(path, device)
    try:
        name, clip_shape = content["model"], tuple(content["clip_shape"])
        architecture = Architecture(**content["architecture"])
        action_units = tuple(content["action_units"])
        network = build_model(name, architecture, clip_shape, len(action_units), seed=0)
        network.load_state_dict(content["weights"])
    except (KeyError, TypeError, RuntimeError) as error:
        raise InputError(
            f"{path}: not a weights file of this version ({error}); train anew"
        ) from error
    return TrainedModel(name, architecture, action_units, clip_shape, network.to(device).eval())


class Stateful(Protocol):
    """A network, an optimiser or a learning-rate schedule."""

    def state_dict(self) -> dict[str, Any]: ...

    def load_state_dict(self, state: dict[str, Any]) -> object: ...


class Checkpoint:
    """The state of an unfinished training, rewritten whole after every epoch.

    ``identity`` holds by name everything that decides the result (plain values). Training goes on
    only from a checkpoint of the same identity.
    """

    def __init__(self, path: str | Path, identity: Mapping[str, Any]) -> None:
        self.path = Path(path)
        self.identity = dict(identity)

    def save(self, history: list[dict[str, float]], parts: Mapping[str, Stateful]) -> None:
        """Keep the state after ``len(history)`` epochs."""
        states = {name: part.state_dict() for name, part in parts.items()}
        _write({"identity": self.identity, "history": history, "states": states}, self.path)

    def restore(
        self, parts: Mapping[str, Stateful], device: torch.device
    ) -> list[dict[str, float]]:
        """Fill ``parts`` with the state kept and return its history; empty if there is none.

        A checkpoint of another training or an unreadable one is renamed, and stderr says why.
        """
        for leftover in self.path.parent.glob(f".{self.path.name}.*"):
            shutil.rmtree(leftover)
        if not self.path.exists():
            return []
        try:
            content = _read(self.path, device)
        except InputError as error:
            return self._set_aside(str(error))
        difference = self._difference(content.get("identity", {}))
        if difference:
            return self._set_aside(f"{self.path} is of another training: {difference}")
        for name, part in parts.items():
            part.load_state_dict(content["states"][name])
        print(f"going on after epoch {len(content['history'])} of {self.path}", file=sys.stderr)
        return content["history"]

    def remove(self) -> None:
        """Delete the checkpoint of a training that is done."""
        self.path.unlink(missing_ok=True)

    def _difference(self, identity: Mapping[str, Any]) -> str:
        for name in sorted({*identity, *self.identity}):
            there, here = identity.get(name), self.identity.get(name)
            if there != here:
                return f"{name} is {there!r} there, {here!r} here"
        return ""

    def _set_aside(self, reason: str) -> list[dict[str, float]]:
        aside = self.path.with_name(f"{self.path.stem}.other{self.path.suffix}")
        self.path.replace(aside)
        print(f"warning: {reason}; kept as {aside.name}, training starts anew", file=sys.stderr)
        return []


def _write(content: dict[str, Any], path: str | Path) -> None:
    # A buffer, since torch.save to a path puts the file's name into the bytes.
    buffer = io.BytesIO()
    torch.save(content, buffer)
    with whole(path) as unfinished:
        unfinished.write_bytes(buffer.getbuffer())


def _read(path: str | Path, device: torch.device | str) -> dict[str, Any]:
    try:
        content = torch.load(path, map_location=device, weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError, LookupError, ValueError) as error:
        reason = str(error).partition("\n")[0] or type(error).__name__
        raise InputError(f"{path}: not a file of weights or damaged ({reason})") from error
    if not isinstance(content, dict):
        raise InputError(f"{path}: not a file of weights, it holds a {type(content).__name__}")
    return content

"""What a weights file says of itself, read without PyTorch, which the workflow may not have.

A network that does not fit is so refused before hours of registration. Standard library only.
"""

import pickle
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from facs3d.core.errors import InputError


def check_fits_config(path: str | Path, config: Mapping[str, Any], named: bool = False) -> None:
    """Raise :class:`InputError` if the file is no network, or one for faces that are registered
    otherwise than the complete ``config`` says or, unless the config has ``named`` the file and
    takes what it is for, of another size or for other AUs."""
    registration, side, action_units = _purpose(path)
    for name, value in config["registration"].items():
        if registration.get(name) != value:
            raise InputError(
                f"predict: {path}: for faces registered with {name} {registration.get(name)!r}, "
                f"the config says {value!r}; set registration.{name} to that, or choose other "
                "weights"
            )
    if not named and side != config["sampling"]["image_size"]:
        raise InputError(
            f"predict: {path}: for faces of {side} px, the config says "
            f"{config['sampling']['image_size']}; set sampling.image_size to that, or choose other "
            "weights"
        )
    if not named and action_units != list(config["dataset"]["action_units"]):
        raise InputError(
            f"predict: {path}: for AUs {action_units}, the config says "
            f"{list(config['dataset']['action_units'])}; set dataset.action_units to the "
            "network's, or train anew"
        )


def side_of_faces(path: str | Path) -> int:
    """Side of the faces that the network sees, px; :class:`InputError` for no network."""
    return _purpose(path)[1]


def _purpose(path: str | Path) -> tuple[dict[str, Any], int, list[int]]:
    """Registration, side and AUs that the network is for."""
    facts = read_facts(path)
    try:
        registration = dict(facts["expected_input"]["registration"])
        return registration, facts["clip_shape"][1], list(facts["action_units"])
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise InputError(
            f"predict: {path}: not a weights file of this version ({error!r}); train anew"
        ) from error


def read_facts(path: str | Path) -> dict[str, Any]:
    """The plain values in a file of PyTorch's; :class:`InputError` if it is none or its checksums
    do not fit. None of its code is run: what is no plain value is an empty mapping."""
    try:
        with zipfile.ZipFile(path) as archive:
            damaged = archive.testzip()
            inner = [name for name in archive.namelist() if name.endswith("/data.pkl")]
            if damaged is not None or len(inner) != 1:
                raise ValueError(f"checksum of {damaged}" if damaged else "no data.pkl in it")
            with archive.open(inner[0]) as file:
                facts = _PlainValues(file).load()
        if not isinstance(facts, dict):
            raise ValueError(f"it holds a {type(facts).__name__}")
    except OSError as error:
        raise InputError(f"predict: {path}: {error.strerror or error}") from error
    except (
        *(zipfile.BadZipFile, zlib.error, pickle.UnpicklingError, EOFError, RuntimeError),
        *(ValueError, TypeError, LookupError, AttributeError),
    ) as error:
        raise InputError(f"predict: {path}: not a file of weights or damaged ({error})") from error
    return facts


class _Anything(dict[Any, Any]):
    """What stands for every class and function that the file names."""

    def __init__(self, *_arguments: object, **_named: object) -> None:
        super().__init__()

    def __setstate__(self, _state: object) -> None:
        pass


class _PlainValues(pickle.Unpickler):
    def find_class(self, _module: str, _name: str) -> type:
        return _Anything

    def persistent_load(self, _place: object) -> None:
        """Tensors' numbers are left where they are."""

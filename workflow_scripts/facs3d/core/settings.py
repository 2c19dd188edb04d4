"""Settings of a step: a frozen dataclass per step, filled from one section of the config."""

import json
from dataclasses import fields
from typing import TYPE_CHECKING, TypeVar, get_type_hints

from facs3d.core.errors import InputError

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

S = TypeVar("S", bound="DataclassInstance")


def parse_settings(settings_class: type[S], text: str) -> S:
    """Build the dataclass ``settings_class`` from a JSON object, as the command lines take it.

    Every key must be a field of the class; a key left out takes the class's default. JSON arrays
    become tuples. Raises :class:`InputError` naming the first offending key, value or the missing
    field. Ranges are checked by the class itself (``__post_init__``).
    """
    try:
        values = json.loads(text)
    except json.JSONDecodeError as error:
        raise InputError(f"settings {text!r} are not JSON: {error}") from error
    name = settings_class.__name__
    if not isinstance(values, dict):
        raise InputError(f"{name}: expected a JSON object, found {text!r}")
    known = [field.name for field in fields(settings_class)]
    unknown = sorted(set(values) - set(known))
    if unknown:
        raise InputError(f"{name}: unknown key {unknown[0]!r}; known keys: {', '.join(known)}")
    hints = get_type_hints(settings_class)
    for key, value in values.items():
        if isinstance(value, list):
            values[key] = tuple(value)
        if hints[key] in (int, float, bool, str) and not _fits(value, hints[key]):
            raise InputError(f"{name}: {key} is {value!r}, expected {hints[key].__name__}")
    try:
        return settings_class(**values)
    except TypeError as error:
        raise InputError(f"{name}: {error}") from error


def _fits(value: object, kind: type) -> bool:
    if kind is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    return type(value) is kind

"""Checks by JSON schema whose messages say where, what was found and what was expected.

What reads and checks is imported by those who do: many jobs load this module and check nothing, and
their start would take twice as long.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from facs3d.core.csv_text import SHOWN, shown
from facs3d.core.errors import InputError

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator

Check = Callable[[Mapping[str, str]], None]
"""What raises :class:`InputError` for a bad row."""


def row_checker(schema_path: Path) -> Check:
    """A function that checks one row of a table against a schema.

    It raises :class:`InputError` naming the column, what was found and what was expected.
    """
    schema = read_schema(schema_path)

    def check(row: Mapping[str, str]) -> None:
        error = first_error(row, schema)
        if error is not None:
            raise InputError(error)

    return check


def read_schema(path: Path) -> "Draft202012Validator":
    """The schema in a YAML file; it takes 3.0 for no integer, as Python does."""
    import yaml
    from jsonschema import Draft202012Validator
    from jsonschema.validators import extend

    python_types = Draft202012Validator.TYPE_CHECKER.redefine(
        "integer", lambda checker, value: type(value) is int
    )
    validator = extend(Draft202012Validator, type_checker=python_types)
    return validator(yaml.safe_load(path.read_text(encoding="utf-8")))


def first_error(instance: object, schema: "Draft202012Validator") -> str | None:
    from jsonschema.exceptions import best_match

    error = best_match(schema.iter_errors(instance))
    if error is None:
        return None
    field = ".".join(map(str, error.absolute_path)) or "top level"
    expected = f"; {error.schema['description']}" if "description" in error.schema else ""
    message = error.message
    if isinstance(error.instance, str) and len(error.instance) > SHOWN:
        message = message.replace(repr(error.instance), shown(error.instance))
    return f"{field}: {message}{expected}"

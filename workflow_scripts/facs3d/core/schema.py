"""Checks by JSON schema whose messages say where, what was found and what was expected."""

from collections.abc import Callable, Mapping
from pathlib import Path

import jsonschema
import yaml

from facs3d.core.csv_text import SHOWN, shown
from facs3d.core.errors import InputError

Check = Callable[[Mapping[str, str]], None]
"""What raises :class:`InputError` for a bad row."""
Validator = jsonschema.validators.extend(
    jsonschema.Draft202012Validator,
    type_checker=jsonschema.Draft202012Validator.TYPE_CHECKER.redefine(
        "integer", lambda checker, value: type(value) is int
    ),
)
"""Takes 3.0 for no integer, as Python does."""


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


def read_schema(path: Path) -> jsonschema.Draft202012Validator:
    return Validator(yaml.safe_load(path.read_text(encoding="utf-8")))


def first_error(instance: object, schema: jsonschema.Draft202012Validator) -> str | None:
    error = jsonschema.exceptions.best_match(schema.iter_errors(instance))
    if error is None:
        return None
    field = ".".join(map(str, error.absolute_path)) or "top level"
    expected = f"; {error.schema['description']}" if "description" in error.schema else ""
    message = error.message
    if isinstance(error.instance, str) and len(error.instance) > SHOWN:
        message = message.replace(repr(error.instance), shown(error.instance))
    return f"{field}: {message}{expected}"

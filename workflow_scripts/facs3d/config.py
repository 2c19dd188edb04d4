"""The configuration as a whole: checked before anything runs."""

from collections.abc import Callable, Mapping
from pathlib import Path

import jsonschema
import yaml

from facs3d.errors import InputError
from facs3d.positive import positive_rules


def check_config(config: dict, schema_path: Path) -> None:
    """Raise :class:`InputError` naming the first wrong field: what was found, what was expected.

    Unknown keys are errors: a misspelt switch must not be ignored. Fields that must agree with one
    another are checked too.
    """
    _check_keys(config, "config")
    error = _first_error(config, _read_schema(schema_path))
    if error is not None:
        raise InputError(f"config, {error}")
    _check_agreement(config)


def row_checker(schema_path: Path) -> Callable[[Mapping[str, str]], None]:
    """A function that checks one row of a table against a schema, for :func:`sheet.read_sheet`.

    It raises :class:`InputError` naming the column, what was found and what was expected.
    """
    schema = _read_schema(schema_path)

    def check(row: Mapping[str, str]) -> None:
        error = _first_error(row, schema)
        if error is not None:
            raise InputError(error)

    return check


def _read_schema(path: Path) -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(yaml.safe_load(path.read_text(encoding="utf-8")))


def _first_error(instance: object, schema: jsonschema.Draft202012Validator) -> str | None:
    error = jsonschema.exceptions.best_match(schema.iter_errors(instance))
    if error is None:
        return None
    field = ".".join(map(str, error.absolute_path)) or "top level"
    expected = f"; {error.schema['description']}" if "description" in error.schema else ""
    return f"{field}: {error.message}{expected}"


def _check_keys(section: dict, place: str) -> None:
    """YAML reads ``6:`` as a number, which no schema can name."""
    for key, value in section.items():
        if not isinstance(key, str):
            raise InputError(f"{place}: the key {key!r} is not text; AUs are written AU06")
        if isinstance(value, dict):
            _check_keys(value, f"{place}, {key}" if place == "config" else f"{place}.{key}")


def _check_agreement(config: dict) -> None:
    models, n_folds = config["models"], config["dataset"]["folds"]
    action_units, positive = config["dataset"]["action_units"], config["dataset"]["positive"]
    image_size, patch = config["sampling"]["image_size"], config["occlusion"]["patch"]
    reference, au = config["evaluation"]["reference"], config["figures"]["time_course"]["au"]
    if reference not in models:
        raise InputError(f"config, evaluation.reference: {reference} is not among models: {models}")
    if au not in action_units:
        raise InputError(f"config, figures.time_course.au: {au} is not in {action_units}")
    try:
        positive_rules(positive, tuple(action_units))
    except InputError as error:
        raise InputError(f"config, dataset.{error}") from error
    if patch > image_size:
        raise InputError(
            f"config, occlusion.patch: {patch} px do not fit sampling.image_size {image_size}"
        )
    for run in config["figures"]["occlusion_runs"]:
        model, fold = run.split("/fold")
        if model not in models or int(fold) > n_folds:
            raise InputError(
                f"config, figures.occlusion_runs: there is no {run}; models are {models}, "
                f"folds 1 to {n_folds}"
            )

"""The configuration as a whole: checked before anything runs."""

from pathlib import Path

import jsonschema
import yaml

from facs3d.errors import InputError


def check_config(config: dict, schema_path: Path) -> None:
    """Raise :class:`InputError` naming the first wrong field: what was found, what was expected.

    Unknown keys are errors: a misspelt switch must not be ignored. Fields that must agree with one
    another are checked too.
    """
    schema = yaml.safe_load(schema_path.read_text(encoding="utf-8"))
    errors = jsonschema.Draft202012Validator(schema).iter_errors(config)
    error = jsonschema.exceptions.best_match(errors)
    if error is not None:
        field = ".".join(map(str, error.absolute_path)) or "top level"
        expected = f"; {error.schema['description']}" if "description" in error.schema else ""
        raise InputError(f"config, {field}: {error.message}{expected}")
    _check_agreement(config)


def _check_agreement(config: dict) -> None:
    models, n_folds = config["models"], config["dataset"]["folds"]
    action_units = config["dataset"]["action_units"]
    image_size, patch = config["sampling"]["image_size"], config["occlusion"]["patch"]
    reference, au = config["evaluation"]["reference"], config["figures"]["time_course"]["au"]
    if reference not in models:
        raise InputError(f"config, evaluation.reference: {reference} is not among models: {models}")
    if au not in action_units:
        raise InputError(f"config, figures.time_course.au: {au} is not in {action_units}")
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

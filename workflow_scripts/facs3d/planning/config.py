"""The configuration as a whole: completed and checked before anything runs."""

import re
from collections.abc import Iterator
from copy import deepcopy
from itertools import count
from math import isfinite
from pathlib import Path
from typing import Any

from facs3d.core.errors import InputError
from facs3d.core.schema import first_error, read_schema
from facs3d.datasets.positive import positive_rules
from facs3d.planning.choices import check_choices

LONGEST_LIST = 120_000
"""Characters of a list in a command; Linux runs commands of 128 KiB at most."""
MOST_VALUES = 10_000
"""Values in a config. YAML's aliases multiply: ten lines can mean more than a memory holds."""


def complete_config(config: dict, schema_path: Path) -> dict:
    """The config with the schema's defaults for what it leaves out; the given one is not changed.

    Raises :class:`InputError` naming the first wrong field: what was found, what was expected.
    Unknown keys are errors: a misspelt switch must not be ignored. Fields that must agree with one
    another are checked too.
    """
    try:
        _check_values(config, "config", count())
    except RecursionError as deep:
        raise InputError("config: nested without end; does an alias stand in itself?") from deep
    schema = read_schema(schema_path)
    complete = _with_defaults(config, schema.schema)
    error = first_error(complete, schema)
    if error is not None:
        raise InputError(f"config, {error}")
    _check_agreement(complete)
    check_choices(complete, schema)
    return complete


def _with_defaults(section: dict, schema: Any) -> dict:
    complete = {}
    for name, inner in schema["properties"].items():
        value = section.get(name, inner.get("default", {}))
        nested = isinstance(value, dict) and "properties" in inner
        complete[name] = _with_defaults(value, inner) if nested else deepcopy(value)
    return complete | {name: deepcopy(section[name]) for name in section.keys() - complete.keys()}


def check_names(videos: list[str], config: dict) -> None:
    """Raise :class:`InputError` unless the video that the config names is among ``videos``, if
    they are known, and all names together fit a command line."""
    named = config["figures"]["time_course"]["video"]
    if videos and named not in ("auto", *videos):
        raise InputError(
            f"config, figures.time_course.video: there is no video {named!r} in the dataset; name "
            f"one such as {videos[0]}, or auto"
        )
    length = sum(len(video) + 1 for video in videos)
    if length > LONGEST_LIST:
        raise InputError(
            f"the names of the {len(videos)} videos have {length} characters, which no command "
            f"takes; shorten them in the video sheet to {LONGEST_LIST} together"
        )


def _check_values(section: dict | list, place: str, numbers: Iterator[int]) -> None:
    """What no schema can name: YAML reads ``6:`` as a number, and ``.nan`` and ``.inf`` as numbers
    that no limit excludes, and repeats what aliases stand for. ``numbers`` count the values."""
    for key, value in section.items() if isinstance(section, dict) else enumerate(section):
        if isinstance(section, dict) and not isinstance(key, str):
            raise InputError(f"{place}: the key {key!r} is not text; AUs are written AU06")
        if next(numbers) > MOST_VALUES:
            raise InputError(
                f"config: more than {MOST_VALUES} values; are there aliases of aliases?"
            )
        field = f"{place}, {key}" if place == "config" else f"{place}.{key}"
        if isinstance(value, dict | list):
            _check_values(value, field, numbers)
        elif isinstance(value, float) and not isfinite(value):
            raise InputError(f"{field}: {value} is not a finite number")


def _check_agreement(config: dict) -> None:
    models, n_folds = config["models"], config["dataset"]["folds"]
    n_repeats = config["evaluation"]["repeats"]
    action_units, positive = config["dataset"]["action_units"], config["dataset"]["positive"]
    image_size, patch = config["sampling"]["image_size"], config["occlusion"]["patch"]
    reference, au = config["evaluation"]["reference"], config["figures"]["time_course"]["au"]
    if reference not in models:
        raise InputError(f"config, evaluation.reference: {reference} is not among models: {models}")
    name = config["dataset"]["name"]
    if name in config["evaluation"]["other_datasets"]:
        raise InputError(
            f"config, evaluation.other_datasets: {name} is the dataset itself; name others"
        )
    if au not in action_units:
        raise InputError(f"config, figures.time_course.au: {au} is not in {action_units}")
    try:
        positive_rules(positive, tuple(action_units))
    except InputError as error:
        raise InputError(f"config, dataset.{error}") from error
    rendered, said = (
        config["synthesis"]["frames_per_second"],
        config["dataset"]["frames_per_second"],
    )
    if config["dataset"]["synthesize"] and rendered != said:
        raise InputError(
            f"config, synthesis.frames_per_second: {rendered} is not {said}, as "
            "dataset.frames_per_second says; set both alike"
        )
    registration = config["registration"]
    for name in ("inter_ocular_distance", "eye_line_y"):
        if registration[name] > registration["image_size"]:
            raise InputError(
                f"config, registration.{name}: {registration[name]} px do not fit "
                f"registration.image_size {registration['image_size']}"
            )
    if patch > image_size:
        raise InputError(
            f"config, occlusion.patch: {patch} px do not fit sampling.image_size {image_size}"
        )
    for run in config["figures"]["occlusion_runs"]:
        model, repeat, fold = re.split("/repeat|/fold", run)
        if model not in models or int(repeat) > n_repeats or int(fold) > n_folds:
            raise InputError(
                f"config, figures.occlusion_runs: there is no {run}; models are {models}, "
                f"repeats 1 to {n_repeats}, folds 1 to {n_folds}"
            )
    if config["figures"]["occlusion_other_datasets"] and not config["evaluation"]["other_datasets"]:
        raise InputError(
            "config, figures.occlusion_other_datasets: true, but evaluation.other_datasets names "
            "no dataset; name one or more there, or set it to false"
        )
    if n_repeats % config["evaluation"]["seeds_per_split"]:
        raise InputError(
            f"config, evaluation.repeats: {n_repeats} is no multiple of "
            f"{config['evaluation']['seeds_per_split']}, evaluation.seeds_per_split"
        )

"""Several trainings of one model as one network, the mean of them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from facs3d.core.errors import InputError
from facs3d.training.models import ActionUnitModel, MeanModel
from facs3d.training.weights import MOST_TRAININGS, TrainedModel

SAME_USE = ("action_units", "clip_shape", "expected_input")
"""What networks whose probabilities can be averaged have in common."""
SAME_TRAINING = ("name", "architecture", "standardise", *SAME_USE, "training_data")
"""What trainings of one model on the same clips have in common."""


def average(models: Mapping[Path, TrainedModel]) -> TrainedModel:
    """The mean of the networks of these weights files, one or more, which nobody has judged yet; of
    one, that one.

    Raises :class:`InputError` unless they are trainings of one model on the same clips, each a
    single one.
    """
    if len(models) > MOST_TRAININGS:
        raise InputError(f"{len(models)} trainings to average, expected {MOST_TRAININGS} at most")
    for path, model in models.items():
        if model.trainings > 1:
            raise InputError(
                f"{path}: is the mean of {model.trainings} trainings already; give the weights of "
                "each"
            )
    check_same(models, SAME_TRAINING)
    first, *others = models.values()
    if not others:
        return replace(first, judgement=None)
    trainings = [cast(ActionUnitModel, model.network) for model in models.values()]
    return replace(first, network=MeanModel(trainings).eval(), judgement=None)


def check_held_out(made_with: Mapping[Path, Mapping[str, Any]], fold: int) -> None:
    """Raise :class:`InputError` unless trainings, by the provenance of each, held out this ``fold``
    of the same people and are different ones: a training that knows whom the mean is judged on
    would make it look better than it is."""
    (first_path, first), *_others = made_with.items()
    seeds: dict[object, Path] = {}
    for path, facts in made_with.items():
        if facts.get("fold") != fold:
            raise InputError(
                f"{path}: of fold {facts.get('fold')!r}, expected {fold}: the training knows the "
                "people of that; give trainings that held it out"
            )
        if facts.get("data") != first.get("data"):
            raise InputError(
                f"{path}: trained on other clips than {first_path}; give trainings on the same"
            )
        if facts.get("seed") in seeds:
            raise InputError(
                f"{path}: of the same seed as {seeds[facts.get('seed')]}; give each training once"
            )
        seeds[facts.get("seed")] = path


def check_same(models: Mapping[Path, TrainedModel], what: Sequence[str]) -> None:
    """Raise :class:`InputError` unless the networks have these attributes of :class:`TrainedModel`
    in common."""
    (first_path, first), *others = models.items()
    for path, model in others:
        for name in what:
            one, other = getattr(first, name), getattr(model, name)
            if one != other:
                raise InputError(
                    f"{path}: differs from {first_path}: {name} is {other}, not {one}; their mean "
                    "says nothing: leave it out"
                )

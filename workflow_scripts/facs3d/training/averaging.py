"""Several trainings of one model as one network, the mean of them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from facs3d.core.errors import InputError
from facs3d.training.models import ActionUnitModel, MeanModel, Network
from facs3d.training.weights import TrainedModel

PURPOSE = ("action_units", "clip_shape", "expected_input")
"""What networks whose probabilities can be averaged have in common."""
ALIKE = ("name", "architecture", "standardise", *PURPOSE, "training_data")
"""What trainings of one model on the same clips have in common."""


def average(models: Mapping[Path, TrainedModel]) -> TrainedModel:
    """The mean of the networks of these weights files, which nobody has judged yet; of one, that
    one.

    Raises :class:`InputError` unless they are trainings of one model on the same clips.
    """
    check_same(models, ALIKE, "average trainings of one model on the same clips")
    first, *others = models.values()
    if not others:
        return replace(first, judgement=None)
    trainings = [each for model in models.values() for each in _trainings(model.network)]
    return replace(first, network=MeanModel(trainings).eval(), judgement=None)


def check_same(models: Mapping[Path, TrainedModel], what: Sequence[str], remedy: str) -> None:
    """Raise :class:`InputError` with the ``remedy`` unless the networks have these attributes of
    :class:`TrainedModel` in common."""
    (first_path, first), *others = models.items()
    for path, model in others:
        for name in what:
            one, other = getattr(first, name), getattr(model, name)
            if one != other:
                raise InputError(
                    f"{path}: differs from {first_path}: {name} is {other}, not {one}; {remedy}"
                )


def _trainings(network: Network) -> list[ActionUnitModel]:
    return network.trainings if isinstance(network, MeanModel) else [network]

"""The grid of a multiverse: choices where the paper is silent, and the combinations to train.

A specification is one value of every choice. Some choices need training; the others, ways to
evaluate, need its predictions only, so that each training is evaluated in every way. Standard
library only.
"""

import hashlib
import json
import random
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Any

from facs3d.core.errors import InputError

SECTIONS = ("architecture", "training")
"""Of the config, whose settings are choices that need training."""
NUMBERED = ("seed", "split")
"""Choices that need training, too: seeds of the weights and splits of the subjects, counted from 1,
the config's own, as those of repeats are."""
EVALUATED = ("evaluation.threshold", "evaluation.thresholds", "evaluation.pairs", "average")
AVERAGES = ("folds", "pooled", "subjects")
"""What a metric is a mean over: the folds, as in the paper; nothing, for it is taken over the
frames of all folds together; or the subjects."""
MOST_TRAININGS = 500
MOST_WAYS = 200
"""Of evaluating a training: they share a command line."""
OWN = "own"
"""The training that differs from the config in nothing."""

Values = Mapping[str, Any]


@dataclass(frozen=True)
class Training:
    """What all folds and both models of a specification are trained by: ``values`` of the choices
    that need training, and ``changes``, those that are not the config's own."""

    values: Values
    changes: Values

    @property
    def name(self) -> str:
        """A folder's name, which more choices or more of their values leave as it is."""
        if not self.changes:
            return OWN
        text = json.dumps(self.changes, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    @property
    def seed(self) -> int:
        return self.changes.get("seed", 1)

    @property
    def split(self) -> int:
        return self.changes.get("split", 1)

    def section(self, name: str, config: Mapping[str, Any]) -> dict[str, Any]:
        """A section of the config, changed."""
        changed = {
            choice.removeprefix(f"{name}."): value
            for choice, value in self.changes.items()
            if choice.startswith(f"{name}.")
        }
        return {**config[name], **changed}

    def repeat(self, config: Mapping[str, Any]) -> int | None:
        """Which repeat of the main run is this training; None if it is to be trained."""
        evaluation = config["evaluation"]
        split = -(-self.seed // evaluation["seeds_per_split"])
        same = set(self.changes) <= set(NUMBERED) and self.split == split
        return self.seed if same and self.seed <= evaluation["repeats"] else None


@dataclass(frozen=True)
class Multiverse:
    """All specifications: each of the ``trainings``, evaluated in each of the ``ways``.

    ``choices``: name -> values, the config's own first. Of trainings and ways the first is the
    config's own.
    """

    choices: Mapping[str, tuple]
    trainings: tuple[Training, ...]
    ways: tuple[Values, ...]


def plan_multiverse(config: dict, assigned: bool) -> Multiverse:
    """The specifications of a complete config. ``assigned``: the video sheet gives the folds.

    Raises :class:`InputError` for what cannot be combined or is too much.
    """
    asked = config["multiverse"]
    if not asked["choices"]:
        return Multiverse({}, (), ())
    _check_agreement(config, assigned)
    choices = {name: _own_first(name, values, config) for name, values in asked["choices"].items()}
    for name, values in choices.items():
        if len(values) < 2:
            raise InputError(
                f"config, multiverse.choices.{name}: {values[0]!r} is the config's own; name "
                "another"
            )
    trained = {name: values for name, values in choices.items() if name not in EVALUATED}
    ways = {name: choices.get(name, (_own(name, config),)) for name in EVALUATED}
    if prod(map(len, ways.values())) > MOST_WAYS:
        raise InputError(
            f"config, multiverse.choices: more than {MOST_WAYS} ways to evaluate; name fewer values"
        )
    trainings = []
    for chosen in _combinations(trained, asked["trainings"], config["seed"]):
        changes = {name: value for name, value in chosen.items() if value != trained[name][0]}
        trainings.append(Training(chosen, changes))
    return Multiverse(choices, tuple(trainings), tuple(_combinations(ways, "all", 0)))


def _own(name: str, config: dict) -> Any:
    if name in NUMBERED:
        return 1
    if name == "average":
        return AVERAGES[0]
    section, _, setting = name.partition(".")
    return config[section][setting]


def _own_first(name: str, values: list, config: dict) -> tuple:
    own = _own(name, config)
    return own, *(value for value in values if value != own)


def _check_agreement(config: dict, assigned: bool) -> None:
    asked, models = config["multiverse"], config["models"]
    baseline, reference = asked["baseline"], config["evaluation"]["reference"]
    if baseline not in models or baseline == reference:
        others = [model for model in models if model != reference]
        raise InputError(
            f"config, multiverse.baseline: {baseline} is not among the models that "
            f"{reference} can be compared with: {others}"
        )
    n_folds = config["dataset"]["folds"]
    folds = asked["folds"]
    if folds != "all" and max(folds) > n_folds:
        raise InputError(f"config, multiverse.folds: {folds}, expected 1 to {n_folds}")
    chosen = {config["evaluation"]["thresholds"], *asked["choices"].get(EVALUATED[1], [])}
    if folds != "all" and len(folds) < 2 and "training" in chosen:
        raise InputError(
            "config, multiverse.folds: thresholds are chosen on the other folds; name two or more, "
            "or leave evaluation.thresholds at fixed"
        )
    if assigned and "split" in asked["choices"]:
        raise InputError(
            "config, multiverse.choices: the video sheet gives the folds; there is no other split"
        )


def _combinations(choices: Mapping[str, tuple], number: str | int, seed: int) -> list[Values]:
    """All combinations, or a number of them by seed; the first has every choice's first value.

    A larger number adds to those of a smaller one.
    """
    total = prod(map(len, choices.values()))
    if number == "all" and total > MOST_TRAININGS:
        raise InputError(
            f"config, multiverse.trainings: {total} combinations, expected {MOST_TRAININGS} at "
            "most; set it to a number of them to draw"
        )
    if number == "all":
        return [dict(zip(choices, values, strict=True)) for values in product(*choices.values())]
    chance = random.Random(f"multiverse {seed}")
    drawn = {0}
    while len(drawn) < min(int(number), total):
        drawn.add(chance.randrange(total))
    return [_combination(choices, place) for place in sorted(drawn)]


def _combination(choices: Mapping[str, tuple], place: int) -> Values:
    """The combination at a place of :func:`itertools.product`'s order."""
    values = {}
    for name, possible in reversed(list(choices.items())):
        place, digit = divmod(place, len(possible))
        values[name] = possible[digit]
    return {name: values[name] for name in choices}

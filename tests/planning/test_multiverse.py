"""The grid of a multiverse: which specifications there are, which training each needs."""

from copy import deepcopy
from functools import cache
from itertools import product
from pathlib import Path

import pytest
import yaml

from facs3d.core.errors import InputError
from facs3d.planning.config import complete_config
from facs3d.planning.multiverse import plan_multiverse

CONFIG = Path(__file__).parents[2] / "config"
SCHEMA = CONFIG / "schemas" / "config.schema.yaml"


@cache
def demo() -> dict:
    return complete_config(yaml.safe_load((CONFIG / "config.yaml").read_text()), SCHEMA)


def config(choices: dict, **more) -> dict:
    """The demo's, whose networks are trained for 24 epochs with a dropout of 0.3."""
    settings = deepcopy(demo())
    settings["multiverse"]["choices"] = choices
    for name, value in more.items():
        settings[name] = {**settings[name], **value} if isinstance(value, dict) else value
    return settings


def plan(choices: dict, assigned: bool = False, **more):
    return plan_multiverse(config(choices, **more), assigned)


def test_the_grid_is_every_combination_of_the_configs_own_values_and_the_others():
    found = plan({"training.epochs": [12], "average": ["pooled"], "split": [2]})
    assert found.choices == {
        "training.epochs": (24, 12),
        "average": ("folds", "pooled"),
        "split": (1, 2),
    }
    assert [training.values for training in found.trainings] == [
        {"training.epochs": 24, "split": 1},
        {"training.epochs": 24, "split": 2},
        {"training.epochs": 12, "split": 1},
        {"training.epochs": 12, "split": 2},
    ]
    assert [training.changes for training in found.trainings] == [
        {},
        {"split": 2},
        {"training.epochs": 12},
        {"training.epochs": 12, "split": 2},
    ]
    as_they_are = {
        "evaluation.threshold": 0.5,
        "evaluation.thresholds": "fixed",
        "evaluation.pairs": "subject",
    }
    assert list(found.ways) == [
        {**as_they_are, "average": average} for average in ("folds", "pooled")
    ]


def test_the_configs_own_value_comes_first_whether_it_is_named_or_not():
    one = plan({"architecture.dropout": [0.0, 0.3, 0.5]})
    other = plan({"architecture.dropout": [0.0, 0.5]})
    assert one == other
    assert one.choices == {"architecture.dropout": (0.3, 0.0, 0.5)}


def test_what_only_evaluates_needs_no_training_beside_the_configs_own():
    found = plan({"evaluation.threshold": [0.3, 0.4], "evaluation.pairs": ["fold"]})
    assert [training.name for training in found.trainings] == ["own"]
    assert len(found.ways) == 6
    assert found.ways[0] == {
        "evaluation.threshold": 0.5,
        "evaluation.thresholds": "fixed",
        "evaluation.pairs": "subject",
        "average": "folds",
    }


def test_without_choices_there_is_nothing():
    assert plan({}).trainings == ()


MANY = {
    "training.epochs": [6, 12],
    "architecture.dropout": [0.0],
    "training.class_weights": [False],
    "seed": [2, 3],
}


def drawn(number: int | str, seed: int = 1) -> list[dict]:
    found = plan(MANY, seed=seed, multiverse={"trainings": number})
    return [training.values for training in found.trainings]


def test_some_are_drawn_by_seed_with_the_own_among_them_and_more_add_to_them():
    everything = drawn("all")
    assert len(everything) == 3 * 2 * 2 * 3
    few, more = drawn(8), drawn(20)
    assert len(few) == 8
    assert len(more) == 20
    assert few[0] == more[0] == everything[0]
    assert [values for values in everything if values in few] == few
    assert [values for values in more if values in few] == few
    assert few == drawn(8) != drawn(8, seed=2)
    assert drawn(36) == drawn(500) == everything


def test_every_combination_is_as_likely_to_be_drawn():
    """Of 200 draws of one beside the own, each of the three others has about a third."""
    choices = {"training.epochs": [12], "seed": [2]}
    found = [
        plan(choices, seed=seed, multiverse={"trainings": 2}).trainings[1] for seed in range(200)
    ]
    counts = [found.count(training) for training in plan(choices).trainings]
    assert counts[0] == 0
    assert all(45 < count < 90 for count in counts[1:])


def test_a_training_keeps_its_name_when_choices_or_values_are_added():
    def names(choices: dict) -> dict[str, str]:
        return {str(training.changes): training.name for training in plan(choices).trainings}

    one = names({"training.epochs": [12], "seed": [2]})
    more = names({"seed": [2, 3], "architecture.dropout": [0.0], "training.epochs": [6, 12]})
    assert len(set(one.values())) == 4
    assert set(one.values()) <= set(more.values())
    assert len(set(more.values())) == 18


def test_a_section_is_the_configs_with_the_changes_of_the_training():
    choices = {"training.epochs": [12], "architecture.channels": [[8, 8]], "seed": [3]}
    settings = config(choices)
    last = plan_multiverse(settings, assigned=False).trainings[-1]
    assert last.section("training", settings) == {**settings["training"], "epochs": 12}
    assert last.section("architecture", settings) == {
        **settings["architecture"],
        "channels": [8, 8],
    }
    assert (last.seed, last.split) == (3, 1)


@pytest.mark.parametrize(
    ("repeats", "seeds_per_split", "of_main_run"),
    [
        (1, 1, {(1, 1): 1}),
        (2, 1, {(1, 1): 1, (2, 2): 2}),
        (4, 2, {(1, 1): 1, (2, 1): 2, (3, 2): 3}),
    ],
)
def test_what_the_main_run_trains_is_a_repeat_of_it(repeats, seeds_per_split, of_main_run):
    evaluation = {"repeats": repeats, "seeds_per_split": seeds_per_split}
    choices = {"seed": [2, 3], "split": [2], "training.epochs": [12]}
    settings = config(choices, evaluation=evaluation)
    found = {}
    for training in plan_multiverse(settings, assigned=False).trainings:
        repeat = training.repeat(settings)
        if "training.epochs" in training.changes:
            assert repeat is None
        else:
            found[training.seed, training.split] = repeat
    expected = {pair: of_main_run.get(pair) for pair in product((1, 2, 3), (1, 2))}
    assert found == expected


@pytest.mark.parametrize(
    ("choices", "more", "message"),
    [
        (
            {"architecture.pading": ["same"]},
            {},
            r"multiverse.choices: there is no choice 'architecture.pading'; choices are the set",
        ),
        ({"epochs": [3]}, {}, r"there is no choice 'epochs'"),
        ({"evaluation.repeats": [3]}, {}, r"there is no choice 'evaluation.repeats'"),
        (
            {"architecture.padding": ["none", "half"]},
            {},
            r"multiverse.choices.architecture.padding: 'half' is not one of \['none', 'same'\]; pa",
        ),
        ({"training.epochs": [0]}, {}, r"choices.training.epochs: 0 is less than the minimum of 1"),
        ({"training.epochs": ["ten"]}, {}, r"choices.training.epochs: 'ten' is not of type 'int"),
        ({"training.epochs": 12}, {}, r"multiverse.choices.training.epochs: 12 is not of type 'ar"),
        ({"training.epochs": [24]}, {}, r"training.epochs: 24 is the config's own; name another"),
        ({"training.epochs": [12, 12]}, {}, r"training.epochs: \[12, 12\] has a value twice"),
        ({"seed": [0]}, {}, r"multiverse.choices.seed: 0 is less than the minimum of 1"),
        ({"average": ["mean"]}, {}, r"choices.average: 'mean' is not one of"),
        ({"evaluation.threshold": [1.5]}, {}, r"evaluation.threshold: 1.5 is greater than or equ"),
        (
            {"evaluation.threshold": [number / 202 for number in range(1, 202)]},
            {},
            r"more than 200 ways to evaluate",
        ),
        (
            {"seed": list(range(2, 30)), "split": list(range(2, 30))},
            {},
            r"multiverse.trainings: 841 combinations, expected 500 at most; set it to a number",
        ),
        ({"seed": [2]}, {"multiverse": {"trainings": 501}}, r"trainings: 501 is greater than the"),
        ({"seed": [2]}, {"multiverse": {"trainings": "some"}}, r"trainings: 'all' was expected"),
        (
            {"seed": [2]},
            {"multiverse": {"baseline": "facs3d"}},
            r"multiverse.baseline: facs3d is not among the models that facs3d can be compared with",
        ),
        (
            {"seed": [2]},
            {"models": ["facs3d", "cnn2d_lstm"]},
            r"multiverse.baseline: cnn2d is not among .*: \['cnn2d_lstm'\]",
        ),
        ({"seed": [2]}, {"multiverse": {"folds": [1, 6]}}, r"folds: \[1, 6\], expected 1 to 5"),
        (
            {"evaluation.thresholds": ["training"]},
            {"multiverse": {"folds": [1]}},
            r"multiverse.folds: thresholds are chosen on the other folds; name two or more",
        ),
    ],
)
def test_what_cannot_be_is_one_message(choices, more, message):
    with pytest.raises(InputError, match=message):
        plan_multiverse(complete_config(config(choices, **more), SCHEMA), assigned=False)


def test_no_other_split_where_the_sheet_gives_the_folds():
    plan({"seed": [2]}, assigned=True)
    with pytest.raises(InputError, match="the video sheet gives the folds; there is no other spl"):
        plan({"split": [2]}, assigned=True)

"""Settings as flags: what argparse reads back is what the config says."""

import argparse
import shlex

from facs3d.planning.commands import flags, positive_flag


def test_flags_read_back_as_the_values():
    values = {
        "epochs": 3,
        "learning_rate": 1e-3,
        "mirror": True,
        "subtract_mean": False,
        "steps": [2, 3],
        "dynamics_control": [],
        "video": "a b's",
        "sheet": None,
        "occlusion_maps": {"opacity": 1},
    }
    parser = argparse.ArgumentParser()
    parser.add_argument("--x-epochs", type=int)
    parser.add_argument("--x-learning-rate", type=float)
    parser.add_argument("--x-mirror", action=argparse.BooleanOptionalAction)
    parser.add_argument("--x-subtract-mean", action=argparse.BooleanOptionalAction)
    parser.add_argument("--x-steps", type=int, nargs="+")
    parser.add_argument("--x-dynamics-control", type=int, nargs="*")
    parser.add_argument("--x-video")
    read = vars(parser.parse_args(shlex.split(flags(values, "x-"))))
    expected = {name: value for name, value in values.items() if name[:2] not in ("sh", "oc")}
    assert read == {f"x_{name}": value for name, value in expected.items()}


def test_flags_do_not_depend_on_the_order_of_the_config():
    assert flags({"b": 1, "a": 2}) == flags({"a": 2, "b": 1}) == "--a 2 --b 1"


def test_positive_has_a_pair_for_every_rule():
    assert shlex.split(positive_flag("intensity>=2")) == ["--positive", "default=intensity>=2"]
    rules = {"default": "intensity>=2", "AU24": "occurrence"}
    assert shlex.split(positive_flag(rules)) == [
        *("--positive", "AU24=occurrence", "default=intensity>=2"),
    ]

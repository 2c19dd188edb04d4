"""Settings said once: their checks and their flags, on a class made up for it."""

import argparse
from dataclasses import dataclass

import pytest

from facs3d.core.errors import InputError
from facs3d.core.settings import Settings, add_flags, from_flags, same_as, setting


@dataclass(frozen=True)
class Example(Settings, section="lessons"):
    epochs: int = setting(3, "rounds, 100 % of them", minimum=1)
    side: int = setting(8, "px", minimum=2, maximum=20, even=True)
    rate: float = setting(0.5, "speed", above=0, below=1)
    name: str = setting("x", "who", choices=("x", "y", "z"))
    flag: bool = setting(True, "whether")
    sizes: tuple[int, ...] = setting((1, 2), "sizes", minimum=1, unique=True)
    extras: tuple[str, ...] = setting((), "more", choices=("a", "b"), fewest=0)
    path: str | None = setting(None, "where")


@dataclass(frozen=True)
class Other(Settings, section="other"):
    rate: float = same_as(Example, "rate")
    mine: int = setting(1, "mine")


def parsed(*words: str, prefix: str = "") -> Example:
    parser = argparse.ArgumentParser()
    add_flags(parser, Example, prefix)
    return from_flags(Example, parser.parse_args(words), prefix)


def test_flags_replace_defaults():
    assert parsed() == Example()
    words = "--epochs 5 --side 10 --rate 1e-2 --name y --no-flag --sizes 4 --extras a b --path p/q"
    assert parsed(*words.split()) == Example(5, 10, 0.01, "y", False, (4,), ("a", "b"), "p/q")
    assert parsed("--extras").extras == ()
    assert parsed("--a-rate", "0.25", "--no-a-flag", prefix="a-") == Example(rate=0.25, flag=False)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"epochs": 0}, "lessons.epochs is 0, expected at least 1"),
        ({"epochs": "3"}, "lessons.epochs is '3', expected a whole number, at least 1"),
        ({"epochs": True}, "lessons.epochs is True, expected a whole number"),
        ({"epochs": 3.0}, "lessons.epochs is 3.0, expected a whole number"),
        ({"side": 7}, "lessons.side is 7, expected 2 to 20, even"),
        ({"side": 22}, "lessons.side is 22, expected 2 to 20, even"),
        ({"rate": 0}, "lessons.rate is 0, expected above 0, below 1"),
        ({"rate": 1.0}, "lessons.rate is 1.0, expected above 0, below 1"),
        ({"rate": float("nan")}, "lessons.rate is nan, expected above 0, below 1"),
        ({"rate": "fast"}, "lessons.rate is 'fast', expected a number, above 0, below 1"),
        ({"name": "w"}, "lessons.name is 'w', expected x, y or z"),
        ({"flag": 1}, "lessons.flag is 1, expected true or false"),
        ({"sizes": ()}, r"lessons.sizes is \[\], expected 1 or more: whole numbers, at least 1"),
        ({"sizes": (2, 0)}, r"lessons.sizes is \[2, 0\], expected at least 1, each once"),
        ({"sizes": (2, 2)}, r"lessons.sizes is \[2, 2\], expected each once"),
        ({"sizes": 2}, "lessons.sizes is 2, expected whole numbers"),
        ({"extras": ("c",)}, r"lessons.extras is \['c'\], expected some of a, b"),
        ({"path": 3}, "lessons.path is 3, expected text, none"),
    ],
)
def test_a_mistake_names_the_configs_field(values, message):
    with pytest.raises(InputError, match=f"^{message}"):
        Example(**values)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("--epochs 0", "lessons.epochs is 0, expected at least 1"),
        ("--epochs 1.5", "lessons.epochs is '1.5', expected a whole number, at least 1"),
        ("--rate inf", "lessons.rate is inf, expected above 0, below 1"),
        ("--name w", "lessons.name is 'w', expected x, y or z"),
        ("--sizes 1 1", r"lessons.sizes is \[1, 1\], expected each once"),
    ],
)
def test_a_mistake_on_the_command_line_says_the_same(words, message):
    with pytest.raises(InputError, match=f"^{message}"):
        parsed(*words.split())


def test_help_says_meaning_range_and_default():
    parser = argparse.ArgumentParser()
    add_flags(parser, Example, "my-", only=("epochs", "flag", "name", "sizes", "extras"))
    text = " ".join(parser.format_help().split())
    assert (
        "lessons: --my-epochs N rounds, 100 % of them (a whole number, at least 1; default: 3)"
        in text
    )
    assert "--my-flag, --no-my-flag whether (true or false; default: true)" in text
    assert "who (x, y or z; default: x)" in text
    assert "sizes (whole numbers, at least 1, each once; default: 1 2)" in text
    assert "more (some of a, b; default: none)" in text
    assert "--my-rate" not in text


def test_a_setting_of_another_section_keeps_its_place_limits_and_default():
    assert Other().rate == 0.5
    with pytest.raises(InputError, match="^lessons.rate is 2, expected above 0, below 1"):
        Other(rate=2)

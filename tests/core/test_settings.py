"""Settings from JSON: unknown keys, wrong types and wrong ranges are refused by name."""

from dataclasses import dataclass

import pytest

from facs3d.core.errors import InputError
from facs3d.core.settings import parse_settings


@dataclass(frozen=True)
class Example:
    epochs: int
    rate: float = 0.5
    name: str = "x"
    flag: bool = False
    sizes: tuple[int, ...] = (1, 2)


def test_values_replace_defaults_and_arrays_become_tuples():
    assert parse_settings(Example, '{"epochs": 3, "rate": 1, "sizes": [4]}') == Example(
        3, 1, "x", False, (4,)
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"epochs": 3, "epoch": 4}', "Example: unknown key 'epoch'; known keys: epochs, rate"),
        ('{"epochs": "3"}', "epochs is '3', expected int"),
        ('{"epochs": true}', "epochs is True, expected int"),
        ('{"epochs": 3.5}', "epochs is 3.5, expected int"),
        ('{"epochs": 3, "rate": "fast"}', "rate is 'fast', expected float"),
        ('{"epochs": 3, "flag": 1}', "flag is 1, expected bool"),
        ("{}", "missing 1 required positional argument: 'epochs'"),
        ("[1]", "expected a JSON object"),
        ("{epochs: 3}", "are not JSON"),
    ],
)
def test_a_mistake_is_named(text, message):
    with pytest.raises(InputError, match=message):
        parse_settings(Example, text)

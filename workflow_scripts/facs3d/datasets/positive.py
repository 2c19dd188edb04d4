"""What counts as a positive sample of an AU: coded occurrence, or an intensity from some level on.

"Positive samples are defined as ones with intensities equal to or greater than B-level" (paper,
Sec. III-A): 2 on the scale from 0 to 5. The workflow reads this module before it has an
environment, so nothing is imported at run time but the standard library.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from facs3d.core.action_units import UNKNOWN, au_column, parse_au
from facs3d.core.errors import InputError

if TYPE_CHECKING:
    import numpy as np

UNKNOWN_CODE = 9
OCCURRENCE_CODES = frozenset({0, 1, UNKNOWN_CODE})
INTENSITY_CODES = frozenset({0, 1, 2, 3, 4, 5, UNKNOWN_CODE})


@dataclass(frozen=True)
class Positive:
    """What counts as a positive: coded occurrence, or an intensity of at least ``intensity``."""

    intensity: int | None

    @classmethod
    def parse(cls, text: str) -> "Positive":
        """``"occurrence"`` or ``"intensity>=2"`` (the paper's B level, Sec. III-A)."""
        if text == "occurrence":
            return cls(None)
        match = re.fullmatch(r"intensity\s*>=\s*([1-5])", str(text))
        if match is None:
            raise InputError(
                f"positive: found {text!r}, expected 'occurrence' or 'intensity>=1' … '>=5'"
            )
        return cls(int(match[1]))

    @property
    def coding(self) -> str:
        """The kind of codes this rule asks for: "occurrence" or "intensity"."""
        return "occurrence" if self.intensity is None else "intensity"

    @property
    def codes(self) -> frozenset[int]:
        """The codes that may occur: 0, 1, 9 for occurrence, 0-5, 9 for intensity."""
        return OCCURRENCE_CODES if self.intensity is None else INTENSITY_CODES

    def labels(self, codes: "np.ndarray") -> "np.ndarray":
        """Codes of the rule's kind, any shape -> labels 1, 0 or -1 (int8)."""
        labels = (codes >= (self.intensity or 1)).astype("int8")
        labels[codes == UNKNOWN_CODE] = UNKNOWN
        return labels


OCCURRENCE = Positive(None)


def positive_rules(
    positive: str | Mapping[str, str], action_units: tuple[int, ...]
) -> dict[int, Positive]:
    """AU -> its rule, in the order of ``action_units``.

    ``positive`` is one rule for all, or a mapping such as ``{"default": "intensity>=2", "AU24":
    "occurrence"}``. Raises :class:`InputError` for an AU without a rule and a rule without its AU.
    """
    if isinstance(positive, str):
        return dict.fromkeys(action_units, Positive.parse(positive))
    named = [(parse_au(name), rule) for name, rule in positive.items() if name != "default"]
    by_au = dict(named)
    for au, _rule in named:
        if sum(au == other for other, _rule in named) > 1:
            raise InputError(f"positive: {au_column(au)} has two rules; keep one")
        if au not in action_units:
            raise InputError(f"positive: {au_column(au)} is not among action_units {action_units}")
    for au in action_units:
        if au not in by_au and "default" not in positive:
            raise InputError(f"positive: no rule for {au_column(au)}; give it one, or a `default`")
    rules = {au: by_au[au] if au in by_au else positive["default"] for au in action_units}
    return {au: Positive.parse(rule) for au, rule in rules.items()}


def read_positive(words: list[str]) -> str | dict[str, str]:
    """What :func:`positive_rules` takes, from a command line: one rule such as ``intensity>=2``, or
    pairs such as ``default=intensity>=2 AU24=occurrence``."""
    if len(words) == 1 and re.match(r"(default|AU\w*)=", words[0]) is None:
        return words[0]
    rules: dict[str, str] = {}
    for word in words:
        name, _, rule = word.partition("=")
        if name in rules:
            raise InputError(f"positive: {name} has two rules; keep one")
        rules[name] = rule
    return rules

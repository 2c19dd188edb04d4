"""What is known of a network's probabilities: how they were judged on people it never saw."""

from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite, isnan

import numpy as np

from facs3d.core.errors import InputError

GOOD, FAIR, POOR = GRADES = ("good", "fair", "poor")
GOOD_FROM, FAIR_FROM = 0.85, 0.70
"""AUC from which an AU's grade is good, or fair; below it, or where it is undefined, poor."""
NUMBERS: dict[str, tuple[str, Callable[[float], bool]]] = {
    "auc": ("0 to 1 or NaN", lambda value: isnan(value) or 0 <= value <= 1),
    "slope": ("finite and above 0", lambda value: isfinite(value) and value > 0),
    "intercept": ("finite", isfinite),
    "threshold": ("between 0 and 1", lambda value: 0 < value < 1),
}
"""What each number of an AU may be."""
ELSEWHERE = "How reliable it is on other people is not known."
"""What no grade says."""
LEAST = 1e-7
"""A probability is taken to lie so far from 0 and 1 at least, for a float32 may be 1."""


@dataclass(frozen=True)
class Judgement:
    """Of A AUs, in the network's order: ``auc`` on people it was not trained on, in [0, 1] or NaN;
    ``slope`` above 0 and ``intercept`` of the calibration (Platt): the probability is
    sigmoid(slope · logit + intercept); ``threshold`` in (0, 1), the calibrated probability from
    which on an AU is called present. ``trained_on``: whom the network was trained on, such as
    "rendered people"; ``judged_on``: whom it was judged on.

    Making one raises :class:`InputError` for a value that may not be.
    """

    trained_on: str
    judged_on: str
    auc: tuple[float, ...]
    slope: tuple[float, ...]
    intercept: tuple[float, ...]
    threshold: tuple[float, ...]

    def __post_init__(self) -> None:
        for name in ("trained_on", "judged_on"):
            value = getattr(self, name)
            if not isinstance(value, str) or not value.strip():
                raise InputError(f"{name} is {value!r}, expected words")
        for name, (expected, is_allowed) in NUMBERS.items():
            values = getattr(self, name)
            if not isinstance(values, tuple) or len(values) != len(self.auc):
                raise InputError(f"{name} is {values!r}, expected a number for each AU")
            for value in values:
                if not isinstance(value, float) or not is_allowed(value):
                    raise InputError(f"{name} of an AU is {value!r}, expected {expected}")

    @property
    def grades(self) -> tuple[str, ...]:
        """How far each AU can be relied upon, one of :data:`GRADES`."""
        return tuple(map(grade_of, self.auc))

    def calibrated(self, probability: np.ndarray) -> np.ndarray:
        """The network's probabilities (…, A) in [0, 1], calibrated, float64."""
        logits = np.multiply(self.slope, logit(probability)) + self.intercept
        # tanh, for exp overflows.
        return (1 + np.tanh(logits / 2)) / 2


def grade_of(auc: float) -> str:
    """The grade of an AU with this AUC, one of :data:`GRADES`."""
    # A comparison with NaN is false.
    return GOOD if auc >= GOOD_FROM else FAIR if auc >= FAIR_FROM else POOR


def logit(probability: np.ndarray) -> np.ndarray:
    """log(p / (1 - p)) as float64, of p no nearer to 0 and 1 than :data:`LEAST`."""
    p = np.clip(probability, LEAST, 1 - LEAST, dtype=np.float64)
    return np.log(p / (1 - p))

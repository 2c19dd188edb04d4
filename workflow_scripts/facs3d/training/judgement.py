"""What is known of a network's probabilities: how they were judged on faces it never saw."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import isfinite, isnan
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from facs3d.core.action_units import au_column
from facs3d.core.errors import InputError

GOOD, FAIR, POOR = GRADES = ("good", "fair", "poor")
LIMITS: dict[str, tuple[float, float, bool]] = {
    "auc": (0.85, 0.70, True),
    "found": (0.80, 0.50, True),
    "false_calls": (0.05, 0.20, False),
}
"""Of each number of :class:`Evidence` what is still good and still fair, and whether more of it is
better."""
LEAST_FRAMES = 20
"""A number of fewer frames counts only if it is poor: as a warning."""
FRAMES_FOR_GOOD, PEOPLE_FOR_GOOD = 50, 3
"""So many frames with an AU, and as many without it, of so many real people each, must be known for
a grade of good."""
ALL = "all"
"""What tables call the faces of all evidence."""
SHARES_OF = {"found": "present_frames", "false_calls": "absent_frames"}
"""Of which frames a number of :class:`Evidence` is a share."""
SHARE: tuple[str, Callable[[float], bool]] = (
    "0 to 1 or NaN",
    lambda value: isnan(value) or 0 <= value <= 1,
)
NUMBERS: dict[str, tuple[str, Callable[[float], bool]]] = {
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
class Evidence:
    """What a network was worth on some ``faces``, in words, that it was not trained on;
    ``people``: how many real ones these are, 0 if they are rendered.

    Of A AUs, in the network's order, in [0, 1] or NaN where it was not measured: ``auc``;
    ``found``, share of the frames with the AU in which it is called; ``false_calls``, share of the
    frames that lack it for certain (at rest, or marked so) in which it is called;
    ``present_frames`` and ``absent_frames``: of how many frames these are shares, 0 where NaN.
    Making one raises :class:`InputError` for a value that may not be.
    """

    faces: str
    people: int
    auc: tuple[float, ...]
    found: tuple[float, ...]
    false_calls: tuple[float, ...]
    present_frames: tuple[int, ...]
    absent_frames: tuple[int, ...]

    def __post_init__(self) -> None:
        check_faces(self.faces)
        if type(self.people) is not int or self.people < 0:
            raise InputError(f"people is {self.people!r}, expected how many are real, or 0")
        for name in LIMITS:
            _check_numbers(name, getattr(self, name), len(self.auc), *SHARE)
        for share, name in SHARES_OF.items():
            frames = getattr(self, name)
            if not isinstance(frames, tuple) or len(frames) != len(self.auc):
                raise InputError(f"{name} is {frames!r}, expected a number for each AU")
            for count, value in zip(frames, getattr(self, share), strict=True):
                if type(count) is not int or count < 0 or (count == 0) != isnan(value):
                    raise InputError(
                        f"{name} of an AU is {count!r}, {share} {value!r}; expected 0 and NaN, or "
                        "neither"
                    )

    @property
    def real(self) -> bool:
        """Whether the faces are people's, and not rendered ones."""
        return self.people > 0

    def numbers(self, column: int) -> dict[str, float]:
        """Of one AU what was measured."""
        values = {name: getattr(self, name)[column] for name in LIMITS}
        return {name: value for name, value in values.items() if not isnan(value)}

    def frames(self, name: str, column: int) -> int:
        """Of how many frames a number of one AU is; an AUC, of the fewer of those with the AU and
        those without it."""
        return min(
            getattr(self, frames)[column]
            for share, frames in SHARES_OF.items()
            if name in (share, "auc")
        )

    def grade(self, column: int) -> str:
        """One of :data:`GRADES`, the worst by any number of one AU that counts
        (:data:`LEAST_FRAMES`); empty if none does."""
        grades = {name: grade_of(name, value) for name, value in self.numbers(column).items()}
        return worst(
            grade
            for name, grade in grades.items()
            if grade == POOR or self.frames(name, column) >= LEAST_FRAMES
        )


@dataclass(frozen=True)
class Judgement:
    """Of A AUs, in the network's order: ``slope`` above 0 and ``intercept`` of the calibration
    (Platt): the probability is sigmoid(slope · logit + intercept); ``threshold`` in (0, 1), the
    calibrated probability from which on an AU is called present. ``trained_on``: whom the network
    was trained on, such as "rendered people"; ``evidence``: how it did on others, one or more.

    Making one raises :class:`InputError` for a value that may not be.
    """

    trained_on: str
    slope: tuple[float, ...]
    intercept: tuple[float, ...]
    threshold: tuple[float, ...]
    evidence: tuple[Evidence, ...]

    def __post_init__(self) -> None:
        _check_words("trained_on", self.trained_on)
        for name, allowed in NUMBERS.items():
            _check_numbers(name, getattr(self, name), len(self.threshold), *allowed)
        if not self.evidence:
            raise InputError("evidence is empty, expected one or more")
        for each in self.evidence:
            if len(each.auc) != len(self.threshold):
                raise InputError(f"evidence is of {len(each.auc)} AUs, not {len(self.threshold)}")

    @classmethod
    def from_plain(cls, content: Mapping[str, Any]) -> "Judgement":
        """What :func:`dataclasses.asdict` gave; TypeError, KeyError or :class:`InputError` if it
        is none."""
        evidence = tuple(Evidence(**each) for each in content["evidence"])
        return cls(**{**content, "evidence": evidence})

    @property
    def judged_on(self) -> str:
        """Whom the network was judged on, in words."""
        return "; ".join(dict.fromkeys(each.faces for each in self.evidence))

    @property
    def auc(self) -> tuple[float, ...]:
        """The least AUC of each AU, NaN where there is none."""
        return tuple(np.fmin.reduce([each.auc for each in self.evidence]).tolist())

    @property
    def grades(self) -> tuple[str, ...]:
        """How far each AU can be relied upon, one of :data:`GRADES`: the worst by any evidence. At
        most fair without enough real faces that have the AU and that do not
        (:data:`FRAMES_FOR_GOOD`, :data:`PEOPLE_FOR_GOOD`); poor without any AUC."""
        return tuple(map(self._grade, range(len(self.threshold))))

    @property
    def on_real_faces(self) -> tuple[bool, ...]:
        """Of each AU whether anything that counts was measured on real faces."""
        return tuple(
            any(each.real and each.grade(column) for each in self.evidence)
            for column in range(len(self.threshold))
        )

    def _grade(self, column: int) -> str:
        if isnan(self.auc[column]):
            return POOR
        enough = all(self._is_enough_of(name, column) for name in SHARES_OF)
        limit = GOOD if enough else FAIR
        return worst([limit, *(each.grade(column) for each in self.evidence)])

    def _is_enough_of(self, name: str, column: int) -> bool:
        """Whether a share was measured on enough real faces for a grade of good."""
        # The networks of several folds may have been judged on the same faces.
        distinct = {each.faces: each for each in self.evidence if each.real}.values()
        known = [each for each in distinct if each.frames(name, column) >= LEAST_FRAMES]
        return (
            sum(each.frames(name, column) for each in known) >= FRAMES_FOR_GOOD
            and sum(each.people for each in known) >= PEOPLE_FOR_GOOD
        )

    def with_evidence(self, more: Evidence) -> "Judgement":
        """This judgement and ``more``, in the place of what is of the same faces; real ones and
        rendered ones of the same words are an :class:`InputError`."""
        for each in self.evidence:
            if each.faces == more.faces and each.real != more.real:
                kind = "real" if each.real else "rendered"
                raise InputError(
                    f"faces is {more.faces!r}, as evidence on {kind} faces is called that is known "
                    "already and would be lost; say it in other words"
                )
        others = (each for each in self.evidence if each.faces != more.faces)
        return replace(self, evidence=(*others, more))

    def calibrated(self, probability: np.ndarray) -> np.ndarray:
        """The network's probabilities (…, A) in [0, 1], calibrated, float64."""
        return calibrate(probability, self.slope, self.intercept)


def grade_of(name: str, value: float) -> str:
    """The grade by one number of :data:`LIMITS`, one of :data:`GRADES`."""
    good, fair, more_is_better = LIMITS[name]
    if not more_is_better:
        value, good, fair = -value, -good, -fair
    return GOOD if value >= good else FAIR if value >= fair else POOR


def worst(grades: Iterable[str]) -> str:
    """The worst of the grades; those that are empty do not count, and of none it is empty."""
    return max(filter(None, grades), key=GRADES.index, default="")


def calibrate(probability: np.ndarray, slope: ArrayLike, intercept: ArrayLike) -> np.ndarray:
    """Probabilities (…, A) in [0, 1] after Platt's calibration by one number each, or A."""
    logits = np.multiply(slope, logit(probability)) + intercept
    # tanh, for exp overflows.
    return (1 + np.tanh(logits / 2)) / 2


def logit(probability: np.ndarray) -> np.ndarray:
    """log(p / (1 - p)) as float64, of p no nearer to 0 and 1 than :data:`LEAST`."""
    p = np.clip(probability, LEAST, 1 - LEAST, dtype=np.float64)
    return np.log(p / (1 - p))


def check_faces(words: object) -> None:
    """Raise :class:`InputError` for what may not be an evidence's ``faces``."""
    _check_words("faces", words)
    # Sources are named in one line, parted by semicolons, and a table calls them all so.
    if str(words).strip().casefold() == ALL or set(str(words)) & set(";\r\n"):
        raise InputError(
            f"faces is {words!r}, expected words in one line, without ';', and not 'all'"
        )


def _check_words(name: str, value: object) -> None:
    if not isinstance(value, str) or not value.strip():
        raise InputError(f"{name} is {value!r}, expected words")


def _check_numbers(
    name: str, values: object, count: int, expected: str, is_allowed: Callable[[float], bool]
) -> None:
    if not isinstance(values, tuple) or len(values) != count:
        raise InputError(f"{name} is {values!r}, expected a number for each AU")
    for value in values:
        if not isinstance(value, float) or not is_allowed(value):
            raise InputError(f"{name} of an AU is {value!r}, expected {expected}")


def of_real_faces(judged: Sequence[int], action_units: Sequence[int]) -> str:
    """A sentence that says for which of the AUs a grade says nothing of real faces, those
    ``judged`` on some being the others; empty if for none."""
    if not judged:
        return "No real face was judged: no grade stands for one."
    if len(judged) == len(action_units):
        return ""
    missing = [au for au in action_units if au not in judged]
    if len(missing) < len(judged):
        names = " ".join(map(au_column, missing))
        return f"No real face was judged for {names}: no grade of it stands for one."
    names = " ".join(map(au_column, judged))
    return f"Real faces were judged for {names} only: no other grade stands for one."

"""Scores of frames that are resampled by subject, as a bootstrap over subjects needs them.

Frames of one person are alike, so people are drawn, not frames. What a score needs of the frames is
counted once a subject; to draw a subject twice is to count it twice.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from facs3d.core.action_units import ABSENT, PRESENT

N_DRAWS = 1000
"""Samples of subjects that an interval is of."""


class SubjectCounts(NamedTuple):
    """Of S subjects' frames with a known label of one AU.

    ``present``, ``absent`` (S,): frames of that label; ``hits``, ``false_alarms`` (S,): how many of
    those are called present. ``ranked`` (S, S): pairs of a present frame of subject i and an absent
    one of subject j whose former is the more probable; ties count half.
    """

    present: np.ndarray
    absent: np.ndarray
    hits: np.ndarray
    false_alarms: np.ndarray
    ranked: np.ndarray


Score = Callable[[SubjectCounts, np.ndarray], np.ndarray]
"""Takes counts and how often each subject is drawn, (R, S); gives R values, NaN = undefined."""


def count_by_subject(
    label: np.ndarray, probability: np.ndarray, subject: np.ndarray, threshold: float
) -> SubjectCounts:
    """Count frames: ``label`` (n,) in {1, 0, -1 = unknown}, ``probability`` (n,), ``subject`` (n,)
    names, of which the sorted ones are the S subjects."""
    names, index = np.unique(subject, return_inverse=True)
    n_subjects = len(names)

    def count(frames: np.ndarray) -> np.ndarray:
        return np.bincount(index[frames], minlength=n_subjects)

    present, absent, called = label == PRESENT, label == ABSENT, probability >= threshold
    ranked = np.zeros((n_subjects, n_subjects))
    # In order, for searches that begin near where the last one ended are several times as fast.
    ascending = np.argsort(probability, kind="stable")
    of_present, of_absent = (ascending[frames[ascending]] for frames in (present, absent))
    above, who = probability[of_present], index[of_present]
    for other in range(n_subjects):
        below = probability[of_absent[index[of_absent] == other]]
        wins = np.searchsorted(below, above) + np.searchsorted(below, above, "right")
        ranked[:, other] = np.bincount(who, wins / 2, minlength=n_subjects)
    return SubjectCounts(
        count(present), count(absent), count(present & called), count(absent & called), ranked
    )


def f1(counts: SubjectCounts, drawn: np.ndarray) -> np.ndarray:
    """F1 of the positive class, as :func:`facs3d.evaluation.metrics.f1`."""
    present, hits, false_alarms = (
        drawn @ each for each in (counts.present, counts.hits, counts.false_alarms)
    )
    return ratio(2 * hits, np.where(present > 0, present + hits + false_alarms, 0))


def skew_normalised_f1(counts: SubjectCounts, drawn: np.ndarray) -> np.ndarray:
    """F1 if as many frames were present as absent (Jeni, Cohn & De la Torre, 2013): datasets whose
    base rates differ can be compared by it. Undefined without frames of both."""
    rate = ratio(drawn @ counts.hits, drawn @ counts.present)
    false_rate = ratio(drawn @ counts.false_alarms, drawn @ counts.absent)
    return 2 * rate / (1 + rate + false_rate)


def accuracy(counts: SubjectCounts, drawn: np.ndarray) -> np.ndarray:
    """ACC, as :func:`facs3d.evaluation.metrics.accuracy`."""
    right = drawn @ (counts.hits + counts.absent - counts.false_alarms)
    return ratio(right, drawn @ (counts.present + counts.absent))


def negative_agreement(counts: SubjectCounts, drawn: np.ndarray) -> np.ndarray:
    """NA, as :func:`facs3d.evaluation.metrics.negative_agreement`: F1 of the absent frames."""
    swapped = counts._replace(
        present=counts.absent,
        absent=counts.present,
        hits=counts.absent - counts.false_alarms,
        false_alarms=counts.present - counts.hits,
    )
    return f1(swapped, drawn)


def s_score(counts: SubjectCounts, drawn: np.ndarray) -> np.ndarray:
    """S of two raters and two categories, as :func:`facs3d.evaluation.metrics.s_score`."""
    return 2 * accuracy(counts, drawn) - 1


def area_under_roc(counts: SubjectCounts, drawn: np.ndarray) -> np.ndarray:
    """AUC, as :func:`facs3d.evaluation.metrics.area_under_roc`; base rates do not change it."""
    ranked = (drawn @ counts.ranked * drawn).sum(axis=1)
    return ratio(ranked, (drawn @ counts.present) * (drawn @ counts.absent))


SCORES: dict[str, Score] = {
    "F1": f1,
    "F1_skew_normalised": skew_normalised_f1,
    "AUC": area_under_roc,
}
PAPER_SCORES: dict[str, Score] = {
    "F1": f1,
    "ACC": accuracy,
    "negative_agreement": negative_agreement,
    "AUC": area_under_roc,
    "S": s_score,
}
"""Those of :data:`facs3d.evaluation.metrics.PAPER_METRICS`, in its order."""
CHANCE: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "F1": lambda base_rate: base_rate,
    "F1_skew_normalised": lambda base_rate: 2 * base_rate / (1 + 2 * base_rate),
    "AUC": lambda base_rate: np.full_like(base_rate, 0.5),
}
"""Of the same scores, what a coin reaches that calls as large a share of frames present as are."""


Drawn = Mapping[str, np.ndarray]
"""How often each subject, by name, is in each sample, (1 + R,) int; the first has everybody once.
One draw serves all that predict the same people, whose differences it leaves paired."""


def draw_subjects(strata: Iterable[Sequence[str]], n_draws: int, rng: np.random.Generator) -> Drawn:
    """``n_draws`` samples of all subjects, each stratum's drawn with replacement among themselves,
    as many as they are."""
    drawn: dict[str, np.ndarray] = {}
    for names in strata:
        n = len(names)
        samples = rng.multinomial(n, np.full(n, 1 / n), size=n_draws)
        columns = np.vstack([np.ones((1, n), samples.dtype), samples]).T
        drawn |= dict(zip(names, columns, strict=True))
    return drawn


def ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """``part / whole``, arrays of one shape; NaN where the whole is 0."""
    return np.divide(part, whole, out=np.full(np.shape(part), np.nan), where=whole > 0)

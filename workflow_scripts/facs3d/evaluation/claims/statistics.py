"""What claims are measured by: evidence -> a value for each draw, repeat or network, (D,), or, of
what is counted, whether it is so of each AU, (D, A) bool.

:class:`facs3d.evaluation.claims.evidence.Lacking` where something needed is not there.
"""

from collections.abc import Callable, Sequence

import numpy as np

from facs3d.evaluation.claims.evidence import BASELINES, NAMED_REGIONS, REFERENCE, Evidence, Lacking
from facs3d.evaluation.metrics import PAPER_METRICS

Statistic = Callable[[Evidence], np.ndarray]

CNN, LSTM = BASELINES
LIPS = (15, 24)
TOGETHER = (6, 10, 12)
COMMON = (6, 7, 10, 14)


def lead(metric: str) -> Statistic:
    """FACS3D-Net's average less the better of the others'."""

    def statistic(evidence: Evidence) -> np.ndarray:
        scores = evidence.scores
        of_others = [scores.of(model, metric).mean(axis=1) for model in BASELINES]
        return scores.of(REFERENCE, metric).mean(axis=1) - np.max(of_others, axis=0)

    return statistic


def best(metric: str) -> Statistic:
    """Whether FACS3D-Net's value is the highest, by AU."""

    def statistic(evidence: Evidence) -> np.ndarray:
        scores = evidence.scores
        of_others = [scores.of(model, metric) for model in BASELINES]
        return scores.of(REFERENCE, metric) > np.max(of_others, axis=0)

    return statistic


def lead_of_f1_gain(others: Sequence[str]) -> Statistic:
    """FACS3D-Net's mean gain in F1 less the largest in the other metrics; of both baselines the
    smaller difference."""

    def statistic(evidence: Evidence) -> np.ndarray:
        return np.min(
            [
                gain(evidence, "F1", model).mean(axis=1)
                - np.max([gain(evidence, name, model).mean(axis=1) for name in others], axis=0)
                for model in BASELINES
            ],
            axis=0,
        )

    return statistic


def gain_by_rarity(baseline: str) -> Statistic:
    """Correlation over the AUs of base rate and gain in F1."""
    return lambda evidence: correlation(evidence.scores.base_rate, gain(evidence, "F1", baseline))


def other_gains_by_rarity(evidence: Evidence) -> np.ndarray:
    """Correlation of base rate and the mean gain in ACC, NA, AUC and S; of both baselines the
    larger."""
    base_rate = evidence.scores.base_rate
    gains = [
        np.mean([gain(evidence, metric, model) for metric in PAPER_METRICS[1:]], axis=0)
        for model in BASELINES
    ]
    return np.max([correlation(base_rate, each) for each in gains], axis=0)


def lstm_gain(evidence: Evidence) -> np.ndarray:
    """Mean F1 of the LSTM less the 2D CNN's."""
    scores = evidence.scores
    return (scores.of(LSTM, "F1") - scores.of(CNN, "F1")).mean(axis=1)


def lstm_better(evidence: Evidence) -> np.ndarray:
    """Whether the LSTM's F1 is above the 2D CNN's, by AU."""
    scores = evidence.scores
    return scores.of(LSTM, "F1") > scores.of(CNN, "F1")


def starred(baseline: str) -> Statistic:
    """Whether FACS3D-Net's F1 is significantly better, by AU."""
    return lambda evidence: evidence.stars.of(baseline, "F1") > 0


def lead_of_f1_stars(evidence: Evidence) -> np.ndarray:
    """AUs significantly better in F1 less the most so in another metric; of both baselines the
    smaller difference."""
    stars = evidence.stars
    differences = []
    for baseline in BASELINES:
        f1, *rest = ((stars.of(baseline, metric) > 0).sum(axis=1) for metric in PAPER_METRICS)
        differences.append(f1 - np.max(rest, axis=0))
    return np.min(differences, axis=0)


def acc_and_s_differ(evidence: Evidence) -> np.ndarray:
    """AUs and baselines in which the tests of ACC and S disagree."""
    stars = evidence.stars
    differ = [stars.of(model, "ACC") != stars.of(model, "S") for model in BASELINES]
    return np.sum(differ, axis=(0, 2))


def rarer_than(share: float) -> Statistic:
    """Whether the AU occurs in fewer frames than this share."""
    return lambda evidence: evidence.scores.base_rate < share


def as_common_as(share: float) -> Statistic:
    """Whether the AU occurs in this share of the frames or more."""
    return lambda evidence: evidence.scores.base_rate >= share


def by_base_rate(metric: str) -> Statistic:
    """Correlation of base rate and the networks' mean value."""

    def statistic(evidence: Evidence) -> np.ndarray:
        scores = evidence.scores
        return correlation(scores.base_rate, scores.mean_of_models(metric))

    return statistic


def steeper_f1(metric: str) -> Statistic:
    """By how much more F1 changes with the base rate than another metric does: difference of the
    slopes' sizes, of the networks' mean values."""

    def statistic(evidence: Evidence) -> np.ndarray:
        scores = evidence.scores
        f1, other = (
            slope(scores.base_rate, scores.mean_of_models(name)) for name in ("F1", metric)
        )
        return np.abs(f1) - np.abs(other)

    return statistic


def common_above_average(evidence: Evidence) -> np.ndarray:
    """Whether the networks' mean F1 is above the average, of the paper's examples."""
    scores = evidence.scores
    f1 = scores.mean_of_models("F1")
    return f1[:, scores.places(those_of(COMMON, scores.action_units))] > f1.mean(axis=1)[:, None]


def au24_above_average(evidence: Evidence) -> np.ndarray:
    """AU 24's AUC less the average, of the networks' mean values."""
    auc = evidence.scores.mean_of_models("AUC")
    return auc[:, evidence.scores.places([24])[0]] - auc.mean(axis=1)


def identity_gap(evidence: Evidence) -> np.ndarray:
    """The largest distance of S from 2 ACC - 1."""
    scores = evidence.scores
    gaps = [
        np.abs(scores.of(model, "S") - (2 * scores.of(model, "ACC") - 1)).max(axis=1)
        for model in scores.models
    ]
    return np.max(gaps, axis=0)


def named_maxima(evidence: Evidence) -> np.ndarray:
    """Whether the map's maximum is in the AU's region, of the AUs that the paper names."""
    return evidence.maps.inside(those_of(NAMED_REGIONS, evidence.maps.action_units))


def all_maxima(evidence: Evidence) -> np.ndarray:
    """The same of every AU."""
    maps = evidence.maps
    return maps.inside(maps.action_units)


def lips_emphasised(evidence: Evidence) -> np.ndarray:
    """The smaller emphasis on their own region of the maps of AU 15 and AU 24."""
    maps = evidence.maps
    return np.min([maps.emphasis_on(au, au) for au in LIPS], axis=0)


def emphasis(au: int, region: int) -> Statistic:
    """How many times the region of another AU holds its share of the area of the AU's map."""
    return lambda evidence: evidence.maps.emphasis_on(au, region)


def least_together(evidence: Evidence) -> np.ndarray:
    """The smallest Jaccard index among AU 6, AU 10 and AU 12."""
    scores = evidence.scores
    if scores.jaccard is None:
        raise Lacking("no number is given")
    chosen = scores.places(TOGETHER)
    pairs = scores.jaccard[:, chosen][:, :, chosen]
    return pairs.min(axis=(1, 2))


def untested(reason: str) -> Statistic:
    """Of a claim that nothing in the paper measures."""

    def statistic(evidence: Evidence) -> np.ndarray:
        raise Lacking(reason)

    return statistic


def those_of(action_units: Sequence[int], known: Sequence[int]) -> list[int]:
    """The AUs that are among the known ones."""
    return [au for au in action_units if au in known]


def gain(evidence: Evidence, metric: str, baseline: str) -> np.ndarray:
    """FACS3D-Net's value less the baseline's, (D, A)."""
    scores = evidence.scores
    return scores.of(REFERENCE, metric) - scores.of(baseline, metric)


def correlation(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Pearson's, over the last axis of (D, A) each; NaN where one does not vary."""
    x, y = (each - each.mean(axis=-1, keepdims=True) for each in (x, y))
    spread = np.sqrt((x**2).sum(axis=-1) * (y**2).sum(axis=-1))
    return np.divide((x * y).sum(axis=-1), spread, out=np.full(len(x), np.nan), where=spread > 0)


def slope(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Of the least-squares line of y on x, over the last axis; NaN where x does not vary."""
    x = x - x.mean(axis=-1, keepdims=True)
    square = (x**2).sum(axis=-1)
    return np.divide((x * y).sum(axis=-1), square, out=np.full(len(x), np.nan), where=square > 0)

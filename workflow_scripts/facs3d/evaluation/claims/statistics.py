"""What claims are measured by: evidence -> a value for each draw, repeat or network, (D,), or, of
what is counted, whether it is so of each AU of the evidence, (D, A). NaN: a draw without a value.

:class:`facs3d.evaluation.claims.evidence.Lacking` where something needed is not there.
"""

from collections.abc import Callable, Sequence

import numpy as np

from facs3d.core.action_units import PAPER_AUS
from facs3d.evaluation.claims.evidence import BASELINES, REFERENCE, Evidence, Lacking, Stars
from facs3d.evaluation.metrics import PAPER_METRICS

Statistic = Callable[[Evidence], np.ndarray]

CNN, LSTM = BASELINES
LIPS = (15, 24)
TOGETHER = (6, 10, 12)


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
        return _holds(np.greater, scores.of(REFERENCE, metric), np.max(of_others, axis=0))

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
    return _holds(np.greater, scores.of(LSTM, "F1"), scores.of(CNN, "F1"))


def starred(baseline: str) -> Statistic:
    """Whether FACS3D-Net's F1 is significantly better, by AU."""
    return lambda evidence: evidence.stars.of(baseline, "F1") > 0


def lead_of_f1_stars(evidence: Evidence) -> np.ndarray:
    """The paper's AUs significantly better in F1 less the most so in another metric; of both
    baselines the smaller difference."""
    differences = []
    for baseline in BASELINES:
        f1, *rest = (
            (_of_paper_aus(evidence.stars, baseline, metric) > 0).sum(axis=1)
            for metric in PAPER_METRICS
        )
        differences.append(f1 - np.max(rest, axis=0))
    return np.min(differences, axis=0)


def acc_and_s_differ(evidence: Evidence) -> np.ndarray:
    """The paper's AUs, of each baseline, in which the tests of ACC and S disagree."""
    stars = evidence.stars
    differ = [
        _of_paper_aus(stars, model, "ACC") != _of_paper_aus(stars, model, "S")
        for model in BASELINES
    ]
    return np.sum(differ, axis=(0, 2))


def rarer_than(share: float) -> Statistic:
    """Whether the AU occurs in fewer frames than this share."""
    return lambda evidence: _holds(np.less, evidence.scores.base_rate, share)


def as_common_as(share: float) -> Statistic:
    """Whether the AU occurs in this share of the frames or more."""
    return lambda evidence: _holds(np.greater_equal, evidence.scores.base_rate, share)


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


def above_average(evidence: Evidence) -> np.ndarray:
    """Whether the networks' mean F1 is above the average over all AUs, by AU."""
    f1 = evidence.scores.mean_of_models("F1")
    return _holds(np.greater, f1, f1.mean(axis=1, keepdims=True))


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


def maxima(evidence: Evidence) -> np.ndarray:
    """Whether the map's maximum is in the AU's region, by AU."""
    return evidence.maps.inside()


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


def _holds(
    comparison: Callable[..., np.ndarray], value: np.ndarray, other: np.ndarray | float
) -> np.ndarray:
    """1 where it does, 0 where not, and NaN, as in any mean, where either has no value."""
    return np.where(np.isnan(value) | np.isnan(other), np.nan, comparison(value, other))


def _of_paper_aus(stars: Stars, baseline: str, metric: str) -> np.ndarray:
    """Of the paper's AUs that are known, (R, A)."""
    signs = stars.of(baseline, metric)[:, np.isin(stars.action_units, PAPER_AUS)]
    if not signs.shape[1]:
        raise Lacking("none of these AUs")
    return signs


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

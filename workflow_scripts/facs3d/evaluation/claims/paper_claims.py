"""The paper's empirical claims, in the order of its argument: sentence, statistic, bar."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from facs3d.core.action_units import PAPER_AUS
from facs3d.evaluation.claims import statistics as of
from facs3d.evaluation.claims.evidence import NAMED_REGIONS
from facs3d.evaluation.claims.statistics import CNN, LSTM, Statistic

SCORES, LABELS, STARS, MAPS, IDENTITY = "scores", "labels", "stars", "maps", "identity"
"""What a claim rests on: trained networks' scores, labels alone, significance tests, occlusion
maps, or arithmetic."""
SHARE, NUMBER, AUS = "share", "number", "AUs"
"""Units: a share from 0 to 1 (or a difference of two), a plain number, a count of AUs."""


class Bar(NamedTuple):
    """``words`` before the ``value``, and whether a statistic ``meets`` it."""

    words: str
    value: float
    meets: Callable[[np.ndarray, float], np.ndarray]


@dataclass(frozen=True)
class Claim:
    """One claim: where the paper makes it, ``sentence`` in our words, ``statistic`` in words and as
    ``compute``, the ``bar`` for it.

    ``aus``: where AUs are counted one by one, those that the paper counts over. Of these are
    counted, of the paper's results as of ours, those that are known; the bar is for all, and in
    proportion for fewer.
    """

    topic: str
    section: str
    sentence: str
    statistic: str
    compute: Statistic
    bar: Bar
    unit: str = NUMBER
    rests_on: str = SCORES
    aus: tuple[int, ...] = ()


def above(value: float) -> Bar:
    return Bar("above", value, np.greater)


def at_least(value: float) -> Bar:
    return Bar("at least", value, np.greater_equal)


def below(value: float) -> Bar:
    return Bar("below", value, np.less)


def at_most(value: float) -> Bar:
    return Bar("at most", value, np.less_equal)


UNTESTED = Bar("", np.nan, np.greater)
"""Of a claim that nothing in the paper measures."""

MODELS, TESTS, RATES, REGIONS = (
    "FACS3D-Net, 2D CNN and 2D CNN-LSTM",
    "Significance",
    "Base rates and metrics",
    "Occlusion maps and co-occurrence",
)
PRINTED = {"F1": "F1", "ACC": "ACC", "negative_agreement": "NA", "AUC": "AUC", "S": "S"}

CLAIMS = (
    *(
        Claim(
            MODELS,
            "Abstract, IV-B",
            f"FACS3D-Net has the highest average {name}.",
            f"its average {name} − the higher one of the other two",
            of.lead(metric),
            above(0),
            SHARE,
        )
        for metric, name in PRINTED.items()
    ),
    *(
        Claim(
            MODELS,
            "IV-B",
            f"FACS3D-Net has the highest {PRINTED[metric]} in {n} of 12 AUs.",
            "AUs in which it is highest",
            of.best(metric),
            at_least(n),
            AUS,
            aus=PAPER_AUS,
        )
        for metric, n in (("F1", 10), ("ACC", 8), ("S", 8))
    ),
    Claim(
        MODELS,
        "IV-B",
        "It gains more in F1 than in ACC, NA, AUC and S, where its advantage is slight.",
        "mean gain in F1 − the largest other one; of both baselines the smaller difference",
        of.lead_of_f1_gain(("ACC", "negative_agreement", "AUC", "S")),
        above(0),
        SHARE,
    ),
    Claim(
        MODELS,
        "IV-B",
        "It is better above all at finding positive frames.",
        "mean gain in F1 − that in NA, the F1 of negative frames; of both baselines the smaller",
        of.lead_of_f1_gain(("negative_agreement",)),
        above(0),
        SHARE,
    ),
    *(
        Claim(
            MODELS,
            "IV-B, V",
            f"Its gain on the {name} is larger for rarer AUs.",
            "correlation over AUs of base rate and gain in F1",
            of.gain_by_rarity(model),
            below(0),
        )
        for model, name in ((CNN, "2D CNN"), (LSTM, "2D CNN-LSTM"))
    ),
    Claim(
        MODELS,
        "IV-B",
        "In the other four metrics, too, it gains more in rarer AUs.",
        "correlation of base rate and mean gain in these four; of both baselines the higher",
        of.other_gains_by_rarity,
        below(0),
    ),
    Claim(
        MODELS,
        "IV-B",
        "The LSTM gives the 2D CNN little or no advantage.",
        "average F1 of the 2D CNN-LSTM − that of the 2D CNN",
        of.lstm_gain,
        at_most(0),
        SHARE,
    ),
    Claim(
        MODELS,
        "IV-B",
        "In most AUs the 2D CNN-LSTM is no better than the 2D CNN.",
        "AUs in which its F1 is higher",
        of.lstm_better,
        below(6),
        AUS,
        aus=PAPER_AUS,
    ),
    Claim(
        MODELS,
        "V",
        "FACS3D-Net models longer intervals of time better than the 2D CNN-LSTM does.",
        "no statistic",
        of.untested("the paper measures no interval of time"),
        UNTESTED,
    ),
    *(
        Claim(
            TESTS,
            "IV-B, Table II",
            f"FACS3D-Net's F1 is significantly better than the {name}'s in {n} of 12 AUs.",
            "AUs in which it is, by the paper's paired t-test, p < .05",
            of.starred(model),
            at_least(n),
            AUS,
            STARS,
            aus=PAPER_AUS,
        )
        for model, name, n in ((CNN, "2D CNN", 10), (LSTM, "2D CNN-LSTM", 11))
    ),
    Claim(
        TESTS,
        "IV-B, Table II",
        "In the other four metrics it is so less often.",
        "AUs better in F1 − the most in another metric, p < .05; of both baselines the smaller",
        of.lead_of_f1_stars,
        above(0),
        AUS,
        STARS,
    ),
    Claim(
        TESTS,
        "Table II",
        "S differs significantly from the 2D CNN's in AU 2, and ACC does not.",
        "AUs, of both baselines, in which the tests of ACC and S disagree",
        of.acc_and_s_differ,
        at_least(1),
        AUS,
        IDENTITY,
    ),
    Claim(
        RATES,
        "IV-A.3, Eq. 6",
        "S, of a network and a coder, is 2·ACC − 1.",
        "largest distance from it; rounding folds, then their mean, explains 0.03",
        of.identity_gap,
        below(0.0003),
        SHARE,
        IDENTITY,
    ),
    Claim(
        RATES,
        "IV-B",
        "The 12 AUs occur in 3 % of the frames or more.",
        "AUs that do",
        of.as_common_as(0.03),
        at_least(12),
        AUS,
        LABELS,
        aus=PAPER_AUS,
    ),
    Claim(
        RATES,
        "IV-B",
        "7 of 12 AUs occur in fewer than 15 % of the frames.",
        "AUs that do",
        of.rarer_than(0.15),
        at_least(7),
        AUS,
        LABELS,
        aus=PAPER_AUS,
    ),
    Claim(
        RATES,
        "IV-A.3, IV-B",
        "F1 is lower for rarer AUs.",
        "correlation over AUs of base rate and F1, mean of the networks",
        of.by_base_rate("F1"),
        above(0),
    ),
    Claim(
        RATES,
        "IV-B",
        "Examples of common AUs with a high F1 are AU 6, AU 7, AU 10 and AU 14.",
        "how many of these have an F1 above average, mean of the networks",
        of.above_average,
        at_least(4),
        AUS,
        aus=(6, 7, 10, 14),
    ),
    Claim(
        RATES,
        "IV-B",
        "AUC, too, tends to be lower for rarer AUs.",
        "correlation over AUs of base rate and AUC, mean of the networks",
        of.by_base_rate("AUC"),
        above(0),
    ),
    Claim(
        RATES,
        "IV-B",
        "AU 24, the rarest, is an exception.",
        "its AUC − the average AUC, mean of the networks",
        of.au24_above_average,
        above(0),
        SHARE,
    ),
    Claim(
        RATES,
        "IV-A.3",
        "AUC suffers less from skew than F1.",
        "slope of F1 on base rate − that of AUC, both without sign, mean of the networks",
        of.steeper_f1("AUC"),
        above(0),
    ),
    Claim(
        RATES,
        "IV-A.3",
        "S suffers less from skew than F1.",
        "slope of F1 on base rate − that of S, both without sign, mean of the networks",
        of.steeper_f1("S"),
        above(0),
    ),
    Claim(
        RATES,
        "IV-A.3",
        "NA is lower for more frequent AUs.",
        "correlation over AUs of base rate and NA, mean of the networks",
        of.by_base_rate("negative_agreement"),
        below(0),
    ),
    Claim(
        RATES,
        "IV-A.3",
        "ACC is inflated for rare AUs.",
        "correlation over AUs of base rate and ACC, mean of the networks",
        of.by_base_rate("ACC"),
        below(0),
    ),
    Claim(
        REGIONS,
        "IV-C, Fig. 4",
        "AU 1, 2, 4, 7, 10, 17 and 23 are recognised by their own region of the face.",
        "how many of these AUs' maps have their maximum in the AU's FACS region",
        of.maxima,
        at_least(7),
        AUS,
        MAPS,
        aus=NAMED_REGIONS,
    ),
    Claim(
        REGIONS,
        "I, IV-C, V",
        "The maps show the AU's own region for most AUs.",
        "AUs whose map has its maximum in the AU's FACS region",
        of.maxima,
        above(6),
        AUS,
        MAPS,
        aus=PAPER_AUS,
    ),
    Claim(
        REGIONS,
        "IV-C, Fig. 4",
        "The maps of AU 15 and AU 24 show the lips.",
        "share of the map in the AU's FACS region / the region's share of the area; the smaller",
        of.lips_emphasised,
        above(1),
        rests_on=MAPS,
    ),
    Claim(
        REGIONS,
        "IV-C, Fig. 4",
        "They show parts of the cheeks as well.",
        "no statistic",
        of.untested("the paper does not say which parts"),
        UNTESTED,
    ),
    Claim(
        REGIONS,
        "IV-C, Fig. 5",
        "AU 6, AU 10 and AU 12 often come together.",
        "smallest Jaccard index of these pairs; from 0.5 on they are together more than apart",
        of.least_together,
        at_least(0.5),
        rests_on=LABELS,
    ),
    *(
        Claim(
            REGIONS,
            "IV-C, Fig. 4",
            f"The map of AU {au} reaches into AU 10's region.",
            "share of the map in AU 10's FACS region / the region's share of the area",
            of.emphasis(au, 10),
            above(1),
            rests_on=MAPS,
        )
        for au in (6, 12)
    ),
    Claim(
        REGIONS,
        "Abstract",
        "What is learnt agrees with the dynamics that human coders attend to.",
        "no statistic",
        of.untested("a patch that does not move hides no dynamics"),
        UNTESTED,
    ),
)

"""Controls: datasets of which is known what must come out, judged as the pipeline judges any.

Whether an effect that is there is found (dynamics), one that is not there is not (statics, null),
and whether occlusion maps lie where they must (regions) and move with an AU's company, by which the
paper explains its own (Sec. IV-C).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import binom, ttest_ind

from facs3d.core.errors import InputError
from facs3d.evaluation.corrected import compare_repeats, corrected_ttest, held_out_per_trained
from facs3d.evaluation.occlusion.au_regions import region_mask
from facs3d.evaluation.occlusion.maps import ACCURACY, Occlusion, drop_map
from facs3d.evaluation.occlusion.regions import against_region, lacks_map, share_inside
from facs3d.evaluation.significance import LEVELS
from facs3d.evaluation.splits import average_over_seeds
from facs3d.evaluation.tables import AVERAGE
from facs3d.preprocessing.alignment import RegistrationSettings

MODELS = ("facs3d", "cnn2d")
"""Whose difference is judged: the model that sees time minus the one that does not."""
METRIC = "AUC"
"""What effects are measured in: no threshold and no base rate has a part in it."""
NULL_METRICS = ("F1", "ACC", "negative_agreement", "AUC")
"""S is left out, whose tests are those of ACC."""
NULL_LEVEL = LEVELS[-1][0]
EFFECT_LEVEL = LEVELS[1][0]
NEIGHBOUR = 10
COMPANY = (6, 12)
"""The AUs whose maps the paper finds to reach into the region of AU 10, :data:`NEIGHBOUR`."""
REGION_AUS = 10
"""How many of the paper's 12 AUs must have a map, and its maximum inside their own region."""
UNTOLD = "cannot be told"
VERDICTS: dict[bool | None, str] = {True: "yes", False: "no", None: ""}
COLUMNS = ("control", "statistic", "value", "ci_low", "ci_high", "p", "expected", "came_out")


@dataclass(frozen=True)
class Measured:
    """Metrics of one control's dataset: :func:`facs3d.evaluation.metrics.metrics_of_runs` over
    folds and over subjects."""

    by_fold: pd.DataFrame
    by_subject: pd.DataFrame

    @property
    def ratio(self) -> float:
        """Subjects tested on for each one trained on."""
        folds = self.by_subject.drop_duplicates(["repeat", "subject"])
        splits = folds.groupby("repeat")[["subject", "fold"]]
        return held_out_per_trained(
            dict(zip(split["subject"], split["fold"], strict=True)) for _, split in splits
        )


def effect(
    measured: Measured, reference: str, baseline: str, weights: Mapping[int, float]
) -> dict[str, float]:
    """:func:`facs3d.evaluation.corrected.corrected_ttest` of the difference in AUC, reference -
    baseline, summed over AUs by ``weights`` in each fold that defines all of them, the mean over
    the repeats of a split."""
    chosen = measured.by_fold[measured.by_fold["metric"] == METRIC]
    lacking = {reference, baseline} - set(chosen["model"])
    if lacking:
        raise InputError(f"models: the controls need {min(lacking)} too; train it")
    runs = average_over_seeds(chosen, measured.by_subject)
    values = runs.pivot(index=["split", "fold"], columns=["model", "au"], values="value")
    differences = (values[reference] - values[baseline])[list(weights)].dropna()
    return corrected_ttest(differences.to_numpy() @ np.array([*weights.values()]), measured.ratio)


def mean_of(aus: Sequence[int]) -> dict[int, float]:
    """Weights of the mean over ``aus``, for :func:`effect`."""
    return dict.fromkeys(aus, 1 / len(aus))


def dose_response(
    doses: Mapping[float, Measured], reference: str, baseline: str, controlled: Sequence[int]
) -> pd.DataFrame:
    """How the difference grows with the ambiguity of stills: rows by ``dose`` and by ``aus``,
    *all*, *under control* (``controlled``) and *others*; the columns of :func:`effect`."""
    rows = []
    for dose, measured in sorted(doses.items()):
        for name, aus in _groups(measured, controlled).items():
            test = effect(measured, reference, baseline, mean_of(aus))
            rows.append({"dose": dose, "aus": name} | test)
    return pd.DataFrame(rows)


def judge_dynamics(
    doses: Mapping[float, Measured], reference: str, baseline: str, controlled: Sequence[int]
) -> list[dict]:
    """The greatest dose: better on the whole, and by more in the AUs under control."""
    dose = max(doses)
    groups = _groups(doses[dose], controlled)
    contrast = mean_of(groups["under control"]) | {
        au: -weight for au, weight in mean_of(groups["others"]).items()
    }
    more = "the same in the AUs under control minus in the others"
    whole, there = (
        effect(doses[dose], reference, baseline, weights)
        for weights in (mean_of(groups["all"]), contrast)
    )
    statistic = f"{METRIC}, {reference} − {baseline}, mimicry {dose:g}"
    return [
        _positive("dynamics", statistic, whole, EFFECT_LEVEL),
        _positive("dynamics", more, there, NULL_LEVEL),
    ]


def judge_statics(measured: Measured, reference: str, baseline: str) -> list[dict]:
    """Without ambiguity the reference is not better."""
    aus = measured.by_fold["au"].unique().tolist()
    test = effect(measured, reference, baseline, mean_of(aus))
    return [
        _row(
            *("statics", f"{METRIC}, {reference} − {baseline}, mimicry 0", test),
            f"not > 0 with p < {NULL_LEVEL}",
            lambda test: not (test["mean_difference"] > 0 and test["p"] < NULL_LEVEL),
            told=bool(np.isfinite(test["p"])),
        )
    ]


def against_itself(metrics: pd.DataFrame, model: str, seeds_per_split: int) -> pd.DataFrame:
    """``metrics`` of ``model`` as if of two models, ``one`` and ``other``: the first two repeats of
    each split, which differ in the weights' seed alone. ``repeat`` then numbers the splits."""
    of_model = metrics[metrics["model"] == model]
    place = (of_model["repeat"] - 1) % seeds_per_split
    renamed = of_model.assign(
        model=place.map({0: "one", 1: "other"}),
        repeat=1 + (of_model["repeat"] - 1) // seeds_per_split,
    )
    return renamed.dropna(subset="model").sort_values("model", kind="stable")


def false_positives(measured: Measured, seeds_per_split: int) -> pd.DataFrame:
    """Share of cells, AUs times :data:`NULL_METRICS`, with p < .05 where nothing differs, by model:
    ``corrected`` (Table II-R, unadjusted) and ``paper``, a paired test over the subjects of one
    split (the mean over the splits). ``n_cells`` are defined."""
    if seeds_per_split < 2:
        raise InputError(
            f"evaluation.seeds_per_split: {seeds_per_split}, expected 2 or more, for the null "
            "compares trainings of other seeds on one split"
        )
    rows = []
    for model in measured.by_fold["model"].unique():
        metrics = {
            unit: against_itself(table[table["metric"].isin(NULL_METRICS)], model, seeds_per_split)
            for unit, table in (("fold", measured.by_fold), ("subject", measured.by_subject))
        }
        tests = compare_repeats(metrics, "subject", "one", measured.ratio)
        cells = tests[(tests["au"] != AVERAGE) & tests["p"].notna()]
        rows.append(
            {
                "model": model,
                "n_cells": len(cells),
                "n_aus": cells["au"].nunique(),
                "corrected": float((cells["p"] < NULL_LEVEL).mean()),
                "paper": float((cells["starred_in"] / cells["repeats"]).mean()),
            }
        )
    return pd.DataFrame(rows)


def judge_null(shares: pd.DataFrame) -> list[dict]:
    """The corrected test calls no more than 5 % allow: the 97.5 % point of a binomial over models
    and AUs, for the metrics of one AU rise and fall together."""
    n_independent = int(shares["n_aus"].sum())
    allowed = binom.ppf(0.975, n_independent, NULL_LEVEL) / n_independent
    of_all = (shares[["corrected", "paper"]].mul(shares["n_cells"], axis=0)).sum()
    of_all = of_all / shares["n_cells"].sum()
    share = {"mean_difference": of_all["corrected"]}
    others = {"mean_difference": of_all["paper"]}
    return [
        _row(
            "null",
            "share of cells with p < .05, a model against itself, Table II-R",
            share,
            f"≤ {allowed:.3f}",
            lambda test: test["mean_difference"] <= allowed,
        ),
        _row("null", "the same, the paper's test over subjects", others, "", lambda test: None),
    ]


def maxima_inside(
    networks: Sequence[Occlusion], registration: RegistrationSettings, min_recognised: int
) -> dict[int, bool]:
    """Whether the maximum of each AU's map, the mean of those networks that have one, lies in the
    AU's own region; without AUs of which none recognises ``min_recognised`` positive frames."""
    inside = {}
    for index, au in enumerate(networks[0].action_units):
        drops = [
            drop_map(one, index) for one in networks if not lacks_map(one, index, min_recognised)
        ]
        if drops:
            mean = np.mean(drops, axis=0)
            found = against_region(mean, region_mask(au, registration, len(mean)))
            inside[au] = found["maximum_in_region"] == "yes"
    return inside


def judge_regions(
    networks: Sequence[Occlusion], registration: RegistrationSettings, min_recognised: int
) -> list[dict]:
    """Of AUs that occur independently, nearly all have their map's maximum in their own region, the
    mean map of the networks."""
    maxima = maxima_inside(networks, registration, min_recognised)
    statistic = (
        f"AUs with the maximum of their map, of {networks[0].measure}, in their "
        f"own region, of {len(maxima)} with a map"
    )
    return [
        _row(
            *("regions", statistic, {"mean_difference": float(sum(maxima.values()))}),
            f"≥ {REGION_AUS}",
            lambda test: test["mean_difference"] >= REGION_AUS,
            told=len(maxima) >= REGION_AUS,
        )
    ]


def company_shares(
    together: Sequence[Occlusion],
    alone: Sequence[Occlusion],
    registration: RegistrationSettings,
    min_recognised: int,
) -> pd.DataFrame:
    """Share of the mass of the maps of :data:`COMPANY` in the region of :data:`NEIGHBOUR`, by
    ``measure``, ``au``, how AUs ``occur`` and ``network``; NaN without a map."""
    rows = []
    for occur, networks in (("together", together), ("independently", alone)):
        for one in networks:
            mask = region_mask(NEIGHBOUR, registration, one.mean_face.shape[0])
            for au in COMPANY:
                index = one.action_units.index(au)
                lacking = lacks_map(one, index, min_recognised)
                share = np.nan if lacking else share_inside(drop_map(one, index), mask)
                rows.append((one.measure, au, occur, str(one.run), share))
    return pd.DataFrame(rows, columns=["measure", "au", "occur", "network", "share"])


def judge_company(shares: pd.DataFrame) -> list[dict]:
    """The maps of AU 6 and 12 reach further into AU 10's region where the three occur together: the
    mean over networks that have one, with Welch's t-test between them. That is said of the paper's
    maps; of the AUC's nothing is expected."""
    rows = []
    for (measure, au), of_au in shares.groupby(["measure", "au"], sort=False):
        together, alone = (
            of_au.loc[of_au["occur"] == occur, "share"].dropna()
            for occur in ("together", "independently")
        )
        test = {"mean_difference": float(together.mean() - alone.mean())}
        if min(len(together), len(alone)) > 1 and max(np.ptp(together), np.ptp(alone)) > 0:
            welch = ttest_ind(together, alone, equal_var=False)
            interval = welch.confidence_interval()
            test |= {"p": welch.pvalue, "ci_low": interval.low, "ci_high": interval.high}
        statistic = (
            f"share of AU {au}'s map, of {measure}, in AU {NEIGHBOUR}'s region: "
            f"{together.mean():.3f} together − {alone.mean():.3f} independently"
        )
        if measure == ACCURACY:
            rows.append(_positive("company", statistic, test, NULL_LEVEL))
        else:
            # Where an AU and its company both tell, hiding either costs the AUC little.
            rows.append(_row("company", statistic, test, "", lambda test: None))
    return rows


def as_table(rows: Iterable[dict]) -> pd.DataFrame:
    """What came out, with the columns :data:`COLUMNS`; ``came_out`` is yes, no, :data:`UNTOLD`, or
    empty where nothing is expected."""
    return pd.DataFrame(list(rows), columns=list(COLUMNS))


def _groups(measured: Measured, controlled: Sequence[int]) -> dict[str, list[int]]:
    aus = measured.by_fold["au"].unique().tolist()
    under = [au for au in aus if au in controlled]
    if not 0 < len(under) < len(aus):
        raise InputError(
            f"synthesis.dynamics_control: {len(under)} of the {len(aus)} AUs are under control, "
            "expected some and not all, to compare them with the others"
        )
    others = [au for au in aus if au not in controlled]
    return {"all": aus, "under control": under, "others": others}


def _positive(control: str, statistic: str, test: Mapping[str, float], level: float) -> dict:
    """Comes out where the value is above 0 at this level; without a p it cannot be told."""
    return _row(
        *(control, statistic, test, f"> 0, p < {level}"),
        lambda test: test["mean_difference"] > 0 and test["p"] < level,
        told=bool(np.isfinite(test.get("p", np.nan))),
    )


def _row(
    control: str,
    statistic: str,
    test: Mapping[str, float],
    expected: str,
    rule: Callable[[Mapping[str, float]], bool | None],
    told: bool = True,
) -> dict[str, object]:
    verdict = VERDICTS[rule(test)] if told else UNTOLD
    return {
        "control": control,
        "statistic": statistic,
        "value": test["mean_difference"],
        **{name: test.get(name, np.nan) for name in ("ci_low", "ci_high", "p")},
        "expected": expected,
        "came_out": verdict,
    }

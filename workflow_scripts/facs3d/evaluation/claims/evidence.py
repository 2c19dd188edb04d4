"""What claims are judged by: scores, tests and occlusion maps, ours or the paper's, in one form.

The first axis of every array is what a statistic varies over: draws of a bootstrap, repeats or
networks. Its first entry is the value itself; the paper's arrays have no more.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from facs3d.core.action_units import PAPER_AUS
from facs3d.core.errors import InputError
from facs3d.evaluation.metrics import PAPER_METRICS
from facs3d.evaluation.occlusion.au_regions import RIGHT_SIDE, region_mask
from facs3d.evaluation.occlusion.maps import Occlusion, drop_map
from facs3d.evaluation.occlusion.regions import lacks_map, share_inside
from facs3d.evaluation.significance import NOT_SIGNIFICANT, STARRED, compare_models
from facs3d.evaluation.tables import AVERAGE, UNDEFINED
from facs3d.preprocessing.alignment import RegistrationSettings

NAMED_REGIONS = (1, 2, 4, 7, 10, 17, 23)
"""The AUs of whose maps the paper says that they show the AU's own region (Sec. IV-C)."""
BASELINES, REFERENCE = ("cnn2d", "cnn2d_lstm"), "facs3d"
"""The paper's models; others have no part in its claims."""


class Lacking(Exception):
    """What a statistic needs is not there; the message says what, in a few words."""


@dataclass(frozen=True)
class Scores:
    """Table I in D draws, for A AUs.

    ``values``: model -> (metrics of :data:`PAPER_METRICS`, D, A), shares, the mean over folds and
    repeats; ``base_rate`` (D, A); ``jaccard`` (D, A, A) of pairs of AUs, None where it is not
    known; ``repeats``: those that are drawn together, see
    :func:`facs3d.evaluation.claims.bootstrap.independent_repeats`. NaN: the draw has no value.
    """

    action_units: tuple[int, ...]
    values: Mapping[str, np.ndarray]
    base_rate: np.ndarray
    jaccard: np.ndarray | None
    repeats: tuple[tuple[int, ...], ...]

    @property
    def models(self) -> tuple[str, ...]:
        """The paper's that are there."""
        known = tuple(model for model in (*BASELINES, REFERENCE) if model in self.values)
        if not known:
            raise Lacking("no network of the paper's")
        return known

    def of(self, model: str, metric: str) -> np.ndarray:
        """(D, A)."""
        if model not in self.values:
            raise Lacking(f"no network {model}")
        return self.values[model][PAPER_METRICS.index(metric)]

    def mean_of_models(self, metric: str) -> np.ndarray:
        """Mean over the paper's networks, (D, A)."""
        return np.mean([self.of(model, metric) for model in self.models], axis=0)

    def places(self, action_units: Sequence[int]) -> list[int]:
        """Where the AUs are along the last axis."""
        return places(action_units, self.action_units)


@dataclass(frozen=True)
class Stars:
    """Table II in R repeats, for A AUs: (baseline, metric) -> (R, A) int8, 1 where the reference
    model is significantly better, -1 where it is worse, else 0."""

    action_units: tuple[int, ...]
    signs: Mapping[tuple[str, str], np.ndarray]

    def of(self, baseline: str, metric: str) -> np.ndarray:
        """(R, A)."""
        if (baseline, metric) not in self.signs:
            raise Lacking(f"no test against {baseline}")
        return self.signs[baseline, metric]


@dataclass(frozen=True)
class Maps:
    """Fig. 4 of N networks, for A AUs.

    ``maximum_inside`` (N, A): 1 if the map's highest point is in the AU's own region, 0 if not;
    ``emphasis`` (N, A, A): how many times the region of the second AU holds its share of the area
    of the first one's map, None where no map was measured. NaN: there is no map, or no region.
    """

    action_units: tuple[int, ...]
    maximum_inside: np.ndarray
    emphasis: np.ndarray | None

    def inside(self) -> np.ndarray:
        """Whether the AUs' maxima lie inside, (2 N, A) bool: first as if those without a map did
        not, then as if they did, so that what is not known widens the range."""
        self._check()
        return np.concatenate([self.maximum_inside == 1, self.maximum_inside != 0])

    def emphasis_on(self, au: int, region: int) -> np.ndarray:
        """Of the AU's maps on the region of another, (N,)."""
        self._check()
        if self.emphasis is None:
            raise Lacking("no number is given")
        row, column = places((au, region), self.action_units)
        ratio = self.emphasis[:, row, column]
        if np.isnan(ratio).any():
            raise Lacking(f"no map of AU {au}")
        return ratio

    def _check(self) -> None:
        if not len(self.maximum_inside):
            raise Lacking(f"no occlusion maps of {REFERENCE}")

    @property
    def without(self) -> tuple[int, ...]:
        """The AUs that the first network, if there is one, gives no map of."""
        lacking = np.isnan(self.maximum_inside[:1]).any(axis=0)
        return tuple(au for au, gone in zip(self.action_units, lacking, strict=True) if gone)


@dataclass(frozen=True)
class Evidence:
    """All that claims are judged by."""

    scores: Scores
    stars: Stars
    maps: Maps


def places(action_units: Sequence[int], known: Sequence[int]) -> list[int]:
    """Where the AUs stand among the known ones; :class:`Lacking` if one does not."""
    missing = dict.fromkeys(str(au) for au in action_units if au not in known)
    if missing:
        raise Lacking(f"no AU {', '.join(missing)}")
    return [list(known).index(au) for au in action_units]


def stars_of_repeats(by_unit: pd.DataFrame, unit: str) -> Stars:
    """The paper's test of FACS3D-Net in every repeat. ``by_unit``: metrics by what is paired; empty
    if it, or what to compare it with, is not among the models."""
    models = by_unit["model"].unique()
    if REFERENCE not in models or len(models) < 2:
        return Stars((), {})
    repeats = [
        stars_of_tests(compare_models(by_unit, unit, REFERENCE, repeat))
        for repeat in sorted(by_unit["repeat"].unique())
    ]
    first = repeats[0]
    return Stars(
        first.action_units,
        {key: np.concatenate([one.signs[key] for one in repeats]) for key in first.signs},
    )


def stars_of_tests(tests: pd.DataFrame, p: str = "p") -> Stars:
    """One repeat's :func:`facs3d.evaluation.significance.compare_models`, or the one of all repeats
    of :func:`facs3d.evaluation.corrected.compare_repeats`, whose stars follow the column
    ``p_holm``; averages are left out."""
    tests = tests[tests["au"].astype(str) != AVERAGE]
    sign = np.sign(tests["mean_difference"]).where(tests[p] < STARRED, 0)
    signs = tests.assign(sign=sign.astype(np.int8)).groupby(["baseline", "metric"], sort=False)
    return Stars(
        tuple(map(int, tests["au"].unique())),
        {key: rows["sign"].to_numpy()[np.newaxis] for key, rows in signs},
    )


def maps_of_networks(
    occlusions: Sequence[Occlusion], registration: RegistrationSettings, min_positive: int
) -> Maps:
    """What claims need of FACS3D-Net's maps, of the same AUs in all its networks; an AU of which
    fewer than ``min_positive`` frames are recognised has no map. Other models' are left out."""
    occlusions = [one for one in occlusions if one.run.model == REFERENCE]
    if not occlusions:
        return Maps((), np.zeros((0, 0)), None)
    aus = occlusions[0].action_units
    if any(other.action_units != aus for other in occlusions):
        raise InputError("occlusion maps of different AUs; make them again from the same clips")
    maximum = np.full((len(occlusions), len(aus)), np.nan)
    emphasis = np.full((len(occlusions), len(aus), len(aus)), np.nan)
    side = len(occlusions[0].mean_face)
    masks = {au: region_mask(au, registration, side) for au in aus if au in RIGHT_SIDE}
    for network, occlusion in enumerate(occlusions):
        for row, au in enumerate(aus):
            if lacks_map(occlusion, row, min_positive):
                continue
            drop = drop_map(occlusion, row)
            measured = np.isfinite(drop)
            for other, mask in masks.items():
                area = (mask & measured).sum() / measured.sum()
                emphasis[network, row, aus.index(other)] = share_inside(drop, mask) / area
            if au in masks:
                maximum[network, row] = masks[au].flat[np.nanargmax(drop)]
    return Maps(aus, maximum, emphasis)


def evidence_of_paper(table1: pd.DataFrame, table2: pd.DataFrame) -> Evidence:
    """The paper's own, from its two tables as they are in ``config/paper``; of its maps there is
    what the text says, and nothing of the AUs that it does not name."""
    rows = table1[table1["AU"] != AVERAGE]
    aus = tuple(map(int, rows["AU"]))
    values = {
        model: np.array([[rows[f"{name}_{model}"] / 100] for name in PAPER_METRICS])
        for model in (*BASELINES, REFERENCE)
    }
    scores = Scores(aus, values, rows["BR"].to_numpy()[np.newaxis] / 100, None, ((1,),))
    marks = table2.set_index(table2["AU"].astype(int)).loc[list(aus)]
    signs = {}
    for baseline in BASELINES:
        for name in PAPER_METRICS:
            starred = ~marks[f"{name}_{baseline}"].isin((NOT_SIGNIFICANT, UNDEFINED)).to_numpy()
            better = np.sign(scores.of(REFERENCE, name) - scores.of(baseline, name))
            signs[baseline, name] = (better * starred).astype(np.int8)
    inside = np.isin(PAPER_AUS, NAMED_REGIONS)[np.newaxis].astype(float)
    return Evidence(scores, Stars(aus, signs), Maps(PAPER_AUS, inside, None))

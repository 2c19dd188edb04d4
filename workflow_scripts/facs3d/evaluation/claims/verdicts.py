"""The rule by which each of the paper's claims is judged."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from facs3d.evaluation.claims.evidence import Evidence, Lacking, Stars
from facs3d.evaluation.claims.paper_claims import IDENTITY, LABELS, MAPS, SCORES, STARS, Bar, Claim

HOLDS, FAILS, UNTOLD = "holds", "does not hold", "cannot be told here"
COLUMNS = (
    *("claim", "topic", "section", "sentence", "statistic", "unit", "bar", "bar_value", "paper"),
    *("paper_of", "ours", "ours_of", "low", "high", "verdict", "reason"),
)


@dataclass(frozen=True)
class Rule:
    """``confidence`` of an interval over draws, in (0, 1); ``fewest``: repeats, or networks with
    maps, that a claim about networks is judged by at least."""

    confidence: float
    fewest: int


def judge_claims(
    claims: Sequence[Claim], ours: Evidence, paper: Evidence, rule: Rule, corrected: Stars | None
) -> pd.DataFrame:
    """A row for each claim with the columns :data:`COLUMNS`: our value and the paper's by one
    statistic, and the verdict.

    A claim *holds* if all of the interval from ``low`` to ``high`` meets the bar, *does not hold*
    if none of it does, and otherwise *cannot be told here*; ``reason`` says why. The interval: of
    scores and labels, the percentiles of the draws that have a value; of tests and maps, the range
    over repeats or networks. It does not tell of another training where there are fewer than
    ``rule.fewest``; repeats of one split among several count as one. ``paper_of``, ``ours_of``: how
    many AUs are counted. NaN is what is not known. ``corrected``: the corrected test over all
    repeats, for the reason alone.
    """
    rows = [
        {"claim": number, **_judge(claim, ours, paper, rule, corrected)}
        for number, claim in enumerate(claims, start=1)
    ]
    counts = dict.fromkeys(("paper_of", "ours_of"), "Int64")
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype(counts)


def _judge(
    claim: Claim, ours: Evidence, paper: Evidence, rule: Rule, corrected: Stars | None
) -> dict[str, object]:
    row: dict[str, object] = {
        name: getattr(claim, name) for name in ("topic", "section", "sentence", "statistic", "unit")
    }
    row |= {"bar": claim.bar.words, "bar_value": claim.bar.value}
    remarks = []
    try:
        of_paper, n_aus = _values(claim, paper)
        row |= {"paper": of_paper[0], "paper_of": n_aus}
        if not claim.bar.meets(of_paper, claim.bar.value).all():
            remarks.append("the paper's own value misses the bar")
    except Lacking:
        pass
    try:
        values, n_aus = _values(claim, ours)
        bar = _scaled(claim, n_aus)
        row |= {"ours": values[0], "ours_of": n_aus, "bar_value": bar.value}
        low, high, lacking = _interval(claim, values, ours, rule)
        row |= {"low": low, "high": high}
        verdict, reason = (UNTOLD, lacking) if lacking else _verdict(bar, low, high)
        if claim.rests_on == IDENTITY:
            reason = "S = 2·ACC − 1 is arithmetic"
    except Lacking as error:
        verdict, reason = UNTOLD, str(error)
    else:
        remarks += _remarks(claim, ours, corrected)
    return row | {"verdict": verdict, "reason": "; ".join([reason, *remarks])}


def _values(claim: Claim, evidence: Evidence) -> tuple[np.ndarray, int | None]:
    """The statistic (D,), and of how many AUs it counts some: the claim's that are known."""
    values = claim.compute(evidence)
    if values.ndim == 1:
        n_aus = None
    else:
        known = {STARS: evidence.stars.action_units, MAPS: evidence.maps.action_units}
        counted = np.isin(known.get(claim.rests_on, evidence.scores.action_units), claim.aus)
        n_aus = int(counted.sum())
        values = values[:, counted].sum(axis=1)
    if n_aus == 0:
        raise Lacking("none of these AUs")
    if np.isnan(values[0]):
        raise Lacking("undefined")
    return values.astype(float), n_aus


def _scaled(claim: Claim, n_aus: int | None) -> Bar:
    """The bar in proportion to the AUs that are counted."""
    if n_aus is None:
        return claim.bar
    return claim.bar._replace(value=claim.bar.value * n_aus / len(claim.aus))


def _interval(
    claim: Claim, values: np.ndarray, ours: Evidence, rule: Rule
) -> tuple[float, float, str]:
    """The interval, and what forbids to judge by it, if anything does."""
    repeats, n_networks = ours.scores.repeats, len(ours.maps.maximum_inside)
    if claim.rests_on == IDENTITY:
        return values[0], values[0], ""
    if claim.rests_on in (SCORES, LABELS):
        draws = values[1:][np.isfinite(values[1:])]
        if not len(draws):
            return np.nan, np.nan, "no interval: no draw has a value"
        tail = 50 * (1 - rule.confidence)
        # Ends that some draw has: there is no half of an AU.
        low, high = np.percentile(draws, [tail, 100 - tail], method="inverted_cdf")
        few = claim.rests_on == SCORES and len(repeats) < rule.fewest
        others = "the interval is of these trainings alone"
        return low, high, f"{_repeats(repeats)}: {others}" if few else ""
    n, name = {
        STARS: (len(repeats), _repeats(repeats)),
        MAPS: (n_networks, _networks(n_networks)),
    }[claim.rests_on]
    if n < rule.fewest:
        return np.nan, np.nan, f"no interval: {name}"
    return values.min(), values.max(), ""


def _verdict(bar: Bar, low: float, high: float) -> tuple[str, str]:
    # Bars are half-lines: what both ends meet, or neither, all between them do, or do not.
    ends = bar.meets(np.array([low, high]), bar.value)
    if ends.all():
        return HOLDS, "all of the interval meets the bar"
    if not ends.any():
        return FAILS, "none of the interval meets the bar"
    return UNTOLD, "the bar lies in the interval"


def _remarks(claim: Claim, ours: Evidence, corrected: Stars | None) -> list[str]:
    if claim.rests_on == STARS and corrected is not None:
        try:
            values, n_aus = _values(claim, replace(ours, stars=corrected))
        except Lacking:
            return []
        of_aus = "" if n_aus is None else f" of {n_aus}"
        return [f"by the corrected test over all repeats {values[0]:.0f}{of_aus}"]
    if claim.rests_on != MAPS:
        return []
    without = [str(au) for au in claim.aus if au in ours.maps.without]
    return [f"no map of AU {', '.join(without)}"] if without else []


def _repeats(together: Sequence[Sequence[int]]) -> str:
    n = sum(map(len, together))
    if n > len(together):
        return f"{len(together)} splits of {n} repeats"
    return "one repeat" if n == 1 else f"{n} repeats"


def _networks(n: int) -> str:
    return "maps of one network" if n == 1 else f"maps of {n} networks"

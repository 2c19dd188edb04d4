"""The verdicts on the paper's claims as people read them."""

import pandas as pd

from facs3d.evaluation.claims.paper_claims import AUS, SHARE
from facs3d.evaluation.claims.verdicts import FAILS, HOLDS, UNTOLD, Rule
from facs3d.report.grid import Cell, Grid, minus, rounded

HEADS = ("", "claim, and what it is measured by", "bar", "paper", "ours", "verdict", "why")


def claims_grids(table: pd.DataFrame) -> dict[str, Grid]:
    r"""Label (of LaTeX's ``\ref``) -> grid, one for each topic of
    :func:`facs3d.evaluation.claims.verdicts.judge_claims`."""
    return {
        f"tab:claims-{number}": Grid(
            topic, (("", HEADS),), tuple(map(_row, rows.to_dict("records")))
        )
        for number, (topic, rows) in enumerate(table.groupby("topic", sort=False), start=1)
    }


def claims_findings(table: pd.DataFrame, rule: Rule) -> list[str]:
    """How many claims have which verdict, and the rule."""
    n_of = table["verdict"].value_counts()
    hold, fail, untold = (n_of.get(verdict, 0) for verdict in (HOLDS, FAILS, UNTOLD))
    return [
        f"Of {len(table)} claims {hold} hold, {fail} do not hold, {untold} cannot be told here.",
        "A claim holds if all of its interval meets the bar, and does not hold if none of it does; "
        "otherwise it cannot be told here. The paper's value is computed from its tables as ours "
        "is from our results. Differences of metrics are in percentage points.",
        f"The interval ({100 * rule.confidence:g} %) is a bootstrap's over subjects and over "
        "repeats of all trainings, the same subjects and repeats for all models; of significance "
        "tests it is the range over repeats, of occlusion maps the range over networks, where an "
        "AU without a map counts as both. "
        f"With fewer than {rule.fewest} repeats, or networks with maps, a claim about networks is "
        "not judged.",
    ]


def _row(claim: dict) -> tuple[Cell, ...]:
    low, high = _value(claim, "low"), _value(claim, "high")
    verdict = claim["verdict"]
    return (
        Cell(str(claim["claim"])),
        Cell(
            claim["sentence"],
            details=(f"{claim['section']}: {claim['statistic']}",),
            prose=True,
        ),
        Cell(_bar(claim)),
        Cell(_value(claim, "paper", claim["paper_of"])),
        Cell(
            _value(claim, "ours", claim["ours_of"]),
            details=(f"{low} to {high}",) if low else (),
        ),
        Cell(verdict, best=verdict != UNTOLD, faint=verdict == UNTOLD),
        Cell(claim["reason"], prose=True),
    )


def _bar(claim: dict) -> str:
    if pd.isna(claim["bar_value"]):
        return ""
    of_aus = claim["ours_of"] if pd.notna(claim["ours_of"]) else claim["paper_of"]
    value = f"{_in_unit(claim, 'bar_value'):g}" + ("" if pd.isna(of_aus) else f" of {of_aus}")
    return f"{claim['bar']} {value}"


def _value(claim: dict, name: str, n_aus: int | None = None) -> str:
    """A value of the row in its unit, of so many AUs; nothing for NaN."""
    value = claim[name]
    if pd.isna(value):
        return ""
    if claim["unit"] == AUS:
        return minus(f"{value:g}") + ("" if pd.isna(n_aus) else f" of {n_aus}")
    return rounded(_in_unit(claim, name), 2)


def _in_unit(claim: dict, name: str) -> float:
    """Shares in percent."""
    return (100 if claim["unit"] == SHARE else 1) * claim[name]

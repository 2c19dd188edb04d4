"""The verdicts on the paper's claims as people read them."""

import pandas as pd

from facs3d.evaluation.claims.paper_claims import AUS, SHARE
from facs3d.evaluation.claims.verdicts import FAILS, HOLDS, UNTOLD, Rule
from facs3d.report.grid import Cell, Grid, minus

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
    counted = ", ".join(f"{n_of.get(verdict, 0)}: {verdict}" for verdict in (HOLDS, FAILS, UNTOLD))
    return [
        f"{len(table)} claims. {counted}.",
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
    bar = f"{claim['bar']} {_value(claim, 'bar_value', claim['ours_of'])}".strip()
    low, high = _value(claim, "low"), _value(claim, "high")
    verdict = claim["verdict"]
    return (
        Cell(str(claim["claim"])),
        Cell(
            claim["sentence"],
            details=(f"{claim['section']}: {claim['statistic']}",),
            prose=True,
        ),
        Cell(bar),
        Cell(_value(claim, "paper", claim["paper_of"])),
        Cell(
            _value(claim, "ours", claim["ours_of"]),
            details=(f"{low} to {high}",) if low else (),
        ),
        Cell(verdict, best=verdict != UNTOLD, faint=verdict == UNTOLD),
        Cell(claim["reason"], prose=True),
    )


def _value(claim: dict, name: str, n_aus: int | None = None) -> str:
    """A value of the row in its unit, of so many AUs; nothing for NaN."""
    value = claim[name]
    if pd.isna(value):
        return ""
    if claim["unit"] == AUS:
        return f"{value:g}" + ("" if pd.isna(n_aus) else f" of {n_aus}")
    return minus(f"{100 * value if claim['unit'] == SHARE else value:.2f}")

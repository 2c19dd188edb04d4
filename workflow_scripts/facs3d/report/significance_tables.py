"""Table II and all paired t-tests as people read them."""

import pandas as pd

from facs3d.evaluation.significance import NOT_SIGNIFICANT
from facs3d.evaluation.tables import PAPER, UNDEFINED
from facs3d.report.grid import Cell, Grid, rounded
from facs3d.report.model_names import full_name, metric_name


def table_two_grid(table: pd.DataFrame, tests: pd.DataFrame, reference: str, unit: str) -> Grid:
    """Table II for people, with the paper's stars below ours if the table holds them."""
    baselines, metrics = tests["baseline"].unique(), tuple(tests["metric"].unique())
    columns = [f"{metric}_{baseline}" for baseline in baselines for metric in metrics]
    rows = []
    for _, row in table.iterrows():
        cells = [
            Cell(
                row[column],
                details=(f"P {paper}",) if isinstance(paper, str) else (),
                faint=row[column] in (NOT_SIGNIFICANT, UNDEFINED),
            )
            for column, paper in ((column, row.get(column + PAPER)) for column in columns)
        ]
        rows.append((Cell(row["AU"]), *cells))
    heads = tuple(map(metric_name, metrics))
    against = [(f"{full_name(reference)} v.s. {full_name(name)}", heads) for name in baselines]
    notes = [
        *pair_notes(tests, unit),
        f"A minus before the stars: {full_name(reference)} is worse.",
        "Stars follow the unadjusted p, as the paper's do; table2 has Holm-adjusted ones.",
    ]
    if any(column.endswith(PAPER) for column in table.columns):
        notes.append("P = the paper's Table II (EB+).")
    if {"ACC", "S"} <= set(metrics):
        notes.append("S = 2·ACC − 1, so the tests of S and ACC are one and the same.")
        notes += [_contradiction(table, baseline) for baseline in baselines]
    return Grid(
        caption="Significance of differences by paired t-test: "
        "* p < .05, ** p < .01, *** p < .001, n.s. not significant",
        groups=(("", ("AU",)), *against),
        rows=tuple(rows),
        notes=tuple(notes),
    )


def pair_notes(tests: pd.DataFrame, unit: str) -> list[str]:
    """What the pairs are, and which tests are undefined."""
    return [
        f"Pairs are {unit}s: {tests['n'].min()} to {tests['n'].max()} of them, fewer where a "
        "metric is undefined for some.",
        f"{UNDEFINED}: fewer than two pairs, or all differences equal.",
    ]


def tests_grid(tests: pd.DataFrame, reference: str, baseline: str) -> Grid:
    """Every test against one baseline for people; differences in percentage points."""
    rows = []
    for _, test in tests[tests["baseline"] == baseline].iterrows():
        low, high = points(test["ci_low"]), points(test["ci_high"])
        texts = [
            *(str(test["au"]), metric_name(test["metric"]), str(test["n"])),
            points(test["mean_difference"]),
            *(f"{low} to {high}" if low else "", rounded(test["t"], 2), rounded(test["df"], 0)),
            *(probability(test["p"]), probability(test["p_holm"]), rounded(test["d_z"], 2)),
        ]
        mark = Cell(test["stars"], faint=test["stars"] in (NOT_SIGNIFICANT, UNDEFINED))
        rows.append((*map(Cell, texts), mark))
    heads = ("AU", "metric", "pairs", "mean difference", "95 % interval", "t", "df", "p")
    return Grid(
        f"{full_name(reference)} minus {full_name(baseline)}",
        (("", (*heads, "p (Holm)", "d_z", "")),),
        tuple(rows),
    )


def _contradiction(table: pd.DataFrame, baseline: str) -> str:
    """A note on the AUs for which the paper's own stars of ACC and S differ; empty without any."""
    columns = [f"{metric}_{baseline}{PAPER}" for metric in ("ACC", "S")]
    if not set(columns) <= set(table.columns):
        return ""
    of_paper = table[["AU", *columns]].dropna().itertuples(index=False, name=None)
    odd = [f"AU {au} (ACC {acc}, S {s})" for au, acc, s in of_paper if acc != s]
    against = f"The paper's Table II contradicts that against {full_name(baseline)}"
    return f"{against}: {', '.join(odd)}." if odd else ""


def points(share: float) -> str:
    return rounded(100 * share, 2)


def probability(p: float) -> str:
    return "< 0.0001" if p < 0.0001 else rounded(p, 4)

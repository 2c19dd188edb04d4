"""The pipeline's tables as people read them: Table I, Table II, and every other as a grid."""

from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd

from facs3d.evaluation.occlusion.regions import N_COOCCURRING
from facs3d.evaluation.provenance import FACTS
from facs3d.evaluation.significance import NOT_SIGNIFICANT, UNDEFINED
from facs3d.evaluation.tables import AVERAGE, MICRO, PAPER, PERCENT, SUMMARIES
from facs3d.report.grid import Cell, Grid
from facs3d.report.model_names import full_name, metric_name, short_name

OF_EACH_RUN = ("data", "training_clips", "validation_clips", "held_out_clips", "seconds")
"""What is shown run by run even where it is the same for all."""
DIGITS = 12
"""Characters that people see of a fingerprint."""
PROVENANCE_NOTES = (
    "data = SHA-256 of the clips and labels that were trained on, code = of the training's "
    "sources: their first characters; the CSV has all. Runs of a fold share their data.",
    "Wall time is of the run that ended: of a training that was interrupted, its last part.",
)
REGION_NOTES = (
    "Share: of the drop in accuracy, summed over the pixels where it falls, what lies in the "
    "region. A map that is the same everywhere would have the region's share of the area.",
    "Beside it: the AUs that co-occur most with this one (Jaccard index), and the map's share in "
    "their regions. Regions overlap, so shares may add up to more than 100 %.",
)


def table_one_grid(table: pd.DataFrame, models: list[str], metrics: list[str]) -> Grid:
    """Table I for people: the best model in bold, sd over folds (and the paper's value) below."""
    kappa = ["k" + PAPER] if "k" + PAPER in table.columns else []
    rows = []
    for _, row in table.iterrows():
        counts = () if pd.isna(row["n_positive"]) else (f"n = {row['n_positive']:,}",)
        base_rate = Cell(_number(row["BR"]), details=(*counts, *_beside_paper(row, "BR")))
        cells = [Cell(row["AU"]), base_rate]
        cells += [Cell("" if pd.isna(row[k]) else _number(row[k])) for k in kappa]
        for metric in metrics:
            cells += _compared(row, [f"{metric}_{model}" for model in models])
        rows.append(tuple(cells))
    heads = tuple(map(short_name, models))
    return Grid(
        caption="Multi-label AU detection results (%): mean over folds",
        groups=(
            ("", ("AU", "BR", *("k" for _ in kappa))),
            *((metric_name(metric), heads) for metric in metrics),
        ),
        rows=tuple(rows),
        notes=(
            "; ".join(f"{short_name(model)} = {full_name(model)}" for model in models) + ".",
            *_table_one_notes(table, metrics),
        ),
        n_summaries=int(table["AU"].isin(SUMMARIES).sum()),
    )


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
        low, high = _points(test["ci_low"]), _points(test["ci_high"])
        texts = [
            *(str(test["au"]), metric_name(test["metric"]), str(test["n"])),
            _points(test["mean_difference"]),
            *(f"{low} to {high}" if low else "", _rounded(test["t"], 2), _rounded(test["df"], 0)),
            *(_probability(test["p"]), _probability(test["p_holm"]), _rounded(test["d_z"], 2)),
        ]
        mark = Cell(test["stars"], faint=test["stars"] in (NOT_SIGNIFICANT, UNDEFINED))
        rows.append((*map(Cell, texts), mark))
    heads = ("AU", "metric", "pairs", "mean difference", "95 % interval", "t", "df", "p")
    return Grid(
        f"{full_name(reference)} minus {full_name(baseline)}",
        (("", (*heads, "p (Holm)", "d_z", "")),),
        tuple(rows),
    )


def plain_grid(table: pd.DataFrame, caption: str, notes: tuple[str, ...] = ()) -> Grid:
    """Any table for people: floats with four significant digits, undefined values said."""
    rows = table.map(_plain).itertuples(index=False)
    return Grid(
        caption,
        (("", tuple(name.replace("_", " ") for name in table.columns)),),
        tuple(tuple(Cell(text, faint=text == UNDEFINED) for text in row) for row in rows),
        notes,
    )


def common_facts(table: pd.DataFrame) -> list[str]:
    """One line for each fact that all runs share, and has not its own column in the grid."""
    return [
        f"{FACTS[fact]}: {_shown(fact, table[fact].iloc[0])}"
        for fact in FACTS
        if fact not in _differing(table)
    ]


def provenance_grid(table: pd.DataFrame) -> Grid:
    """One row per run for people, of the facts in which runs may differ."""
    facts = _differing(table)
    rows = [
        (
            Cell(full_name(row["model"])),
            Cell(str(row["fold"])),
            *(Cell(_shown(fact, row[fact])) for fact in facts),
        )
        for _, row in table.iterrows()
    ]
    heads = ("model", "fold", *(FACTS[fact] for fact in facts))
    return Grid("Runs", (("", heads),), tuple(rows), PROVENANCE_NOTES)


def region_grid(table: pd.DataFrame, caption: str) -> Grid:
    """:func:`facs3d.evaluation.occlusion.regions.region_table` for people; a share is bold where it
    exceeds that of the area."""
    rows = []
    for _, row in table.iterrows():
        cells = [
            Cell(row["au"]),
            Cell(str(row["n_positive"])),
            _percent(row["unoccluded_accuracy"]),
        ]
        cells.append(Cell(row["note"], faint=True))
        if row["note"]:
            rows.append((*cells, *[Cell("")] * (3 + 3 * N_COOCCURRING)))
            continue
        cells.append(_percent(row["share_in_region"], row["share_in_region"] > row["region_area"]))
        cells += [_percent(row["region_area"]), Cell(row["maximum_in_region"])]
        for place in range(1, N_COOCCURRING + 1):
            other = row[f"cooccurring_{place}"]
            if pd.isna(other):
                cells += [Cell("")] * 3
                continue
            cells += [Cell(other), Cell(f"{row[f'jaccard_{place}']:.2f}")]
            cells.append(_percent(row[f"share_in_region_{place}"]))
        rows.append(tuple(cells))
    beside = ("AU", "Jaccard", "share %")
    return Grid(
        caption,
        (
            ("", ("AU", "positives", "recognised %", "")),
            ("in its region", ("share %", "area %", "maximum")),
            *(("region of", beside) for _ in range(N_COOCCURRING)),
        ),
        tuple(rows),
        REGION_NOTES,
    )


def _number(value: float) -> str:
    return UNDEFINED if pd.isna(value) else _minus(PERCENT % value)


def _minus(text: str) -> str:
    return text.replace("-", "−")


def _rounded(value: float, digits: int) -> str:
    return "" if pd.isna(value) else _minus(f"{value:.{digits}f}")


def _points(share: float) -> str:
    return _rounded(100 * share, 2)


def _probability(p: float) -> str:
    return "< 0.0001" if p < 0.0001 else _rounded(p, 4)


def _compared(row: pd.Series, columns: list[str]) -> list[Cell]:
    """The models' values side by side; what is best is bold, unless all are equal as printed."""
    shown = [_number(value) for value in row[columns]]
    best = _number(row[columns].astype(float).max())
    differing = len(set(shown)) > 1
    return [
        Cell(
            text,
            best=differing and text == best,
            details=_small_print(row, column),
            faint=text == UNDEFINED,
        )
        for text, column in zip(shown, columns, strict=True)
    ]


def _plain(value: object) -> str:
    if pd.isna(value):
        return UNDEFINED
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _small_print(row: pd.Series, column: str) -> tuple[str, ...]:
    spread = row[f"{column}_sd"]
    return (*(() if pd.isna(spread) else (f"± {PERCENT % spread}",)), *_beside_paper(row, column))


def _beside_paper(row: pd.Series, column: str) -> tuple[str, ...]:
    paper = row.get(column + PAPER, np.nan)
    if pd.isna(paper):
        return ()
    if pd.isna(row[column]):
        return (f"P {_number(paper)}",)
    return (f"P {_number(paper)}", _minus(f"({row[column] - paper:+.2f})"))


def _contradiction(table: pd.DataFrame, baseline: str) -> str:
    """A note on the AUs for which the paper's own stars of ACC and S differ; empty without any."""
    columns = [f"{metric}_{baseline}{PAPER}" for metric in ("ACC", "S")]
    if not set(columns) <= set(table.columns):
        return ""
    of_paper = table[["AU", *columns]].dropna().itertuples(index=False, name=None)
    odd = [f"AU {au} (ACC {acc}, S {s})" for au, acc, s in of_paper if acc != s]
    against = f"The paper's Table II contradicts that against {full_name(baseline)}"
    return f"{against}: {', '.join(odd)}." if odd else ""


def _table_one_notes(table: pd.DataFrame, metrics: list[str]) -> list[str]:
    of_aus = table[~table["AU"].isin(SUMMARIES)]
    counts = of_aus.set_index("AU")[[f"{metric}_n_folds" for metric in metrics]]
    n_folds = int(counts.to_numpy().max())
    notes = [
        "BR = base rate, the share of the n positives in all labelled frames; ± standard deviation "
        f"over {n_folds} folds; bold = best of the models. F1 and the two areas under a curve are "
        "undefined where no frame is positive, NA and the areas where none is negative; the mean "
        "is over the folds where the metric is defined.",
        f"{AVERAGE} = mean of the AUs above; {MICRO} = over the frames of all AUs together, so "
        "that its F1 is F1-micro. PR-AUC (average precision) is not in the paper; by chance it is "
        "the base rate, where AUC is 50.",
    ]
    if any(name.endswith(PAPER) for name in table.columns):
        notes.append(
            "P = the paper's Table I (EB+), in brackets our value minus it; k = the reliability of "
            "its coders."
        )
    for metric in metrics:
        few = counts[f"{metric}_n_folds"][counts[f"{metric}_n_folds"] < n_folds]
        if len(few):
            stated = ", ".join(f"AU {au} in {count}" for au, count in few.items())
            notes.append(
                f"Folds in which {metric_name(metric)} is defined, of {n_folds}: {stated}."
            )
        if (few == 0).any():
            n_aus = len(counts) - int((few == 0).sum())
            notes.append(f"Ave of {metric_name(metric)} is over the {n_aus} AUs that have a value.")
    return notes


def _differing(table: pd.DataFrame) -> list[str]:
    return [fact for fact in FACTS if fact in OF_EACH_RUN or table[fact].nunique(dropna=False) > 1]


def _shown(fact: str, value: Any) -> str:
    if pd.isna(value):
        return "unknown"
    if fact == "seconds":
        return str(timedelta(seconds=round(float(value))))
    return str(value)[:DIGITS] if fact in ("git_commit", "code", "data") else str(value)


def _percent(share: float, best: bool = False) -> Cell:
    return Cell("" if pd.isna(share) else f"{100 * share:.1f}", best)

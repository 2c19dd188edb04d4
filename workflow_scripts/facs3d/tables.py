"""The paper's two tables, and tables as files.

CSV for programs: an undefined value is an empty cell. ``NA`` is the name of a metric, not a
missing value: read these files with :func:`read_table`, or with pandas' ``keep_default_na=False``.
For people each is a :class:`facs3d.grids.Grid`, in which an undefined value says ``undefined``.
"""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd

from facs3d.errors import InputError
from facs3d.grids import Cell, Grid
from facs3d.outputs import whole
from facs3d.results import full_name, short_name
from facs3d.significance import NOT_SIGNIFICANT, UNDEFINED

AVERAGE = "Ave"
MICRO = "Micro"
SUMMARIES = (AVERAGE, MICRO)
"""Rows of Table I that are no AU: the mean of the AUs' values, as in the paper, and each metric
over the frames of all AUs together."""
PAPER = "_paper"
"""Suffix of the columns that hold the paper's published values."""
EXACT = "%.10g"
SIX_DIGITS = "%.6g"
PERCENT = "%.2f"


def table_one(by_fold: pd.DataFrame, pooled: pd.DataFrame) -> pd.DataFrame:
    """Table I: per AU the base rate and every metric of every model, in percent.

    ``by_fold``: :func:`facs3d.metrics.metrics_of_runs` over folds; ``pooled``:
    :func:`facs3d.metrics.pooled_metrics`. Columns: ``AU`` (text); ``BR``, positives among all
    labelled frames, and those counts, ``n_positive`` and ``n_frames``; ``<metric>_<model>``, the
    mean over the folds in which the metric is defined; ``<metric>_<model>_sd``, the standard
    deviation over those (n - 1; NaN for one fold); ``<metric>_n_folds``, how many they are. The row
    ``Ave`` is the mean of the AUs' rows; its sd is that of the folds' own averages, over the AUs
    defined in every fold. The row ``Micro`` is over the frames of all AUs together.
    """
    models, metrics = models_and_metrics(by_fold)
    aus = by_fold["au"].unique().tolist()
    rows = [*aus, MICRO]
    everything = pd.concat([by_fold, pooled.assign(au=MICRO)])
    percent = everything.assign(value=100 * everything["value"])
    values = percent.pivot(index=["metric", "model", "fold"], columns="au", values="value")[rows]
    counts = frame_counts(by_fold)
    averages = pd.DataFrame(
        {"BR": 100 * counts["n_positive"] / counts["n_frames"].replace(0, np.nan)}, index=rows
    )
    spreads, n_folds = pd.DataFrame(index=rows), pd.DataFrame(index=rows)
    for metric in metrics:
        n_folds[f"{metric}_n_folds"] = values.loc[metric, models[0]].count().astype("Int64")
        for model in models:
            folds = values.loc[metric, model]
            averages[f"{metric}_{model}"] = folds.mean()
            spreads[f"{metric}_{model}_sd"] = folds.std(ddof=1)
            of_average = folds[aus].dropna(axis="columns").mean(axis="columns").std(ddof=1)
            spreads.loc[AVERAGE, f"{metric}_{model}_sd"] = of_average
    averages.loc[AVERAGE] = averages.loc[aus].mean()
    table = averages.loc[[*aus, AVERAGE, MICRO]].join(spreads).join(n_folds)
    for place, name in enumerate(counts.columns, start=1):
        table.insert(place, name, counts[name].astype("Int64"))
    table.insert(0, "AU", table.index.astype(str))
    return table.reset_index(drop=True)


def frame_counts(by_fold: pd.DataFrame) -> pd.DataFrame:
    """``n_positive`` and ``n_frames`` (labelled) over all folds, by AU; ``Micro`` is their sum."""
    models, metrics = models_and_metrics(by_fold)
    once = by_fold[(by_fold["model"] == models[0]) & (by_fold["metric"] == metrics[0])]
    counts = once.groupby("au", sort=False)[["n_positive", "n_frames"]].sum()
    counts.loc[MICRO] = counts.sum()
    return counts


def models_and_metrics(table: pd.DataFrame) -> tuple[list[str], list[str]]:
    """The models and the metrics of a tidy table, in order of appearance."""
    return table["model"].unique().tolist(), table["metric"].unique().tolist()


def table_one_grid(table: pd.DataFrame, models: list[str], metrics: list[str]) -> Grid:
    """Table I for people: the best model in bold, sd over folds (and the paper's value) below."""
    reliability = ["k" + PAPER] if "k" + PAPER in table.columns else []
    rows = []
    for _, row in table.iterrows():
        counts = () if pd.isna(row["n_positive"]) else (f"n = {row['n_positive']:,}",)
        base_rate = Cell(_number(row["BR"]), details=(*counts, *_beside_paper(row, "BR")))
        cells = [Cell(row["AU"]), base_rate]
        cells += [Cell("" if pd.isna(row[k]) else _number(row[k])) for k in reliability]
        for metric in metrics:
            cells += _compared(row, [f"{metric}_{model}" for model in models])
        rows.append(tuple(cells))
    heads = tuple(map(short_name, models))
    return Grid(
        caption="Multi-label AU detection results (%): mean over folds",
        groups=(
            ("", ("AU", "BR", *("k" for _ in reliability))),
            *((metric, heads) for metric in metrics),
        ),
        rows=tuple(rows),
        notes=(
            "; ".join(f"{short_name(model)} = {full_name(model)}" for model in models) + ".",
            *_table_one_notes(table, metrics),
        ),
        n_summaries=int(table["AU"].isin(SUMMARIES).sum()),
    )


def table_two(tests: pd.DataFrame) -> pd.DataFrame:
    """Table II: stars per AU. Columns ``AU`` (text) and ``<metric>_<baseline>``, the metrics of
    the first baseline first. A minus before stars: the reference is significantly *worse*.
    ``tests``: :func:`facs3d.significance.compare_models`."""
    worse = tests["stars"].str.startswith("*") & (tests["mean_difference"] < 0)
    named = tests.assign(
        column=tests["metric"] + "_" + tests["baseline"],
        stars=tests["stars"].mask(worse, "−" + tests["stars"]),
    )
    table = named.pivot(index="au", columns="column", values="stars")
    table = table.loc[named["au"].unique(), named["column"].unique()]
    table.insert(0, "AU", table.index.astype(str))
    return table.reset_index(drop=True).rename_axis(columns=None)


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
    against = [(f"{full_name(reference)} v.s. {full_name(name)}", metrics) for name in baselines]
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
            *(str(test["au"]), test["metric"], str(test["n"]), _points(test["mean_difference"])),
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


def beside_paper(table: pd.DataFrame, path: str | Path) -> pd.DataFrame:
    """``table`` with the columns of the paper's table in the file, named ``…_paper``, added.

    Rows are matched by ``AU``; one that the paper lacks stays empty, and so does the average
    unless both are over the same AUs.
    """
    paper = read_table(path, text=("AU",))
    if "AU" not in paper.columns:
        raise InputError(f"{path}: expected a column AU")
    if {*paper["AU"], *SUMMARIES} != {*table["AU"], *SUMMARIES}:
        paper = paper[paper["AU"] != AVERAGE]
    return table.merge(paper.set_index("AU").add_suffix(PAPER), on="AU", how="left")


def plain_grid(table: pd.DataFrame, caption: str, notes: tuple[str, ...] = ()) -> Grid:
    """Any table for people: floats with four significant digits, undefined values said."""
    rows = table.map(_plain).itertuples(index=False)
    return Grid(
        caption,
        (("", tuple(name.replace("_", " ") for name in table.columns)),),
        tuple(tuple(Cell(text, faint=text == UNDEFINED) for text in row) for row in rows),
        notes,
    )


def write_table(table: pd.DataFrame, path: str | Path, float_format: str = EXACT) -> None:
    """Write a CSV whose bytes depend on the values only; NaN becomes an empty cell."""
    with whole(path) as unfinished:
        table.to_csv(unfinished, index=False, float_format=float_format, lineterminator="\n")


def read_table(path: str | Path, text: Iterable[str] = ("subject", "video")) -> pd.DataFrame:
    """Read a CSV of this pipeline: empty is missing, and nothing else is; ``text`` columns stay
    text. :class:`InputError` if it is no table."""
    try:
        return pd.read_csv(
            path,
            dtype=dict.fromkeys(text, str),
            keep_default_na=False,
            na_values=[""],
            float_precision="round_trip",
        )
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: not a table ({error})") from error


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


def _contradiction(table: pd.DataFrame, baseline: str) -> str:
    """A note on the AUs for which the paper's own stars of ACC and S differ; empty without any."""
    columns = [f"{metric}_{baseline}{PAPER}" for metric in ("ACC", "S")]
    if not set(columns) <= set(table.columns):
        return ""
    of_paper = table[["AU", *columns]].dropna().itertuples(index=False, name=None)
    odd = [f"AU {au} (ACC {acc}, S {s})" for au, acc, s in of_paper if acc != s]
    against = f"The paper's Table II contradicts that against {full_name(baseline)}"
    return f"{against}: {', '.join(odd)}." if odd else ""


def _beside_paper(row: pd.Series, column: str) -> tuple[str, ...]:
    paper = row.get(column + PAPER, np.nan)
    if pd.isna(paper):
        return ()
    if pd.isna(row[column]):
        return (f"P {_number(paper)}",)
    return (f"P {_number(paper)}", _minus(f"({row[column] - paper:+.2f})"))


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
            notes.append(f"Folds in which {metric} is defined, of {n_folds}: {stated}.")
        if (few == 0).any():
            n_aus = len(counts) - int((few == 0).sum())
            notes.append(f"Ave of {metric} is over the {n_aus} AUs that have a value.")
    return notes

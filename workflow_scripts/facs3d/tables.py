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
from facs3d.significance import UNDEFINED

AVERAGE = "Ave"
PAPER = "_paper"
"""Suffix of the columns that hold the paper's published values."""
EXACT = "%.10g"
SIX_DIGITS = "%.6g"
PERCENT = "%.2f"


def table_one(by_fold: pd.DataFrame) -> pd.DataFrame:
    """Table I: per AU the base rate and every metric of every model, in percent.

    ``by_fold``: :func:`facs3d.metrics.metrics_of_runs` over folds. Columns: ``AU`` (text), ``BR``
    (positives among all labelled frames); ``<metric>_<model>``, the mean over the folds in which
    the metric is defined; ``<metric>_<model>_sd``, the standard deviation over those (n - 1; NaN
    for one fold); ``<metric>_n_folds``, how many they are. The row ``Ave`` is the mean of the rows
    above it; its sd is that of the folds' own averages, over the AUs defined in every fold.
    """
    models, metrics = models_and_metrics(by_fold)
    aus = by_fold["au"].unique()
    percent = by_fold.assign(value=100 * by_fold["value"])
    values = percent.pivot(index=["metric", "model", "fold"], columns="au", values="value")[aus]
    averages = pd.DataFrame({"BR": base_rates(by_fold)})
    spreads, n_folds = pd.DataFrame(index=averages.index), pd.DataFrame(index=averages.index)
    for metric in metrics:
        n_folds[f"{metric}_n_folds"] = values.loc[metric, models[0]].count().astype("Int64")
        for model in models:
            folds = values.loc[metric, model]
            averages[f"{metric}_{model}"] = folds.mean()
            spreads[f"{metric}_{model}_sd"] = folds.std(ddof=1)
            of_average = folds.dropna(axis="columns").mean(axis="columns").std(ddof=1)
            spreads.loc[AVERAGE, f"{metric}_{model}_sd"] = of_average
    averages.loc[AVERAGE] = averages.mean()
    table = averages.join(spreads).join(n_folds)
    table.insert(0, "AU", table.index.astype(str))
    return table.reset_index(drop=True)


def base_rates(by_fold: pd.DataFrame) -> pd.Series:
    """Percentage of positives among the labelled frames of all folds, by AU; NaN if none is."""
    models, metrics = models_and_metrics(by_fold)
    once = by_fold[(by_fold["model"] == models[0]) & (by_fold["metric"] == metrics[0])]
    frames = once.groupby("au", sort=False)[["n_positive", "n_frames"]].sum()
    return 100 * frames["n_positive"] / frames["n_frames"].replace(0, np.nan)


def models_and_metrics(table: pd.DataFrame) -> tuple[list[str], list[str]]:
    """The models and the metrics of a tidy table, in order of appearance."""
    return table["model"].unique().tolist(), table["metric"].unique().tolist()


def table_one_grid(table: pd.DataFrame, models: list[str], metrics: list[str]) -> Grid:
    """Table I for people: the best model in bold, sd over folds (and the paper's value) below."""
    reliability = ["k" + PAPER] if "k" + PAPER in table.columns else []
    rows = []
    for _, row in table.iterrows():
        cells = [Cell(row["AU"]), Cell(_number(row["BR"]), details=_beside_paper(row, "BR"))]
        cells += [Cell("" if pd.isna(row[k]) else _number(row[k])) for k in reliability]
        for metric in metrics:
            columns = [f"{metric}_{model}" for model in models]
            shown = [_number(row[column]) for column in columns]
            best = max((float(text) for text in shown if text != UNDEFINED), default=None)
            cells += [
                Cell(text, text != UNDEFINED and float(text) == best, _small_print(row, column))
                for text, column in zip(shown, columns, strict=True)
            ]
        rows.append(tuple(cells))
    heads = tuple(map(short_name, models))
    return Grid(
        caption="Multi-label AU detection results (%): mean over folds",
        groups=(
            ("", ("AU", "BR", *("k (paper)" for _ in reliability))),
            *((metric, heads) for metric in metrics),
        ),
        rows=tuple(rows),
        notes=(
            *_table_one_notes(table, metrics),
            "; ".join(f"{short_name(model)} = {full_name(model)}" for model in models),
        ),
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
        papers = [row.get(column + PAPER) for column in columns]
        details = [(f"paper {paper}",) if isinstance(paper, str) else () for paper in papers]
        cells = [Cell(row[column], details=d) for column, d in zip(columns, details, strict=True)]
        rows.append((Cell(row["AU"]), *cells))
    against = [(f"{full_name(reference)} v.s. {full_name(name)}", metrics) for name in baselines]
    notes = [
        f"Pairs are {unit}s: {tests['n'].min()} to {tests['n'].max()} of them, fewer where a "
        "metric is undefined for some.",
        f"A minus before the stars: {full_name(reference)} is worse.",
        f"{UNDEFINED}: fewer than two pairs, or all differences equal.",
        "Stars follow the unadjusted p, as the paper's do; the tidy table has Holm-adjusted ones.",
    ]
    if {"ACC", "S"} <= set(metrics):
        notes.append("S = 2·ACC − 1, so the tests of S and ACC are one and the same.")
    return Grid(
        caption="Significance of differences by paired t-test: "
        "* p < .05, ** p < .01, *** p < .001, n.s. not significant",
        groups=(("", ("AU",)), *against),
        rows=tuple(rows),
        notes=tuple(notes),
    )


def beside_paper(table: pd.DataFrame, path: str | Path) -> pd.DataFrame:
    """``table`` with the columns of the paper's table in the file, named ``…_paper``, added.

    Rows are matched by ``AU``; one that the paper lacks stays empty, and so does the average
    unless both are over the same AUs.
    """
    paper = read_table(path, text=("AU",))
    if "AU" not in paper.columns:
        raise InputError(f"{path}: expected a column AU")
    if {*paper["AU"], AVERAGE} != {*table["AU"], AVERAGE}:
        paper = paper[paper["AU"] != AVERAGE]
    return table.merge(paper.set_index("AU").add_suffix(PAPER), on="AU", how="left")


def plain_grid(table: pd.DataFrame, caption: str, notes: tuple[str, ...] = ()) -> Grid:
    """Any table for people: floats with four significant digits, undefined values said."""
    rows = table.map(_plain).itertuples(index=False)
    return Grid(
        caption,
        (("", tuple(table.columns)),),
        tuple(tuple(map(Cell, row)) for row in rows),
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
    return UNDEFINED if pd.isna(value) else PERCENT % value


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
        return (f"paper {PERCENT % paper}",)
    return (f"paper {PERCENT % paper}", f"({row[column] - paper:+.2f})".replace("-", "−"))


def _table_one_notes(table: pd.DataFrame, metrics: list[str]) -> list[str]:
    of_aus = table[table["AU"] != AVERAGE]
    counts = of_aus.set_index("AU")[[f"{metric}_n_folds" for metric in metrics]]
    n_folds = int(counts.to_numpy().max())
    notes = [
        f"BR = base rate over all labelled frames; ± standard deviation over {n_folds} folds; bold "
        "= best of the models. F1 and AUC are undefined where no frame is positive, NA and AUC "
        "where none is negative; the mean is over the folds where the metric is defined.",
    ]
    for metric in metrics:
        few = counts[f"{metric}_n_folds"][counts[f"{metric}_n_folds"] < n_folds]
        if len(few):
            stated = ", ".join(f"AU {au} in {count}" for au, count in few.items())
            notes.append(f"Folds in which {metric} is defined, of {n_folds}: {stated}.")
        if (few == 0).any():
            n_aus = len(counts) - int((few == 0).sum())
            notes.append(f"Ave of {metric} is over the {n_aus} AUs that have a value.")
    return notes

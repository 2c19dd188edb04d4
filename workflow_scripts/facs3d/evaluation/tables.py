"""The paper's two tables, and tables as files.

CSV for programs: an undefined value is an empty cell, and nothing else is; a subject may be called
NA, so :func:`read_table` reads these files. For people each is a grid of the report, in which
it is :data:`UNDEFINED`.
"""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd

from facs3d.core.atomic import whole
from facs3d.core.errors import InputError
from facs3d.training.csv_table import read_frame

AVERAGE = "Ave"
MICRO = "Micro"
SUMMARIES = (AVERAGE, MICRO)
"""Rows of Table I that are no AU: the mean of the AUs' values, as in the paper, and each metric
over the frames of all AUs together."""
PAPER = "_paper"
"""Suffix of the columns that hold the paper's published values."""
UNDEFINED = "undefined"
"""What a table for people says of an undefined value."""
EXACT = "%.10g"
SIX_DIGITS = "%.6g"
PERCENT = "%.2f"


def table_one(by_fold: pd.DataFrame, pooled: pd.DataFrame) -> pd.DataFrame:
    """Table I: per AU the base rate and every metric of every model, in percent.

    ``by_fold``: :func:`facs3d.evaluation.metrics.metrics_of_runs` over folds; ``pooled``:
    :func:`facs3d.evaluation.metrics.pooled_metrics`. Columns: ``AU`` (text); ``BR``, positives
    among all labelled frames, and those counts, ``n_positive`` and ``n_frames``;
    ``<metric>_<model>``, the mean over the folds of all repeats in which the metric is defined;
    ``<metric>_<model>_sd``, the standard deviation over the folds of a repeat (n - 1, pooled over
    the repeats; NaN for one fold); ``<metric>_<model>_noise``, the noise floor: the standard
    deviation over the repeats of their own means (n - 1; NaN for one repeat); ``<metric>_n_folds``,
    how many folds of how many repeats are defined. The row ``Ave`` is the mean of the AUs' rows;
    its sd and noise are those of the folds' own averages, over the AUs defined in every fold. The
    row ``Micro`` is over the frames of all AUs together.
    """
    models, metrics = models_and_metrics(by_fold)
    aus = by_fold["au"].unique().tolist()
    rows = [*aus, MICRO]
    everything = pd.concat([by_fold, pooled.assign(au=MICRO)])
    percent = everything.assign(value=100 * everything["value"])
    values = percent.pivot(
        index=["metric", "model", "repeat", "fold"], columns="au", values="value"
    )[rows]
    counts = frame_counts(by_fold)
    averages = pd.DataFrame(
        {"BR": 100 * counts["n_positive"] / counts["n_frames"].replace(0, np.nan)}, index=rows
    )
    spreads, noise, n_folds = (pd.DataFrame(index=[*rows, AVERAGE]) for _ in range(3))
    for metric in metrics:
        n_folds[f"{metric}_n_folds"] = values.loc[metric, models[0]].count().astype("Int64")
        for model in models:
            folds = values.loc[metric, model]
            averages[f"{metric}_{model}"] = folds.mean()
            of_average = folds[aus].dropna(axis="columns").mean(axis="columns")
            folds = folds.assign(**{AVERAGE: of_average})
            spreads[f"{metric}_{model}_sd"] = _sd_within_repeats(folds)
            noise[f"{metric}_{model}_noise"] = folds.groupby("repeat").mean().std(ddof=1)
    averages.loc[AVERAGE] = averages.loc[aus].mean()
    table = averages.loc[[*aus, AVERAGE, MICRO]].join([spreads, noise, n_folds])
    for place, name in enumerate(counts.columns, start=1):
        table.insert(place, name, counts[name].astype("Int64"))
    table.insert(0, "AU", table.index.astype(str))
    return table.reset_index(drop=True)


def _sd_within_repeats(folds: pd.DataFrame) -> pd.Series:
    """Of every column, pooled over the repeats: each counts by its degrees of freedom."""
    repeats = folds.groupby("repeat")
    variance, df = repeats.var(ddof=1), repeats.count() - 1
    pooled = (variance * df).sum() / df.clip(lower=0).sum().replace(0, np.nan)
    return np.sqrt(pooled)


def frame_counts(by_fold: pd.DataFrame) -> pd.DataFrame:
    """``n_positive`` and ``n_frames`` (labelled) over all folds, by AU; ``Micro`` is their sum."""
    models, metrics = models_and_metrics(by_fold)
    # Every repeat and model predicts the same frames.
    once = by_fold[["model", "repeat", "metric"]].eq([models[0], 1, metrics[0]]).all(axis="columns")
    once = by_fold[once]
    counts = once.groupby("au", sort=False)[["n_positive", "n_frames"]].sum()
    counts.loc[MICRO] = counts.sum()
    return counts


def models_and_metrics(table: pd.DataFrame) -> tuple[list[str], list[str]]:
    """The models and the metrics of a tidy table, in order of appearance."""
    return table["model"].unique().tolist(), table["metric"].unique().tolist()


def table_two(tests: pd.DataFrame) -> pd.DataFrame:
    """Table II: stars per AU. Columns ``AU`` (text) and ``<metric>_<baseline>``, the metrics of
    the first baseline first. A minus before stars: the reference is significantly *worse*.
    ``tests``: :func:`facs3d.evaluation.significance.compare_models`."""
    worse = tests["stars"].str.startswith("*") & (tests["mean_difference"] < 0)
    named = tests.assign(
        column=tests["metric"] + "_" + tests["baseline"],
        stars=tests["stars"].mask(worse, "−" + tests["stars"]),
    )
    table = named.pivot(index="au", columns="column", values="stars")
    table = table.loc[named["au"].unique(), named["column"].unique()]
    table.insert(0, "AU", table.index.astype(str))
    return table.reset_index(drop=True).rename_axis(columns=None)


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


def write_table(table: pd.DataFrame, path: str | Path, float_format: str = EXACT) -> None:
    """Write a CSV whose bytes depend on the values only; NaN becomes an empty cell."""
    with whole(path) as unfinished:
        table.to_csv(unfinished, index=False, float_format=float_format, lineterminator="\n")


def read_table(path: str | Path, text: Iterable[str] = ("subject", "video")) -> pd.DataFrame:
    """Read a CSV of this pipeline: empty is missing, and nothing else is; ``text`` columns stay
    text. :class:`InputError` if it is no table."""
    return read_frame(path, "a table", dtype=dict.fromkeys(text, str), float_precision="round_trip")

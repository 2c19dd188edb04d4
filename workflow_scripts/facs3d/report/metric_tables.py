"""Table I as people read it."""

import numpy as np
import pandas as pd

from facs3d.evaluation.tables import AVERAGE, MICRO, PAPER, PERCENT, SUMMARIES, UNDEFINED
from facs3d.report.grid import Cell, Grid, minus
from facs3d.report.model_names import full_name, metric_name, short_name


def table_one_grid(
    table: pd.DataFrame, models: list[str], metrics: list[str], notes: tuple[str, ...] = ()
) -> Grid:
    """Table I for people: the best model in bold if its lead exceeds the noise floor, or with one
    repeat in any case; sd over folds, noise floor and the paper's value below. ``notes`` come after
    its own."""
    kappa = ["k" + PAPER] if "k" + PAPER in table.columns else []
    rows = []
    for _, row in table.iterrows():
        counts = () if pd.isna(row["n_positive"]) else (f"n = {row['n_positive']:,}",)
        base_rate = Cell(number(row["BR"]), details=(*counts, *_beside_paper(row, "BR")))
        cells = [Cell(row["AU"]), base_rate]
        cells += [Cell("" if pd.isna(row[k]) else number(row[k])) for k in kappa]
        for metric in metrics:
            cells += _compared(row, [f"{metric}_{model}" for model in models])
        rows.append(tuple(cells))
    heads = tuple(map(short_name, models))
    return Grid(
        caption="Multi-label AU detection results (%) of held-out subjects: mean over "
        f"{_means_over(table)}",
        groups=(
            ("", ("AU", "BR", *("k" for _ in kappa))),
            *((metric_name(metric), heads) for metric in metrics),
        ),
        rows=tuple(rows),
        notes=(
            "; ".join(f"{short_name(model)} = {full_name(model)}" for model in models) + ".",
            *_table_one_notes(table, metrics),
            *notes,
        ),
        n_summaries=int(table["AU"].isin(SUMMARIES).sum()),
    )


def _compared(row: pd.Series, columns: list[str]) -> list[Cell]:
    """The models' values side by side; what is best is bold, unless all are equal as printed or
    the lead is within the noise floor."""
    shown = [number(value) for value in row[columns]]
    best = number(row[columns].astype(float).max())
    leading = len(set(shown)) > 1 and not _within_noise(row, columns)
    return [
        Cell(
            text,
            best=leading and text == best,
            details=_small_print(row, column),
            faint=text == UNDEFINED,
        )
        for text, column in zip(shown, columns, strict=True)
    ]


def _within_noise(row: pd.Series, columns: list[str]) -> bool:
    """Whether the first leads the second by no more than the larger of their noise floors."""
    top = row[columns].astype(float).dropna().nlargest(2)
    floor = row[[f"{column}_noise" for column in top.index]].max()
    return len(top) == 2 and bool(top.iloc[0] - top.iloc[1] <= floor)


def _small_print(row: pd.Series, column: str) -> tuple[str, ...]:
    spread, noise = row[f"{column}_sd"], row[f"{column}_noise"]
    return (
        *(() if pd.isna(spread) else (f"± {PERCENT % spread}",)),
        *(() if pd.isna(noise) else (f"noise {PERCENT % noise}",)),
        *_beside_paper(row, column),
    )


def _beside_paper(row: pd.Series, column: str) -> tuple[str, ...]:
    paper = row.get(column + PAPER, np.nan)
    if pd.isna(paper):
        return ()
    if pd.isna(row[column]):
        return (f"P {number(paper)}",)
    return (f"P {number(paper)}", minus(f"({row[column] - paper:+.2f})"))


def _means_over(table: pd.DataFrame) -> str:
    return "the folds of all repeats" if _has_repeats(table) else "folds"


def _has_repeats(table: pd.DataFrame) -> bool:
    return bool(table.filter(regex="_noise$").notna().any(axis=None))


def _table_one_notes(table: pd.DataFrame, metrics: list[str]) -> list[str]:
    of_aus = table[~table["AU"].isin(SUMMARIES)]
    counts = of_aus.set_index("AU")[[f"{metric}_n_folds" for metric in metrics]]
    n_folds = int(counts.to_numpy().max())
    if _has_repeats(table):
        spread = "the folds of a repeat"
        bold = (
            "noise = noise floor, the standard deviation over the repeats (other splits, other "
            "weights) of their means; bold = best of the models, where its lead over the second "
            "exceeds the noise floor of both. Of repeats that share a split the noise floor holds "
            "no noise of splits, so that bold is too easily had."
        )
    else:
        spread = f"{n_folds} folds"
        bold = "bold = best of the models: one repeat cannot tell a lead from noise."
    notes = [
        "BR = base rate, the share of the n positives in all labelled frames; ± standard deviation "
        f"over {spread}; {bold} F1 and the two areas under a curve are undefined where no frame is "
        "positive, NA and the areas where none is negative; the mean is over the folds where the "
        "metric is defined.",
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


def number(value: float) -> str:
    return UNDEFINED if pd.isna(value) else minus(PERCENT % value)

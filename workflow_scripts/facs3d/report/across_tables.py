"""What networks lose on another dataset, as people read it."""

import pandas as pd

from facs3d.evaluation.across import SIDES
from facs3d.evaluation.tables import AVERAGE
from facs3d.report.grid import Cell, Grid
from facs3d.report.metric_tables import number
from facs3d.report.model_names import full_name, metric_name

HOW_TO_READ = (
    "within (train_status: held out): mean over the folds, each fold's network on the subjects "
    "held out from it; across (train_status: other dataset): mean of the same networks on "
    "everybody of the other dataset; drop: within minus across, in percentage points, and its 95 % "
    "interval by bootstrap over the subjects of both. It is of these networks: how others, trained "
    "alike, would differ is not in it. Draws that lack an AU do not count for it, nor for "
    f"{AVERAGE}. Faint: a drop whose interval holds 0, a value across that is not above chance.",
    "Chance: of a coin that calls as large a share of the frames present as are. F1 rises with the "
    "base rate; skew-normalised (Jeni, Cohn & De la Torre, 2013) it is the F1 of as many frames "
    "present as absent, so that datasets can be compared.",
    f"AUs that one of the datasets lacks are left out; {AVERAGE} = mean of the AUs that have a "
    "value on both sides.",
)


def across_grids(
    table: pd.DataFrame, dataset: str, notes: tuple[str, ...] = HOW_TO_READ
) -> dict[str, Grid]:
    r"""Label (of LaTeX's ``\ref``) -> grid, one for each other dataset and metric.

    ``table``: of :func:`facs3d.evaluation.across.compare_datasets`, for one other dataset or
    several; ``dataset``: the one that the networks were trained on.
    """
    grids = {}
    for (other, metric), part in table.groupby(["other_dataset", "metric"], sort=False):
        models = part["model"].unique()
        rows = []
        for au, of_models in part.groupby("AU", sort=False):
            first = of_models.iloc[0]
            facts = [first[f"{name}_{side}"] for name in ("base_rate", "chance") for side in SIDES]
            compared = [cell for _, row in of_models.iterrows() for cell in _compared(row)]
            rows.append((Cell(au), *(Cell(number(100 * value)) for value in facts), *compared))
        grids[f"tab:across-{other}-{metric.replace('_', '-')}"] = Grid(
            f"{metric_name(metric)} (%) of networks trained on {dataset}, there and on {other}",
            (
                ("", ("AU",)),
                ("Base rate", (dataset, other)),
                ("Chance", (dataset, other)),
                *((full_name(model), (*SIDES, "drop")) for model in models),
            ),
            tuple(rows),
            notes=notes,
            n_summaries=1,
        )
    return grids


def across_findings(table: pd.DataFrame) -> list[str]:
    """A line for each other dataset, model and metric: what is lost on average."""
    lines = []
    for _, row in table[table["AU"] == AVERAGE].iterrows():
        within, across, chance = (
            number(100 * row[name]) for name in ("within", "across", "chance_across")
        )
        lines.append(
            f"{full_name(row['model'])} on {row['other_dataset']}: "
            f"{metric_name(row['metric'])} {within} → {across} (chance {chance}), drop "
            f"{number(100 * row['drop'])}{''.join(f' ({line})' for line in _interval(row))}"
        )
    return lines


def _compared(row: pd.Series) -> tuple[Cell, Cell, Cell]:
    within, across, drop = (number(100 * row[name]) for name in (*SIDES, "drop"))
    return (
        Cell(within, faint=pd.isna(row["within"])),
        Cell(across, faint=not row["across"] > row["chance_across"]),
        Cell(drop, details=_interval(row), faint=not row["drop_low"] * row["drop_high"] > 0),
    )


def _interval(row: pd.Series) -> tuple[str, ...]:
    if pd.isna(row["drop_low"]):
        return ()
    return (f"{number(100 * row['drop_low'])} to {number(100 * row['drop_high'])}",)

"""How local occlusion maps are on held-out faces and on others, as people read it."""

import pandas as pd

from facs3d.evaluation.across import SIDES
from facs3d.evaluation.runs import Run
from facs3d.evaluation.tables import AVERAGE
from facs3d.report.grid import Cell, Grid
from facs3d.report.model_names import full_name
from facs3d.report.region_tables import percent

HOW_TO_READ = (
    "within (train_status: held out): the network's map of the subjects held out from it; across "
    "(train_status: other dataset): its map of everybody of the other dataset.",
    "half of the drop in: the smallest part of the face that holds half of the drop in accuracy, "
    "summed over the pixels where it falls. The larger, the less local; 50 % is a map that is the "
    "same everywhere. in its region: the share of the drop in the AU's FACS region, bold where it "
    "exceeds that of the area, and whether the map's highest point lies there.",
    "Few recognised frames make a map rough, and so less local: a side with far fewer than the "
    "other is not comparable. These are maps of one network, without an interval.",
    f"AUs that one of the datasets lacks are left out; {AVERAGE} = mean of the AUs that have a "
    "value on both sides.",
)


def locality_grids(table: pd.DataFrame, dataset: str) -> dict[str, Grid]:
    r"""Label (of LaTeX's ``\ref``) -> grid, one for each network and other dataset.

    ``table``: of :func:`facs3d.evaluation.occlusion.locality.locality_table`; ``dataset``: the one
    that the networks were trained on.
    """
    grids = {}
    for other, run, part in _maps(table):
        label = f"tab:locality-{other}-{run.model.replace('_', '-')}-{run.repeat}-{run.fold}"
        grids[label] = Grid(
            f"Occlusion maps on {dataset} and on {other}: {full_name(run.model)}, {run.place}",
            (
                ("", ("AU",)),
                ("Recognised frames", SIDES),
                ("Half of the drop in (% of the face)", SIDES),
                ("In its region (%)", (*SIDES, "area")),
                ("Maximum in its region", SIDES),
                ("", ("",)),
            ),
            tuple(_row(row) for _, row in part.iterrows()),
            notes=HOW_TO_READ,
            n_summaries=1,
        )
    return grids


def locality_findings(table: pd.DataFrame) -> list[str]:
    """A line for each network and other dataset: how local the maps are on average."""
    lines = []
    for other, run, part in _maps(table):
        aus = part[part["au"] != AVERAGE]
        n_both = int(aus[[f"half_area_{side}" for side in SIDES]].notna().all(axis=1).sum())
        average = part.iloc[-1]
        held = [percent(average[f"half_area_{side}"]).text for side in SIDES]
        found = (
            f"half of the drop lies in {held[0]} → {held[1]} % of the face (mean of {n_both} AUs)"
            if n_both
            else "no AU has a map on both sides"
        )
        lines.append(f"{full_name(run.model)}, {run.place}, on {other}: {found}")
    return lines


def _maps(table: pd.DataFrame) -> list[tuple[str, Run, pd.DataFrame]]:
    """The part of the table of each other dataset and network."""
    names = ["other_dataset", "model", "repeat", "fold"]
    return [
        (other, Run(model, repeat, fold), part)
        for (other, model, repeat, fold), part in table.groupby(names, sort=False)
    ]


def _row(row: pd.Series) -> tuple[Cell, ...]:
    counts, halves, shares, maxima = (
        [row[f"{name}_{side}"] for side in SIDES]
        for name in ("n_recognised", "half_area", "share_in_region", "maximum_in_region")
    )
    notes = [f"{side}: {note}" for side in SIDES if pd.notna(note := row[f"note_{side}"]) and note]
    return (
        Cell(row["au"]),
        *map(_text, counts),
        *map(percent, halves),
        *(percent(share, share > row["region_area"]) for share in shares),
        percent(row["region_area"]),
        *map(_text, maxima),
        Cell("; ".join(notes), faint=True, prose=bool(notes)),
    )


def _text(value: object) -> Cell:
    return Cell("" if pd.isna(value) else str(value))

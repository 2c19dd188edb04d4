"""Where occlusion hurts, by the AUs' regions, as people read it."""

import pandas as pd

from facs3d.evaluation.occlusion.maps import ACCURACY, AUC, MEASURES
from facs3d.evaluation.occlusion.regions import N_COOCCURRING
from facs3d.report.grid import Cell, Grid, rounded

REGION_NOTES = (
    "The paper's maps count frames with the AU: what lowers its probability in all frames costs "
    "accuracy there, though the AU is told from its absence as before. Those of the AUC, below, "
    "count frames without it too, and show what it is told by.",
    "Share: of the drop, summed over the pixels where the measure falls, what lies in the region. "
    "A map that is the same everywhere would have the region's share of the area.",
    "Beside it: the AUs that co-occur most with this one (Jaccard index), and the map's share in "
    "their regions. Regions overlap, so shares may add up to more than 100 %.",
)


UNOCCLUDED = {ACCURACY: "recognised %", AUC: "AUC %"}


def region_grids(table: pd.DataFrame) -> list[Grid]:
    """Of each measure :func:`facs3d.evaluation.occlusion.regions.region_table` for people; a share
    is bold where it exceeds that of the area."""
    return [
        _grid(of_measure, MEASURES[measure], UNOCCLUDED[measure])
        for measure, of_measure in table.groupby("measure", sort=False)
    ]


def _grid(table: pd.DataFrame, measure: str, unoccluded: str) -> Grid:
    rows = []
    for _, row in table.iterrows():
        cells = [
            Cell(row["au"]),
            Cell(str(row["n_positive"])),
            percent(row["unoccluded"]),
        ]
        cells.append(Cell(row["note"], faint=True))
        if row["note"]:
            rows.append((*cells, *[Cell("")] * (3 + 3 * N_COOCCURRING)))
            continue
        cells.append(percent(row["share_in_region"], row["share_in_region"] > row["region_area"]))
        cells += [percent(row["region_area"]), Cell(row["maximum_in_region"])]
        for place in range(1, N_COOCCURRING + 1):
            other = row[f"cooccurring_{place}"]
            if pd.isna(other):
                cells += [Cell("")] * 3
                continue
            cells += [Cell(other), Cell(f"{row[f'jaccard_{place}']:.2f}")]
            cells.append(percent(row[f"share_in_region_{place}"]))
        rows.append(tuple(cells))
    beside = ("AU", "Jaccard", "share %")
    return Grid(
        f"Drop in {measure}",
        (
            ("", ("AU", "positives", unoccluded, "")),
            ("in its region", ("share %", "area %", "maximum")),
            *(("region of", beside) for _ in range(N_COOCCURRING)),
        ),
        tuple(rows),
    )


def percent(share: float, best: bool = False) -> Cell:
    return Cell(rounded(100 * share, 1), best)

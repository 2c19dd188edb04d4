"""In numbers what the eye judges in Fig. 4: does an AU's map lie where the AU shows?"""

import numpy as np
import pandas as pd

from facs3d.core.action_units import au_column
from facs3d.evaluation.occlusion.au_regions import RIGHT_SIDE, region_mask
from facs3d.evaluation.occlusion.maps import Occlusion, drop_map
from facs3d.preprocessing.alignment import RegistrationSettings

N_COOCCURRING = 2


def region_table(
    occlusion: Occlusion,
    jaccard: pd.DataFrame,
    registration: RegistrationSettings,
    min_positive: int,
) -> pd.DataFrame:
    """One row per AU, comparing its occlusion map with the FACS regions.

    ``jaccard`` (A, A): co-occurrence by AU name. Columns: ``measure``, ``au``, ``n_positive``,
    ``unoccluded``: the measure without a patch; ``share_in_region`` of the map's mass,
    ``region_area`` (its share of the pixels that the map covers), ``maximum_in_region`` (yes or
    no), ``maximum_x``, ``maximum_y`` (px of the clip); ``cooccurring_<k>``, ``jaccard_<k>``,
    ``share_in_region_<k>`` of the AUs that co-occur most; ``note``: why a row has no values.
    """
    side = occlusion.mean_face.shape[0]
    known = [au for au in occlusion.action_units if au in RIGHT_SIDE]
    masks = {au_column(au): region_mask(au, registration, side) for au in known}
    rows = []
    for index, au in enumerate(occlusion.action_units):
        row = {
            "measure": occlusion.measure,
            "au": au_column(au),
            "n_positive": int(occlusion.n_positive[index]),
            "unoccluded": occlusion.baseline[index],
        }
        if au not in known:
            row["note"] = "no region is defined for this AU"
        elif lacking := lacks_map(occlusion, index, min_positive):
            row["note"] = lacking
        else:
            drop = drop_map(occlusion, index)
            row |= against_region(drop, masks[au_column(au)]) | {"note": ""}
            row |= _beside(drop, au_column(au), masks, jaccard)
        rows.append(row)
    return pd.DataFrame(rows, columns=_columns())


def lacks_map(occlusion: Occlusion, index: int, min_positive: int) -> str:
    """Why the AU at ``index`` has no map; nothing if it has one."""
    if occlusion.n_recognised[index] < min_positive:
        return f"fewer than {min_positive} positive frames recognised"
    if not np.isfinite(occlusion.baseline[index]):
        return "no negative frame"
    if not np.nanmax(drop_map(occlusion, index)) > 0:
        return f"{occlusion.measure} falls nowhere"
    return ""


def share_inside(drop: np.ndarray, mask: np.ndarray) -> float:
    """Share of the mass of a map (S, S), NaN where nothing was measured, in the mask (S, S)."""
    mass = np.nan_to_num(drop).clip(min=0)
    return float(mass[mask].sum() / mass.sum())


def against_region(drop: np.ndarray, mask: np.ndarray) -> dict[str, object]:
    """What the columns of :func:`region_table` say of a map (S, S) and a region's mask (S, S)."""
    measured = np.isfinite(drop)
    y, x = np.unravel_index(np.nanargmax(drop), drop.shape)
    return {
        "share_in_region": share_inside(drop, mask),
        "region_area": (mask & measured).sum() / measured.sum(),
        "maximum_in_region": "yes" if mask[y, x] else "no",
        "maximum_x": int(x),
        "maximum_y": int(y),
    }


def _beside(
    drop: np.ndarray, name: str, masks: dict[str, np.ndarray], jaccard: pd.DataFrame
) -> dict[str, object]:
    others = jaccard.loc[name, [other for other in masks if other != name]].dropna()
    most = others.sort_values(ascending=False, kind="stable").head(N_COOCCURRING)
    beside: dict[str, object] = {}
    for place, (other, value) in enumerate(most.items(), start=1):
        beside[f"cooccurring_{place}"] = other
        beside[f"jaccard_{place}"] = value
        beside[f"share_in_region_{place}"] = share_inside(drop, masks[other])
    return beside


def _columns() -> list[str]:
    own = ["measure", "au", "n_positive", "unoccluded", "share_in_region", "region_area"]
    own += ["maximum_in_region", "maximum_x", "maximum_y"]
    kinds = ("cooccurring", "jaccard", "share_in_region")
    beside = [f"{kind}_{place}" for place in range(1, N_COOCCURRING + 1) for kind in kinds]
    return [*own, *beside, "note"]

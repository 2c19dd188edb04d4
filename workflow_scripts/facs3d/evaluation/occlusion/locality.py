"""Are a network's occlusion maps as local on the faces of another dataset as on held-out ones?"""

from collections.abc import Sequence
from dataclasses import astuple

import numpy as np
import pandas as pd

from facs3d.core.action_units import au_column
from facs3d.core.errors import InputError
from facs3d.evaluation.across import SIDES
from facs3d.evaluation.occlusion.au_regions import RIGHT_SIDE, region_mask
from facs3d.evaluation.occlusion.maps import Occlusion, drop_map
from facs3d.evaluation.occlusion.regions import against_region, lacks_map
from facs3d.evaluation.tables import AVERAGE
from facs3d.preprocessing.alignment import RegistrationSettings

COUNTS = ("n_positive", "n_recognised")
SHARES = ("half_area", "share_in_region")
OF_EACH_SIDE = (*COUNTS, *SHARES, "maximum_in_region", "note")
COLUMNS = (
    *("model", "repeat", "fold", "other_dataset", "au", "region_area"),
    *(f"{name}_{side}" for name in OF_EACH_SIDE for side in SIDES),
)


def locality_table(
    within: Sequence[Occlusion],
    across: Sequence[Occlusion],
    registration: RegistrationSettings,
    min_positive: int,
) -> pd.DataFrame:
    """A row for each map of ``across`` and AU in common, with the columns :data:`COLUMNS`.

    ``within``: of held-out subjects; ``across``: of the same networks on other datasets.
    ``n_positive`` frames, of which ``n_recognised`` unoccluded; ``half_area``:
    :func:`half_area` of the map; ``share_in_region``, ``maximum_in_region`` and ``region_area``
    as in :func:`facs3d.evaluation.occlusion.regions.region_table`, NaN for an AU without a region
    there; ``note``: why a side has no map (then NaN), as with fewer than ``min_positive``
    recognised. The row ``Ave`` of each map is the mean of the AUs with a value on both sides.

    Raises :class:`InputError` for a network without a map within, for one whose maps were measured
    at other places, or have no AU in common, and for a map on the wrong side or given twice.
    """
    _check_sides(within, across)
    of_run = {occlusion.run: occlusion for occlusion in within}
    tables = []
    for there in across:
        if there.run not in of_run:
            raise InputError(
                f"{there.run}: its occlusion on {there.other_dataset} is given, that of held-out "
                "subjects is not; give both"
            )
        here = of_run[there.run]
        _check_alike(here, there)
        aus = [au for au in here.action_units if au in there.action_units]
        rows = [_compare(here, there, au, registration, min_positive) for au in aus]
        table = pd.DataFrame([*rows, _average(rows)], columns=list(COLUMNS[4:]))
        named = (*astuple(there.run), there.other_dataset)
        for place, (name, value) in enumerate(zip(COLUMNS, named, strict=False)):
            table.insert(place, name, value)
        tables.append(table)
    whole = [f"{name}_{side}" for name in COUNTS for side in SIDES]
    return pd.concat(tables, ignore_index=True).astype(dict.fromkeys(whole, "Int64"))


def half_area(drop: np.ndarray) -> float:
    """The smallest share of a map's pixels that holds half of its mass: how local it is.

    ``drop`` (S, S), NaN where nothing was measured, above 0 somewhere; mass is what is above 0.
    Near 0 for a map that is one point, 0.5 for one that is the same everywhere, to a pixel.
    """
    mass = np.sort(drop[np.isfinite(drop)].clip(min=0))[::-1]
    held = mass.cumsum()
    return float(1 + (held < held[-1] / 2).sum()) / len(mass)


def _check_sides(within: Sequence[Occlusion], across: Sequence[Occlusion]) -> None:
    seen = set()
    for side, maps in zip(SIDES, (within, across), strict=True):
        for one in maps:
            place = f"{one.run}, {f'on {one.other_dataset}' if one.other_dataset else 'held out'}"
            if bool(one.other_dataset) != (side == "across"):
                raise InputError(
                    f"{place}: its occlusion is given as of the other side; give occlusion of "
                    "held-out subjects first, then that of other datasets"
                )
            if (one.run, one.other_dataset) in seen:
                raise InputError(f"{place}: its occlusion is given twice; give each network's once")
            seen.add((one.run, one.other_dataset))


def _check_alike(here: Occlusion, there: Occlusion) -> None:
    places = [(o.patch, o.y.tolist(), o.x.tolist(), len(o.mean_face)) for o in (here, there)]
    if places[0] != places[1]:
        raise InputError(
            f"{there.run}: the patch on {there.other_dataset} had another size or other places "
            "than on held-out subjects; make both again with the same settings"
        )
    if not set(here.action_units) & set(there.action_units):
        raise InputError(
            f"{there.run}: AUs {list(here.action_units)}, on {there.other_dataset} "
            f"{list(there.action_units)}: none in common; leave it out of evaluation.other_datasets"
        )


def _compare(
    here: Occlusion,
    there: Occlusion,
    au: int,
    registration: RegistrationSettings,
    min_positive: int,
) -> dict[str, object]:
    row: dict[str, object] = {"au": au_column(au)}
    mask = region_mask(au, registration, len(here.mean_face)) if au in RIGHT_SIDE else None
    for side, occlusion in zip(SIDES, (here, there), strict=True):
        index = occlusion.action_units.index(au)
        values: dict[str, object] = {
            "n_positive": occlusion.n_positive[index],
            "n_recognised": occlusion.n_recognised[index],
            "note": lacks_map(occlusion, index, min_positive),
        }
        if not values["note"]:
            drop = drop_map(occlusion, index)
            values["half_area"] = half_area(drop)
            if mask is not None:
                values |= against_region(drop, mask)
                row["region_area"] = values["region_area"]
        row |= {f"{name}_{side}": values[name] for name in OF_EACH_SIDE if name in values}
    return row


def _average(rows: Sequence[dict[str, object]]) -> dict[str, object]:
    average: dict[str, object] = {"au": AVERAGE}
    for name in SHARES:
        of_sides = [f"{name}_{side}" for side in SIDES]
        both = pd.DataFrame(rows, columns=of_sides).astype(float).dropna()
        average |= both.mean().to_dict()
    return average

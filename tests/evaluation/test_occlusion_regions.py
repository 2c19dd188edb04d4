"""FACS regions and the table that measures maps against them, on maps whose place is known."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from facs3d.core.action_units import FACS_NAMES, au_column
from facs3d.core.errors import InputError
from facs3d.evaluation.occlusion.au_regions import RIGHT_SIDE, region_mask, region_polygons
from facs3d.evaluation.occlusion.maps import AUC, Occlusion
from facs3d.evaluation.occlusion.regions import region_table, share_inside
from facs3d.preprocessing.alignment import RegistrationSettings, template_landmarks
from facs3d.preprocessing.face_mesh import eye_centres
from facs3d.report.figures.au_regions import draw_au_regions
from facs3d.report.region_tables import region_grids
from tests.support.occlusions import occlusion_with

AUS = (1, 6, 12, 17)
SIDE, PATCH = 100, 7
REGISTRATION = RegistrationSettings(centre="eye_line")


def occlusion_at(centres: dict[int, tuple[float, float]], n_positive: int = 500) -> Occlusion:
    """Accuracy falls around one place per AU, x and y in px; an AU without a place: nowhere."""
    edges = np.arange(0, SIDE - PATCH + 1, 3)
    middle = edges + (PATCH - 1) / 2
    accuracy = np.full((len(AUS), len(edges), len(edges)), 0.9)
    for index, au in enumerate(AUS):
        if au in centres:
            x, y = centres[au]
            distance = (middle[:, None] - y) ** 2 + (middle[None] - x) ** 2
            accuracy[index] -= 0.4 * np.exp(-distance / 20)
    return occlusion_with(accuracy, edges, PATCH, SIDE, AUS, n_positive)


def jaccard() -> pd.DataFrame:
    names = [au_column(au) for au in AUS]
    values = [[1, 0.1, 0.2, np.nan], [0.1, 1, 0.6, 0], [0.2, 0.6, 1, 0.3], [np.nan, 0, 0.3, 1]]
    return pd.DataFrame(values, index=names, columns=names)


def centre_of(au: int) -> tuple[float, float]:
    x, y = region_polygons(au, REGISTRATION, SIDE)[0].mean(axis=0)
    return float(x), float(y)


def test_every_au_of_the_paper_and_of_disfa_has_a_region():
    disfa = {1, 2, 4, 5, 6, 9, 12, 15, 17, 20, 25, 26}
    assert set(RIGHT_SIDE) == set(FACS_NAMES)
    assert disfa <= set(RIGHT_SIDE)


@pytest.mark.parametrize("au", RIGHT_SIDE)
def test_regions_are_simple_symmetric_and_on_the_face(au):
    polygons = region_polygons(au, REGISTRATION, 200)
    points = np.concatenate(polygons)
    mirrored = points * (-1, 1) + (200, 0)
    distance = np.linalg.norm(points[:, None] - mirrored[None], axis=2)
    assert distance.min(axis=1).max() < 0.5
    mask = region_mask(au, REGISTRATION, 200)
    assert 0.005 < mask.mean() < 0.25
    if points.min() >= 0 and points.max() <= 199:
        area = sum(
            abs(x @ np.roll(y, 1) - y @ np.roll(x, 1)) / 2 for x, y in (p.T for p in polygons)
        )
        assert mask.sum() == pytest.approx(area, rel=0.1), "no edge crosses another"


def test_regions_lie_where_anatomy_puts_them():
    points = template_landmarks(REGISTRATION)
    eye_y = eye_centres(points)[0, 1]
    top = {au: region_polygons(au, REGISTRATION, 200)[0][:, 1] for au in RIGHT_SIDE}
    for au in (1, 2):
        assert top[au].max() < eye_y - 10, "above the eye"
    assert top[7].min() < eye_y < top[7].max(), "around the eye"
    assert top[6].mean() > eye_y
    assert top[17].min() >= points[17, 1] - 4, "below the mouth"
    from_middle = {
        au: np.abs(np.concatenate(region_polygons(au, REGISTRATION, 200))[:, 0] - 100).mean()
        for au in (1, 2)
    }
    assert from_middle[2] > from_middle[1], "the outer brow is further from the middle"


def test_regions_scale_from_registered_to_clip_pixels():
    full, half = (region_mask(10, REGISTRATION, side) for side in (200, 100))
    blocks = full.reshape(100, 2, 100, 2).mean(axis=(1, 3))
    assert (blocks[half] >= 0.25).mean() > 0.95
    assert (blocks[~half] <= 0.75).mean() > 0.99


def test_an_unknown_au_is_named():
    with pytest.raises(InputError, match="AU 43 has no region"):
        region_polygons(43, REGISTRATION, SIDE)


def test_share_of_mass_by_hand():
    drop = np.array([[np.nan, 3.0], [-5.0, 1.0]])
    assert share_inside(drop, np.array([[True, False], [True, True]])) == 0.25


def test_maps_inside_and_outside_their_region():
    places = {1: centre_of(1), 6: centre_of(12), 12: centre_of(12)}
    table = region_table(occlusion_at(places), jaccard(), REGISTRATION, 50).set_index("au")
    assert table.maximum_in_region.tolist()[:3] == ["yes", "no", "yes"]
    assert table.share_in_region["AU12"] > 2 * table.region_area["AU12"]
    assert table.share_in_region["AU06"] < table.share_in_region["AU12"]
    assert table.cooccurring_1["AU06"] == "AU12"
    assert table.jaccard_1["AU06"] == 0.6
    assert table.share_in_region_1["AU06"] == pytest.approx(table.share_in_region["AU12"])
    assert table.cooccurring_2["AU01"] == "AU06", "undefined co-occurrence does not count"
    x, y = places[1]
    assert abs(table.maximum_x["AU01"] - x) <= 2
    assert abs(table.maximum_y["AU01"] - y) <= 2
    assert table.note["AU17"] == "accuracy falls nowhere"


def test_too_few_positives_say_so_instead_of_numbers():
    table = region_table(occlusion_at({1: (50, 20)}, 49), jaccard(), REGISTRATION, 50)
    assert (table.note == "fewer than 50 positive frames recognised").all()
    assert table.share_in_region.isna().all()


def test_a_map_of_the_auc_says_so_and_lacks_only_frames_without_the_au():
    auc = replace(occlusion_at({1: centre_of(1)}), measure=AUC)
    auc.baseline[1] = np.nan
    auc.score[1] = np.nan
    table = region_table(auc, jaccard(), REGISTRATION, 50)
    assert set(table.measure) == {AUC}
    assert table.maximum_in_region[0] == "yes"
    assert table.note[:3].tolist() == ["", "no negative frame", "AUC falls nowhere"]
    both = pd.concat([region_table(occlusion_at({}), jaccard(), REGISTRATION, 50), table])
    assert [(grid.caption, grid.groups[0][1][2]) for grid in region_grids(both)] == [
        ("Drop in accuracy on positive frames", "recognised %"),
        ("Drop in AUC", "AUC %"),
    ]


def test_the_figure_has_an_outline_of_every_part():
    figure = draw_au_regions(np.zeros((80, 80)), (1, 12, 99), REGISTRATION)
    assert [len(axes.patches) for axes in figure.axes[:3]] == [2, 4, 0]


def test_for_people_a_share_above_the_area_s_is_bold_and_a_row_without_a_map_says_why():
    occlusion = occlusion_at({1: centre_of(1), 6: centre_of(17)})
    table = region_table(occlusion, jaccard(), REGISTRATION, 20)
    (grid,) = region_grids(table)
    hit, missed, without = grid.rows[:3]
    share = 4
    assert hit[share].best
    assert not missed[share].best
    assert float(hit[share].text) == pytest.approx(100 * table["share_in_region"][0], abs=0.051)
    assert [cell.text for cell in without[share - 1 :]] == ["accuracy falls nowhere", *[""] * 9]
    assert {len(row) for row in grid.rows} == {sum(len(heads) for _, heads in grid.groups)}

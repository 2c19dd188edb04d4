"""How local maps are, on maps whose extent is known, within beside across."""

from dataclasses import replace

import h5py
import numpy as np
import pytest

from facs3d.core.errors import InputError
from facs3d.evaluation.occlusion.au_regions import region_mask
from facs3d.evaluation.occlusion.locality import COLUMNS, half_area, locality_table
from facs3d.evaluation.occlusion.maps import Occlusion
from facs3d.evaluation.runs import Run
from facs3d.evaluation.tables import read_table
from facs3d.preprocessing.alignment import RegistrationSettings
from facs3d.report.grid import write_report
from facs3d.report.latex import write_latex
from facs3d.report.locality_tables import HOW_TO_READ, locality_findings, locality_grids
from tests.support.fake_results import write_occlusion
from tests.support.occlusions import occlusion_with
from tests.support.scripts import run_script

SIDE, PATCH = 100, 7
MEASURED = (SIDE - PATCH + 1) ** 2
REGISTRATION = RegistrationSettings(centre="eye_line")
AUS = (1, 12, 43)
"""Of AU 43 no region is known."""


def occlusion_of(
    squares: dict[int, int],
    other_dataset: str = "",
    fold: int = 1,
    n_positive: int | list[int] = 500,
) -> Occlusion:
    """Of the positive frames 90 % are recognised, and half of these where a square of so many px,
    about the middle of the face, is hidden; nothing is lost elsewhere."""
    edges = np.arange(0, SIDE - PATCH + 1)
    accuracy = np.full((len(squares), len(edges), len(edges)), 0.9)
    for row, size in enumerate(squares.values()):
        start = (len(edges) - size) // 2
        accuracy[row, start : start + size, start : start + size] = 0.45
    return occlusion_with(
        *(accuracy, edges, PATCH, SIDE, tuple(squares), n_positive),
        run=Run("facs3d", 1, fold),
        other_dataset=other_dataset,
    )


def table_of(within, across):
    return locality_table(within, across, REGISTRATION, 50).set_index("au")


def test_half_of_the_mass_by_hand():
    """4 + 3 of 10 are half or more; five pixels were measured, and -5 has no mass."""
    assert half_area(np.array([[1.0, 4.0, np.nan], [3.0, 2.0, -5.0]])) == 2 / 5
    point = np.zeros((10, 10))
    point[3, 7] = 8.0
    assert half_area(point) == 0.01
    assert half_area(np.ones((10, 10))) == 0.5


def test_a_map_that_spreads_across_datasets_holds_its_half_in_a_larger_area():
    table = table_of(
        [occlusion_of({1: 10, 12: 20, 43: 4})], [occlusion_of({1: 30, 12: 20, 43: 8}, "disfa")]
    )
    assert table.index.tolist() == ["AU01", "AU12", "AU43", "Ave"]
    np.testing.assert_allclose(table["half_area_within"][:3], np.array([50, 200, 8]) / MEASURED)
    np.testing.assert_allclose(table["half_area_across"][:3], np.array([450, 200, 32]) / MEASURED)
    assert table["half_area_within"]["Ave"] == pytest.approx(86 / MEASURED)
    assert table["half_area_across"]["Ave"] == pytest.approx(682 / 3 / MEASURED)
    assert table["n_recognised_across"].tolist()[:3] == [450, 450, 450]
    assert table["other_dataset"].unique().tolist() == ["disfa"]


def test_the_share_in_the_region_is_that_of_the_square_under_it():
    """The squares are of pixels: what of them the region covers is counted."""
    table = table_of([occlusion_of({12: 60, 43: 9})], [occlusion_of({12: 80, 43: 9}, "disfa")])
    region = region_mask(12, REGISTRATION, SIDE)
    for side, size in (("within", 60), ("across", 80)):
        square = np.zeros((SIDE, SIDE), bool)
        start = (SIDE - size) // 2
        square[start : start + size, start : start + size] = True
        expected = (region & square).sum() / size**2
        assert table[f"share_in_region_{side}"]["AU12"] == pytest.approx(expected)
        assert table[f"share_in_region_{side}"]["Ave"] == pytest.approx(expected)
    rim = PATCH // 2
    inner = region[rim:-rim, rim:-rim]
    assert table["region_area"]["AU12"] == pytest.approx(inner.mean())
    assert table["share_in_region_within"].isna()["AU43"]
    assert table["maximum_in_region_within"].isna()["AU43"]


def test_aus_that_one_dataset_lacks_are_absent_and_few_recognised_frames_are_no_map():
    squares = {12: 20, 25: 20, 43: 8}
    enough, few = (occlusion_of(squares, "disfa", n_positive=[n, 500, 500]) for n in (55, 54))
    table = table_of([occlusion_of({1: 10, 12: 20, 43: 4})], [enough])
    assert table.index.tolist() == ["AU12", "AU43", "Ave"]
    assert table["n_positive_across"]["AU12"] == 55
    assert table["n_recognised_across"]["AU12"] == 50, "as many as are asked for"
    assert not table["note_across"]["AU12"]
    table = table_of([occlusion_of({1: 10, 12: 20, 43: 4})], [few])
    assert table["note_across"]["AU12"] == "fewer than 50 positive frames recognised"
    assert np.isnan(table["half_area_across"]["AU12"])
    assert table["half_area_within"]["AU12"] == pytest.approx(200 / MEASURED)
    assert table["half_area_within"]["Ave"] == pytest.approx(8 / MEASURED), "of AU 43 alone"
    assert not {"AU01", "AU25"} & {*table.index}


def test_each_map_is_compared_with_its_own_network_on_held_out_faces():
    within = [occlusion_of({12: 10}), occlusion_of({12: 20}, fold=2)]
    across = [occlusion_of({12: 30}, other, fold) for other in ("disfa", "gft") for fold in (2, 1)]
    table = table_of(within, across).loc["AU12"]
    assert table["fold"].tolist() == [2, 1, 2, 1]
    assert table["other_dataset"].tolist() == ["disfa", "disfa", "gft", "gft"]
    np.testing.assert_allclose(table["half_area_within"], np.array([200, 50, 200, 50]) / MEASURED)


@pytest.mark.parametrize(
    ("across", "message"),
    [
        (
            occlusion_of({12: 9}, "disfa", 2),
            "facs3d, fold 2: its occlusion on disfa is given, that",
        ),
        (replace(occlusion_of({12: 9}, "disfa"), patch=5), "another size or other places"),
        (occlusion_of({25: 9}, "disfa"), r"AUs \[12\], on disfa \[25\]: none in common; leave it"),
    ],
)
def test_maps_that_cannot_be_compared_are_refused(across, message):
    with pytest.raises(InputError, match=message):
        locality_table([occlusion_of({12: 9})], [across], REGISTRATION, 50)


def test_a_map_on_the_wrong_side_or_given_twice_is_refused():
    here, there = occlusion_of({12: 9}), occlusion_of({12: 9}, "disfa")
    for within, across, message in (
        ([here], [here], "facs3d, fold 1, held out: its occlusion is given as of the other side"),
        ([there], [there], "facs3d, fold 1, on disfa: its occlusion is given as of the other side"),
        ([here, here], [there], "facs3d, fold 1, held out: its occlusion is given twice"),
        ([here], [there, there], "facs3d, fold 1, on disfa: its occlusion is given twice"),
    ):
        with pytest.raises(InputError, match=message):
            locality_table(within, across, REGISTRATION, 50)


def test_for_people_sides_stand_beside_each_other_and_a_side_without_a_map_says_why(tmp_path):
    there = occlusion_of({1: 30, 12: 20, 43: 8}, "disfa", n_positive=[500, 20, 500])
    table = locality_table([occlusion_of({1: 10, 12: 20, 43: 4})], [there], REGISTRATION, 50)
    ((label, grid),) = locality_grids(table, "bp4d").items()
    assert label == "tab:locality-disfa-facs3d-1-1"
    assert grid.caption == "Occlusion maps on bp4d and on disfa: FACS3D-Net, fold 1"
    texts = [[cell.text for cell in row] for row in grid.rows]
    # 50, 450, 200 and 8 of 8,836 px.
    assert texts[0][:5] == ["AU01", "450", "450", "0.6", "5.1"]
    assert texts[1][:5] == ["AU12", "450", "18", "2.3", ""]
    assert texts[1][-1] == "across: fewer than 50 positive frames recognised"
    assert texts[2][5:] == ["", "", "", "", "", ""], "no region is known of AU 43"
    assert texts[3][:5] == ["Ave", "", "", "0.3", "2.7"]
    assert {len(row) for row in grid.rows} == {sum(len(heads) for _, heads in grid.groups)}
    (line,) = locality_findings(table)
    assert line == (
        "FACS3D-Net, fold 1, on disfa: half of the drop lies in 0.3 → 2.7 % of the face "
        "(mean of 2 AUs)"
    )
    write_report("", [*HOW_TO_READ], [grid], tmp_path / "a.html")
    write_latex({label: grid}, tmp_path / "a.tex")
    for name in ("a.html", "a.tex"):
        assert "fewer than 50 positive" in (tmp_path / name).read_text()


def test_the_script_writes_the_table_in_three_forms(tmp_path):
    paths = [
        write_occlusion(tmp_path / name, aus, n_positive=(900, 400))
        for name, aus in (("within.h5", (1, 12)), ("across.h5", (12, 25)))
    ]
    with h5py.File(paths[1], "a") as file:
        file.attrs["other_dataset"] = "disfa"
    outputs = [tmp_path / f"table.{suffix}" for suffix in ("csv", "html", "tex")]
    done = run_script(
        *("compare_locality", "--dataset", "bp4d", "--occlusion", paths[0], "--across", paths[1]),
        *("--registration-centre", "eye_line", "--output-table", outputs[0]),
        *("--output-table-html", outputs[1], "--output-table-latex", outputs[2]),
    )
    assert (done.returncode, done.stderr) == (0, "")
    table = read_table(outputs[0])
    assert tuple(table.columns) == COLUMNS
    assert table["au"].tolist() == ["AU12", "Ave"]
    assert table["n_positive_within"][0] == 400
    assert table["n_positive_across"][0] == 900
    for output in outputs[1:]:
        assert "on bp4d and on disfa" in output.read_text()


def test_without_an_au_that_has_both_maps_that_is_said():
    none = occlusion_of({12: 9}, "disfa", n_positive=0)
    table = locality_table([occlusion_of({12: 9})], [none], REGISTRATION, 50)
    assert locality_findings(table) == [
        "FACS3D-Net, fold 1, on disfa: no AU has a map on both sides"
    ]
    assert table["half_area_within"].notna().tolist() == [True, False]

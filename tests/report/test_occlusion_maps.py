"""Occlusion maps: the drop where the patch was, and panels without one."""

from dataclasses import replace

import h5py
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facs3d.core.errors import InputError
from facs3d.evaluation.occlusion.maps import AUC, interpolate, read_occlusion
from facs3d.report.figures.occlusion_maps import OcclusionMapSettings, draw_occlusion_maps
from tests.support.fake_results import write_occlusion
from tests.support.figure_checks import assert_drawn, texts


def test_interpolation_is_exact_on_planes_at_pixel_centres():
    positions = np.array([3.0, 6.0, 9.0, 12.0])
    plane = positions[:, None] * 2 + positions[None] * 5
    image = interpolate(plane, positions, positions, 20)
    y, x = np.mgrid[:20, :20]
    inside = (y >= 3) & (y <= 12) & (x >= 3) & (x <= 12)
    np.testing.assert_allclose(image[inside], (2 * y + 5 * x)[inside])
    assert np.isnan(image[~inside]).all(), "nothing was measured there"


@given(st.integers(1, 6), st.integers(1, 6), st.integers(0, 1000))
def test_interpolation_never_exceeds_the_measured_values(n_y, n_x, seed):
    values = np.random.default_rng(seed).random((n_y, n_x))
    image = interpolate(values, 2 + 3.0 * np.arange(n_y), 2 + 3.0 * np.arange(n_x), 24)
    assert np.nanmin(image) >= values.min() - 1e-12
    assert np.nanmax(image) <= values.max() + 1e-12


def test_occlusion_maps_put_the_drop_where_the_patch_was(results, tmp_path):
    path = write_occlusion(tmp_path / "fold1.h5")
    with h5py.File(path, "a") as file:
        file["baseline_accuracy"][:] = 0.9
        file["accuracy"][:] = 0.9
        file["accuracy"][0, 4, 9] = 0.5
        patch, y, x = file.attrs["patch"], file["y"][4], file["x"][9]
    figure = draw_occlusion_maps(read_occlusion(path), OcclusionMapSettings())
    drop = figure.axes[0].images[1].get_array()
    place = np.unravel_index(np.argmax(drop.filled(0)), drop.shape)
    assert place == (y + patch // 2, x + patch // 2)
    assert drop.max() == pytest.approx(40, rel=1e-5)
    assert figure.axes[0].images[1].get_clim() == pytest.approx((0, 40), rel=1e-5)
    written = texts(figure)
    assert "AU 1 inner brow raiser\nn = 900, 90.0 % unoccluded" in written
    assert "no map: accuracy\nfalls nowhere" in written, "AU 12 above"
    assert "no map: fewer than\n50 positive frames\nrecognised" in written, "AU 24 has 3"
    assert "percentage points" in written
    assert_drawn(figure)


def test_an_au_that_is_hardly_recognised_gets_no_map(tmp_path):
    path = write_occlusion(tmp_path / "o.h5", n_positive=(900, 400, 400))
    with h5py.File(path, "a") as file:
        file["baseline_accuracy"][:] = (0.9, 0.9, 0.1)
    settings = OcclusionMapSettings(min_positive=50)
    assert texts(draw_occlusion_maps(read_occlusion(path), settings)).count("recognised") == 1


def test_an_au_without_positives_is_undefined_in_its_panel(tmp_path):
    occlusion = read_occlusion(write_occlusion(tmp_path / "o.h5", n_positive=(900, 400, 0)))
    figure = draw_occlusion_maps(occlusion, OcclusionMapSettings(min_positive=1))
    assert "AU 24 lip pressor\nno positive frame: undefined" in texts(figure)
    assert "nan" not in texts(figure)


def test_the_title_names_the_other_dataset_whose_faces_were_occluded(results):
    occlusion = read_occlusion(results / "fold1.h5")
    titles = [
        draw_occlusion_maps(one, OcclusionMapSettings()).get_suptitle()
        for one in (occlusion, replace(occlusion, other_dataset="disfa"))
    ]
    assert titles[0].startswith("FACS3D-Net, fold 1:\ndrop in accuracy on positive frames")
    assert titles[1].startswith("FACS3D-Net, fold 1, on disfa:\ndrop in accuracy")


def test_a_map_of_the_auc_is_drawn_alike_and_says_so(tmp_path):
    path = write_occlusion(tmp_path / "o.h5", n_positive=(900, 400, 400))
    with h5py.File(path, "a") as file:
        file["baseline_auc"][:2] = 0.8
        file["auc"][:2] = 0.8
        file["auc"][0, 4, 9] = 0.7
        file["baseline_auc"][2] = file["auc"][2] = np.nan
    figure = draw_occlusion_maps(read_occlusion(path, AUC), OcclusionMapSettings())
    assert figure.axes[0].images[1].get_array().max() == pytest.approx(10, rel=1e-5)
    written = texts(figure)
    assert "drop in AUC (percentage points)" in written
    assert "n = 900, 80.0 % unoccluded" in written
    assert "no map: AUC falls\nnowhere" in written
    assert "AU 24 lip pressor\nn = 400, no negative frame" in written
    assert "nan" not in written
    assert_drawn(figure)


def test_a_common_scale_makes_panels_comparable(results):
    occlusion = read_occlusion(results / "fold1.h5")
    limits = {}
    for common in (False, True):
        settings = OcclusionMapSettings(common_scale=common)
        panels = draw_occlusion_maps(occlusion, settings).axes
        limits[common] = [axes.images[1].get_clim()[1] for axes in panels if len(axes.images) == 2]
    assert len(limits[False]) == 2
    assert len(set(limits[False])) == 2
    assert set(limits[True]) == {max(limits[False])}


def test_what_is_no_occlusion_file_is_named(results, tmp_path):
    with pytest.raises(InputError, match="not an occlusion file"):
        read_occlusion(results / "clips.h5")
    with pytest.raises(InputError, match="not an occlusion file"):
        read_occlusion(results / "folds.csv")
    with pytest.raises(InputError, match="opacity is 0"):
        OcclusionMapSettings(opacity=0.0)

"""Parts of the drawing: fills, warps and curves."""

import numpy as np
import pytest

from facs3d.synthetic.images import fill_smoothly, smooth_curve, thin_plate_warp


def test_fill_smoothly_keeps_the_known_and_continues_it():
    image = np.full((40, 50, 3), 120, np.float32)
    known = np.ones((40, 50), np.float32)
    known[10:30, 15:35] = 0
    image[known == 0] = 0
    assert fill_smoothly(image, known) == pytest.approx(np.full((40, 50, 3), 120), abs=2)


def test_thin_plate_warp_takes_points_to_points_and_leaves_an_affine_map_affine():
    rng = np.random.default_rng(0)
    target = rng.uniform(0, 100, (12, 2))
    source = target @ np.array([[1.1, 0.2], [-0.1, 0.9]]) + [5, -3]
    assert thin_plate_warp(target, source, target) == pytest.approx(source, abs=1e-6)
    elsewhere = rng.uniform(0, 100, (7, 2))
    expected = elsewhere @ np.array([[1.1, 0.2], [-0.1, 0.9]]) + [5, -3]
    assert thin_plate_warp(target, source, elsewhere) == pytest.approx(expected, abs=1e-6)


def test_smooth_curve_passes_through_its_points():
    points = np.array([(0, 0), (10, 5), (20, 0), (30, 8)])
    assert smooth_curve(points, 4) == pytest.approx(points)
    straight = smooth_curve([(0, 0), (10, 20), (20, 40)], 21)
    assert straight == pytest.approx(np.column_stack([np.arange(21), 2 * np.arange(21)]))

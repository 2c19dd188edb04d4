"""Displays drawn for the synthetic dataset: base rates, co-occurrence, episodes."""

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facs3d.core.action_units import PAPER_AUS
from facs3d.core.seeding import generator
from facs3d.synthetic.performance import (
    TABLE_1_BASE_RATES,
    base_rates,
    draw_intensities,
    intensity_labels,
)


@cache
def labels_drawn(floor: float) -> np.ndarray:
    """Which AUs are present in each frame of 1500 videos of 44 frames, (1500, 44, 12) bool."""
    videos = [draw_intensities(generator(1, floor, n), 44, floor) for n in range(1500)]
    return intensity_labels(np.stack(videos)) >= 2


@pytest.mark.parametrize("floor", [0.0, 0.14, 0.3])
def test_base_rates_come_out_as_requested(floor):
    requested = base_rates(floor)
    assert requested[0] == pytest.approx(max(0.0911, floor))
    assert requested.max() == 0.5
    found = labels_drawn(floor).mean((0, 1))
    assert found == pytest.approx(requested, abs=0.04)


def test_base_rates_keep_the_order_of_table_1():
    found = base_rates(0.0)
    below_the_cap = found < 0.5
    assert (found[below_the_cap] == np.array(TABLE_1_BASE_RATES)[below_the_cap] / 100).all()


def test_aus_of_one_display_come_together():
    labels = labels_drawn(0.14).reshape(-1, 12)

    def jaccard(a: int, b: int) -> float:
        one, other = labels[:, PAPER_AUS.index(a)], labels[:, PAPER_AUS.index(b)]
        return (one & other).sum() / (one | other).sum()

    assert jaccard(6, 12) > jaccard(12, 15)
    assert jaccard(1, 2) > 2 * jaccard(1, 24)
    assert jaccard(15, 17) > jaccard(2, 17)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.integers(8, 200), st.floats(0, 0.5))
def test_episodes_rise_once_and_fall_once(seed, frames, floor):
    intensities = draw_intensities(generator(seed, "episode"), frames, floor)
    assert intensities.shape == (frames, 12)
    assert intensities.min() >= 0
    assert intensities.max() <= 5
    present = intensity_labels(intensities) >= 2
    starts = (np.diff(present.astype(int), axis=0) == 1).sum(0) + present[0]
    assert starts.max() <= 1
    assert not present[0].any()


def test_intensities_round_half_up():
    assert intensity_labels(np.array([0.49, 0.5, 1.49, 1.5, 2.5, 5.0])).tolist() == [
        0,
        1,
        1,
        2,
        3,
        5,
    ]

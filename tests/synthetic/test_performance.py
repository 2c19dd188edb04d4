"""Displays drawn for the synthetic dataset: base rates, co-occurrence, episodes."""

import hashlib
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
def labels_drawn(floor: float, together: str = "paper") -> np.ndarray:
    """Which AUs are present in each frame of 1500 videos of 44 frames, (1500, 44, 12) bool."""
    videos = [draw_intensities(generator(1, floor, n), 44, floor, together) for n in range(1500)]
    return intensity_labels(np.stack(videos)) >= 2


@pytest.mark.parametrize("together", ["paper", "independent"])
@pytest.mark.parametrize("floor", [0.0, 0.14, 0.3])
def test_base_rates_come_out_as_requested(floor, together):
    requested = base_rates(floor)
    assert requested[0] == pytest.approx(max(0.0911, floor))
    assert requested.max() == 0.5
    found = labels_drawn(floor, together).mean((0, 1))
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


def greatest_correlation(values: np.ndarray) -> float:
    """Of any two columns of (videos, 12), NaN where there is none."""
    pairs = np.ma.corrcoef(np.ma.masked_invalid(values), rowvar=False).filled(0)
    return float(np.abs(pairs - np.eye(len(pairs))).max())


def test_independent_aus_say_nothing_of_one_another():
    """Neither whether they come nor when. By chance correlations have a standard deviation of 0.03
    over the 1500 videos, of 0.10 over the hundred or more that show both AUs."""
    found = {}
    for together in ("paper", "independent"):
        labels = labels_drawn(0.14, together)
        shown = labels.any(1)
        middle = (labels * np.arange(44)[:, None]).sum(1) / np.where(shown, labels.sum(1), np.nan)
        found[together] = greatest_correlation(shown.astype(float)), greatest_correlation(middle)
    (shown, middle), (shown_alone, middle_alone) = found["paper"], found["independent"]
    assert shown > 0.45
    assert middle > 0.9
    assert shown_alone < 0.1
    assert middle_alone < 0.3


def test_the_papers_displays_stay_what_they_were():
    """The demo's videos and clips, byte for byte: drawn before AUs could be independent."""
    drawn = [draw_intensities(generator(1, "video", "F001", f"T{n}"), 28, 0.14) for n in range(20)]
    digest = hashlib.sha256(b"".join(intensities.tobytes() for intensities in drawn)).hexdigest()
    assert digest == "f0af5d3ebd7047ea7b3cf72c43d6bd6b901a53226d48cae4cb48e183ca794b72"


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 2**32),
    st.integers(8, 200),
    st.floats(0, 0.5),
    st.sampled_from(["paper", "independent"]),
)
def test_episodes_rise_once_and_fall_once(seed, frames, floor, together):
    intensities = draw_intensities(generator(seed, "episode"), frames, floor, together)
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

"""Sampling: steps, bounds and reproducibility (Sec. III-A)."""

from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facs3d.core.errors import InputError
from facs3d.core.seeding import generator
from facs3d.preprocessing.sampling import sample_positions
from facs3d.preprocessing.settings import SamplingSettings


@given(n_usable=st.integers(1, 900), length=st.integers(1, 130), seed=st.integers(0, 10_000))
def test_positions_are_a_walk_of_steps_two_and_three_inside_the_video(n_usable, length, seed):
    settings = SamplingSettings(clip_length=length)
    rng = np.random.default_rng(seed)
    if n_usable < 1 + 2 * (length - 1):
        with pytest.raises(InputError, match=f"{n_usable} usable frames"):
            sample_positions(n_usable, settings, rng)
        return
    positions = sample_positions(n_usable, settings, rng)
    assert len(positions) == length
    assert set(np.diff(positions)) <= {2, 3}
    assert positions[0] >= 0
    assert positions[-1] < n_usable


def test_the_shortest_video_of_the_paper_needs_every_second_frame():
    positions = sample_positions(251, SamplingSettings(), np.random.default_rng(0))
    assert positions.tolist() == list(range(0, 251, 2))


def test_long_videos_use_both_steps_and_start_anywhere():
    starts, steps = set(), []
    for seed in range(200):
        positions = sample_positions(500, SamplingSettings(), np.random.default_rng(seed))
        starts.add(int(positions[0]))
        steps.extend(np.diff(positions).tolist())
    assert len(starts) > 60
    assert np.mean(np.array(steps) == 3) == pytest.approx(0.5, abs=0.02)


def test_a_tight_video_shortens_steps_anywhere_not_just_at_its_end():
    halves = np.zeros(2)
    for seed in range(200):
        steps = np.diff(sample_positions(280, SamplingSettings(), np.random.default_rng(seed)))
        halves += [(steps[:62] == 3).sum(), (steps[63:] == 3).sum()]
    assert halves[0] / halves.sum() == pytest.approx(0.5, abs=0.03)


@pytest.mark.parametrize(("steps", "n_kept"), [((2, 3), 1012), ((1, 2, 3), 1245)])
def test_videos_kept_of_the_papers_1261_if_their_lengths_were_normal(steps, n_kept):
    """Mean 328, standard deviation 91 (Sec. III-A), at evenly spaced quantiles."""
    normal = NormalDist(328, 91)
    lengths = [round(normal.inv_cdf((place + 0.5) / 1261)) for place in range(1261)]
    settings = SamplingSettings(steps=steps)

    def gives_clip(length):
        try:
            sample_positions(length, settings, np.random.default_rng(length))
        except InputError:
            return False
        return True

    assert sum(map(gives_clip, lengths)) == n_kept
    assert sum(length >= 165 for length in lengths) == 1215


def test_a_videos_stream_depends_on_its_name_and_the_seed_only():
    draws = [generator(*key).integers(1 << 30) for key in ((1, "a"), (1, "b"), (2, "a"), (1, "a"))]
    assert draws[0] == draws[3]
    assert len(set(draws)) == 3
    assert generator(1, "a", "b").integers(1 << 30) != generator(1, "ab").integers(1 << 30)


@pytest.mark.parametrize(
    "values", [{"clip_length": 0}, {"steps": ()}, {"steps": (0, 2)}, {"image_size": 4}]
)
def test_impossible_settings_are_refused(values):
    with pytest.raises(InputError, match=f"sampling.{next(iter(values))} is .*, expected "):
        SamplingSettings(**values)

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facs3d.prediction.cover import (
    choose_stride,
    cover,
    is_unlike,
    n_clips,
    place_weights,
    spacings,
)
from facs3d.preprocessing.expected_input import ExpectedInput

LENGTHS, CLIPS, STRIDES = st.integers(0, 400), st.integers(1, 40), st.integers(1, 8)


@given(LENGTHS, CLIPS, STRIDES)
def test_every_frame_is_covered_and_its_merge_weights_sum_to_one(n_frames, length, stride):
    total = np.zeros(n_frames)
    clips = list(cover(n_frames, length, stride))
    for positions in clips:
        np.add.at(total, positions, place_weights(length))
    shares = np.zeros(n_frames)
    for positions in clips:
        np.add.at(shares, positions, place_weights(length) / total[positions])
    assert (total > 0).all()
    np.testing.assert_allclose(shares, 1)
    assert n_clips(n_frames, length, stride) == len(clips)


@given(LENGTHS, CLIPS, STRIDES)
def test_neighbours_in_a_clip_are_a_stride_apart(n_frames, length, stride):
    for positions in cover(n_frames, length, stride):
        assert positions.shape == (length,)
        steps = np.abs(np.diff(positions))
        alone = len(range(positions[0] % stride, n_frames, stride)) == 1
        assert (steps == (0 if alone else stride)).all()
        enough = len(range(positions[0] % stride, n_frames, stride)) >= length
        assert not enough or (np.diff(positions) == stride).all()


@given(st.integers(2, 40), STRIDES, st.integers(1, 300))
def test_clips_of_a_long_video_overlap_by_half_or_more(length, stride, more):
    by_phase = {}
    for positions in cover(stride * length + more, length, stride):
        by_phase.setdefault(positions[0] % stride, []).append(positions)
    assert len(by_phase) == stride
    for clips in by_phase.values():
        for one, other in pairwise(clips):
            assert len(set(one) & set(other)) >= length - length // 2


def test_a_video_as_long_as_a_clip_gives_that_clip():
    (positions,) = cover(12, 12, 1)
    assert positions.tolist() == list(range(12))


def test_a_short_video_is_mirrored_around_itself():
    (positions,) = cover(4, 9, 1)
    assert positions.tolist() == [2, 1, 0, 1, 2, 3, 2, 1, 0]


def test_weights_rise_to_the_middle():
    assert place_weights(5).tolist() == [1, 2, 3, 2, 1]
    assert place_weights(4).tolist() == [1, 2, 2, 1]


@pytest.mark.parametrize(
    ("rate", "stride"),
    [(25, 2), (24, 2), (30, 3), (29.97, 3), (50, 5), (60, 6), (120, 12), (20, 2), (10, 1), (5, 1)],
)
def test_a_stride_is_a_tenth_of_a_second_for_the_papers_steps(rate, stride):
    assert choose_stride(rate, ExpectedInput()) == stride


@given(st.floats(13, 300), st.integers(1, 3), st.integers(0, 2), st.floats(10, 60))
def test_from_the_trained_rate_on_the_spacing_is_near_a_trained_one(rate, step, more, trained):
    expected_input = ExpectedInput(tuple(range(step, step + more + 1)), trained)
    mean = np.mean(expected_input.steps) / trained
    assert choose_stride(rate, expected_input) == 1 or abs(
        choose_stride(rate, expected_input) / rate - mean
    ) <= 0.5 / rate * (1 + 1e-9)


def test_spacings_that_the_network_does_not_know_are_found():
    seconds = np.array([0, 0.05, 0.1, 0.15, 0.2, 0.6, 0.65])
    gaps = spacings(seconds, 2)
    np.testing.assert_allclose(gaps, [0.1, 0.1, 0.1, 0.1, 0.1, 0.45, 0.45])
    assert is_unlike(gaps, ExpectedInput()).tolist() == [False] * 5 + [True] * 2
    assert np.isnan(spacings(seconds[:2], 2)).all()
    assert not is_unlike(spacings(seconds[:2], 2), ExpectedInput()).any()
    assert is_unlike(np.array([0.071, 0.073, 0.131, 0.133]), ExpectedInput()).tolist() == [
        *(True, False, False, True)
    ]

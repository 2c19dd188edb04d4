"""Jaccard index of AU pairs: by hand, against scikit-learn, and its algebra."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import jaccard_score

from facs3d.evaluation.cooccurrence import cooccurrence, jaccard_matrix, most_alike_first

AUS = (6, 12, 24)


def test_by_hand():
    # AU 6 and AU 12 together in 2 of the 4 frames with either; a frame with AU 6 unknown is out.
    labels = np.array(
        [[1, 1, 0], [1, 1, 0], [1, 0, 0], [0, 1, 0], [0, 0, 0], [-1, 1, 0]], dtype=np.int8
    )
    table = cooccurrence(labels, AUS).set_index(["au_a", "au_b"])
    pair = table.loc[("AU06", "AU12")]
    assert pair.tolist() == [0.5, 2, 4, 5]
    assert table.loc[("AU12", "AU24")].tolist() == [0, 0, 4, 6]
    assert table.loc[("AU06", "AU06"), "jaccard"] == 1


def test_undefined_where_neither_occurs():
    labels = np.zeros((2, 4, 3), np.int8)
    table = cooccurrence(labels, AUS)
    assert table["jaccard"].isna().all()
    assert (table["n_frames"] == 8).all()
    assert jaccard_matrix(table).isna().all(axis=None)


@given(arrays(np.int8, st.tuples(st.integers(0, 20), st.just(3)), elements=st.integers(-1, 1)))
def test_equals_scikit_learn_is_bounded_and_symmetric(labels):
    matrix = jaccard_matrix(cooccurrence(labels, AUS))
    assert list(matrix.index) == list(matrix.columns) == ["AU06", "AU12", "AU24"]
    np.testing.assert_array_equal(matrix, matrix.T)
    known = labels[(labels[:, 0] >= 0) & (labels[:, 2] >= 0)]
    value = matrix.loc["AU24", "AU06"]
    if (known[:, [0, 2]] == 1).any():
        assert value == pytest.approx(jaccard_score(known[:, 0], known[:, 2]))
        assert 0 <= value <= 1
    else:
        assert np.isnan(value)


def test_clips_or_frames_make_no_difference():
    labels = np.random.default_rng(1).integers(-1, 2, (4, 25, 3)).astype(np.int8)
    assert cooccurrence(labels, AUS).equals(cooccurrence(labels.reshape(100, 3), AUS))


def test_pairs_for_people_are_of_two_aus_and_the_most_alike_come_first():
    labels = np.array([[1, 1, 0], [1, 1, 1], [0, 0, 1]], np.int8)
    pairs = most_alike_first(cooccurrence(labels, AUS))
    assert (pairs["au_a"] != pairs["au_b"]).all()
    assert len(pairs) == 3
    assert pairs["jaccard"].tolist() == pytest.approx([1, 1 / 3, 1 / 3])

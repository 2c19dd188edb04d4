"""The loss and its weights (Eq. 3-5), against hand values and the formula written out in NumPy."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from torch import nn

from facs3d.training.losses import class_weights, weighted_loss

AUS = (1, 2, 4)


def labels_with_rates(*n_positive: int, n_frames: int = 12) -> np.ndarray:
    return np.stack([np.arange(n_frames) < count for count in n_positive], axis=1).astype(np.int8)


def test_weights_by_hand():
    # Rates 1/2, 1/4, 1/12: 1/r = 2, 4, 12, their sum 18, N = 3.
    weights = class_weights(labels_with_rates(6, 3, 1), AUS)
    np.testing.assert_allclose(weights, [3 * 2 / 18, 3 * 4 / 18, 3 * 12 / 18], rtol=1e-6)


def test_unknown_labels_do_not_count_in_the_rates():
    labels = labels_with_rates(6, 3, 1)
    labels[6:, 0] = -1  # the first AU is known in 6 frames and present in all: r = 1
    # 1/r = 1, 4, 12; their sum 17.
    np.testing.assert_allclose(class_weights(labels, AUS), [3 / 17, 12 / 17, 36 / 17], rtol=1e-6)


def test_an_au_that_never_occurs_gets_the_mean_weight_and_a_warning(capsys):
    labels = labels_with_rates(6, 0, 3)
    weights = class_weights(labels, AUS)
    # Of the other two 1/r = 2 and 4, N = 2.
    np.testing.assert_allclose(weights, [2 * 2 / 6, 1, 2 * 4 / 6], rtol=1e-6)
    assert "AU02 never occurs in 12 training frames" in capsys.readouterr().err
    labels[:, 1] = -1
    class_weights(labels, AUS)
    assert "AU02 has no training label" in capsys.readouterr().err


@given(
    arrays.arrays(np.int8, (7, 3), elements=st.sampled_from([1, 0, -1])),
    arrays.arrays(np.float64, (7, 3), elements=st.floats(-8, 8)),
    arrays.arrays(np.float64, 3, elements=st.floats(0.1, 5)),
)
def test_loss_is_the_formula(labels, logits, weights):
    probability = 1 / (1 + np.exp(-logits))
    y = labels == 1
    entropy = -(y * np.log(probability) + (1 - y) * np.log(1 - probability))
    known = labels != -1
    n_frames = sum(frame.any() for frame in known)
    expected = (weights * entropy)[known].sum() / max(n_frames, 1)
    loss = weighted_loss(*map(torch.from_numpy, (logits, labels, weights)))
    assert loss.item() == pytest.approx(expected, rel=1e-9, abs=1e-12)


def test_loss_is_pytorchs_own_where_all_is_known():
    generator = torch.Generator().manual_seed(0)
    logits = torch.randn((2, 5, 3), generator=generator)
    labels = torch.randint(0, 2, (2, 5, 3), generator=generator)
    weights = torch.tensor([0.5, 1.0, 1.5])
    oracle = nn.BCEWithLogitsLoss(weight=weights)(logits, labels.float())
    torch.testing.assert_close(weighted_loss(logits, labels, weights), 3 * oracle)


def test_a_frame_of_twelve_undecided_aus_costs_twelve_times_log_two():
    loss = weighted_loss(torch.zeros(1, 1, 12), torch.ones(1, 1, 12), torch.ones(12))
    assert loss.item() == pytest.approx(12 * np.log(2), rel=1e-6)


def test_masked_entries_have_no_effect_and_no_gradient():
    logits = torch.tensor([[0.3, -1.0], [2.0, 50.0]], requires_grad=True)
    labels = torch.tensor([[1, 0], [0, -1]])
    loss = weighted_loss(logits, labels, torch.ones(2))
    loss.backward()
    assert logits.grad[1, 1] == 0
    assert (logits.grad != 0).sum() == 3
    changed = logits.detach().clone()
    changed[1, 1] = -7
    assert weighted_loss(changed, labels, torch.ones(2)) == loss


def test_a_batch_without_labels_has_loss_zero():
    logits = torch.zeros((1, 4, 3), requires_grad=True)
    loss = weighted_loss(logits, torch.full((1, 4, 3), -1), torch.ones(3))
    loss.backward()
    assert loss == 0
    assert not logits.grad.any()

"""The weighted multi-label loss (Sec. III-C, Eq. 3-5)."""

import sys

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from facs3d.core.action_units import UNKNOWN, au_column


def class_weights(labels: np.ndarray, action_units: tuple[int, ...]) -> np.ndarray:
    """Eq. 5: W_i = N (1/r_i) / Σ_j (1/r_j), with r_i the rate of AU i among its known ``labels``.

    ``labels`` (…, A) in {1, 0, -1 = unknown} are the training set's; returns (A,) float32, whose
    mean is 1. The equation has no value for an AU that never occurs: such an AU gets the mean
    weight, 1, is learned as absent, and is named on stderr; N then counts the others.
    """
    labels = labels.reshape(-1, labels.shape[-1])
    n_known = (labels != UNKNOWN).sum(axis=0)
    n_positive = (labels == 1).sum(axis=0)
    occurs = n_positive > 0
    for au, known in zip(np.array(action_units)[~occurs], n_known[~occurs], strict=True):
        found = f"never occurs in {known} training frames" if known else "has no training label"
        print(f"warning: {au_column(int(au))} {found}; it cannot be learned", file=sys.stderr)
    weights = np.ones(labels.shape[-1])
    inverse_rate = n_known[occurs] / n_positive[occurs]
    weights[occurs] = inverse_rate * occurs.sum() / inverse_rate.sum()
    return weights.astype(np.float32)


def weighted_loss(
    logits: Tensor, labels: Tensor, weights: Tensor, n_frames: Tensor | None = None
) -> Tensor:
    """Eq. 3 and 4, with the minus sign that Eq. 3 lacks, as one number for a batch.

    The sum of W_i · cross-entropy over a frame's known labels (Eq. 3 sums over AUs), and its mean
    over the frames that have one. ``logits`` and ``labels`` (…, A), labels in {1, 0, -1 = unknown,
    ignored}; ``weights`` (A,). Where nothing is known the loss is 0. ``n_frames``: what to divide
    by, where these are a part of a batch with so many frames with a known label; the parts' losses
    add up to the batch's.
    """
    known = labels != UNKNOWN
    total = functional.binary_cross_entropy_with_logits(
        logits, (labels == 1).to(logits.dtype), weight=weights * known, reduction="sum"
    )
    return total / torch.clamp(count_frames(labels) if n_frames is None else n_frames, min=1)


def count_frames(labels: Tensor) -> Tensor:
    """How many frames of ``labels`` (…, A) have a known label: a number, on the labels' device."""
    return (labels != UNKNOWN).any(dim=-1).sum()

"""Two learners that are equally good, trained again and again: what tests must not find.

A frame has two blocks of features that tell its label equally well, and each learner sees one of
them: least squares on the training subjects' frames, then noise as an initialisation leaves it. By
symmetry the expected difference is 0; that of one sample of subjects, split and training is not.
"""

from typing import NamedTuple

import numpy as np

N_SUBJECTS, N_FRAMES, N_FEATURES = 40, 40, 5
N_FOLDS, N_REPEATS = 5, 6


class Differences(NamedTuple):
    """Accuracy of one learner minus that of the other: ``by_subject`` (datasets, repeats,
    subjects), ``by_fold`` (datasets, repeats, folds); and each subject's ``fold``, from 0, as
    ``by_subject``."""

    by_subject: np.ndarray
    by_fold: np.ndarray
    fold: np.ndarray


def train_and_test(
    n_datasets: int, noise: float, seed: int, lead: float = 0.0, n_splits: int = N_REPEATS
) -> Differences:
    """Cross-validate both learners :data:`N_REPEATS` times, with other noise and on so many splits
    (as many repeats in succession on each), on each of the datasets.

    ``noise``: standard deviation of what a training adds to each weight, beside weights of norm 1;
    ``lead``: by how much more the first learner's features tell, as a share (0: equally good).
    """
    rng = np.random.default_rng(seed)
    frames = (n_datasets, N_SUBJECTS, N_FRAMES)
    features = rng.normal(size=(2, *frames, N_FEATURES))
    # What tells a label differs a little from subject to subject.
    truth = 0.4 + 0.1 * rng.normal(size=(2, n_datasets, N_SUBJECTS, 1, N_FEATURES))
    truth[0] *= 1 + lead
    label = np.sign((features * truth).sum(axis=(0, -1)) + rng.normal(size=frames))
    places = rng.random((n_datasets, n_splits, N_SUBJECTS)).argsort(axis=-1)
    fold = np.repeat(places % N_FOLDS, N_REPEATS // n_splits, axis=1)
    held_out = fold[:, :, np.newaxis] == np.arange(N_FOLDS)[:, np.newaxis]
    accuracy = []
    for seen in features:
        moments = np.einsum("dsfi,dsfj->dsij", seen, seen)
        products = np.einsum("dsfi,dsf->dsi", seen, label)
        trained = (~held_out).astype(float)
        gram = np.einsum("drks,dsij->drkij", trained, moments)
        answer = np.einsum("drks,dsi->drki", trained, products)
        weights = np.linalg.solve(gram, answer[..., np.newaxis])[..., 0]
        weights /= np.linalg.norm(weights, axis=-1, keepdims=True)
        weights += noise * rng.normal(size=weights.shape)
        own = np.take_along_axis(weights, fold[..., np.newaxis], axis=2)
        called = np.einsum("dsfi,drsi->drsf", seen, own) > 0
        accuracy.append((called == (label > 0)[:, np.newaxis]).mean(axis=-1))
    by_subject = accuracy[0] - accuracy[1]
    by_fold = np.einsum("drks,drs->drk", held_out, by_subject) / (N_SUBJECTS // N_FOLDS)
    return Differences(by_subject, by_fold, fold)

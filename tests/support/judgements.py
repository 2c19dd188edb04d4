"""Judgements of a made-up network."""

from math import isnan

from facs3d.training.judgement import Evidence, Judgement


def evidence(
    faces="some others", auc=(0.9,), found=None, false_calls=None, real=True, frames=100
) -> Evidence:
    """By default of numbers but the AUC nothing can be held against the network; of three people,
    if they are real, and so many frames with each AU, and without."""
    shares = found or (1.0,) * len(auc), false_calls or (0.0,) * len(auc)
    counts = (tuple(0 if isnan(value) else frames for value in its) for its in shares)
    return Evidence(faces, 3 * real, auc, *shares, *counts)


def judgement(trained_on, judged_on, auc, slope, intercept, threshold, real=True) -> Judgement:
    """By one evidence (:func:`evidence`)."""
    return Judgement(
        trained_on, slope, intercept, threshold, (evidence(judged_on, auc, real=real),)
    )

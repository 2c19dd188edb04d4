"""Judgements of a made-up network."""

from facs3d.training.judgement import Evidence, Judgement


def evidence(faces="some others", auc=(0.9,), found=None, false_calls=None, real=True) -> Evidence:
    """By default of numbers but the AUC nothing can be held against the network."""
    return Evidence(faces, real, auc, found or (1.0,) * len(auc), false_calls or (0.0,) * len(auc))


def judgement(trained_on, judged_on, auc, slope, intercept, threshold, real=True) -> Judgement:
    """By one evidence (:func:`evidence`)."""
    return Judgement(
        trained_on, slope, intercept, threshold, (evidence(judged_on, auc, real=real),)
    )

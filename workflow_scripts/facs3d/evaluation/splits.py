"""Which repeats share a split of the subjects, and differ in the weights' seed alone."""

import pandas as pd


def split_of_repeats(by_subject: pd.DataFrame) -> pd.Series:
    """Repeat -> number of its split, from 1; repeats whose folds hold the same subjects share one.

    ``by_subject``: :func:`facs3d.evaluation.metrics.metrics_of_runs` over subjects.
    """
    once = by_subject.drop_duplicates(["repeat", "subject"])
    folds = once.pivot(index="repeat", columns="subject", values="fold")
    return pd.Series(1 + pd.factorize(folds.apply(tuple, axis="columns"))[0], index=folds.index)


def average_over_seeds(by_fold: pd.DataFrame, by_subject: pd.DataFrame) -> pd.DataFrame:
    """The values ``by_fold``, the mean over the repeats of each split: ``model``, ``split``,
    ``fold``, ``au``, ``metric``, ``value``.

    Networks that were tested on the same people are no independent runs, however many they are.
    """
    split = by_fold["repeat"].map(split_of_repeats(by_subject))
    keys = ["model", "split", "fold", "au", "metric"]
    return by_fold.assign(split=split).groupby(keys, sort=False)["value"].mean().reset_index()

"""Of what a score is uncertain: which weights' seed, which split, which subjects.

Every repeat tests every subject once: subjects are crossed with splits, and seeds are nested in
splits. What a subject scores in a repeat is taken for the sum of the mean and independent random
effects: of the subject; of the split, and of the subject in that split; of the seed, which stands
for all trainings of a repeat, and of the subject with that seed, which is also what remains.
"""

from collections.abc import Mapping
from math import sqrt
from typing import NamedTuple

import numpy as np
import pandas as pd

from facs3d.core.errors import InputError
from facs3d.evaluation.splits import split_of_repeats
from facs3d.evaluation.tables import models_and_metrics

SEED, SPLIT, SUBJECT, SEED_AND_SPLIT = "seed", "split", "subject", "seed and split"
COLUMNS = (
    *("model", "baseline", "metric", "mean", "n_subjects", "n_splits", "seeds_per_split"),
    *("component", "common", "by_subject", "df", "sd"),
)


class Component(NamedTuple):
    """What one source adds to the variance of one repeat's mean over S subjects: ``common +
    by_subject / S``. ``df``: degrees of freedom with which its effect was estimated."""

    common: float
    by_subject: float
    df: int

    def of_repeat(self, n_subjects: int) -> float:
        """The variance of one repeat's mean over so many subjects."""
        return self.common + self.by_subject / n_subjects


class Size(NamedTuple):
    """Subjects, splits of them, and seeds in each split."""

    subjects: int
    splits: int
    seeds: int

    @property
    def repeats(self) -> int:
        return self.splits * self.seeds


def decompose(values: np.ndarray) -> dict[str, Component]:
    """Components of variance of ``values`` (P splits, W seeds, S subjects) without NaN, from the
    expected mean squares of the nested design; an estimate below 0 becomes 0.

    With W = 1 seed and split cannot be told apart and are one component. With P = 1 there is none
    of the split, and what that split does to a subject is the subject's.
    :class:`InputError` with fewer than two repeats or subjects.
    """
    n_splits, n_seeds, n_subjects = values.shape
    n_repeats = n_splits * n_seeds
    if n_repeats < 2 or n_subjects < 2:
        raise InputError(
            f"{n_repeats} repeats of {n_subjects} subjects, expected two or more of both: their "
            "variance cannot be estimated"
        )
    subject = n_repeats * float(np.var(values.mean(axis=(0, 1)), ddof=1))

    def of_subject(rest: float) -> Component:
        return Component(0.0, max(subject - rest, 0.0) / n_repeats, n_subjects - 1)

    if 1 in (n_splits, n_seeds):
        repeat, rest = _mean_squares(values.reshape(n_repeats, n_subjects))
        common = max(repeat - rest, 0.0) / n_subjects
        name = SEED if n_splits == 1 else SEED_AND_SPLIT
        return {name: Component(common, rest, n_repeats - 1), SUBJECT: of_subject(rest)}
    split, split_by_subject = (n_seeds * each for each in _mean_squares(values.mean(axis=1)))
    seed, rest = np.mean([_mean_squares(of_split) for of_split in values], axis=0).tolist()
    beyond = split - split_by_subject - seed + rest
    return {
        SEED: Component(max(seed - rest, 0.0) / n_subjects, rest, n_splits * (n_seeds - 1)),
        SPLIT: Component(
            max(beyond, 0.0) / (n_seeds * n_subjects),
            max(split_by_subject - rest, 0.0) / n_seeds,
            n_splits - 1,
        ),
        SUBJECT: of_subject(split_by_subject),
    }


def standard_error(components: Mapping[str, Component], size: Size) -> float:
    """Of the mean over all repeats and subjects, were there so many of them.

    What more subjects would do to the networks that learn from them is not in it.
    """
    drawn = {SUBJECT: 1, SPLIT: size.splits}
    return sqrt(
        sum(
            component.of_repeat(size.subjects) / drawn.get(name, size.repeats)
            for name, component in components.items()
        )
    )


def variance_table(by_subject: pd.DataFrame, reference: str) -> pd.DataFrame:
    """A row for each component of the variance of every model's score, and of every difference
    ``reference`` − baseline, in every metric: the columns :data:`COLUMNS`.

    ``by_subject``: :func:`facs3d.evaluation.metrics.metrics_of_runs` over subjects. A subject's
    score is the mean over the AUs whose metric is defined in its frames; a subject without any is
    left out, and so is a metric that fewer than two subjects have. ``baseline`` is missing for a
    model's own score. ``common``, ``by_subject``, ``df``: see :class:`Component`; ``sd`` is that of
    one repeat's mean over ``n_subjects``. Repeats whose folds hold the same subjects are of one
    split; were there more of some than of others, each would be taken for a split of its own.
    """
    models, metrics = models_and_metrics(by_subject)
    if reference not in models:
        raise InputError(f"no {reference!r} among the models {models}")
    split = split_of_repeats(by_subject)
    if split.value_counts().nunique() > 1:
        split = pd.Series(range(len(split)), split.index)
    order = split.sort_values(kind="stable").index
    n_splits = split.nunique()
    averages = by_subject.groupby(["metric", "model", "repeat", "subject"])["value"].mean()
    scores = averages.unstack("subject")
    pairs: list[tuple[str, str | None]] = [(model, None) for model in models]
    pairs += [(reference, model) for model in models if model != reference]
    rows = []
    for metric in metrics:
        for model, baseline in pairs:
            score = scores.loc[metric, model]
            if baseline is not None:
                score = score - scores.loc[metric, baseline]
            score = score.loc[order].dropna(axis="columns")
            n_repeats, n_subjects = score.shape
            if n_subjects < 2:
                continue
            n_seeds = n_repeats // n_splits
            values = score.to_numpy().reshape(n_splits, n_seeds, n_subjects)
            facts = (model, baseline, metric, values.mean(), n_subjects, n_splits, n_seeds)
            rows += [
                (*facts, name, *component, sqrt(component.of_repeat(n_subjects)))
                for name, component in decompose(values).items()
            ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def components_of(rows: pd.DataFrame) -> tuple[dict[str, Component], Size]:
    """The components of one score or difference, from its rows of :func:`variance_table`."""
    first = rows.iloc[0]
    size = Size(*(int(first[name]) for name in ("n_subjects", "n_splits", "seeds_per_split")))
    parts = rows[["component", "common", "by_subject", "df"]].itertuples(index=False, name=None)
    return {name: Component(*part) for name, *part in parts}, size


def _mean_squares(table: np.ndarray) -> tuple[float, float]:
    """Of a table (n, S): that of the row effect, and that of what rows and columns leave."""
    n_rows, n_columns = table.shape
    of_row, of_column = table.mean(axis=1, keepdims=True), table.mean(axis=0)
    rest = table - of_row - of_column + table.mean()
    between = n_columns * np.var(of_row, ddof=1)
    return float(between), float(np.square(rest).sum() / ((n_rows - 1) * (n_columns - 1)))

"""What networks lose on another dataset than the one they were trained on.

Within: each fold's network on the subjects held out from it, and the mean over the folds, as in
Table I. Across: each of the same networks on everybody of the other dataset, and the mean.
"""

from collections.abc import Mapping, Sequence
from dataclasses import astuple

import numpy as np
import pandas as pd

from facs3d.core.action_units import PRESENT, UNKNOWN
from facs3d.core.errors import InputError
from facs3d.core.seeding import generator
from facs3d.evaluation.metrics import OTHER_DATASET, metrics_of_runs
from facs3d.evaluation.resampling import (
    CHANCE,
    N_DRAWS,
    SCORES,
    Drawn,
    count_by_subject,
    draw_subjects,
)
from facs3d.evaluation.runs import Run, models_of
from facs3d.evaluation.significance import CONFIDENCE
from facs3d.evaluation.tables import AVERAGE
from facs3d.training.predictions import Predictions

SIDES = ("within", "across")
COLUMNS = (
    *("model", "other_dataset", "AU", "metric", *SIDES, "drop", "drop_low", "drop_high"),
    *(f"{name}_{side}" for name in ("chance", "base_rate", "n_subjects") for side in SIDES),
)

Runs = Mapping[Run, Predictions]


def compare_datasets(
    within: Runs, across: Runs, other: str, threshold: float, seed: int
) -> pd.DataFrame:
    """A row for each model, score and AU in common, with the columns :data:`COLUMNS`; values are in
    [0, 1], NaN where undefined.

    ``within``: held-out predictions; ``across``: those of the same networks on the dataset
    ``other``. ``drop`` is within minus across; ``drop_low`` and ``drop_high`` are its 95 %
    percentile interval by bootstrap: in each of :data:`N_DRAWS` draws the subjects of each fold
    (the first repeat's) and those of the other dataset are drawn with replacement, the same for all
    models and AUs. It is undefined if a fold or the other dataset has fewer than two subjects; the
    networks are taken as they are. ``chance`` is by :data:`facs3d.evaluation.resampling.CHANCE`;
    ``n_subjects`` have a known label of the AU. The row ``Ave`` is the mean of the AUs that are
    defined on both sides. Draws in which a drop is undefined (none of the people drawn shows the
    AU, say) are left out of its interval, and out of that of ``Ave`` draws in which one of its AUs
    is: so it is of the same AUs on both sides of every draw.

    Raises :class:`InputError` unless both are of the same networks and have an AU in common.
    """
    check_same_networks(within, across, other)
    aus = common_aus(within, across, other)
    rng = generator(seed, "across", other)
    # Of a fold all models predict the same frames, and of the other dataset all networks.
    folds = {run.fold: within[run] for run in within if run.repeat == 1}
    strata = [np.unique(predictions.subject) for _fold, predictions in sorted(folds.items())]
    everybody = next(iter(across.values()))
    drawn = draw_subjects(strata, N_DRAWS, rng)
    drawn_across = draw_subjects([np.unique(everybody.subject)], N_DRAWS, rng)
    enough = all(len(subjects) > 1 for subjects in (*strata, drawn_across))
    facts = [_facts(au, side) for side in (list(folds.values()), [everybody]) for au in aus]
    rates, n_subjects = np.array(facts).reshape(2, len(aus), 2).transpose(2, 0, 1)
    rows = []
    for model in models_of(within):
        runs = [run for run in within if run.model == model]
        one = np.array([_scores(within[run], drawn, aus, threshold) for run in runs])
        two = np.array([_scores(across[run], drawn_across, aus, threshold) for run in runs])
        # The same networks on both sides: one whose own fold has no score counts on neither.
        two[~np.isfinite(one)] = np.nan
        both = np.stack([_mean(one), _mean(two)])
        for place, (metric, chance) in enumerate(CHANCE.items()):
            values = both[:, :, place]
            defined = np.isfinite(values[:, :, 0]).all(axis=0)
            values, *others = (
                _with_average(each, defined) for each in (values, chance(rates), rates)
            )
            others.append(np.column_stack([n_subjects, np.full(2, np.nan)]))
            for column, name in enumerate((*map(str, aus), AVERAGE)):
                facts_of = [side for each in others for side in each[:, column]]
                scores = _sides_and_drop(values[:, column], enough)
                rows.append((model, other, name, metric, *scores, *facts_of))
    counts = [name for name in COLUMNS if name.startswith("n_subjects")]
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype(dict.fromkeys(counts, "Int64"))


def check_same_networks(within: Runs, across: Runs, other: str) -> None:
    """Raise :class:`InputError` unless both are of the same networks, all with the same AUs."""
    if set(within) != set(across):
        odd = min(set(within) ^ set(across), key=astuple)
        raise InputError(
            f"{odd}: predictions of one dataset only; predict {other} with every network"
        )
    aus = next(iter(within.values())).action_units
    for place, runs in (("held-out subjects", within), (other, across)):
        for run, predictions in runs.items():
            if predictions.action_units != aus:
                raise InputError(
                    f"{run}: predicts AUs {list(predictions.action_units)} of {place}, expected "
                    f"{list(aus)} as of all networks; train and predict anew"
                )


def metrics_across(across: Runs, aus: Sequence[int], unit: str, threshold: float) -> pd.DataFrame:
    """:func:`facs3d.evaluation.metrics.metrics_of_runs` of the AUs in common."""
    table = metrics_of_runs(dict(across), unit, threshold, OTHER_DATASET)
    return table[table["au"].isin(aus)].reset_index(drop=True)


def common_aus(within: Runs, across: Runs, other: str) -> tuple[int, ...]:
    """The AUs with a known label in both; :class:`InputError` if there is none."""
    known = [_labelled(within), _labelled(across)]
    if not known[0] & known[1]:
        raise InputError(
            f"{other}: no AU has labels in both datasets; leave it out of evaluation.other_datasets"
        )
    return tuple(sorted(known[0] & known[1]))


def _labelled(runs: Runs) -> set[int]:
    return {
        au
        for predictions in runs.values()
        for au, label in zip(predictions.action_units, predictions.label.T, strict=True)
        if (label != UNKNOWN).any()
    }


def _scores(
    predictions: Predictions, drawn: Drawn, aus: Sequence[int], threshold: float
) -> np.ndarray:
    """Every score of every AU in every draw, (A, scores, draws)."""
    how_often = np.column_stack([drawn[name] for name in np.unique(predictions.subject)])
    values = []
    for au in aus:
        column = predictions.action_units.index(au)
        counts = count_by_subject(
            predictions.label[:, column],
            predictions.probability[:, column],
            predictions.subject,
            threshold,
        )
        values.append([score(counts, how_often) for score in SCORES.values()])
    return np.array(values)


def _facts(au: int, parts: Sequence[Predictions]) -> tuple[float, int]:
    """The AU's base rate, and how many subjects have a known label of it."""
    columns = [predictions.action_units.index(au) for predictions in parts]
    label = np.concatenate([p.label[:, i] for p, i in zip(parts, columns, strict=True)])
    subject = np.concatenate([predictions.subject for predictions in parts])
    known = label != UNKNOWN
    return float(np.mean(label[known] == PRESENT)), len(np.unique(subject[known]))


def _with_average(values: np.ndarray, defined: np.ndarray) -> np.ndarray:
    """``values`` (2, A, …) and, as one AU more, the mean of the ``defined`` ones (A,): NaN in a
    draw in which one of them is, on either side."""
    averaged = values[:, defined].swapaxes(0, 1)
    average = np.where(np.isfinite(averaged).all(axis=(0, 1)), _mean(averaged), np.nan)
    return np.concatenate([values, average[:, np.newaxis]], axis=1)


def _sides_and_drop(values: np.ndarray, enough: bool) -> tuple[float, ...]:
    """Within, across, their difference and its interval, of (2, draws) values: the first draw is
    everybody once."""
    drop = values[0] - values[1]
    low = high = np.nan
    drawn = drop[1:][np.isfinite(drop[1:])]
    if enough and np.isfinite(drop[0]) and len(drawn):
        tail = 50 * (1 - CONFIDENCE)
        low, high = np.percentile(drawn, [tail, 100 - tail])
    return *values[:, 0], drop[0], low, high


def _mean(values: np.ndarray) -> np.ndarray:
    """Mean over the first axis of what is defined there; NaN where nothing is."""
    defined = np.isfinite(values)
    total, n = np.where(defined, values, 0).sum(axis=0), defined.sum(axis=0)
    return np.divide(total, n, out=np.full(total.shape, np.nan), where=n > 0)

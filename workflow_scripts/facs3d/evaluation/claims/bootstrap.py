"""Table I again and again: of subjects drawn with replacement, and of repeats."""

from collections.abc import Mapping

import numpy as np

from facs3d.core.action_units import ABSENT, PRESENT
from facs3d.evaluation.claims.evidence import Scores
from facs3d.evaluation.resampling import (
    PAPER_SCORES,
    Drawn,
    count_by_subject,
    draw_subjects,
    ratio,
)
from facs3d.evaluation.runs import Run, models_of
from facs3d.training.predictions import Predictions

Runs = Mapping[Run, Predictions]


def scores_of_runs(runs: Runs, threshold: float, n_draws: int, rng: np.random.Generator) -> Scores:
    """The mean over all runs of each model, in ``1 + n_draws`` draws, the first of everybody once.

    A draw is one of all subjects and one of repeats, the same for all models, folds and AUs: what
    a person or a training does to one model is set against what it does to the others. AUs without
    a value of every metric and model are left out.
    """
    first = next(iter(runs))
    aus = runs[first].action_units
    subjects = np.unique(np.concatenate([one.subject for one in runs.values()]))
    drawn = draw_subjects([subjects], n_draws, rng)
    units = independent_repeats(runs)
    times = draw_repeats(len(units), n_draws, rng)
    weight = {repeat: times[:, place] for place, unit in enumerate(units) for repeat in unit}
    shape = (len(PAPER_SCORES), 1 + n_draws, len(aus))
    total = {model: np.zeros(shape) for model in models_of(runs)}
    count = {model: np.zeros(shape) for model in models_of(runs)}
    for run, predictions in runs.items():
        held_out = np.column_stack([drawn[name] for name in np.unique(predictions.subject)])
        for column in range(len(aus)):
            counts = count_by_subject(
                predictions.label[:, column],
                predictions.probability[:, column],
                predictions.subject,
                threshold,
            )
            for place, score in enumerate(PAPER_SCORES.values()):
                value = score(counts, held_out)
                of_value = np.where(np.isfinite(value), weight[run.repeat], 0)
                total[run.model][place, :, column] += of_value * np.nan_to_num(value)
                count[run.model][place, :, column] += of_value
    values = {model: ratio(total[model], count[model]) for model in total}
    known = np.all([np.isfinite(each[:, 0]).all(axis=0) for each in values.values()], axis=0)
    everybody = [
        predictions
        for run, predictions in runs.items()
        if (run.model, run.repeat) == (first.model, first.repeat)
    ]
    base_rate, jaccard = _of_labels(everybody, drawn)
    return Scores(
        tuple(au for au, kept in zip(aus, known, strict=True) if kept),
        {model: each[:, :, known] for model, each in values.items()},
        base_rate[:, known],
        jaccard[:, known][:, :, known],
        tuple(units),
    )


def independent_repeats(runs: Runs) -> list[tuple[int, ...]]:
    """The repeats that are drawn together, for they share a split; if all share one, each by
    itself, and other splits are then not among what is drawn."""
    of_split: dict[frozenset[frozenset[str]], list[int]] = {}
    for repeat in sorted({run.repeat for run in runs}):
        folds = {
            frozenset(one.subject.tolist()) for run, one in runs.items() if run.repeat == repeat
        }
        of_split.setdefault(frozenset(folds), []).append(repeat)
    groups = [tuple(repeats) for repeats in of_split.values()]
    return groups if len(groups) > 1 else [(repeat,) for repeat in groups[0]]


def draw_repeats(n_repeats: int, n_draws: int, rng: np.random.Generator) -> np.ndarray:
    """How often each repeat is in a draw, (1 + n_draws, n_repeats): first each once, then
    ``n_repeats - 1`` of them with replacement; a single one always.

    One fewer than there are, for a mean of as many would vary too little by (n - 1) / n (Rao & Wu,
    1988): of many subjects that is nothing, of three repeats a third.
    """
    everyone = np.ones((1, n_repeats), int)
    if n_repeats == 1:
        return np.repeat(everyone, 1 + n_draws, axis=0)
    share = np.full(n_repeats, 1 / n_repeats)
    return np.vstack([everyone, rng.multinomial(n_repeats - 1, share, size=n_draws)])


def _of_labels(everybody: list[Predictions], drawn: Drawn) -> tuple[np.ndarray, np.ndarray]:
    """Base rates (D, A), and Jaccard indices (D, A, A) of the frames that have both labels."""
    label = np.concatenate([predictions.label for predictions in everybody])
    subject = np.concatenate([predictions.subject for predictions in everybody])
    present, known = label == PRESENT, (label == PRESENT) | (label == ABSENT)
    pairs = np.zeros((3, len(drawn), *2 * label.shape[1:]))
    for row, name in enumerate(drawn):
        yes, coded = (part[subject == name].astype(float) for part in (present, known))
        both = yes.T @ yes
        pairs[:, row] = both, yes.T @ coded + coded.T @ yes - both, coded.T @ coded
    how_often = np.column_stack(list(drawn.values()))
    both, either, coded = (np.tensordot(how_often, part, 1) for part in pairs)
    aus = np.arange(label.shape[1])
    return ratio(both[:, aus, aus], coded[:, aus, aus]), ratio(both, either)

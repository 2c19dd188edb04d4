"""Table I in draws: the tables' own metrics, a bootstrap written out, and what is paired."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from facs3d.core.seeding import generator
from facs3d.evaluation.claims.bootstrap import draw_repeats, independent_repeats, scores_of_runs
from facs3d.evaluation.cooccurrence import cooccurrence, jaccard_matrix
from facs3d.evaluation.metrics import METRICS, PAPER_METRICS
from facs3d.evaluation.runs import Run
from facs3d.training.predictions import Predictions

AUS = (1, 6, 12)
SUBJECTS = tuple(f"F{number:03d}" for number in range(1, 13))
N_FRAMES = 40
SKILL = {"cnn2d": 0.6, "facs3d": 1.0}


def labels_of(subject: str) -> np.ndarray:
    random = generator(5, subject)
    label = (random.random((N_FRAMES, 3)) < random.uniform(0.2, 0.6, 3)).astype(np.int8)
    label[:2, 1] = -1
    return label


def run_of(model: str, repeat: int, fold: int, subjects) -> Predictions:
    label = np.concatenate([labels_of(subject) for subject in subjects])
    noise = generator(6, model, repeat, fold).normal(size=label.shape)
    return Predictions(
        video=np.repeat([f"{subject}_T1" for subject in subjects], N_FRAMES),
        subject=np.repeat(subjects, N_FRAMES),
        frame_number=np.tile(np.arange(N_FRAMES), len(subjects)),
        probability=1 / (1 + np.exp(-SKILL[model] * (2.0 * (label == 1) - 1) - noise)),
        label=label,
        action_units=AUS,
    )


def runs_of(splits: list[int]) -> dict[Run, Predictions]:
    """Two models, two folds, and a repeat for each split: subjects dealt out from so many places
    on."""
    runs = {}
    for model, (repeat, split), fold in product(SKILL, enumerate(splits, start=1), (1, 2)):
        dealt = SUBJECTS if split == 0 else SUBJECTS[split:] + SUBJECTS[:split]
        held_out = sorted(dealt[:6] if fold == 1 else dealt[6:])
        run = Run(model=model, repeat=repeat, fold=fold)
        runs[run] = run_of(model, repeat, fold, held_out)
    return runs


@pytest.fixture(scope="module")
def runs():
    return runs_of([0, 2, 4])


@pytest.fixture(scope="module")
def scores(runs):
    return scores_of_runs(runs, 0.5, 400, np.random.default_rng(1))


def test_everybody_once_is_the_mean_over_all_runs_of_the_tables_metrics(runs, scores):
    for model, metric, column in product(SKILL, PAPER_METRICS, range(3)):
        each = [
            METRICS[metric](one.label[:, column], one.probability[:, column], 0.5)
            for run, one in runs.items()
            if run.model == model
        ]
        assert len(each) == 6
        assert scores.of(model, metric)[0, column] == pytest.approx(np.mean(each))
    assert scores.repeats == ((1,), (2,), (3,))
    assert scores.action_units == AUS


def test_base_rates_and_jaccard_indices_are_of_everybodys_labels(scores):
    label = np.concatenate([labels_of(subject) for subject in SUBJECTS])
    rates = [np.mean(column[column >= 0] == 1) for column in label.T]
    np.testing.assert_allclose(scores.base_rate[0], rates)
    expected = jaccard_matrix(cooccurrence(label, AUS)).to_numpy()
    np.testing.assert_allclose(scores.jaccard[0], expected)


def test_draws_spread_as_a_bootstrap_written_out(runs, scores):
    """Subjects drawn by name, repeats one fewer than there are, frames concatenated."""
    random = np.random.default_rng(7)
    of_people = {
        (run.repeat, run.fold): {
            name: (one.label[one.subject == name, 0], one.probability[one.subject == name, 0])
            for name in np.unique(one.subject)
        }
        for run, one in runs.items()
        if run.model == "facs3d"
    }
    values = []
    for _ in range(400):
        people = random.choice(SUBJECTS, len(SUBJECTS))
        drawn = random.choice([1, 2, 3], 2)
        each = []
        for repeat, fold in product(drawn, (1, 2)):
            parts = of_people[repeat, fold]
            chosen = [parts[name] for name in people if name in parts]
            if chosen:
                label, probability = (np.concatenate(part) for part in zip(*chosen, strict=True))
                each.append(METRICS["F1"](label, probability, 0.5))
        values.append(np.mean(each))
    found = scores.of("facs3d", "F1")[1:, 0]
    assert found.std() == pytest.approx(np.std(values), rel=0.2)
    assert found.mean() == pytest.approx(np.mean(values), abs=0.01)


def test_models_are_drawn_alike(runs):
    """The same predictions under two names never differ."""
    twins = {
        run: replace(one, probability=runs[replace(run, model="facs3d")].probability)
        for run, one in runs.items()
    }
    scores = scores_of_runs(twins, 0.5, 50, np.random.default_rng(1))
    for metric in PAPER_METRICS:
        one, other = (scores.of(model, metric) for model in SKILL)
        np.testing.assert_array_equal(one, other)
        assert np.ptp(one[1:, 0]) > 0


def test_an_au_without_a_value_is_left_out(runs):
    never = {
        run: replace(one, label=np.where([True, False, False], 0, one.label).astype(np.int8))
        for run, one in runs.items()
    }
    scores = scores_of_runs(never, 0.5, 5, np.random.default_rng(1))
    assert scores.action_units == (6, 12)
    assert scores.of("cnn2d", "ACC").shape == scores.base_rate.shape == (6, 2)
    assert scores.jaccard.shape == (6, 2, 2)


@pytest.mark.parametrize(
    ("splits", "expected"),
    [
        ([0, 2, 4], [(1,), (2,), (3,)]),
        ([0, 0, 2, 2], [(1, 2), (3, 4)]),
        ([0, 0, 0], [(1,), (2,), (3,)]),
        ([0], [(1,)]),
    ],
)
def test_repeats_of_one_split_are_drawn_together(splits, expected):
    assert independent_repeats(runs_of(splits)) == expected


def test_the_mean_of_few_repeats_varies_as_much_as_it_should():
    """The variance of a mean of n values is s² / n, also of three."""
    values = np.array([1.0, 2.0, 6.0])
    drawn = draw_repeats(3, 20_000, np.random.default_rng(2))
    assert drawn[0].tolist() == [1, 1, 1]
    assert (drawn[1:].sum(axis=1) == 2).all()
    means = drawn[1:] @ values / 2
    assert means.var() == pytest.approx(np.var(values, ddof=1) / 3, rel=0.05)
    assert draw_repeats(1, 4, np.random.default_rng(2)).tolist() == [[1]] * 5

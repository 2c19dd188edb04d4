"""Components of variance: by hand, and against data that were drawn with known ones."""

import numpy as np
import pandas as pd
import pytest

from facs3d.core.errors import InputError
from facs3d.evaluation.variance import (
    SEED,
    SEED_AND_SPLIT,
    SPLIT,
    SUBJECT,
    Component,
    Size,
    components_of,
    decompose,
    standard_error,
    variance_table,
)

# Standard deviations of the effects that are drawn.
SUBJECTS, SPLITS, WITH_SPLIT, SEEDS, REST = 5.0, 2.0, 3.0, 1.5, 4.0


def draw(n_splits: int, n_seeds: int, n_subjects: int, rng: np.random.Generator) -> np.ndarray:
    """Values (P, W, S) about 60."""
    return (
        60
        + SUBJECTS * rng.normal(size=n_subjects)
        + SPLITS * rng.normal(size=(n_splits, 1, 1))
        + WITH_SPLIT * rng.normal(size=(n_splits, 1, n_subjects))
        + SEEDS * rng.normal(size=(n_splits, n_seeds, 1))
        + REST * rng.normal(size=(n_splits, n_seeds, n_subjects))
    )


def mean_components(sizes: tuple[int, int, int]) -> dict[str, np.ndarray]:
    """``common`` and ``by_subject`` of each component, the mean over 200 data sets."""
    rng = np.random.default_rng(4)
    found = [decompose(draw(*sizes, rng)) for _ in range(200)]
    return {name: np.mean([each[name][:2] for each in found], axis=0) for name in found[0]}


def test_by_hand_two_splits_of_two_seeds():
    # Subjects a, b, c in four repeats; effects without interaction, so that all is exact.
    # Subjects -3, 0, 3: variance 9. Split means 0 and 10: variance 50. Seeds ±1 in both splits:
    # variance 2, of which split means hold 2 / 2 = 1, so that 49 is left for the split.
    subjects = np.array([-3.0, 0.0, 3.0])
    values = np.array([[subjects - 1, subjects + 1], [subjects + 9, subjects + 11]])
    found = decompose(values)
    assert found[SEED] == pytest.approx(Component(2, 0, 2))
    assert found[SPLIT] == pytest.approx(Component(49, 0, 1))
    assert found[SUBJECT] == pytest.approx(Component(0, 9, 2))
    # 9 / 3 + 49 / 2 + 2 / 4 = 28.
    assert standard_error(found, Size(3, 2, 2)) == pytest.approx(np.sqrt(28))


def test_by_hand_with_an_interaction():
    # Two repeats of two subjects: 1, 5 and 3, 3. Means 3, 3 and 2, 4; what is left is ±1 four
    # times with one degree of freedom: 4. Between repeats 0 < 4: nothing. Between subjects
    # 2 · 2 = 4, less 4: nothing.
    found = decompose(np.array([[[1.0, 5.0]], [[3.0, 3.0]]]))
    assert found == {
        SEED_AND_SPLIT: pytest.approx(Component(0, 4, 1)),
        SUBJECT: pytest.approx(Component(0, 0, 1)),
    }


def test_known_components_are_found():
    found = mean_components((12, 4, 30))
    np.testing.assert_allclose(found[SEED], [SEEDS**2, REST**2], rtol=0.1)
    np.testing.assert_allclose(found[SPLIT], [SPLITS**2, WITH_SPLIT**2], rtol=0.1)
    np.testing.assert_allclose(found[SUBJECT], [0, SUBJECTS**2], rtol=0.1)


def test_one_seed_a_split_is_one_component():
    found = mean_components((40, 1, 30))
    assert list(found) == [SEED_AND_SPLIT, SUBJECT]
    expected = [SEEDS**2 + SPLITS**2, WITH_SPLIT**2 + REST**2]
    np.testing.assert_allclose(found[SEED_AND_SPLIT], expected, rtol=0.1)
    np.testing.assert_allclose(found[SUBJECT], [0, SUBJECTS**2], rtol=0.1)


def test_one_split_shows_nothing_of_splits():
    found = mean_components((1, 40, 30))
    assert list(found) == [SEED, SUBJECT]
    np.testing.assert_allclose(found[SEED], [SEEDS**2, REST**2], rtol=0.1)
    np.testing.assert_allclose(found[SUBJECT], [0, SUBJECTS**2 + WITH_SPLIT**2], rtol=0.1)


@pytest.mark.parametrize("size", [Size(30, 6, 2), Size(60, 6, 2), Size(30, 24, 1)])
def test_the_error_expected_of_other_sizes_is_that_of_data_of_these_sizes(size):
    rng = np.random.default_rng(5)
    true = {
        SEED: Component(SEEDS**2, REST**2, 1),
        SPLIT: Component(SPLITS**2, WITH_SPLIT**2, 1),
        SUBJECT: Component(0, SUBJECTS**2, 1),
    }
    means = [draw(size.splits, size.seeds, size.subjects, rng).mean() for _ in range(3000)]
    assert standard_error(true, size) == pytest.approx(np.std(means), rel=0.05)


@pytest.mark.parametrize("shape", [(1, 1, 9), (2, 2, 1)])
def test_too_little_to_tell_is_named(shape):
    with pytest.raises(InputError, match=f"{shape[0] * shape[1]} repeats of {shape[2]} subjects"):
        decompose(np.ones(shape))


def by_subject(values: np.ndarray, folds: np.ndarray) -> pd.DataFrame:
    """The F1 of one model: ``values`` (repeats, subjects, AUs), ``folds`` (repeats, subjects)."""
    repeat, subject, au = np.indices(values.shape).reshape(3, -1)
    return pd.DataFrame(
        {
            "model": "facs3d",
            "repeat": repeat + 1,
            "fold": folds[repeat, subject],
            "subject": [f"F{s:03d}" for s in subject],
            "au": au + 1,
            "metric": "F1",
            "value": values.ravel(),
        }
    )


FOLDS = np.array([[1, 1, 2, 2], [1, 1, 2, 2], [1, 2, 1, 2], [1, 2, 1, 2]])
VALUES = np.random.default_rng(6).random((4, 4, 2))


def table_of(values: np.ndarray, folds: np.ndarray = FOLDS) -> pd.DataFrame:
    reference, baseline = by_subject(values, folds), by_subject(VALUES, folds)
    both = pd.concat([baseline.assign(model="cnn2d"), reference])
    return variance_table(both, "facs3d").set_index(["model", "component"])


def test_a_subject_s_score_is_the_mean_over_its_aus_and_splits_follow_from_the_folds():
    values = VALUES.copy()
    values[:, 1, 0] = np.nan
    values[:, 3] = np.nan
    table = table_of(values)
    row = table[table["baseline"].isna()].loc["facs3d"]
    assert row.index.tolist() == [SEED, SPLIT, SUBJECT]
    score = np.stack([values[:, 0].mean(axis=-1), values[:, 1, 1], values[:, 2].mean(axis=-1)], -1)
    expected = decompose(score.reshape(2, 2, 3))
    found, size = components_of(row.reset_index())
    assert size == Size(3, 2, 2)
    for name, component in expected.items():
        assert found[name] == pytest.approx(component)
    assert row["mean"].tolist() == pytest.approx([score.mean()] * 3)
    assert row.loc[SUBJECT, "sd"] == pytest.approx(np.sqrt(expected[SUBJECT].by_subject / 3))


def test_differences_are_the_reference_minus_the_baseline():
    table = table_of(VALUES + np.array([0.0, 0.0, 0.2, 0.2])[:, np.newaxis, np.newaxis])
    row = table[table["baseline"] == "cnn2d"].loc["facs3d"]
    assert row["mean"].tolist() == pytest.approx([0.1] * 3)
    assert row.loc[SPLIT, "common"] == pytest.approx(0.02)
    assert row.loc[[SEED, SUBJECT], ["common", "by_subject"]].to_numpy() == pytest.approx(0)


def test_splits_of_unlike_many_repeats_are_not_told_from_seeds():
    table = table_of(VALUES, FOLDS[[0, 0, 0, 2]])
    assert table["n_splits"].unique().tolist() == [4]
    assert table.loc["facs3d"].index.unique().tolist() == [SEED_AND_SPLIT, SUBJECT]


def test_a_metric_that_one_subject_has_is_left_out_and_a_missing_reference_named():
    only = np.where(np.arange(4)[:, np.newaxis] == 0, VALUES, np.nan)
    table = by_subject(only, FOLDS)
    assert variance_table(table, "facs3d").empty
    with pytest.raises(InputError, match="no 'cnn2d' among the models"):
        variance_table(table, "cnn2d")

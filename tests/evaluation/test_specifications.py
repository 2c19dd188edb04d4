"""All specifications together: numbers by hand and by least squares, order, shares."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from scipy import optimize

from facs3d.core.errors import InputError
from facs3d.evaluation.multiverse import RESULTS
from facs3d.evaluation.specifications import (
    CLAIMS,
    is_own,
    number_specifications,
    read_choices,
    table_of_choices,
    variance_explained,
)

CHOICES = {"training.epochs": ["24", "12"], "average": ["folds", "pooled"]}


def evaluations(training: str, epochs: str, differences: dict[str, float]) -> pd.DataFrame:
    rows = []
    for average, difference in differences.items():
        for metric in ("AUC", "F1"):
            p = 0.01 if abs(difference) > 0.02 else 0.4
            verdict = "better" if difference > 0 else "worse"
            row = dict.fromkeys(RESULTS, 0) | {
                "metric": metric,
                "difference": difference,
                "low": difference - 0.02,
                "high": difference + 0.02,
                "p": p,
                "aus": 12,
                "verdict": "significantly " * (p < 0.05) + verdict,
                "aus_better": 10 if difference > 0.01 else 9,
                "aus_significantly_better": 10 if difference > 0.03 else 2,
            }
            rows.append({"average": average, "training": training, **row})
    return pd.DataFrame(rows).assign(**{"training.epochs": epochs})


@pytest.fixture
def table():
    tables = [
        evaluations("b", "12", {"pooled": -0.03, "folds": 0.0}),
        evaluations("own", "24", {"folds": 0.04, "pooled": 0.02}),
    ]
    return number_specifications(tables, CHOICES)


def test_specifications_are_numbered_in_the_order_of_the_choices_values(table):
    auc = table[table["metric"] == "AUC"]
    assert auc["specification"].tolist() == [1, 2, 3, 4]
    assert auc["training"].tolist() == ["own", "own", "b", "b"]
    assert auc["average"].tolist() == ["folds", "pooled", "folds", "pooled"]
    assert auc["difference"].tolist() == [0.04, 0.02, 0.0, -0.03]
    assert table["metric"].tolist() == ["AUC", "F1"] * 4
    assert is_own(table, CHOICES).tolist() == [True, True] + [False] * 6


def test_hand_worked_shares_and_variance(table):
    """24 epochs: 4 and 2, 12: 0 and -3, mean 0.75; sums of squares by 2 x 2 analysis of variance:
    total 26.75, of epochs 4 (2.25)^2 = 20.25, of averages 4 (1.25)^2 = 6.25, rest 0.25."""
    of_choices = table_of_choices(table, CHOICES)
    auc = of_choices[of_choices["metric"] == "AUC"].set_index(["choice", "value"])
    everything = auc.loc["(all)", ""]
    assert everything["specifications"] == 4
    assert everything["median_difference"] == pytest.approx(0.01)
    expected = {
        "better": 2 / 4,
        "interval_above_0": 1 / 4,
        "significantly_better": 1 / 4,
        "significantly_worse": 1 / 4,
        "most_aus_better": 2 / 4,
        "most_aus_significantly_better": 1 / 4,
    }
    assert everything[list(CLAIMS)].to_dict() == expected
    assert auc.loc[("training.epochs", "24"), "better"] == 1
    assert auc.loc[("average", "pooled"), "median_difference"] == pytest.approx(-0.005)
    explained = auc["variance_explained"].dropna()
    assert explained.to_dict() == pytest.approx(
        {
            ("training.epochs", "24"): 20.25 / 26.75,
            ("average", "folds"): 6.25 / 26.75,
            ("(together)", ""): 0.25 / 26.75,
        }
    )


def test_what_has_no_difference_has_no_part(table):
    table.loc[table["specification"] == 4, ["difference", "low", "high"]] = np.nan
    of_choices = table_of_choices(table, CHOICES).set_index(["metric", "choice", "value"])
    assert of_choices.loc[("F1", "(all)", ""), "specifications"] == 3
    assert of_choices.loc[("F1", "average", "pooled"), "specifications"] == 1


def test_a_full_grid_is_parted_as_by_the_means_of_its_values():
    """Eta squared by its definition: the variance of the values' means."""
    random = np.random.default_rng(4)
    grid = pd.DataFrame(list(product("ab", "cde", "fg")), columns=["x", "y", "z"])
    difference = random.normal(size=len(grid)) + 2 * (grid["x"] == "b").to_numpy()
    found = variance_explained(difference, grid)
    for name in grid:
        means = pd.Series(difference).groupby(grid[name]).transform("mean")
        assert found[name] == pytest.approx(means.var(ddof=0) / difference.var())
    assert sum(found.values()) == pytest.approx(1)
    assert found["x"] == max(found[name] for name in grid)


def test_of_some_combinations_a_choice_explains_what_no_other_can():
    """By a general minimiser, not by linear algebra: residuals with and without each choice."""
    random = np.random.default_rng(5)
    grid = pd.DataFrame(list(product("ab", "cde", "fg")), columns=["x", "y", "z"])
    grid = grid.iloc[[0, 1, 2, 4, 5, 7, 8, 9, 11]].reset_index(drop=True)
    difference = random.normal(size=len(grid))

    def residual(names: list[str]) -> float:
        columns = [grid[name] == value for name in names for value in sorted(set(grid[name]))[1:]]

        def loss(weights: np.ndarray) -> float:
            effects = sum((w * c for w, c in zip(weights[1:], columns, strict=True)), weights[0])
            return float(np.sum((difference - effects) ** 2))

        start = np.zeros(len(columns) + 1)
        return optimize.minimize(loss, start, tol=1e-12).fun

    total = np.sum((difference - difference.mean()) ** 2)
    found = variance_explained(difference, grid)
    rest = residual(["x", "y", "z"])
    for name in grid:
        without = residual([other for other in grid if other != name])
        assert found[name] == pytest.approx((without - rest) / total, abs=1e-6)
    assert found["(together)"] == pytest.approx(rest / total, abs=1e-6)


def test_of_equal_differences_nothing_is_explained():
    chosen = pd.DataFrame({"x": ["a", "b"]})
    found = variance_explained(np.array([0.1, 0.1]), chosen)
    assert np.isnan(list(found.values())).all()


def test_what_is_no_table_of_these_choices_is_named(table):
    for wrong in ({"training.epochs": ["24"]}, {"training.dropout": ["0"]}):
        with pytest.raises(InputError, match=f"specifications: expected {next(iter(wrong))} to be"):
            number_specifications([table], wrong)


def test_choices_are_read_in_the_words_of_the_tables():
    text = '{"training.class_weights": [true, false], "architecture.channels": [[4, 8], [2]]}'
    assert read_choices(text) == {
        "training.class_weights": ["true", "false"],
        "architecture.channels": ["4 8", "2"],
    }

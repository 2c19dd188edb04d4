"""Table I over repeats: its means, what is pooled, and what is bold."""

import numpy as np
import pandas as pd
import pytest

from facs3d.evaluation.tables import table_one
from facs3d.report.metric_tables import table_one_grid
from tests.support.small_metrics import small_metrics, small_pooled


def with_second_repeat(metrics: pd.DataFrame, more: dict[str, float]) -> pd.DataFrame:
    """The same again as repeat 2, ``more`` by model."""
    again = metrics.assign(repeat=2, value=metrics["value"] + metrics["model"].map(more))
    return pd.concat([metrics, again])


def repeated_table(more: dict[str, float]) -> pd.DataFrame:
    return table_one(
        with_second_repeat(small_metrics(), more), with_second_repeat(small_pooled(), more)
    )


def test_table_one_of_two_repeats_by_hand():
    table = repeated_table({"a": 0.02, "b": 0.1}).set_index("AU")
    once = table_one(small_metrics(), small_pooled()).set_index("AU")
    assert table["F1_a"].tolist() == pytest.approx([31, 51, 41, 21])
    # Within each repeat the folds spread as they did; the repeats' means are 2 and 10 points apart.
    assert table["F1_a_sd"].tolist() == pytest.approx(once["F1_a_sd"].tolist(), nan_ok=True)
    assert table["F1_a_noise"].tolist() == pytest.approx([np.sqrt(2)] * 4)
    assert table["F1_b_noise"].tolist() == pytest.approx([np.sqrt(50)] * 4)
    assert table["F1_n_folds"].tolist()[:2] == [4, 2]
    assert table[["n_positive", "n_frames"]].equals(once[["n_positive", "n_frames"]])
    assert once["F1_a_noise"].isna().all()


def test_the_sd_is_pooled_over_repeats_by_degrees_of_freedom():
    metrics = small_metrics().query("model == 'a' and au == 1")
    more = pd.DataFrame({"fold": [1, 2, 3], "value": [0.1, 0.4, 0.1]})
    more = more.assign(model="a", repeat=2, au=1, metric="F1", n_positive=1, n_frames=9)
    pooled = small_pooled().query("model == 'a'")
    table = table_one(pd.concat([metrics, more]), pooled).set_index("AU")
    # Variances 200 of two folds (df 1) and 300 of three (df 2).
    assert table.loc["1", "F1_a_sd"] == pytest.approx(np.sqrt((200 + 2 * 300) / 3))


@pytest.mark.parametrize(
    ("more", "best"),
    [
        # a leads by nothing; b by 10 and 20 points, its noise is 0.
        ({"a": 0.0, "b": 0.0}, ["F1_b", "F1_b"]),
        # b's means are 14.1 points apart in both AUs, its leads 10 + 10 and 20 + 10.
        ({"a": 0.0, "b": 0.2}, ["F1_b", "F1_b"]),
        # a's noise counts as well: 17.7 beside leads of -2.5 and 7.5.
        ({"a": 0.25, "b": 0.0}, [None, None]),
        # 21.2 beside 25 and 35, and 35.4 beside 35 and 45.
        ({"a": 0.0, "b": 0.3}, ["F1_b", "F1_b"]),
        ({"a": 0.0, "b": 0.5}, [None, "F1_b"]),
    ],
)
def test_bold_is_a_lead_that_exceeds_the_noise_floor_of_both(more, best):
    table = repeated_table(more)
    grid = table_one_grid(table, ["a", "b"], ["F1"])
    for row, expected in zip(grid.rows, best, strict=False):
        found = [name for name, cell in zip(("F1_a", "F1_b"), row[2:], strict=True) if cell.best]
        assert found == ([expected] if expected else [])
    assert any("noise = noise floor" in note for note in grid.notes)
    assert any("share a split the noise floor holds no noise of splits" in n for n in grid.notes)
    assert "of held-out subjects" in grid.caption


def test_one_repeat_says_that_it_cannot_tell_a_lead_from_noise():
    grid = table_one_grid(table_one(small_metrics(), small_pooled()), ["a", "b"], ["F1"])
    assert any("one repeat cannot tell a lead from noise" in note for note in grid.notes)
    assert not any("noise" in line for row in grid.rows for cell in row for line in cell.details)

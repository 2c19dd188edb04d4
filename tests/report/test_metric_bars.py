"""Metric bars: heights are Table I's means, points the folds'."""

import numpy as np
import pandas as pd
import pytest

from facs3d.core.errors import InputError
from facs3d.evaluation.metrics import METRICS, metrics_of_runs
from facs3d.evaluation.runs import Run
from facs3d.report.figures.metric_bars import draw_metric_bars
from tests.support.fake_results import AUS, MODELS, predictions_of
from tests.support.figure_checks import assert_drawn, texts


def by_fold(models=MODELS, folds=(1, 2, 3)) -> pd.DataFrame:
    runs = {Run(model, 1, fold): predictions_of(model, fold) for model in models for fold in folds}
    return metrics_of_runs(runs, "fold", 0.5)


def values(table, model, metric, au):
    rows = (table.model == model) & (table.metric == metric) & (table.au == au)
    return 100 * table[rows].value.to_numpy()


def test_bars_are_means_and_points_are_folds():
    table = by_fold()
    figure = draw_metric_bars(table)
    assert_drawn(figure)
    assert [axes.get_ylabel() for axes in figure.axes] == [
        f"{name} (%)" for name in ("F1", "ACC", "NA", "AUC", "S", "PR-AUC")
    ]
    axes = figure.axes[list(METRICS).index("ACC")]
    for place, model in enumerate(MODELS):
        bars = axes.containers[place]
        assert bars.get_label() == {"cnn2d": "2D CNN", "facs3d": "FACS3D-Net"}.get(
            model, "2D CNN-LSTM"
        )
        expected = [values(table, model, "ACC", au) for au in AUS]
        heights = [bar.get_height() for bar in bars]
        np.testing.assert_allclose(heights, [*map(np.mean, expected), np.mean(expected)])
        for fold in range(3):
            points = axes.lines[3 * place + fold]
            drawn = points.get_ydata()
            np.testing.assert_allclose(drawn[:3], [of_au[fold] for of_au in expected])
            np.testing.assert_allclose(drawn[3], np.mean([of_au[fold] for of_au in expected]))
            inside = [abs(x - bar.get_x() - bar.get_width() / 2) < bar.get_width() / 2
                      for x, bar in zip(points.get_xdata(), bars, strict=True)]  # fmt: skip
            assert all(inside)
    ticks = [text.get_text() for text in figure.axes[-1].get_xticklabels()]
    assert ticks == ["AU 1", "AU 12", "AU 24", "Ave"]


def test_an_average_of_folds_is_over_the_aus_that_all_folds_define():
    table = by_fold(("facs3d",))
    axes = draw_metric_bars(table).axes[list(METRICS).index("F1")]
    # AU 24 occurs in fold 1 alone, so the folds' averages leave it out; the bar, as Table I, does
    # not.
    expected = [values(table, "facs3d", "F1", au) for au in AUS]
    assert np.isnan(expected[2][1:]).all()
    assert axes.lines[0].get_ydata()[3] == pytest.approx(np.mean([expected[0][0], expected[1][0]]))
    assert axes.containers[0][3].get_height() == pytest.approx(
        np.mean([expected[0].mean(), expected[1].mean(), expected[2][0]])
    )


def test_what_no_fold_defines_is_said():
    figure = draw_metric_bars(by_fold(folds=(2, 3)))
    assert_drawn(figure)
    f1 = figure.axes[list(METRICS).index("F1")]
    assert [text.get_text() for text in f1.texts] == ["undefined"] * 3, "AU 24, three models"


def test_one_model_and_one_fold():
    figure = draw_metric_bars(by_fold(("facs3d",), (1,)))
    assert_drawn(figure)
    assert len(figure.axes[0].lines) == 2, "a fold, and the line at 0"
    assert "FACS3D-Net" in texts(figure)


def test_values_below_zero_stay_in_sight():
    table = by_fold()
    table.loc[table.metric == "S", "value"] -= 1
    axes = draw_metric_bars(table).axes[list(METRICS).index("S")]
    assert axes.get_ylim()[0] <= 100 * table[table.metric == "S"].value.min()


def test_what_is_no_table_of_metrics_by_fold_is_named():
    with pytest.raises(InputError, match="expected .*'fold'.* found the columns"):
        draw_metric_bars(by_fold().drop(columns="fold"))
    with pytest.raises(InputError, match="found no row"):
        draw_metric_bars(by_fold().iloc[:0])

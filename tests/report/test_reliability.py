"""Reliability diagram: bins against scikit-learn and by hand."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.calibration import calibration_curve

from facs3d.evaluation.runs import Run, pool
from facs3d.report.figures.reliability import draw_reliability, reliability_of
from tests.support.fake_results import MODELS, predictions_of
from tests.support.figure_checks import assert_drawn, texts


@given(st.integers(1, 300), st.integers(0, 1000), st.booleans())
def test_bins_are_those_of_scikit_learn(n_frames, seed, on_edges):
    random = np.random.default_rng(seed)
    probability = random.random(n_frames).round(1 if on_edges else 9)
    label = (random.random(n_frames) < probability).astype(np.int8)
    observed, predicted = calibration_curve(label, probability, n_bins=10)
    found = reliability_of(label, probability)
    filled = found.count > 0
    np.testing.assert_allclose(found.observed[filled], observed)
    np.testing.assert_allclose(found.predicted[filled], predicted)
    assert found.count.sum() == n_frames


def test_the_calibration_error_by_hand():
    label = np.array([1, 0, 0, 1, 1, -1], np.int8)
    probability = np.array([0.1, 0.1, 0.1, 0.9, 0.8, 0.5])
    found = reliability_of(label, probability)
    assert found.count.tolist() == [3, 0, 0, 0, 0, 0, 0, 1, 1, 0], "0.5 is of an unknown label"
    # |1/3 - 0.1| for three predictions, |1 - 0.8| and |1 - 0.9| for one each.
    assert found.error == pytest.approx((3 * (1 / 3 - 0.1) + 0.2 + 0.1) / 5)


def test_what_is_never_sure_of_anything_is_calibrated_at_the_base_rate():
    label = np.array([1, 0, 0, 0] * 50, np.int8)
    assert reliability_of(label, np.full(200, 0.25)).error == pytest.approx(0)


def test_a_panel_a_model_with_its_counts():
    runs = {Run(m, 1, fold): predictions_of(m, fold) for m in MODELS for fold in (1, 2, 3)}
    figure = draw_reliability(runs)
    assert_drawn(figure)
    assert [axes.get_title() for axes in figure.axes[:3]] == [
        "2D CNN",
        "2D CNN-LSTM",
        "FACS3D-Net",
    ]
    label, probability = pool(runs, "facs3d")
    expected = reliability_of(label, probability)
    thick = max(figure.axes[2].lines, key=lambda line: line.get_linewidth())
    np.testing.assert_array_equal(thick.get_ydata(), expected.observed[expected.count > 0])
    np.testing.assert_array_equal(figure.axes[5].patches[0].get_data().values, expected.count)
    assert expected.count.sum() == (label != -1).sum()
    assert f"calibration error {100 * expected.error:.1f} %" in texts(figure)
    assert figure.axes[5].get_yscale() == "log"


@pytest.mark.parametrize(("label", "said"), [(0, "calibration error"), (-1, "no frame is coded")])
def test_one_model_and_fold_without_positives_or_without_labels(label, said):
    predictions = predictions_of("facs3d", 1)
    same = replace(predictions, label=np.full_like(predictions.label, label))
    figure = draw_reliability({Run("facs3d", 1, 1): same})
    assert_drawn(figure)
    assert said in texts(figure)
    assert "nan" not in texts(figure)

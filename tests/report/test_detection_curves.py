"""ROC and precision-recall curves: the numbers are scikit-learn's, and gaps are said."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import auc, average_precision_score, roc_auc_score

from facs3d.core.errors import InputError
from facs3d.evaluation.runs import Run, pool
from facs3d.report.figures.detection_curves import (
    draw_precision_recall_curves,
    draw_roc_curves,
    precision_recall_of,
    roc_of,
)
from tests.support.fake_results import AUS, MODELS, N_FOLDS, predictions_of
from tests.support.figure_checks import assert_drawn, texts

DRAW = pytest.mark.parametrize("draw", [draw_roc_curves, draw_precision_recall_curves])


@pytest.fixture
def runs():
    return {
        Run(m, 1, fold): predictions_of(m, fold) for m in MODELS for fold in range(1, N_FOLDS + 1)
    }


def relabelled(runs, column, label):
    """The runs with one AU's labels all equal to ``label``."""

    def change(predictions):
        labels = predictions.label.copy()
        labels[:, column] = label
        return replace(predictions, label=labels)

    return {run: change(predictions) for run, predictions in runs.items()}


def line(axes, start):
    return next(line for line in axes.lines if line.get_label().startswith(start))


def test_pooling_puts_the_folds_one_after_another(runs):
    label, probability = pool(runs, "facs3d")
    parts = [runs[Run("facs3d", 1, fold)] for fold in (1, 2, 3)]
    np.testing.assert_array_equal(label, np.concatenate([part.label for part in parts]))
    np.testing.assert_array_equal(probability, np.concatenate([part.probability for part in parts]))
    runs[Run("facs3d", 1, 2)] = replace(runs[Run("facs3d", 1, 2)], action_units=(1, 12, 25))
    with pytest.raises(InputError, match="facs3d: its folds were trained on different AUs"):
        pool(runs, "facs3d")


def test_roc_curves_are_those_of_all_held_out_frames(runs):
    figure = draw_roc_curves(runs)
    assert_drawn(figure)
    label, probability = pool(runs, "cnn2d")
    known = label[:, 1] != -1
    expected = roc_auc_score(label[known, 1], probability[known, 1])
    drawn = line(figure.axes[1], "2D ")
    assert drawn.get_label() == f"2D {expected:.3f}"
    assert auc(*drawn.get_data()) == pytest.approx(expected, abs=1e-12)
    share = 100 * np.mean(label[known, 1])
    assert figure.axes[1].get_title() == f"AU 12 lip corner puller ({share:.0f} % positive)"
    legend = [text.get_text() for text in figure.legends[0].get_texts()]
    assert legend == ["2D CNN (2D)", "2D CNN-LSTM (LSTM)", "FACS3D-Net (3D)", "chance"]


def test_precision_recall_curves_have_the_base_rate_as_chance(runs):
    figure = draw_precision_recall_curves(runs)
    assert_drawn(figure)
    label, probability = pool(runs, "facs3d")
    known = label[:, 0] != -1
    drawn = line(figure.axes[0], "3D ")
    expected = average_precision_score(label[known, 0], probability[known, 0])
    assert drawn.get_label() == f"3D {expected:.3f}"
    recall, precision = (values[::-1] for values in drawn.get_data())
    assert np.sum(np.diff(recall, prepend=0) * precision) == pytest.approx(expected, abs=1e-12)
    assert drawn.get_drawstyle() == "steps-post", "the steps whose area that is"
    assert line(figure.axes[0], "chance").get_ydata() == [np.mean(label[known, 0])] * 2


@given(st.integers(2, 60), st.integers(0, 1000), st.booleans())
def test_curves_enclose_the_area_they_name(n_frames, seed, ties):
    random = np.random.default_rng(seed)
    true = random.permutation(np.arange(n_frames) % 3 == 0)
    probability = random.random(n_frames).round(1 if ties else 9)
    x, y, area = roc_of(true, probability)
    wins = np.sign(probability[true][:, None] - probability[~true][None])
    assert area == pytest.approx(np.mean((wins + 1) / 2))
    assert auc(x, y) == pytest.approx(area)
    recall, precision, average = precision_recall_of(true, probability)
    assert np.sum(-np.diff(recall, append=0) * precision) == pytest.approx(average)


@DRAW
@pytest.mark.parametrize(
    ("label", "said"), [(0, "is coded present"), (1, "is coded absent"), (-1, "no frame\nis coded")]
)
def test_an_au_without_both_kinds_of_frames_says_why_it_has_no_curve(runs, draw, label, said):
    figure = draw(relabelled(runs, 2, label))
    assert_drawn(figure)
    assert not figure.axes[2].lines
    assert said in figure.axes[2].texts[0].get_text()
    assert figure.axes[1].lines


@DRAW
def test_one_model_one_fold_one_au(runs, draw):
    predictions = runs[Run("facs3d", 1, 1)]
    one = replace(
        predictions,
        probability=predictions.probability[:, :1],
        label=predictions.label[:, :1],
        action_units=AUS[:1],
    )
    figure = draw({Run("facs3d", 1, 1): one})
    assert_drawn(figure)
    assert len(figure.axes) == 1
    assert "FACS3D-Net (3D)" in texts(figure)


@DRAW
def test_a_fourth_model_and_five_aus_have_their_places(runs, draw):
    def widened(predictions):
        return replace(
            predictions,
            probability=predictions.probability[:, [0, 1, 2, 0, 1]],
            label=predictions.label[:, [0, 1, 2, 0, 1]],
            action_units=(1, 12, 24, 2, 6),
        )

    runs |= {Run("resnet", 1, run.fold): one for run, one in runs.items() if run.model == "cnn2d"}
    figure = draw({run: widened(predictions) for run, predictions in runs.items()})
    assert_drawn(figure)
    assert len(figure.axes) == 5
    assert len(figure.axes[0].lines) == 5
    assert [bool(axes.get_xlabel()) for axes in figure.axes] == [False, False, True, True, True]

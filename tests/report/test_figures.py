"""Figures: what they show, what they say where nothing can be shown, and files fit to keep."""

from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.image import imread

from facs3d.core.action_units import PAPER_AUS, au_column
from facs3d.evaluation.cooccurrence import cooccurrence, jaccard_matrix
from facs3d.evaluation.metrics import metrics_of_runs
from facs3d.evaluation.occlusion.maps import read_occlusion
from facs3d.evaluation.runs import Run, read_histories
from facs3d.preprocessing.alignment import RegistrationSettings
from facs3d.preprocessing.clips import create_clips, open_clips
from facs3d.preprocessing.expected_input import ExpectedInput
from facs3d.report.figures.au_regions import draw_au_regions
from facs3d.report.figures.cooccurrence import draw_cooccurrence
from facs3d.report.figures.detection_curves import draw_precision_recall_curves, draw_roc_curves
from facs3d.report.figures.metric_bars import draw_metric_bars
from facs3d.report.figures.occlusion_maps import OcclusionMapSettings, draw_occlusion_maps
from facs3d.report.figures.registered_faces import (
    RegisteredFacesSettings,
    draw_registered_faces,
    expected_eyes,
)
from facs3d.report.figures.style import model_lines, save_figure, text_colour_on
from facs3d.report.figures.training_curves import draw_training_curves
from tests.support.fake_results import AUS, MODELS, SIDE, write_occlusion
from tests.support.figure_checks import assert_drawn, dots_per_inch, texts
from tests.support.scripts import run_process, run_script


def run_quietly(run, folder: Path, name: str, *arguments: str | Path) -> None:
    """Run a script of the workflow in ``folder``; it must say nothing on stderr."""
    done = run(name, *arguments, folder=folder)
    assert done.returncode == 0, done.stderr
    assert done.stderr == "", "a warning"


COMMANDS = {
    "au_cooccurrence": "--clips clips.h5 --output-table t.csv --output-table-html t.html",
    "render_occlusion_maps": "--occlusion fold1.h5",
    "plot_time_course": "--clips clips.h5 --predictions {predictions}",
    "plot_training_curves": "--histories {histories}",
    "plot_metric_bars": "--metrics metrics_by_fold.csv",
    "plot_reliability": "--predictions {predictions}",
    "plot_registration_quality": "--folder tracking --videos F001_T1 --output-table t.csv",
    "plot_registered_faces": "--clips clips.h5 --n-subjects 3",
}


@pytest.mark.parametrize("name", COMMANDS)
def test_the_scripts_write_both_files_whole_and_the_same_again(results, tmp_path, name):
    predictions = [
        f"models/{model}/repeat1/fold{fold}/predictions.csv"
        for model in MODELS
        for fold in (1, 2, 3)
    ]
    histories = [path.replace("predictions", "history") for path in predictions]
    command = COMMANDS[name].format(
        predictions=" ".join(predictions), histories=" ".join(histories)
    )
    written = []
    for run in (run_script, run_process):
        png, pdf = tmp_path / f"{run.__name__}.png", tmp_path / f"{run.__name__}.pdf"
        options = (*command.split(), "--output-png", png, "--output-pdf", pdf)
        run_quietly(run, results, name, *options)
        written.append((png.read_bytes(), pdf.read_bytes()))
    assert written[0] == written[1]
    assert dots_per_inch(png) == pytest.approx(200, abs=0.1)
    image = imread(png)
    assert image.shape[1] > 500
    assert image[..., :3].std() > 0.02, "not blank"
    assert written[0][1].startswith(b"%PDF")
    assert written[0][1].rstrip().endswith(b"%%EOF")
    assert b"CreationDate" not in written[0][1]


def test_the_detection_curves_are_two_figures_and_the_same_again(results, tmp_path):
    predictions = sorted(results.glob("models/*/*/*/predictions.csv"))
    written = []
    for run in (run_script, run_process):
        outputs = {
            f"{curve}-{kind}": tmp_path / f"{run.__name__}_{curve}.{kind}"
            for curve in ("roc", "precision-recall")
            for kind in ("png", "pdf")
        }
        options = [word for name, path in outputs.items() for word in (f"--output-{name}", path)]
        run_quietly(run, results, "plot_detection_curves", "--predictions", *predictions, *options)
        written.append([path.read_bytes() for path in outputs.values()])
    assert written[0] == written[1]
    assert len(set(written[0])) == 4
    for path in outputs.values():
        if path.suffix == ".png":
            assert dots_per_inch(path) == pytest.approx(200, abs=0.1)


def test_a_figure_that_fails_leaves_no_file(tmp_path):
    figure = Figure()
    figure.text(0, 0, r"$\nonsense$")
    with pytest.raises(ValueError, match="nonsense"):
        save_figure(figure, tmp_path / "a.png", tmp_path / "a.pdf")
    assert list(tmp_path.iterdir()) == []


def test_models_keep_their_colours_and_a_fourth_gets_its_own():
    lines = model_lines((*MODELS, "resnet", "vit"))
    assert len({colour for colour, _ in lines.values()}) == 5
    assert lines["facs3d"] == model_lines(("facs3d",))["facs3d"]


def test_text_is_black_on_light_and_white_on_dark():
    assert text_colour_on("white") == text_colour_on("yellow") == "black"
    assert text_colour_on("navy") == text_colour_on("black") == "white"


def test_cooccurrence_has_each_value_in_its_cell():
    labels = np.array([[1, 1, 0, 0], [1, 0, 0, 0], [1, 1, 0, 0], [0, 0, 0, 0]], np.int8)
    figure = draw_cooccurrence(jaccard_matrix(cooccurrence(labels, (6, 12, 23, 24))))
    cells = {text.get_position(): text.get_text() for text in figure.axes[0].texts}
    assert cells[0, 1] == cells[1, 0] == "0.67"
    assert cells[3, 2] == cells[2, 3] == "undefined"
    assert cells[2, 0] == "0.00"
    assert len(cells) == 12
    assert figure.axes[1].get_ylabel() == "Jaccard index"


def test_twelve_aus_fit_a_page(runs, tmp_path):
    path = write_occlusion(tmp_path / "o.h5", aus=PAPER_AUS, n_positive=(4321,) * 12)
    occlusion = read_occlusion(path)
    column = np.arange(12) % len(AUS)
    twelve = {
        run: replace(
            predictions,
            action_units=PAPER_AUS,
            label=predictions.label[:, column],
            probability=predictions.probability[:, column],
        )
        for run, predictions in runs.items()
    }
    figures = (
        draw_occlusion_maps(occlusion, OcclusionMapSettings()),
        draw_au_regions(occlusion.mean_face, PAPER_AUS, RegistrationSettings()),
        draw_roc_curves(twelve),
        draw_precision_recall_curves(twelve),
        draw_metric_bars(metrics_of_runs(twelve, "fold", 0.5)),
        draw_cooccurrence(pd.DataFrame(0.25, map(au_column, PAPER_AUS), map(au_column, PAPER_AUS))),
    )
    for figure in figures:
        assert_drawn(figure)
        width, height = figure.get_size_inches()
        assert width <= 7.2, "A4 with its margins"
        assert height <= 10


def test_training_curves_have_thin_folds_and_a_thick_mean(results):
    paths = [
        results / "models" / m / "repeat1" / f"fold{k}" / "history.csv"
        for m in MODELS
        for k in (1, 2, 3)
    ]
    histories = read_histories(paths)
    figure = draw_training_curves(histories)
    assert [axes.get_title() for axes in figure.axes][2] == "FACS3D-Net (3 trainings)"
    *folds, mean = figure.axes[2].lines
    assert len(folds) == 3
    assert mean.get_linewidth() > folds[0].get_linewidth()
    expected = np.mean([histories[Run("facs3d", 1, fold)]["loss"] for fold in (1, 2, 3)], axis=0)
    np.testing.assert_allclose(mean.get_ydata(), expected)


def test_training_curves_name_a_fold_whose_loss_broke_down():
    good = pd.DataFrame({"epoch": [1, 2, 3], "loss": [3.0, 2.0, 1.0]})
    broken = good.assign(loss=[5.0, np.nan, np.nan])
    figure = draw_training_curves({Run("cnn2d", 1, 1): good, Run("cnn2d", 1, 2): broken})
    assert "fold 2: not a number from epoch 2" in texts(figure)
    assert figure.axes[0].lines[-1].get_xydata().tolist() == [[1, 4]]


def test_training_curves_show_validation_scores_where_there_are_any():
    epoch = [1, 2, 3]
    plain = pd.DataFrame({"epoch": epoch, "loss": [3.0, 2.0, 1.0]})
    scored = plain.assign(validation_f1=[0.2, 0.4, 0.5], validation_auc=[0.5, np.nan, 0.7])
    unscored = plain.assign(validation_f1=np.nan, validation_auc=np.nan)
    figure = draw_training_curves({Run("cnn2d", 1, 1): scored, Run("facs3d", 1, 1): scored})
    assert_drawn(figure)
    names = ["training loss", "validation F1 (%)", "validation AUC (%)"]
    assert [axes.get_ylabel() for axes in figure.axes[::2]] == names
    assert figure.axes[3].lines[-1].get_xydata().tolist() == [[1, 20], [2, 40], [3, 50]]
    assert figure.axes[4].lines[-1].get_xydata().tolist() == [[1, 50], [3, 70]]
    for without in (plain, unscored):
        figure = draw_training_curves({Run("cnn2d", 1, 1): without})
        assert len(figure.axes) == 1
        assert figure.axes[0].get_title() == "2D CNN (1 training)"
    mixed = draw_training_curves({Run("cnn2d", 1, 1): scored, Run("facs3d", 1, 1): plain})
    assert_drawn(mixed)
    assert len(mixed.axes) == 6


def test_a_single_epoch_is_seen():
    history = pd.DataFrame({"epoch": [1], "loss": [3.0]})
    line = draw_training_curves({Run("cnn2d", 1, 1): history}).axes[0].lines[-1]
    assert line.get_marker() == "o"


@pytest.mark.parametrize("side", [200, 50])
def test_the_eyes_belong_where_registration_puts_them(side):
    registration = RegistrationSettings(centre="eye_line", eye_line_y=45.0)
    right, left = expected_eyes(registration, side)
    # A pixel's centre is at its number, so halving an image maps x to x / 2 - 1 / 4.
    np.testing.assert_allclose(right, (np.array([60, 45]) + 0.5) * side / 200 - 0.5, atol=1e-9)
    np.testing.assert_allclose(left - right, [80 * side / 200, 0], atol=1e-9)


def test_registered_faces_mark_where_the_eyes_belong(results):
    clips = open_clips(results / "clips.h5")
    eyes = np.array([[0.3, 0.375], [0.7, 0.375]]) * SIDE
    figure = draw_registered_faces(clips, eyes, RegisteredFacesSettings(n_subjects=4, n_frames=3))
    assert len(figure.axes) == 12
    np.testing.assert_allclose(figure.axes[0].lines[1].get_xydata(), eyes)
    face = figure.axes[0].images[0].get_array()
    assert (face[18, [round(0.3 * SIDE), round(0.7 * SIDE)]] == 40).all(), "the eyes are there"
    videos = [axes.get_ylabel() for axes in figure.axes[::3]]
    assert videos == ["F001_T1", "F004_T1", "F006_T1", "F009_T1"]
    assert figure.axes[2].get_xlabel() == "frame 68"
    assert "19.2 px apart" in texts(figure)


def test_registered_faces_of_no_clip_say_so(tmp_path):
    with h5py.File(tmp_path / "clips.h5", "w") as file:
        create_clips(file, 0, (4, 8, 8), AUS, ExpectedInput())
    clips = open_clips(tmp_path / "clips.h5")
    figure = draw_registered_faces(clips, np.zeros((2, 2)), RegisteredFacesSettings())
    assert "every video was excluded" in texts(figure)

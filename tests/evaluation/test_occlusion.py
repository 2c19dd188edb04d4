"""Occlusion sensitivity, against captum and a model whose answers are known."""

from dataclasses import replace

import h5py
import numpy as np
import pytest
import torch
from captum.attr import Occlusion
from sklearn.metrics import roc_auc_score
from torch import nn

from facs3d.core.errors import InputError
from facs3d.evaluation.occlusion.sensitivity import (
    ENGINES,
    OcclusionSettings,
    make_engine,
    mean_face,
    measure_sensitivity,
    patch_edges,
    spread,
)
from facs3d.preprocessing.clips import ClipSet, open_clips
from facs3d.training.models import MODELS, ActionUnitModel, Architecture, build_model
from facs3d.training.weights import TrainedModel, save_model
from tests.support.flags import flags_of
from tests.support.random_clips import write_random_clips
from tests.support.scripts import run_script

ARCHITECTURE = Architecture(
    channels=(4, 6), features=8, lstm_units=5, padding="same", pool_padding=1
)
AUS = (1, 4, 12)
SIDE = 20
SETTINGS = OcclusionSettings(patch=5, stride=3, engine="naive", device="cpu")


@pytest.fixture
def clips(tmp_path) -> ClipSet:
    return open_clips(write_random_clips(tmp_path)[0])


class PixelDetector(ActionUnitModel):
    """Detects every AU while the pixel at row 9, column 4 is not the patch's gray."""

    def __init__(self) -> None:
        nn.Module.__init__(self)
        self.gain = nn.Parameter(torch.tensor(100.0))

    def forward(self, clips: torch.Tensor, frames: torch.Tensor | None = None) -> torch.Tensor:
        change = (clips[:, :, 9, 4] - 0.5).abs() - 1e-4
        return (self.gain * change).unsqueeze(2).expand(-1, -1, len(AUS))


def test_positions_are_the_papers():
    edges = patch_edges(200, 15, 3)
    assert len(edges) == 62
    assert (edges[0], edges[-1]) == (0, 183)
    assert patch_edges(16, 15, 3).tolist() == [0]
    with pytest.raises(InputError, match="patch is 15 px but faces are 14 px"):
        patch_edges(14, 15, 3)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", MODELS)
def test_engines_against_captum(name, engine):
    model = build_model(name, ARCHITECTURE, (4, SIDE, SIDE), len(AUS), seed=1).eval()
    clip = torch.rand((4, SIDE, SIDE), generator=torch.Generator().manual_seed(0))
    captured = []

    def forward(clips: torch.Tensor) -> torch.Tensor:
        captured.append(model(clips))
        return captured[-1].sum(dim=(1, 2))

    with torch.inference_mode():
        Occlusion(forward).attribute(
            clip.unsqueeze(0), sliding_window_shapes=(4, 5, 5), strides=(4, 3, 3), baselines=0.5
        )
        # captum slides down first, then to the right.
        edges = patch_edges(SIDE, 5, 3).tolist()
        positions = np.array([(y, x) for x in edges for y in edges])
        engine = make_engine(model, (4, SIDE, SIDE), replace(SETTINGS, engine=engine))
        engine.prepare(clip)
        logits = engine.logits(positions)
    # The first call is the clip as it is.
    torch.testing.assert_close(logits, torch.cat(captured[1:]), rtol=0, atol=1e-5)
    assert logits.shape == (36, 4, 3)


def test_accuracy_is_lost_exactly_where_the_patch_covers_what_counts(clips, tmp_path):
    result = measure_sensitivity(
        PixelDetector().eval(), clips, np.arange(len(clips)), SETTINGS, tmp_path / "state.npz"
    )
    covers_row = (result.y <= 9) & (result.y + 5 > 9)
    covers_column = (result.x <= 4) & (result.x + 5 > 4)
    expected = 1.0 - np.outer(covers_row, covers_column)
    for accuracy in result.accuracy:
        np.testing.assert_array_equal(accuracy, expected)
    assert covers_row.sum() == 2
    np.testing.assert_array_equal(result.baseline_accuracy, [1, 1, 1])
    np.testing.assert_array_equal(result.n_positive, (clips.labels == 1).sum(axis=(0, 1)))


@pytest.mark.parametrize("standardise", [False, True])
def test_against_a_loop_written_out(clips, tmp_path, standardise):
    """A standardised frame is covered with its own mean gray, and keeps its contrast elsewhere."""
    model = build_model("facs3d", ARCHITECTURE, clips.frame_shape, len(AUS), seed=1).eval()
    model.standardise = standardise
    indices = np.array([1, 4, 6])
    result = measure_sensitivity(model, clips, indices, SETTINGS, tmp_path / "state.npz")
    frames = clips.read_frames(indices).astype(np.float32) / 255
    if standardise:
        mean = frames.mean(axis=(2, 3), keepdims=True)
        frames = 0.5 + 0.22 * (frames - mean) / (frames.std(axis=(2, 3), keepdims=True) + 0.03)
    labels = clips.labels[indices]
    assert set(labels.ravel().tolist()) == {-1, 0, 1}
    positive = labels == 1

    def accuracy_and_auc(values: np.ndarray) -> tuple[np.ndarray, list[float]]:
        with torch.inference_mode():
            logits = model(torch.from_numpy(values)).numpy()
        detected = (logits >= 0) & positive
        known = [labels[..., au] != -1 for au in range(len(AUS))]
        auc = [
            roc_auc_score(labels[..., au][which], np.floor(8 * logits[..., au][which]))
            for au, which in enumerate(known)
        ]
        return detected.sum(axis=(0, 1)) / positive.sum(axis=(0, 1)), auc

    accuracy, auc = accuracy_and_auc(frames)
    np.testing.assert_array_equal(result.baseline_accuracy, accuracy)
    np.testing.assert_allclose(result.baseline_auc, auc, atol=1e-3)
    for row, column in ((0, 0), (2, 3), (5, 5)):
        occluded = frames.copy()
        y, x = result.y[row], result.x[column]
        occluded[:, :, y : y + 5, x : x + 5] = 0.5
        accuracy, auc = accuracy_and_auc(occluded)
        np.testing.assert_array_equal(result.accuracy[:, row, column], accuracy)
        np.testing.assert_allclose(result.auc[:, row, column], auc, atol=1e-3)


@pytest.mark.parametrize("label", [0, 1, -1])
def test_an_au_with_frames_of_one_kind_only_has_no_auc_and_without_positives_no_accuracy(
    tmp_path, label
):
    path, _ = write_random_clips(tmp_path)
    with h5py.File(path, "r+") as file:
        file["labels"][:, :, 1] = label
    clips = open_clips(path)
    result = measure_sensitivity(
        PixelDetector().eval(), clips, np.arange(len(clips)), SETTINGS, tmp_path / "state.npz"
    )
    n_frames = clips.labels[:, :, 1].size
    assert result.n_positive[1] == n_frames * (label == 1)
    assert result.n_negative[1] == n_frames * (label == 0)
    for name, undefined in (("accuracy", label != 1), ("auc", True)):
        assert np.isnan(getattr(result, f"baseline_{name}")[1]) == undefined
        assert (np.isnan(getattr(result, name)[1]) == undefined).all()
        assert np.isfinite(getattr(result, name)[[0, 2]]).all()


def test_clips_are_spread_over_the_fold():
    assert spread(np.arange(10, 20), 4).tolist() == [10, 13, 16, 19]
    assert spread(np.arange(5), 0).tolist() == spread(np.arange(5), 9).tolist() == [0, 1, 2, 3, 4]
    assert spread(np.arange(5), 1).tolist() == [0]


def test_mean_face_leaves_unlabelled_frames_out(tmp_path):
    path, _ = write_random_clips(tmp_path)
    with h5py.File(path, "r+") as file:
        file["labels"][:, :] = 0
        file["labels"][0, 1] = -1
        frames = file["frames"][:]
    shown = np.delete(frames[[0, 3]].reshape(-1, SIDE, SIDE), 1, axis=0)
    face = mean_face(open_clips(path), np.array([0, 3]))
    np.testing.assert_allclose(face, shown.mean(axis=0) / 255)


def test_the_script_writes_the_file(tmp_path):
    path, folds = write_random_clips(tmp_path)
    network = build_model("cnn2d", ARCHITECTURE, (4, SIDE, SIDE), len(AUS), seed=1)
    save_model(
        TrainedModel("cnn2d", ARCHITECTURE, AUS, (4, SIDE, SIDE), network), tmp_path / "weights.pt"
    )
    arguments = {
        "weights": tmp_path / "weights.pt",
        "clips": path,
        "folds": folds,
        "repeat": 3,
        "fold": 2,
        "output": tmp_path / "fold2.h5",
    }
    pairs = [(f"--{name}", str(value)) for name, value in arguments.items()]
    options = [text for pair in pairs for text in pair]
    options += flags_of(replace(SETTINGS, max_clips=2))
    run_script("occlusion_sensitivity", *options).check_returncode()
    with h5py.File(tmp_path / "fold2.h5") as file:
        assert {name: values.shape for name, values in file.items()} == {
            "accuracy": (3, 6, 6),
            "baseline_accuracy": (3,),
            "auc": (3, 6, 6),
            "baseline_auc": (3,),
            "n_positive": (3,),
            "n_negative": (3,),
            "y": (6,),
            "x": (6,),
            "mean_face": (SIDE, SIDE),
        }
        assert file["accuracy"].dtype == np.float64
        attributes = dict(file.attrs)
    assert attributes.pop("action_units").tolist() == list(AUS)
    assert attributes.keys().isdisjoint({"y", "x"})
    assert attributes == {
        "model": "cnn2d",
        "repeat": 3,
        "fold": 2,
        "image_size": SIDE,
        "n_clips": 2,
        "patch": 5,
        "stride": 3,
        "value": 0.5,
        "threshold": 0.5,
        "engine": "naive",
        "bfloat16": False,
    }
    assert not list(tmp_path.glob("*.unfinished.npz"))


def test_weights_for_other_clips_and_wrong_settings_are_refused(clips):
    network = build_model("cnn2d", ARCHITECTURE, (4, 24, 24), len(AUS), seed=1)
    with pytest.raises(InputError, match=r"weights are for clips of \(4, 24, 24\), the file has"):
        TrainedModel("cnn2d", ARCHITECTURE, AUS, (4, 24, 24), network).check_fits(clips)
    with pytest.raises(InputError, match=r"weights are for AUs \(1, 2, 4\)"):
        TrainedModel("cnn2d", ARCHITECTURE, (1, 2, 4), (4, 24, 24), network).check_fits(clips)
    for change, message in (
        ({"patch": 0}, "patch is 0, expected at least 1"),
        ({"value": 128.0}, "value is 128.0, expected 0 to 1"),
        ({"engine": "magic"}, "engine is 'magic', expected incremental or naive"),
    ):
        with pytest.raises(InputError, match=message):
            OcclusionSettings(**change)

"""Training and its checkpoints, on tiny clips."""

import csv
import json
import os
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from sklearn.metrics import f1_score, roc_auc_score

from facs3d.core.errors import InputError
from facs3d.datasets.folds import read_folds
from facs3d.preprocessing.clips import open_clips
from facs3d.training import acceleration
from facs3d.training.batches import draw_batches, load_training_clips, split_validation
from facs3d.training.checkpoint import Checkpoint
from facs3d.training.devices import choose_device
from facs3d.training.inference import ValidationClips, clip_probability, predict
from facs3d.training.loop import fit_to_device, train
from facs3d.training.losses import weighted_loss
from facs3d.training.models import MODELS, build_model
from facs3d.training.predictions import read_predictions
from facs3d.training.settings import TrainingSettings
from facs3d.training.training_data import TrainingData
from facs3d.training.weights import TrainedModel, load_model, save_model
from tests.support.random_clips import EXPECTED_INPUT
from tests.support.scripts import run_script
from tests.support.trainings import (
    ARCHITECTURE,
    SETTINGS,
    new_model,
    run_training,
    same_weights,
    train_options,
)

# --- the command line


def test_the_script_writes_what_the_pipeline_needs(data, tmp_path):
    run_script("train", *train_options(data, tmp_path, SETTINGS)).check_returncode()
    clips = open_clips(data[0])
    held_out = [name for name, fold in read_folds(data[1]).items() if fold == 1]
    predictions = read_predictions(tmp_path / "predictions.csv")
    assert set(predictions.subject) == set(held_out)
    indices = clips.of_subjects(set(held_out))
    np.testing.assert_array_equal(predictions.frame_number, clips.frame_number[indices].ravel())
    np.testing.assert_array_equal(
        predictions.label.reshape(len(indices), 4, 3), clips.labels[indices]
    )

    trained = load_model(tmp_path / "weights.pt")
    assert (trained.name, trained.architecture) == ("facs3d", ARCHITECTURE)
    assert (trained.action_units, trained.clip_shape) == (clips.action_units, clips.frame_shape)
    assert trained.expected_input == EXPECTED_INPUT
    assert trained.training_data == TrainingData("some", 2, 4)
    again = predict(trained.network, clips, indices)
    np.testing.assert_allclose(again.probability, predictions.probability, rtol=1e-6)

    with open(tmp_path / "history.csv", newline="") as file:
        history = list(csv.DictReader(file))
    assert [row["epoch"] for row in history] == ["1", "2", "3"]
    assert all(float(row["loss"]) > 0 and float(row["seconds"]) > 0 for row in history)
    provenance = json.loads((tmp_path / "provenance.json").read_text())
    assert provenance["training.epochs"] == 3
    assert provenance["training_clips"] == provenance["held_out_clips"] == 4
    assert {"git_commit", "versions", "data", "seconds"} <= set(provenance)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"epochs": "0"}, "training.epochs is 0, expected at least 1"),
        ({"epochs": "ten"}, "training.epochs is 'ten', expected a whole number, at least 1"),
        ({"fold": 9}, "no subject with a clip is in fold 9"),
        ({"frames-per-clip": 5}, "frames_per_clip is 5 but clips have 4 frames"),
    ],
)
def test_a_wrong_argument_is_one_line(data, tmp_path, changes, message):
    done = run_script("train", *train_options(data, tmp_path, SETTINGS, **changes))
    assert done.returncode == 1
    assert message in done.stderr.splitlines()[-1]
    assert not (tmp_path / "weights.pt").exists()


def test_what_a_card_cannot_compute_in_is_replaced_and_said(data, tmp_path, monkeypatch):
    """As bf16 is on a V100 or T4."""
    monkeypatch.setattr(acceleration, "possible_precision", lambda precision, device: "fp32")
    asked = replace(SETTINGS, precision="bf16")
    run_script("train", *train_options(data, tmp_path, asked)).check_returncode()
    facts = json.loads((tmp_path / "provenance.json").read_text())
    assert facts["training.precision"] == "fp32"


# --- learning


@pytest.mark.parametrize("name", MODELS)
def test_overfits_one_clip(clips, tmp_path, name):
    one = replace(clips, frames=clips.frames[:1], labels=clips.labels[:1], video=clips.video[:1])
    settings = replace(SETTINGS, epochs=150, schedule="constant")
    architecture = replace(ARCHITECTURE, dropout=0.0)
    model = build_model(name, architecture, one.frames.shape[1:], 3, seed=1)
    history = run_training(model, one, settings, tmp_path)
    # The loss sums over AUs: 0.05 for each.
    assert history[-1]["loss"] < 3 * 0.05 < history[0]["loss"]


@pytest.mark.parametrize(
    ("change", "allowed", "done"),
    [
        ({}, True, ["fuse_blocks"]),
        ({"deterministic": True}, True, ["fuse_blocks"]),
        ({"deterministic": True}, False, ["fuse_blocks", "make_reproducible"]),
        ({"deterministic": True, "fused": False}, True, ["make_reproducible"]),
        ({"precision": "fp32"}, True, []),
    ],
)
def test_a_networks_layers_are_changed_once(monkeypatch, change, allowed, done):
    """Fused blocks are reproducible by themselves, and cannot work with other poolings."""
    calls = []
    for name in ("fuse_blocks", "make_reproducible"):
        monkeypatch.setattr(
            f"facs3d.training.loop.{name}", lambda _, name=name: calls.append(name) or allowed
        )
    on_a_gpu = SimpleNamespace(input_mean=SimpleNamespace(is_cuda=True))
    fit_to_device(on_a_gpu, TrainingSettings(**{"precision": "bf16"} | change))
    assert calls == done


@pytest.mark.parametrize("name", MODELS)
def test_a_masked_frame_has_no_part_in_the_step(clips, name):
    """The gradients are those of a step that is not shown the frame's label at all.

    With batch normalisation in evaluation mode, for its pixels do count in a batch's statistics."""
    images, labels = torch.from_numpy(clips.frames), torch.from_numpy(clips.labels)
    n_clips, n_frames = labels.shape[:2]
    others = torch.tensor([frame for frame in range(n_frames) if frame != 2])
    masked = labels.clone()
    masked[:, 2] = -1
    gradients = []
    for frames, known in (
        (None, masked),
        (others.expand(n_clips, -1), labels[:, others]),
    ):
        model = new_model(clips, name=name).eval()
        weighted_loss(model(model.as_input(images), frames), known, torch.ones(3)).backward()
        gradients.append([parameter.grad for parameter in model.parameters()])
    for one, other in zip(*gradients, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
@pytest.mark.parametrize("schedule", ["constant", "one_cycle"])
def test_interrupted_at_any_epoch_the_weights_are_the_same(
    clips, tmp_path, monkeypatch, optimizer, schedule
):
    settings = replace(SETTINGS, optimizer=optimizer, schedule=schedule, frames_per_clip=2, shift=1)
    whole = new_model(clips)
    expected = run_training(whole, clips, settings, tmp_path / "whole")
    for epoch in (2, 3):

        def stop(*arguments, at=epoch):
            if arguments[-1] == at:
                raise KeyboardInterrupt
            return draw_batches(*arguments)

        monkeypatch.setattr("facs3d.training.loop.draw_batches", stop)
        with pytest.raises(KeyboardInterrupt):
            run_training(new_model(clips), clips, settings, tmp_path / "stopped")
    monkeypatch.undo()
    resumed = new_model(clips, seed=5)
    history = run_training(resumed, clips, settings, tmp_path / "stopped")
    assert same_weights(whole, resumed)
    assert [row["loss"] for row in history] == [row["loss"] for row in expected]


def test_the_schedule_rises_and_falls_and_the_mean_is_that_of_labelled_frames(clips, tmp_path):
    labels = clips.labels.copy()
    labels[0, 0] = -1
    frames = clips.frames.copy()
    frames[0, 0] = 0
    clips = replace(clips, labels=labels, frames=frames)
    model = new_model(clips)
    history = run_training(model, clips, replace(SETTINGS, epochs=10), tmp_path)
    rates = [row["learning_rate"] for row in history]
    assert max(rates) == pytest.approx(1e-2, rel=0.05)
    assert rates[-1] < 1e-5 < rates[0]
    shown = np.delete(frames.reshape(-1, 20, 20), 0, axis=0)
    assert model.input_mean.item() == pytest.approx(shown.mean() / 255)
    run_training(model, clips, replace(SETTINGS, subtract_mean=False), tmp_path / "none")
    assert model.input_mean == 0
    assert not model.standardise


def test_standardised_training_predicts_alike_under_another_light(clips, tmp_path):
    model = new_model(clips)
    run_training(model, clips, replace(SETTINGS, standardise=True), tmp_path)
    assert model.input_mean == 0.5
    save_model(TrainedModel("facs3d", ARCHITECTURE, (1, 4, 12), (4, 20, 20), model), tmp_path / "w")
    loaded = load_model(tmp_path / "w").network
    clip = clips.frames[0] // 2 * 2
    lit = clip_probability(loaded, clip)
    np.testing.assert_allclose(clip_probability(loaded, clip // 2 + 60), lit, atol=0.05)
    loaded.standardise = False
    assert np.abs(clip_probability(loaded, clip) - lit).max() > 1e-3


def test_divergence_names_the_batch_and_keeps_the_last_good_epoch(clips, tmp_path):
    with pytest.raises(InputError, match=r"diverged in epoch 1, batch [123] .*F00\d_T\d"):
        run_training(new_model(clips), clips, replace(SETTINGS, learning_rate=1e30), tmp_path)
    assert not (tmp_path / "checkpoint.pt").exists()


def test_validation_subjects_are_scored_and_not_trained_on(data, tmp_path):
    """A model's scores on them, against scikit-learn on what the model of that epoch predicts."""
    everything = open_clips(data[0])
    training, held_back = split_validation(everything, np.arange(len(everything)), 1, seed=1)
    assert sorted([*training, *held_back]) == list(range(len(everything)))
    subjects = {everything.subject[index] for index in held_back}
    assert len(subjects) == 1
    assert not subjects & {everything.subject[index] for index in training}
    clips = load_training_clips(everything, training)
    validation = ValidationClips(everything, held_back)
    model = new_model(clips)
    checkpoint = Checkpoint(tmp_path / "checkpoint.pt", {})
    history = train(model, clips, SETTINGS, 1, checkpoint, validation)
    predictions = predict(model, everything, held_back)
    f1, auc = [], []
    for label, probability in zip(predictions.label.T, predictions.probability.T, strict=True):
        known = label >= 0
        f1.append(f1_score(label[known], probability[known] >= 0.5))
        auc.append(roc_auc_score(label[known], probability[known]))
    assert history[-1]["validation_f1"] == pytest.approx(np.mean(f1))
    assert history[-1]["validation_auc"] == pytest.approx(np.mean(auc))
    # Scoring draws nothing: the weights are those of a training without it.
    unscored = new_model(clips)
    alone = run_training(unscored, clips, SETTINGS, tmp_path / "unscored")
    assert same_weights(model, unscored)
    assert alone[-1]["validation_f1"] is None
    with pytest.raises(InputError, match="validation_subjects is 4 but there are 4 training"):
        split_validation(everything, np.arange(len(everything)), 4, seed=1)


def test_the_history_has_the_validation_and_the_provenance_counts_it(data, tmp_path):
    settings = replace(SETTINGS, epochs=1, validation_subjects=1)
    run_script("train", *train_options(data, tmp_path, settings)).check_returncode()
    with open(tmp_path / "history.csv", newline="") as file:
        row = next(csv.DictReader(file))
    assert 0 <= float(row["validation_f1"]) <= 1
    assert 0 <= float(row["validation_auc"]) <= 1
    provenance = json.loads((tmp_path / "provenance.json").read_text())
    assert (provenance["training_clips"], provenance["validation_clips"]) == (2, 2)


@pytest.mark.parametrize(
    "change",
    [
        {"micro_batch_clips": 2},
        {"precision": "bf16"},
        {"channels_last": False},
    ],
    ids=lambda change: next(iter(change)),
)
def test_settings_of_speed_and_memory_train(clips, tmp_path, change):
    settings = replace(SETTINGS, **change)
    expected = new_model(clips)
    history = run_training(expected, clips, settings, tmp_path / "whole")
    assert history[-1]["loss"] < history[0]["loss"]
    plain = run_training(new_model(clips), clips, SETTINGS, tmp_path / "plain")
    assert history[0]["loss"] == pytest.approx(plain[0]["loss"], rel=0.05)


# --- checkpoints, devices, settings


def test_a_checkpoint_of_another_training_is_kept_and_not_used(clips, tmp_path, capsys):
    run_training(new_model(clips), clips, SETTINGS, tmp_path, epochs=3, seed=1)
    history = run_training(new_model(clips), clips, SETTINGS, tmp_path, epochs=4, seed=1)
    assert len(history) == 3
    assert (
        "epochs is 3 there, 4 here; not used, kept as checkpoint.other.pt"
        in capsys.readouterr().err
    )
    assert (tmp_path / "checkpoint.other.pt").exists()


def test_a_damaged_checkpoint_and_leftovers_of_a_kill_do_no_harm(clips, tmp_path, capsys):
    expected = new_model(clips)
    run_training(expected, clips, SETTINGS, tmp_path)
    checkpoint = tmp_path / "checkpoint.pt"
    checkpoint.write_bytes(checkpoint.read_bytes()[:1000])
    leftover = tmp_path / ".checkpoint.pt.abc" / "checkpoint.pt"
    leftover.parent.mkdir()
    leftover.write_bytes(b"half")
    model = new_model(clips)
    run_training(model, clips, SETTINGS, tmp_path)
    assert "damaged" in capsys.readouterr().err
    assert same_weights(model, expected)
    kept = ["checkpoint.before.pt", "checkpoint.damaged.pt", "checkpoint.pt"]
    assert sorted(os.listdir(tmp_path)) == kept


def test_a_gpu_asked_for_and_missing_is_an_error(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(InputError, match="device is .cuda. but "):
        choose_device("cuda")
    assert choose_device("auto") == choose_device("cpu") == torch.device("cpu")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert [choose_device(name).type for name in ("auto", "cuda", "cpu")] == ["cuda", "cuda", "cpu"]


def test_settings_out_of_range_are_refused():
    for change, message in (
        ({"epochs": 0}, "epochs is 0, expected at least 1"),
        ({"learning_rate": 0.0}, "learning_rate is 0.0"),
        ({"momentum": 1.0}, "momentum is 1.0"),
        ({"optimizer": "lion"}, "optimizer is 'lion', expected sgd or adam"),
        ({"schedule": "cosine"}, "schedule is 'cosine'"),
        ({"device": "tpu"}, "device is 'tpu'"),
        ({"threads": 0}, "threads is 0"),
        ({"precision": "fp8"}, "precision is 'fp8'"),
        ({"micro_batch_clips": -1}, "micro_batch_clips is -1"),
        ({"validation_subjects": -1}, "validation_subjects is -1"),
    ):
        with pytest.raises(InputError, match=message):
            TrainingSettings(**change)

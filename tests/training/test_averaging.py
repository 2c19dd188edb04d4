"""The mean of several trainings: one network, one file, and nothing averaged that differs."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from facs3d.core.errors import InputError
from facs3d.evaluation.occlusion.sensitivity import OcclusionSettings, occlude
from facs3d.evaluation.runs import Run
from facs3d.preprocessing.clips import open_clips
from facs3d.training.averaging import average
from facs3d.training.models import MeanModel
from facs3d.training.predictions import read_predictions
from facs3d.training.training_data import TrainingData
from facs3d.training.weights import TrainedModel, load_model, save_model
from tests.support.scripts import run_script
from tests.support.trainings import (
    ARCHITECTURE,
    SETTINGS,
    new_model,
    same_weights,
    train_options,
)


def trained(clips, seed, **changes):
    network = new_model(clips, seed=seed).eval()
    network.input_mean.fill_(0.1 * seed)
    made = TrainedModel("facs3d", ARCHITECTURE, (1, 4, 12), (4, 20, 20), network)
    return replace(made, **changes)


@pytest.mark.parametrize("standardise", [False, True])
def test_logits_are_the_mean_of_each_trainings_and_stay_so_in_a_file(clips, tmp_path, standardise):
    models = {Path(f"{seed}.pt"): trained(clips, seed) for seed in (1, 2, 3)}
    for model in models.values():
        model.network.standardise = standardise
    joint = average(models)
    assert joint.trainings == 3
    frames = torch.from_numpy(clips.frames[:2])
    alone = [each.network(each.network.as_input(frames)) for each in models.values()]
    expected = (alone[0] + alone[1] + alone[2]) / 3
    for file in ("one.pt", "two.pt"):
        save_model(joint, tmp_path / file)
    assert (tmp_path / "one.pt").read_bytes() == (tmp_path / "two.pt").read_bytes()
    loaded = load_model(tmp_path / "one.pt")
    assert (loaded.trainings, loaded.standardise) == (3, standardise)
    for network in (joint.network, loaded.network):
        assert not network.training
        torch.testing.assert_close(network(network.as_input(frames)), expected)
    assert same_weights(loaded.network, joint.network)


def test_the_mean_of_one_is_that_one_and_of_means_that_of_all_their_trainings(clips):
    models = {Path(f"{seed}.pt"): trained(clips, seed) for seed in (1, 2, 3)}
    first, second, third = models
    assert average({first: models[first]}).network is models[first].network
    pair = average({first: models[first], second: models[second]})
    assert isinstance(pair.network, MeanModel)
    joint = average({Path("pair.pt"): pair, third: models[third]})
    assert joint.network.trainings == [each.network for each in models.values()]


DIFFERENT = {
    "model": {"name": "cnn2d"},
    "aus": {"action_units": (1, 4, 15)},
    "clips": {"clip_shape": (5, 20, 20)},
    "people": {"training_data": TrainingData("other", 3, 3)},
    "sizes": {"architecture": replace(ARCHITECTURE, features=9)},
}


@pytest.mark.parametrize("changes", DIFFERENT.values(), ids=DIFFERENT)
def test_what_differs_is_not_averaged(clips, changes):
    (name,) = changes
    models = {Path("one.pt"): trained(clips, 1), Path("other.pt"): trained(clips, 2, **changes)}
    with pytest.raises(InputError, match=rf"other.pt: differs from one.pt: {name} is"):
        average(models)


def test_nor_networks_that_take_frames_otherwise(clips):
    models = {Path("one.pt"): trained(clips, 1), Path("other.pt"): trained(clips, 2)}
    models[Path("other.pt")].network.standardise = True
    with pytest.raises(InputError, match=r"other.pt: .*: standardise is True, not False;"):
        average(models)


@pytest.mark.parametrize("value", [0, -1, 1.0, True, "2", None, 100, 10**9])
def test_a_file_of_no_possible_number_of_trainings_is_refused(clips, tmp_path, value):
    path = tmp_path / "weights.pt"
    save_model(trained(clips, 1), path)
    content = torch.load(path, weights_only=True)
    torch.save(content | {"trainings": value}, path)
    with pytest.raises(
        InputError, match=r"not a weights file of this version \(trainings .* is no"
    ):
        load_model(path)


def test_a_file_of_before_there_were_means_is_read(clips, tmp_path):
    path = tmp_path / "weights.pt"
    save_model(trained(clips, 1), path)
    content = torch.load(path, weights_only=True)
    del content["trainings"]
    torch.save(content, path)
    loaded = load_model(path)
    assert loaded.trainings == 1
    assert same_weights(loaded.network, trained(clips, 1).network)


def test_a_file_with_too_few_trainings_in_it_is_refused(clips, tmp_path):
    path = tmp_path / "weights.pt"
    save_model(average({Path(f"{seed}"): trained(clips, seed) for seed in (1, 2)}), path)
    content = torch.load(path, weights_only=True)
    torch.save(content | {"trainings": 3}, path)
    with pytest.raises(InputError, match=r"not a weights file of this version .*members\.2"):
        load_model(path)


def test_occlusion_is_of_one_training(data, clips, tmp_path):
    both = {Path(f"{seed}"): trained(clips, seed) for seed in (1, 2)}
    with pytest.raises(InputError, match=r"weights are the mean of 2; give the weights of one"):
        occlude(
            average(both),
            open_clips(data[0]),
            np.array([0]),
            Run("facs3d", 1, 1),
            OcclusionSettings(patch=8, stride=8),
            tmp_path / "maps.h5",
        )


def test_the_script_makes_one_network_of_two_trainings_and_predicts_what_both_held_out(
    data, tmp_path
):
    folders = [tmp_path / name for name in ("one", "two")]
    for seed, folder in enumerate(folders, start=1):
        folder.mkdir()
        options = train_options(data, folder, replace(SETTINGS, epochs=1), seed=seed)
        run_script("train", *options).check_returncode()
    done = run_script(
        "average_networks",
        *("--weights", *(folder / "weights.pt" for folder in folders)),
        *("--made-with", *(folder / "provenance.json" for folder in folders)),
        *("--clips", data[0], "--folds", data[1], "--fold", 1, "--device", "cpu"),
        *("--output", tmp_path / "joint.pt", "--predictions", tmp_path / "joint.csv"),
        *("--provenance", tmp_path / "joint.json"),
    )
    assert done.returncode == 0, done.stderr
    assert load_model(tmp_path / "joint.pt").trainings == 2
    one, two = (read_predictions(folder / "predictions.csv") for folder in folders)
    joint = read_predictions(tmp_path / "joint.csv")
    assert [*joint.video] == [*one.video]
    np.testing.assert_array_equal(joint.label, one.label)
    logits = [np.log(each.probability / (1 - each.probability)) for each in (one, two)]
    expected = 1 / (1 + np.exp(-(logits[0] + logits[1]) / 2))
    np.testing.assert_allclose(joint.probability, expected, rtol=1e-4, atol=1e-6)
    made = json.loads((tmp_path / "joint.json").read_text())
    assert made["model"] == "facs3d"
    assert [each["seed"] for each in made["trainings"]] == [1, 2]

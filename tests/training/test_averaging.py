"""The mean of several trainings: one network, one file, and nothing averaged that differs."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from facs3d.core.errors import InputError
from facs3d.core.provenance import project_version
from facs3d.evaluation.occlusion.sensitivity import OcclusionSettings, load_to_occlude
from facs3d.training.averaging import average, check_held_out
from facs3d.training.judgement import Evidence, Judgement
from facs3d.training.predictions import read_predictions
from facs3d.training.training_data import TrainingData
from facs3d.training.weights import TrainedModel, load_model, save_model
from tests.support.random_clips import write_random_clips
from tests.support.scripts import run_script
from tests.support.trainings import (
    ARCHITECTURE,
    SETTINGS,
    new_model,
    same_weights,
    train_options,
)

JUDGEMENT = Judgement(
    "rendered people",
    slope=(1.0, 1.0, 1.0),
    intercept=(0.0, 0.0, 0.0),
    threshold=(0.5, 0.5, 0.5),
    evidence=(Evidence("some", 0, *[(0.9,) * 3] * 3, *[(50,) * 3] * 2),),
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
    assert [each.standardise for each in loaded.network.members] == [standardise] * 3
    for network in (joint.network, loaded.network):
        assert not network.training
        torch.testing.assert_close(network(network.as_input(frames)), expected)
    assert same_weights(loaded.network, joint.network)


def test_the_mean_of_one_is_that_one_and_a_mean_is_averaged_no_more(clips):
    models = {Path(f"{seed}.pt"): trained(clips, seed) for seed in (1, 2, 3)}
    first, second, third = models
    assert average({first: models[first]}).network is models[first].network
    pair = average({first: models[first], second: models[second]})
    with pytest.raises(InputError, match=r"pair.pt: is the mean of 2 trainings already; give the"):
        average({Path("pair.pt"): pair, third: models[third]})


def test_no_more_are_averaged_than_a_file_may_hold(clips):
    model = trained(clips, 1)
    assert average({Path(f"{place}.pt"): model for place in range(99)}).trainings == 99
    with pytest.raises(InputError, match=r"100 trainings to average, expected 99 at most"):
        average({Path(f"{place}.pt"): model for place in range(100)})


@pytest.mark.parametrize("count", [1, 2])
def test_nobody_has_judged_the_mean(clips, count):
    judged = replace(trained(clips, 1), judgement=JUDGEMENT)
    models = {Path(f"{place}.pt"): judged for place in range(count)}
    assert average(models).judgement is None


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


def test_occlusion_is_of_one_training(clips, tmp_path):
    path = tmp_path / "weights.pt"
    save_model(average({Path(f"{seed}"): trained(clips, seed) for seed in (1, 2)}), path)
    settings = OcclusionSettings(device="cpu")
    with pytest.raises(InputError, match=r"weights.pt: the mean of 2 trainings, but occlusion is"):
        load_to_occlude(path, settings)
    save_model(trained(clips, 1), path)
    assert load_to_occlude(path, settings).trainings == 1


HELD_OUT = {
    "another fold": ({"fold": 2}, r"two.json: of fold 2, expected 1: the training knows"),
    "no fold": ({"fold": None}, r"two.json: of fold None, expected 1"),
    "other clips": ({"data": "b"}, r"two.json: trained on other clips than one.json"),
    "the same": ({"seed": 1}, r"two.json: of the same seed as one.json; give each training once"),
}


@pytest.mark.parametrize(("changes", "message"), HELD_OUT.values(), ids=HELD_OUT)
def test_whom_one_training_knows_none_is_judged_on(changes, message):
    made_with = {
        Path("one.json"): {"fold": 1, "data": "a", "seed": 1},
        Path("two.json"): {"fold": 1, "data": "a", "seed": 2},
    }
    check_held_out(made_with, 1)
    with pytest.raises(InputError, match=message):
        check_held_out({**made_with, Path("two.json"): made_with[Path("two.json")] | changes}, 1)


def test_of_a_file_of_other_layers_no_page_of_names_is_said(clips, tmp_path):
    path = tmp_path / "weights.pt"
    save_model(trained(clips, 1), path)
    content = torch.load(path, weights_only=True)
    torch.save(content | {"trainings": 50}, path)
    with pytest.raises(InputError, match="not a weights file of this version") as refused:
        load_model(path)
    assert len(str(refused.value)) < 600


def average_networks(folder, data, trainings, provenances, **changes):
    options = {
        "clips": data[0],
        "folds": data[1],
        "fold": 1,
        "device": "cpu",
        "output": folder / "joint.pt",
        "predictions": folder / "joint.csv",
        "provenance": folder / "joint.json",
    } | changes
    return run_script(
        "average_networks",
        *("--weights", *(each / "weights.pt" for each in trainings)),
        *("--made-with", *(each / "provenance.json" for each in provenances)),
        *(word for name, value in options.items() for word in (f"--{name}", value)),
    )


@pytest.fixture(scope="module")
def trainings(data, tmp_path_factory) -> list[Path]:
    """The folders of two trainings."""
    folders = [tmp_path_factory.mktemp(name) for name in ("one", "two")]
    for seed, folder in enumerate(folders, start=1):
        options = train_options(data, folder, replace(SETTINGS, epochs=1), seed=seed)
        run_script("train", *options).check_returncode()
    return folders


def test_the_script_makes_one_network_of_two_trainings_and_predicts_what_both_held_out(
    data, trainings, tmp_path
):
    done = average_networks(tmp_path, data, trainings, trainings)
    assert done.returncode == 0, done.stderr
    assert load_model(tmp_path / "joint.pt").trainings == 2
    one, two = (read_predictions(folder / "predictions.csv") for folder in trainings)
    joint = read_predictions(tmp_path / "joint.csv")
    assert [*joint.video] == [*one.video]
    np.testing.assert_array_equal(joint.label, one.label)
    logits = [np.log(each.probability / (1 - each.probability)) for each in (one, two)]
    expected = 1 / (1 + np.exp(-(logits[0] + logits[1]) / 2))
    np.testing.assert_allclose(joint.probability, expected, rtol=1e-4, atol=1e-6)
    made = json.loads((tmp_path / "joint.json").read_text())
    assert made["model"] == "facs3d"
    assert made["version"] == project_version()
    assert [each["seed"] for each in made["trainings"]] == [1, 2]


def test_the_script_refuses_what_does_not_belong_together_and_writes_nothing(
    data, trainings, tmp_path
):
    one, _two = trainings
    other = write_random_clips(tmp_path, clip_shape=(4, 24, 24))
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "provenance.json").write_text('{"fold": 1, "seconds": NaN}')
    for done, message in (
        (
            average_networks(tmp_path, data, trainings, [one]),
            "2 and 1 different files; give both of each",
        ),
        (average_networks(tmp_path, data, [one, one], [one, one]), "1 and 1 different files"),
        (average_networks(tmp_path, data, trainings, trainings, fold=2), "of fold 1, expected 2"),
        (average_networks(tmp_path, data, [one], [broken]), "NaN is no number of JSON"),
        (average_networks(tmp_path, other, [one], [one]), "the weights are for clips of"),
    ):
        assert done.returncode == 1
        assert message in done.stderr
        assert "Traceback" not in done.stderr
        assert not list(tmp_path.glob("joint*"))

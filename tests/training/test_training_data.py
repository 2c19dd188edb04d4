"""What a network was trained on goes with its weights, and changes nothing else of them."""

from dataclasses import replace

import pytest
import torch

from facs3d.core.errors import InputError
from facs3d.preprocessing.clips import open_clips
from facs3d.training.training_data import TrainingData, median_eye_distance
from facs3d.training.weights import TrainedModel, load_model, save_model
from tests.support.scripts import run_script
from tests.support.trainings import ARCHITECTURE, SETTINGS, new_model, same_weights, train_options

DATA = TrainingData("BP4D", 33, 264, 81.5)


@pytest.fixture
def weights(clips, tmp_path):
    """A file that does not say what it was trained on, as older ones."""
    trained = TrainedModel("facs3d", ARCHITECTURE, (1, 4, 12), (4, 20, 20), new_model(clips))
    save_model(trained, tmp_path / "weights.pt")
    return tmp_path / "weights.pt"


def write_tracking(path, *distances):
    lines = ["scope,frame_number,inter_ocular_distance"]
    lines += [f"frame,{frame},{distance}" for frame, distance in enumerate(distances)]
    path.write_text("\n".join(lines) + "\n")


def test_older_weights_do_not_say_and_the_script_says_it_for_them(weights):
    before = load_model(weights)
    assert before.training_data is None
    words = ("--dataset", "BP4D", "--subjects", 33, "--clips", 264, "--eye-distance", 81.5)
    done = run_script("describe_weights", "--weights", weights, *words)
    assert done.returncode == 0, done.stderr
    after = load_model(weights)
    assert after.training_data == DATA
    assert replace(after, training_data=None, network=before.network) == before
    assert same_weights(after.network, before.network)


def test_the_size_of_faces_is_the_median_over_videos(tmp_path):
    """Medians 60, 80 and 90; a frame without a face and a video without a table do not count."""
    write_tracking(tmp_path / "a.csv", 60, "", 59, 200)
    write_tracking(tmp_path / "b.csv", 80)
    write_tracking(tmp_path / "c.csv", 90, 90)
    write_tracking(tmp_path / "d.csv", "")
    tables = [tmp_path / f"{name}.csv" for name in "abcde"]
    assert median_eye_distance(tables) == 80
    assert median_eye_distance(tables[3:]) is None


def test_training_writes_the_size_of_the_faces_trained_on(data, tmp_path):
    """Of the videos of the fold held out it knows nothing."""
    clips = open_clips(data[0])
    for video in clips.video:
        write_tracking(tmp_path / f"{video}.csv", 50)
    settings = replace(SETTINGS, epochs=1)
    options = train_options(data, tmp_path, settings, tracking=tmp_path)
    run_script("train", *options).check_returncode()
    predicted = (tmp_path / "predictions.csv").read_text()
    trained = load_model(tmp_path / "weights.pt")
    assert trained.training_data == TrainingData("some", 2, 4, 50.0)
    for video in clips.video:
        write_tracking(tmp_path / f"{video}.csv", 99 if f"\n{video}," in predicted else 50)
    run_script("train", *options).check_returncode()
    assert load_model(tmp_path / "weights.pt").training_data == trained.training_data


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"dataset": "", "subjects": 1, "clips": 1}, "dataset is ''"),
        ({"dataset": "a", "subjects": 0, "clips": 1}, "subjects is 0, expected a whole number"),
        ({"dataset": "a", "subjects": 1, "clips": 1.5}, "clips is 1.5"),
        ({"dataset": "a", "subjects": 1, "clips": 1, "eye_distance": -1.0}, "eye_distance is -1"),
        ({"dataset": "a"}, "missing"),
        (3, "mapping"),
    ],
)
def test_what_may_not_be_is_refused(weights, content, message):
    whole = torch.load(weights, weights_only=True)
    torch.save({**whole, "training_data": content}, weights)
    with pytest.raises(InputError, match=rf"trained on cannot be read \(.*{message}"):
        load_model(weights)

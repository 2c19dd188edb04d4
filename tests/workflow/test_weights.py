"""`snakemake weights` at a small size: people straight to clips, networks, judgements."""

import csv

import numpy as np
import pytest

from facs3d.preprocessing.clips import open_clips
from facs3d.training.training_data import TrainingData
from facs3d.training.weights import load_model
from tests.support.checkout import Checkout, make_checkout

pytestmark = pytest.mark.workflow

SMALL = """
models: [facs3d]
dataset: {folds: 3}
synthesis: {subjects: 9, videos_per_subject: 1, frames: 11}
sampling: {clip_length: 9, image_size: 48}
architecture: {channels: [4, 8, 8], features: 16}
training: {epochs: 1}
evaluation: {repeats: 2, seeds_per_split: 2, other_datasets: []}
figures: {occlusion_runs: [facs3d/repeat1/fold1]}
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Checkout:
    checkout = make_checkout(tmp_path_factory.mktemp("weights") / "checkout")
    (checkout.folder / "small.yaml").write_text(SMALL)
    done = checkout.snakemake("--configfile", "config/weights.yaml", "small.yaml", "--", "weights")
    assert done.returncode == 0, done.stdout + done.stderr
    return checkout


def test_judged_weights_of_people_that_no_video_shows(made):
    results = made.folder / "results" / "weights"
    clips = open_clips(results / "clips.h5")
    assert len(set(clips.subject)) == len(clips) == 9
    assert not (results / "dataset").exists()
    trained = load_model(results / "judged" / "facs3d.pt")
    assert trained.clip_shape == (9, 48, 48)
    assert trained.standardise
    assert trained.trainings == 2
    assert trained.expected_input.registration["centre"] == "eye_line"
    assert trained.expected_input.spacing == (1 / 6, 1 / 6)
    assert trained.judgement.trained_on == "rendered people"
    assert trained.training_data == TrainingData("weights", 6, 6)
    with open(results / "judged" / "facs3d.csv", newline="") as file:
        card = list(csv.DictReader(file))
    with open(results / "judged" / "facs3d_evidence.csv", newline="") as file:
        evidence = list(csv.DictReader(file))
    assert [row["faces"] for row in evidence[:: len(card)]] == [
        "2 rendered people not trained on",
        "all",
    ]
    assert [row["grade"] for row in evidence[-len(card) :]] == list(trained.judgement.grades)
    np.testing.assert_allclose(
        [float(row["threshold"]) for row in card], trained.judgement.threshold, rtol=1e-6
    )
    assert (results / "judged" / "facs3d_reliability.png").stat().st_size > 10_000


def test_judged_on_other_faces_too_it_is_planned_as_it_is_shipped(tmp_path):
    checkout = make_checkout(tmp_path / "checkout")
    other = checkout.folder / "results" / "weights_portrait"
    other.mkdir(parents=True)
    for name in ("clips.h5", "clips.sha256"):
        (other / name).write_text("planned by, not read\n")
    planned = checkout.planned("--configfile", "config/weights.yaml", "--", "weights")
    judged = ("train", "average_networks", "predict_other_dataset_averaged", "judge_weights")
    assert [planned[name] for name in judged] == [3 * 3, 3, 3, 3]
    assert planned["judge_weights_across"] == 1


def test_only_trainings_that_held_out_the_same_people_are_averaged(made):
    """Another split's have seen some of those on whom the network is judged."""
    (made.folder / "splits.yaml").write_text("evaluation: {repeats: 3, seeds_per_split: 1}")
    configs = ("config/weights.yaml", "small.yaml", "splits.yaml")
    planned = made.planned("--forceall", "--configfile", *configs, "--", "weights")
    assert planned["train"] == planned["average_networks"] == 1


def test_trainings_that_each_hold_others_back_are_refused_before_any_runs(made):
    (made.folder / "held_back.yaml").write_text("training: {validation_subjects: 1}")
    configs = ("config/weights.yaml", "small.yaml", "held_back.yaml")
    done = made.snakemake("--configfile", *configs, "--dry-run", "--", "weights")
    assert done.returncode != 0
    assert "training.validation_subjects are others with each seed" in done.stdout + done.stderr

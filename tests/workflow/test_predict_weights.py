"""`snakemake predict` with a weights file that the config names, where nothing was ever run."""

import csv
import json
import re
from dataclasses import asdict

import pytest
import yaml

from facs3d.preprocessing.alignment import RegistrationSettings
from facs3d.preprocessing.expected_input import ExpectedInput
from facs3d.training.models import Architecture, build_model
from facs3d.training.weights import TrainedModel, save_model
from tests.support.astronaut_video import frame, placement, write_video
from tests.support.checkout import TINY, Checkout, make_checkout
from tests.support.judgements import judgement

pytestmark = pytest.mark.workflow

AUS = (6, 12)
JUDGEMENT = judgement(
    "rendered people", "some others", (0.6, 0.9), (1.0, 2.0), (0.0, 0.5), (0.3, 0.4)
)


@pytest.fixture
def checkout(tmp_path) -> Checkout:
    """A fresh one, the config of which names weights/small.pt."""
    checkout = make_checkout(tmp_path / "checkout")
    config = yaml.safe_load(TINY.read_text())
    config["predict"]["weights"] = "weights/small.pt"
    (checkout.folder / "tiny.yaml").write_text(yaml.safe_dump(config))
    images = [frame(placement(x=150 + 3 * move, scale=1.3)) for move in range(12)]
    write_video(checkout.folder / "film.avi", images)
    return checkout


def write_weights(path):
    """For two AUs, and faces of another size than the tiny config's clips: named weights are of
    other AUs and sizes than a dataset may have."""
    tiny = yaml.safe_load(TINY.read_text())
    shape = (tiny["sampling"]["clip_length"], *[tiny["sampling"]["image_size"] - 8] * 2)
    registration = RegistrationSettings(**tiny["registration"])
    architecture = Architecture(channels=(2, 3), features=4, padding="same", pool_padding=1)
    network = build_model("cnn2d", architecture, shape, len(AUS), seed=1)
    expected = ExpectedInput((1,), 25.0, asdict(registration))
    path.parent.mkdir(exist_ok=True)
    trained = TrainedModel("cnn2d", architecture, AUS, shape, network, expected, JUDGEMENT)
    save_model(trained, path)


def test_a_named_network_needs_no_run_before(checkout, tmp_path):
    """It lies beside the workflow, and the results go elsewhere; one in the working directory
    comes first."""
    write_weights(checkout.folder / "weights" / "small.pt")
    elsewhere = tmp_path / "elsewhere"
    video = checkout.folder / "film.avi"
    arguments = ("--directory", str(elsewhere), "--config", f"input={video}", "--", "predict")
    assert checkout.planned(*arguments).keys() == {
        *("predict", "register_new_video", "predict_aus", "plot_aus", "find_events", "page_aus")
    }
    done = checkout.snakemake(*arguments)
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    assert "its AUs, judged on some others, are good: AU12; poor: AU06" in said
    folder = elsewhere / "results" / "tiny" / "predictions"
    with open(folder / "film.aus.csv", newline="") as file:
        row = next(csv.DictReader(file))
    assert (row["AU06_grade"], row["AU12_grade"]) == ("poor", "good")
    assert (folder / "film.aus.png").exists()
    with open(folder / "film.aus.summary.csv", newline="") as file:
        assert [line["grade"] for line in csv.DictReader(file)] == ["poor", "good"]
    assert (folder / "film.aus.events.csv").exists()
    assert "trained on rendered people" in (folder / "film.aus.html").read_text()
    used = json.loads((folder / "film.aus.json").read_text())["weights"]
    assert [*used] == [str(checkout.folder / "weights" / "small.pt")]

    write_weights(elsewhere / "weights" / "small.pt")
    done = checkout.snakemake("--dry-run", "--printshellcmds", *arguments)
    assert f"--weights {elsewhere}/weights/small.pt" in done.stdout + done.stderr


def test_the_overview_of_a_folder_lists_what_failed_and_why(checkout):
    write_weights(checkout.folder / "weights" / "small.pt")
    videos = checkout.folder / "my videos"
    videos.mkdir()
    (checkout.folder / "film.avi").rename(videos / "film.avi")
    (videos / "bad.mov").write_text("<html>")
    done = checkout.snakemake("predict", "--config", "input=my videos")
    assert done.returncode != 0
    said = "this run: done: 1, failed: 1; listed: 2, see results/tiny/predictions/index.html"
    output = done.stdout + done.stderr
    assert said in output
    ends = re.findall(r"^(.*), (\d) of 2 videos$", output, re.MULTILINE)
    assert {how for how, _number in ends} == {"bad: failed", "film: done"}
    assert [number for _how, number in ends] == ["1", "2"]
    folder = checkout.results / "predictions"
    with open(folder / "index.csv", newline="") as file:
        bad, film = csv.DictReader(file)
    assert (bad["name"], bad["state"], film["name"], film["state"]) == (
        *("bad", "failed"),
        *("film", "done"),
    )
    assert bad["reason"].startswith("not a video FFmpeg can read")
    assert (film["frames"], film["reason"]) == ("12", "")
    assert 'href="film.aus.html"' in (folder / "index.html").read_text()
    # What it came to stays in the overview where a later run fails.
    (videos / "film.avi").write_text("<html>")
    checkout.snakemake("predict", "--config", "input=my videos")
    with open(folder / "index.csv", newline="") as file:
        _bad, film = csv.DictReader(file)
    assert (film["state"], film["frames"]) == ("failed", "12")
    assert film["reason"].startswith("not a video FFmpeg can read")


@pytest.mark.parametrize("baseline", [None, 0.25])
def test_the_baseline_is_passed_on_if_there_is_one(checkout, baseline):
    write_weights(checkout.folder / "weights" / "small.pt")
    config = yaml.safe_load((checkout.folder / "tiny.yaml").read_text())
    config["predict"]["baseline"] = baseline
    (checkout.folder / "tiny.yaml").write_text(yaml.safe_dump(config))
    arguments = ("--dry-run", "--printshellcmds", "predict", "--config", "input=film.avi")
    done = checkout.snakemake(*arguments)
    command = (done.stdout + done.stderr).partition("predict_aus.py")[2].partition("--output")[0]
    assert "--threshold" in command
    assert re.findall(r"--baseline (\S+)", command) == ([] if baseline is None else ["0.25"])


@pytest.mark.parametrize("faces", [True, False])
def test_faces_are_kept_out_of_the_page_on_request(checkout, faces):
    write_weights(checkout.folder / "weights" / "small.pt")
    config = yaml.safe_load((checkout.folder / "tiny.yaml").read_text())
    config["predict"]["faces"] = faces
    (checkout.folder / "tiny.yaml").write_text(yaml.safe_dump(config))
    arguments = ("--dry-run", "--printshellcmds", "predict", "--config", "input=film.avi")
    done = checkout.snakemake(*arguments)
    command = (done.stdout + done.stderr).partition("page_aus.py")[2].partition("--output")[0]
    assert "--title film" in command
    assert ("--faces results/tiny/predictions/film.faces.h5" in command) == faces


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        ("cut", "small.pt: not a file of weights or damaged"),
        ("config", "small.pt: for faces registered with centre 'eye_line', the config says 'land"),
    ],
)
def test_a_network_that_does_not_fit_is_refused_before_anything_runs(checkout, spoil, message):
    path = checkout.folder / "weights" / "small.pt"
    write_weights(path)
    if spoil == "cut":
        path.write_bytes(path.read_bytes()[:1000])
    else:
        config = yaml.safe_load((checkout.folder / "tiny.yaml").read_text())
        config["registration"]["centre"] = "landmarks"
        (checkout.folder / "tiny.yaml").write_text(yaml.safe_dump(config))
    done = checkout.snakemake("predict", "--config", "input=film.avi")
    said = done.stdout + done.stderr
    assert done.returncode != 0
    assert said.count(message) == 1
    assert "Traceback" not in said
    assert not checkout.results.exists()


def test_named_weights_that_are_not_there_are_one_clear_error(checkout):
    done = checkout.snakemake("predict", "--config", "input=film.avi")
    said = done.stdout + done.stderr
    assert done.returncode != 0
    assert "predict.weights is weights/small.pt, but no such file is in the working" in said
    assert "or set it to null for the networks of this dataset's results" in said
    assert "Traceback" not in said
    assert not checkout.results.exists()

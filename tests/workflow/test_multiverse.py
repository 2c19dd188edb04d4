"""`snakemake multiverse` at the smallest: what is trained, what is shared, what comes out."""

import json
import shutil
from pathlib import Path

import pytest

from facs3d.evaluation.metrics import metrics_of_runs
from facs3d.evaluation.runs import read_runs
from facs3d.evaluation.tables import read_table
from tests.support.checkout import Checkout, make_checkout
from tests.support.random_clips import write_random_clips

pytestmark = pytest.mark.workflow

CONFIG = {
    "dataset": {"folds": 2},
    "models": ["cnn2d", "facs3d"],
    "training": {"epochs": 1},
    "figures": {"occlusion_runs": ["facs3d/repeat1/fold1"]},
}
CHOICES = {
    "training.class_weights": [False],
    "split": [2],
    "evaluation.threshold": [0.3],
    "average": ["pooled", "subjects"],
}
FEW = {"choices": CHOICES, "trainings": 3, "folds": [1]}
RULES = (
    *("split_folds", "split_folds_otherwise", "train", "train_otherwise"),
    *("evaluate_specification", "collect_specifications", "plot_specification_curve", "multiverse"),
)
OPTIONS = (
    *("--configfile", "tiny.yaml", "multiverse.json"),
    *("--allowed-rules", *RULES, "--", "multiverse"),
)


def configure(checkout: Checkout, **more: dict) -> None:
    (checkout.folder / "multiverse.json").write_text(json.dumps({**CONFIG, **more}))


@pytest.fixture(scope="module")
def clips_only(tmp_path_factory) -> Checkout:
    """A checkout with clips, and nothing that they are made of."""
    checkout = make_checkout(tmp_path_factory.mktemp("multiverse") / "checkout")
    checkout.results.mkdir(parents=True)
    write_random_clips(checkout.results, clip_shape=(8, 48, 48))
    (checkout.results / "clips.sha256").write_text("of random clips\n")
    return checkout


@pytest.fixture(scope="module")
def made(clips_only, tmp_path_factory) -> Checkout:
    folder = tmp_path_factory.mktemp("made") / "checkout"
    shutil.copytree(clips_only.folder, folder)
    checkout = Checkout(folder)
    configure(checkout, multiverse=FEW)
    done = checkout.snakemake(*OPTIONS)
    assert done.returncode == 0, done.stdout + done.stderr
    return checkout


@pytest.fixture
def copy_of_made(made, tmp_path) -> Checkout:
    shutil.copytree(made.folder, tmp_path / "checkout", symlinks=True)
    return Checkout(tmp_path / "checkout")


def predictions(folder: Path) -> list[Path]:
    return sorted(folder.glob("models/*/repeat1/fold1/predictions.csv"))


def test_every_specification_has_its_row_and_the_own_is_the_main_runs(made):
    table = read_table(made.results / "tables" / "multiverse.csv", text=("training",))
    assert len(table) == 3 * 2 * 3 * 2
    assert table["specification"].tolist() == [n for n in range(1, 19) for _ in range(2)]
    own = table[table["training"] == "own"]
    assert len(own) == 2 * 3 * 2
    metrics = metrics_of_runs(read_runs(predictions(made.results)), "fold", 0.5)
    means = metrics[metrics["metric"] == "AUC"].groupby("model")["value"].mean()
    first = own.iloc[0]
    assert (first["metric"], first["average"]) == ("AUC", "folds")
    assert first["reference"] == pytest.approx(means["facs3d"], abs=1e-6)
    assert first["baseline"] == pytest.approx(means["cnn2d"], abs=1e-6)
    assert set(table["training"]) == {
        path.name for path in (made.results / "multiverse").iterdir()
    } - {"folds"}
    for name in ("multiverse.html", "multiverse_choices.html", "multiverse_choices.tex"):
        assert (made.results / "tables" / name).stat().st_size
    for suffix in ("png", "pdf"):
        assert (made.results / "figures" / f"specification_curve.{suffix}").stat().st_size


def test_each_training_is_what_its_choices_say(made):
    table = read_table(made.results / "tables" / "multiverse.csv", text=("training",))
    trained = table.drop_duplicates("training").set_index("training")
    for name, row in trained.drop("own").iterrows():
        folder = made.results / "multiverse" / name
        assert len(predictions(folder)) == 2
        assert not list(folder.rglob("weights.pt"))
        for path in predictions(folder):
            provenance = json.loads(path.with_name("provenance.json").read_text())
            assert provenance["training.class_weights"] == row["training.class_weights"]
            assert provenance["training.epochs"] == 1
        (run, *_) = read_runs(predictions(folder)).values()
        (own, *_) = read_runs(predictions(made.results)).values()
        assert (set(run.subject) == set(own.subject)) == (row["split"] == 1)


def test_what_is_done_is_not_done_again(copy_of_made):
    assert copy_of_made.planned(*OPTIONS) == {}
    # Another way to evaluate trains nothing; nothing of it is what all asks for.
    ways = {**CHOICES, "evaluation.pairs": ["fold"]}
    configure(copy_of_made, multiverse={**FEW, "choices": ways})
    assert copy_of_made.planned(*OPTIONS) == {
        "evaluate_specification": 3,
        "collect_specifications": 1,
        "plot_specification_curve": 1,
        "multiverse": 1,
    }
    # More combinations train what is new.
    configure(copy_of_made, multiverse={**FEW, "trainings": "all"})
    jobs = copy_of_made.planned(*OPTIONS)
    assert (jobs["train_otherwise"], jobs["evaluate_specification"]) == (2, 1)
    assert "train" not in jobs


def test_repeats_of_the_main_run_are_trained_once(clips_only):
    """Of seeds 1, 2 and splits 1, 2 the main run has the first of both and the second of both."""
    choices = {"seed": [2], "split": [2], "training.class_weights": [False]}
    configure(clips_only, multiverse={"choices": choices}, evaluation={"repeats": 2})
    jobs = clips_only.planned(*OPTIONS)
    of_both_models_and_folds = 2 * 2
    assert jobs["train"] == 2 * of_both_models_and_folds
    assert jobs["train_otherwise"] == 6 * of_both_models_and_folds
    assert jobs["evaluate_specification"] == 8
    assert jobs["split_folds"] == 2
    assert jobs["split_folds_otherwise"] == 1


def test_all_asks_for_nothing_of_it(clips_only):
    configure(clips_only, multiverse={"choices": CHOICES})
    jobs = clips_only.planned("--configfile", "tiny.yaml", "multiverse.json", "--", "all")
    assert not {*jobs} & {"train_otherwise", "evaluate_specification", "collect_specifications"}


@pytest.mark.parametrize(
    ("multiverse", "message"),
    [
        ({}, "multiverse.choices names no choice; name one or more"),
        ({"choices": {"training.epoch": [3]}}, "there is no choice 'training.epoch'"),
        ({"choices": {"seed": [2]}, "folds": [3]}, "multiverse.folds: [3], expected 1 to 2"),
    ],
)
def test_a_mistake_is_one_message_before_anything_runs(clips_only, multiverse, message):
    configure(clips_only, multiverse=multiverse)
    done = clips_only.snakemake("--dry-run", *OPTIONS)
    said = done.stdout + done.stderr
    assert done.returncode != 0
    assert said.count(message) == 1
    assert "Traceback (most recent call last)" not in said

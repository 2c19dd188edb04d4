"""Networks judged on another dataset by the workflow: what runs, what it reads, what it lacks."""

import json
import shutil
from pathlib import Path

import h5py
import numpy as np
import pytest

from facs3d.core.action_units import PAPER_AUS
from facs3d.evaluation.occlusion.maps import read_occlusion
from facs3d.evaluation.tables import read_table
from facs3d.preprocessing.clips import open_clips
from facs3d.training.predictions import read_predictions
from tests.support.checkout import Checkout, make_checkout
from tests.support.random_clips import write_random_clips

pytestmark = pytest.mark.workflow

CONFIG = {
    "dataset": {"folds": 2},
    "models": ["cnn2d", "facs3d"],
    "training": {"epochs": 1},
    "evaluation": {"other_datasets": ["other"]},
    "figures": {"occlusion_runs": ["facs3d/repeat1/fold1"], "occlusion_other_datasets": True},
}
MAPS = ("occlude_other_dataset", "render_occlusion_maps_elsewhere", "compare_locality")
ACROSS = ("predict_other_dataset", "across_datasets", "plot_across_datasets", *MAPS, "across")
RULES = ("split_folds", "train", "occlusion_sensitivity", *ACROSS)
OPTIONS = ("--configfile", "tiny.yaml", "across.json", "--allowed-rules", *RULES, "--", "across")
TABLE = "tables/across_datasets.csv"


@pytest.fixture(scope="module")
def clips_only(tmp_path_factory) -> Checkout:
    """A checkout with the clips of two datasets, and nothing that they are made of."""
    checkout = make_checkout(tmp_path_factory.mktemp("across") / "checkout")
    (checkout.folder / "across.json").write_text(json.dumps(CONFIG))
    other = checkout.folder / "results" / "other"
    for folder, seed, aus in ((checkout.results, 0, PAPER_AUS), (other, 1, (4, 12, 25))):
        folder.mkdir(parents=True)
        write_random_clips(folder, clip_shape=(8, 48, 48), action_units=aus, seed=seed)
        (folder / "clips.sha256").write_text(f"of random clips {seed}\n")
    return checkout


@pytest.fixture(scope="module")
def judged(clips_only) -> Checkout:
    done = clips_only.snakemake(*OPTIONS)
    assert done.returncode == 0, done.stdout + done.stderr
    return clips_only


def test_every_network_is_judged_on_everybody_of_the_other_dataset(judged):
    clips = open_clips(judged.folder / "results" / "other" / "clips.h5")
    for model in ("cnn2d", "facs3d"):
        for fold in (1, 2):
            folder = judged.results / "across" / "other" / model / "repeat1" / f"fold{fold}"
            found = read_predictions(folder / "predictions.csv")
            assert found.action_units == PAPER_AUS
            assert set(found.subject) == set(clips.subject)
            np.testing.assert_array_equal(found.frame_number, clips.frame_number.ravel())
            known = np.array(PAPER_AUS)[(found.label >= 0).any(axis=0)]
            assert known.tolist() == [4, 12]
    table = read_table(judged.results / TABLE, text=("AU",))
    assert set(table["AU"]) == {"4", "12", "Ave"}
    for suffix in ("html", "tex"):
        assert (judged.results / "tables" / f"across_datasets.{suffix}").stat().st_size
    for suffix in ("png", "pdf"):
        assert (judged.results / "figures" / f"across_datasets.{suffix}").stat().st_size
    by_fold = read_table(judged.results / "tables" / "across_metrics_by_fold.csv")
    assert set(by_fold["train_status"]) == {"other dataset"}


def test_figure_4s_network_is_examined_on_everybody_of_the_other_dataset(judged):
    clips = open_clips(judged.folder / "results" / "other" / "clips.h5")
    run = judged.results / "across" / "other" / "facs3d" / "repeat1" / "fold1"
    found = read_occlusion(run / "occlusion.h5")
    assert found.action_units == (4, 12)
    assert found.other_dataset == "other"
    np.testing.assert_array_equal(
        found.n_positive, (clips.labels[:, :, :2] == 1).sum(axis=(0, 1)), "AUs 4 and 12"
    )
    table = read_table(judged.results / "tables" / "occlusion_locality.csv")
    assert table["au"].tolist() == ["AU04", "AU12", "Ave"]
    assert table["n_positive_across"].tolist()[:2] == found.n_positive.tolist()
    for name in ("occlusion_locality.html", "occlusion_locality.tex"):
        assert (judged.results / "tables" / name).stat().st_size
    for suffix in ("png", "pdf"):
        name = f"occlusion_maps_on_other_facs3d_repeat1_fold1.{suffix}"
        assert (judged.results / "figures" / name).stat().st_size
    assert len([*judged.results.glob("across/other/*/*/*/*.h5")]) == 1


def test_other_clips_of_the_other_dataset_are_predicted_anew_and_nothing_is_trained(judged):
    options = ("--rerun-triggers", "mtime", "input", "params", *OPTIONS)
    assert judged.planned(*options) == {}
    (judged.folder / "results" / "other" / "clips.sha256").write_text("of others\n")
    assert set(judged.planned(*options)) == {*ACROSS}


def test_all_asks_for_the_table_and_figure_only_where_others_are_named(clips_only):
    with_others = clips_only.planned("--configfile", "tiny.yaml", "across.json", "--", "all")
    without = clips_only.planned("--", "all")
    assert {*ACROSS} - {*with_others} == {"across"}
    assert {with_others[name] for name in ("plot_across_datasets", *MAPS)} == {1}
    assert not {*without} & {*ACROSS}


def unjudged(checkout: Checkout, folder: Path) -> Checkout:
    """A copy that has networks at most, and nothing of how they were judged."""
    shutil.copytree(checkout.folder, folder, symlinks=True)
    copy = Checkout(folder)
    for name in ("across", "tables", "figures"):
        shutil.rmtree(copy.results / name, ignore_errors=True)
    return copy


def test_what_is_missing_is_one_message_with_the_command_that_makes_it(clips_only, tmp_path):
    checkout = unjudged(clips_only, tmp_path / "checkout")
    (checkout.folder / "results" / "other" / "clips.h5").unlink()
    done = checkout.snakemake("--dry-run", *OPTIONS)
    assert done.returncode != 0
    said = done.stdout + done.stderr
    assert "there is no results/other/clips.h5; make it with" in said
    assert "snakemake assemble_clips --cores all --configfile <the config of other>" in said
    done = checkout.snakemake("--dry-run", "--", "across")
    assert "evaluation.other_datasets names no dataset" in done.stdout + done.stderr
    asked = ("--dry-run", "--", "results/tiny/tables/occlusion_locality.csv")
    done = checkout.snakemake(*asked)
    said = done.stdout + done.stderr
    assert "figures.occlusion_other_datasets is false; set it to true, and name the datas" in said


def test_clips_registered_otherwise_end_the_job_with_what_to_set(clips_only, tmp_path):
    checkout = unjudged(clips_only, tmp_path / "checkout")
    with h5py.File(checkout.folder / "results" / "other" / "clips.h5", "r+") as file:
        expected = json.loads(file.attrs["expected_input"])
        expected["registration"]["centre"] = "eye_line"
        file.attrs["expected_input"] = json.dumps(expected)
    done = checkout.snakemake("--keep-going", *OPTIONS)
    assert done.returncode != 0
    for job in ("predict_other_dataset/other_cnn2d", "occlude_other_dataset/other_facs3d"):
        log = checkout.results / "logs" / f"{job}_repeat1_fold1.log"
        assert "set registration.centre to that" in log.read_text()

"""The tiny config through the real Snakefile: outputs, contracts, faults."""

import csv
import re
from dataclasses import asdict

import h5py
import numpy as np
import pandas as pd
import pytest
import torch

from facs3d.core.action_units import PAPER_AUS, au_column, label_column
from facs3d.datasets.folds import read_folds
from facs3d.evaluation.claims.paper_claims import CLAIMS
from facs3d.evaluation.claims.verdicts import UNTOLD
from facs3d.preprocessing.alignment import RegistrationSettings
from facs3d.preprocessing.clips import open_clips
from facs3d.training.predictions import read_predictions
from tests.support.checkout import make_checkout

pytestmark = pytest.mark.workflow

MODELS = ("cnn2d", "cnn2d_lstm", "facs3d")
FOLDS = (1, 2, 3)


def test_every_video_is_registered_with_a_row_for_every_annotated_frame(finished):
    for video in ("F001_T1", "F006_T2"):
        with open(finished.results / "tracking" / f"{video}.csv", newline="") as file:
            rows = list(csv.DictReader(file))
        assert [int(row["frame_number"]) for row in rows] == list(range(30))
        assert all(row["face_found"] == "1" for row in rows)
        assert (finished.results / "registered" / f"{video}.avi").stat().st_size > 0
    assert not list((finished.results / "gray").glob("*.avi"))


def test_clips_follow_their_schema(finished):
    clips = open_clips(finished.results / "clips.h5")
    assert len(clips) == 12
    assert clips.frame_shape == (8, 48, 48)
    assert clips.action_units == PAPER_AUS
    assert set(np.diff(clips.frame_number, axis=1).ravel()) <= {2, 3}
    assert set(np.unique(clips.labels)) == {0, 1}
    assert clips.expected_input.spacing == (2 / 25, 3 / 25)
    assert clips.expected_input.registration == asdict(RegistrationSettings(centre="eye_line"))
    frames = clips.read_frames(range(12))
    assert frames.std(axis=(2, 3)).min() > 10


def test_labels_of_clips_are_the_label_files_at_their_frame_numbers(finished):
    clips = open_clips(finished.results / "clips.h5")
    for index, video in enumerate(clips.video):
        for column, au in enumerate(clips.action_units):
            name = au_column(au)
            folder = finished.results / "dataset" / "AUCoding" / "AU_INT" / name
            intensity = np.loadtxt(folder / f"{video}_{name}.csv", delimiter=",", dtype=int)
            coded = dict(intensity.tolist())
            expected = [int(coded[frame] >= 2) for frame in clips.frame_number[index].tolist()]
            assert clips.labels[index, :, column].tolist() == expected


def test_every_frame_is_predicted_once_by_a_model_that_never_saw_its_subject(finished):
    clips = open_clips(finished.results / "clips.h5")
    folds = read_folds(finished.results / "folds" / "repeat1.csv")
    everything = {
        (video, int(frame))
        for video, frames in zip(clips.video, clips.frame_number, strict=True)
        for frame in frames
    }
    for model in MODELS:
        seen = []
        for fold in FOLDS:
            path = (
                finished.results / "models" / model / "repeat1" / f"fold{fold}" / "predictions.csv"
            )
            predictions = read_predictions(path)
            assert {folds[subject] for subject in predictions.subject} == {fold}
            seen += zip(predictions.video.tolist(), predictions.frame_number.tolist(), strict=True)
        assert len(seen) == len(everything)
        assert set(seen) == everything
    header = path.read_text().splitlines()[0].split(",")
    assert header == [
        "video",
        "subject",
        "frame_number",
        *map(au_column, PAPER_AUS),
        *map(label_column, PAPER_AUS),
    ]


def test_weights_load_without_executing_code(finished):
    path = finished.results / "models" / "facs3d" / "repeat1" / "fold1" / "weights.pt"
    assert torch.load(path, weights_only=True)


def test_tables_have_their_columns_and_every_value_has_its_row(finished):
    tables = finished.results / "tables"
    by_fold = pd.read_csv(tables / "metrics_by_fold.csv")
    expected = "model,repeat,fold,train_status,au,metric,value,n_frames,n_positive"
    assert list(by_fold) == expected.split(",")
    assert len(by_fold) == 3 * 3 * 12 * 6
    accuracy = by_fold[by_fold.metric == "ACC"].value.to_numpy()
    np.testing.assert_allclose(by_fold[by_fold.metric == "S"].value, 2 * accuracy - 1, atol=1e-5)
    table2 = pd.read_csv(tables / "table2.csv")
    assert len(table2) == 2 * 12 * 6
    expected = "baseline,au,metric,n,mean_difference,t,df,p,p_holm,ci_low,ci_high,stars"
    assert set(expected.split(",")) <= set(table2)
    assert len(pd.read_csv(tables / "table1.csv")) >= 13
    assert (tables / "excluded_videos.csv").read_text() == "video,subject,task,reason\n"
    for name in ("claims", "table1", "table2_stars"):
        assert r"\begin{tabular}" in (tables / f"{name}.tex").read_text()
    quality = pd.read_csv(tables / "registration_quality.csv")
    assert list(quality["n_frames"]) == [30] * 12
    assert list(quality["n_looked_at"]) == [2] * 12


def test_every_claim_of_the_paper_has_a_verdict(finished):
    table = pd.read_csv(finished.results / "tables" / "claims.csv")
    assert len(table) == len(CLAIMS)
    told = table[table["verdict"] != UNTOLD]
    # One repeat: arithmetic and labels alone.
    assert 2 <= len(told) <= 5
    assert table["ours"].notna().sum() >= 25
    assert table["reason"].notna().all()


def test_provenance_says_that_all_models_of_a_fold_saw_the_same_data(finished):
    table = pd.read_csv(finished.results / "tables" / "provenance.csv")
    assert sorted(zip(table.model, table.fold, strict=True)) == [
        (model, fold) for model in MODELS for fold in FOLDS
    ]
    assert (table.groupby("fold").data.nunique() == 1).all()
    assert table.data.nunique() == len(FOLDS)
    assert set(table.device) == {"cpu"}
    assert (table.seconds > 0).all()


def test_occlusion_has_every_patch_position(finished):
    with h5py.File(finished.results / "occlusion" / "facs3d" / "repeat1" / "fold1.h5") as file:
        assert file["accuracy"].shape == (12, 3, 3)
        accuracy, n_positive = file["accuracy"][:], file["n_positive"][:]
        assert ((accuracy >= 0) & (accuracy <= 1))[n_positive > 0].all()
        assert np.isnan(accuracy[n_positive == 0]).all()
        both = (n_positive > 0) & (file["n_negative"][:] > 0)
        assert both.any()
        assert (np.isfinite(file["auc"][:]).all(axis=(1, 2)) == both).all()


def test_the_regions_table_has_a_row_for_every_au_and_measure(finished):
    table = pd.read_csv(finished.results / "tables" / "occlusion_regions.csv")
    assert list(table.measure) == ["accuracy"] * 12 + ["AUC"] * 12
    assert list(table.au) == [au_column(au) for au in PAPER_AUS] * 2
    shares = table.share_in_region.dropna()
    assert shares.between(0, 1).all()
    assert (table.share_in_region.isna() == table.note.notna()).all()


def test_every_figure_is_there_as_png_and_pdf(finished):
    names = ["occlusion_maps", "occlusion_maps_auc"]
    names += ["occlusion_maps_cnn2d_repeat1_fold2", "occlusion_maps_auc_cnn2d_repeat1_fold2"]
    names += ["cooccurrence", "time_course"]
    names += ["au_regions", "training_curves", "registered_faces", "synthetic_faces"]
    names += ["metric_bars", "roc_curves", "precision_recall_curves", "reliability"]
    names += ["registration_quality"]
    for name in names:
        path = finished.results / "figures" / name
        assert path.with_suffix(".png").read_bytes().startswith(b"\x89PNG")
        assert path.with_suffix(".pdf").read_bytes().startswith(b"%PDF")


def test_a_second_run_does_nothing(finished):
    assert finished.planned() == {}


def test_two_runs_from_scratch_give_the_same_bytes(finished, tmp_path):
    again = make_checkout(tmp_path / "again")
    done = again.snakemake("--until", "aggregate_metrics", "paired_ttests", "plot_registered_faces")
    assert done.returncode == 0, done.stdout + done.stderr
    for pattern in ("tables/table*.csv", "tables/metrics*.csv", "clips.h5", "figures/reg*.p*"):
        paths = sorted(again.results.glob(pattern))
        assert paths
        for path in paths:
            other = finished.results / path.relative_to(again.results)
            assert path.read_bytes() == other.read_bytes(), path.name


def test_rendered_heads_become_clips_without_the_portrait(tmp_path):
    checkout = make_checkout(tmp_path / "checkout")
    (checkout.folder / "heads.yaml").write_text("synthesis: {source: heads, subjects: 4}\n")
    targets = ("results/tiny/clips.h5", "results/tiny/figures/synthetic_faces.png")
    done = checkout.snakemake("--configfile", "tiny.yaml", "heads.yaml", "--", *targets)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "make_portrait" not in done.stdout + done.stderr
    assert (checkout.results / "tables" / "excluded_videos.csv").read_text().count("\n") == 1
    assert len(open_clips(checkout.results / "clips.h5")) == 8
    with np.load(checkout.results / "dataset" / "truth" / "au_regions.npz") as truth:
        assert truth["regions"].any(axis=(1, 2)).all()


def test_bad_videos_are_excluded_with_their_reason_and_the_others_go_on(tmp_path):
    checkout = make_checkout(tmp_path / "checkout")
    assert checkout.snakemake("--until", "synthesize_videos_F001").returncode == 0
    dataset = checkout.results / "dataset"
    (dataset / "Videos" / "F001" / "T1.avi").write_text("<html>not a video</html>")
    (dataset / "AUCoding" / "AU_OCC" / "F002_T1.csv").write_text("0,1,2\n1,0,x\n")
    done = checkout.snakemake("results/tiny/clips.h5", "--rerun-triggers", "mtime")
    assert done.returncode == 0, done.stdout + done.stderr
    with open(checkout.results / "tables" / "excluded_videos.csv", newline="") as file:
        excluded = {row["video"]: row["reason"] for row in csv.DictReader(file)}
    assert set(excluded) == {"F001_T1", "F002_T1"}
    assert re.search(r"T1\.avi", excluded["F001_T1"])
    assert re.search(r"F002_T1\.csv, line 1", excluded["F002_T1"])
    assert len(open_clips(checkout.results / "clips.h5")) == 10


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("training: {epoch: 3}", "config, training: .*'epoch' was unexpected"),
        ("synthesis: {subjects: 2}", "2 subjects cannot fill 3 folds"),
        ("dataset: {synthesize: false, root: data, sheet: no.csv}", "no.csv: no such video sheet"),
    ],
)
def test_a_mistake_in_the_config_stops_before_anything_runs(tmp_path, override, message):
    checkout = make_checkout(tmp_path / "checkout")
    (checkout.folder / "override.yaml").write_text(override)
    done = checkout.snakemake("--configfile", "tiny.yaml", "override.yaml", "--quiet")
    assert done.returncode != 0
    lines = [line for line in (done.stdout + done.stderr).splitlines() if re.search(message, line)]
    assert len(lines) == 1
    assert "Traceback" not in done.stdout + done.stderr
    assert not checkout.results.exists()


def test_another_name_and_seed_give_another_dataset_in_its_own_folder(finished, tmp_path):
    checkout = make_checkout(tmp_path / "checkout")
    (checkout.folder / "other.yaml").write_text("seed: 7\ndataset: {name: other}\n")
    clip = "results/other/clips/F001_T1.h5"
    done = checkout.snakemake("--configfile", "tiny.yaml", "other.yaml", "--", clip)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (checkout.folder / "results" / "other" / "dataset" / "Videos" / "F001").is_dir()
    other = open_clips(checkout.folder / clip).read_frames([0])
    assert (other != open_clips(finished.results / "clips.h5").read_frames([0])).mean() > 0.5


def test_one_model_alone_runs_without_the_tests_between_models(finished):
    (finished.folder / "one.yaml").write_text(
        "models: [facs3d]\nfigures: {occlusion_runs: [facs3d/repeat1/fold1]}\n"
    )
    planned = finished.planned("--configfile", "tiny.yaml", "one.yaml", "--forceall")
    assert planned["train"] == 3
    assert not {"paired_ttests", "compare_repeats"} & set(planned)


def test_a_dataset_on_disk_is_indexed_then_run_from_its_sheet(finished, tmp_path):
    checkout = make_checkout(tmp_path / "checkout")
    root = finished.results / "dataset"
    (checkout.folder / "disk.yaml").write_text(
        f"dataset: {{name: disk, synthesize: false, root: {root}, sheet: config/disk.csv}}\n"
    )
    disk = ("--configfile", "tiny.yaml", "disk.yaml")
    done = checkout.snakemake(*disk, "--", "index_videos")
    assert done.returncode == 0, done.stdout + done.stderr
    sheet = (checkout.folder / "config" / "disk.csv").read_text().splitlines()
    assert len(sheet) == 13
    assert sheet[1].startswith("F001_T1,F001,T1,")
    done = checkout.snakemake(*disk, "--", "results/disk/clips.h5")
    assert done.returncode == 0, done.stdout + done.stderr
    # The synthetic dataset's clips differ in nothing: same seed, same names, same code.
    clips = open_clips(checkout.folder / "results" / "disk" / "clips.h5")
    synthetic = open_clips(finished.results / "clips.h5")
    np.testing.assert_array_equal(clips.frame_number, synthetic.frame_number)
    np.testing.assert_array_equal(clips.read_frames(range(12)), synthetic.read_frames(range(12)))


def test_one_gpu_job_at_a_time_unless_more_gpus_are_given(copy_of_finished):
    """Trainings that ask for a GPU, replaced by a job that logs its start and takes a while."""
    rules = copy_of_finished.folder / "rules" / "training.smk"
    text = rules.read_text()
    command = "date +%s.%N >> started.txt; sleep 1.5; touch {output}; echo x > {output.weights}"
    command += "; echo x > {output.predictions}"
    rules.write_text(text[: text.index("    shell:")] + f'    shell:\n        "{command}"\n')
    (copy_of_finished.folder / "gpu.yaml").write_text("training: {device: cuda}\n")

    def shortest_gap(*arguments: str) -> float:
        started = copy_of_finished.folder / "started.txt"
        started.unlink(missing_ok=True)
        done = copy_of_finished.snakemake(
            *("--configfile", "tiny.yaml", "gpu.yaml", "--until", "train", "--forcerun", "train"),
            *arguments,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        times = np.sort(np.loadtxt(started))
        assert len(times) == 9
        return float(np.diff(times).min())

    assert shortest_gap() > 1.4
    assert shortest_gap("--resources", "gpu=2") < 1.0

"""A change reruns what it changes, and nothing else: dry runs after a finished one."""

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support.checkout import ROOT, Checkout, change

pytestmark = pytest.mark.workflow

TRAININGS = 9
OF_PREDICTIONS = {
    *("aggregate_metrics", "plot_time_course", "plot_detection_curves", "plot_reliability"),
}
OF_METRICS = {"paired_ttests", "compare_repeats", "plot_metric_bars", "judge_claims"}
AFTER_TRAINING = {
    *OF_PREDICTIONS,
    *OF_METRICS,
    *("plot_training_curves", "collect_provenance"),
    *("occlusion_sensitivity", "render_occlusion_maps", "render_figure_4"),
    *("render_auc_maps", "render_auc_maps_of_run", "compare_occlusion_regions"),
}
AFTER_CLIPS = {"split_folds", "train", "au_cooccurrence", "plot_registered_faces", *AFTER_TRAINING}
AFTER_REGISTRATION = {
    *("convert_to_grayscale", "sample_frames", "assemble_clips", "plot_registration_quality"),
    *("list_exclusions", *AFTER_CLIPS),
}


@pytest.fixture
def library(copy_of_finished) -> Path:
    return copy_of_finished.folder / "workflow_scripts" / "facs3d"


def planned(checkout: Checkout) -> set[str]:
    return set(checkout.planned()) - {"all"}


def test_comments_and_docstrings_rerun_nothing(copy_of_finished, library):
    for path in library.parent.rglob("*.py"):
        text = path.read_text()
        path.write_text(re.sub('^"""', '"""Said otherwise. ', text, count=1) + "\n# A comment.\n")
    assert planned(copy_of_finished) == set()


def test_touches_rerun_nothing(copy_of_finished):
    for path in copy_of_finished.folder.rglob("*"):
        if path.is_file() and ".snakemake" not in path.parts:
            path.touch()
    assert planned(copy_of_finished) == set()


def test_a_change_and_back_reruns_nothing(copy_of_finished, library):
    module = library / "training" / "losses.py"
    text = module.read_text()
    module.write_text(text + "\nEXTRA = 1\n")
    assert planned(copy_of_finished) >= {"train"}
    module.write_text(text)
    assert planned(copy_of_finished) == set()


def test_another_metric_makes_tables_and_figures_and_trains_nothing(copy_of_finished, library):
    change(library / "evaluation" / "metrics.py", '"ACC": accuracy,', '"ACC": f1,')
    assert planned(copy_of_finished) == {"aggregate_metrics", *OF_METRICS}


def test_a_models_name_in_legends_makes_tables_and_figures(copy_of_finished, library):
    change(library / "report" / "model_names.py", '"FACS3D-Net"', '"FACS3DNet"')
    found = planned(copy_of_finished)
    assert {"aggregate_metrics", "plot_metric_bars", "plot_time_course"} <= found
    assert not found & {"train", "occlusion_sensitivity", "assemble_clips", "register_faces"}


def test_another_datasets_layout_reruns_nothing(copy_of_finished, library):
    for name in ("disfa", "generic", "registered"):
        (library / "datasets" / f"{name}.py").write_text("raise SystemExit\n")
    assert planned(copy_of_finished) == set()
    change(
        library / "datasets" / "bp4dplus.py", "label_path.parent.parent", "label_path.parents[1]"
    )
    # A checked or registered video may read other labels now; the rest follows from the clips.
    assert planned(copy_of_finished) == {
        *("check_dataset", "register_faces"),
        *AFTER_REGISTRATION,
    }


def test_a_change_of_registration_reruns_all_that_follows(copy_of_finished, library):
    change(library / "preprocessing" / "registration.py", "INTER_LINEAR", "INTER_CUBIC")
    assert planned(copy_of_finished) == {"register_faces", *AFTER_REGISTRATION}


def test_a_change_of_the_loss_trains_anew_and_keeps_the_clips(copy_of_finished, library):
    change(library / "training" / "losses.py", 'reduction="sum"', 'reduction="mean"')
    jobs = copy_of_finished.planned()
    assert jobs["train"] == TRAININGS
    assert set(jobs) - {"all"} == {"train", *AFTER_TRAINING}


@pytest.mark.parametrize(
    ("before", "after", "rules"),
    [
        (
            "min_positive: 1",
            "min_positive: 2",
            {
                *("render_occlusion_maps", "render_figure_4"),
                *("render_auc_maps", "render_auc_maps_of_run"),
                *("compare_occlusion_regions", "judge_claims"),
            },
        ),
        ("figures: {", "figures: {registered_faces: {n_subjects: 5}, ", {"plot_registered_faces"}),
        ("figures: {", "figures: {time_course: {au: 6}, ", {"plot_time_course"}),
    ],
)
def test_settings_of_figures_draw_those_figures(copy_of_finished, before, after, rules):
    change(copy_of_finished.folder / "tiny.yaml", before, after)
    assert planned(copy_of_finished) == rules


def test_a_setting_of_training_keeps_the_clips(copy_of_finished):
    change(copy_of_finished.folder / "tiny.yaml", "epochs: 2", "epochs: 3")
    assert planned(copy_of_finished) == {"train", *AFTER_TRAINING}


def test_one_fold_of_one_model_is_retrained_alone_and_the_tables_follow(copy_of_finished):
    weights = "results/tiny/models/facs3d/repeat1/fold2/weights.pt"
    jobs = copy_of_finished.planned("--forcerun", weights)
    assert jobs["train"] == 1
    assert set(jobs) - {"all", "train"} == {
        *OF_PREDICTIONS,
        *OF_METRICS,
        *("plot_training_curves", "collect_provenance"),
    }


def test_a_touch_of_large_clips_trains_nothing(copy_of_finished):
    """Beyond the size up to which Snakemake compares contents; at any time, the future included."""
    clips = copy_of_finished.results / "clips.h5"
    with open(clips, "ab") as file:
        file.truncate(200 * 1024**2)
    for moment in (time.time(), time.time() + 10**7):
        os.utime(clips, (moment, moment))
        assert planned(copy_of_finished) == set()


def test_other_clips_train_anew(copy_of_finished):
    (copy_of_finished.results / "clips.sha256").write_text("0" * 64 + "\n")
    assert planned(copy_of_finished) >= {"split_folds", "train", "au_cooccurrence"}


def snakemake(folder: Path, *arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "snakemake", "--cores", "1", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=600,
    )


def test_the_workflow_runs_in_another_folder(finished, tmp_path):
    target = "results/tiny/dataset/portrait.npz"
    done = snakemake(
        tmp_path,
        *("--snakefile", str(finished.folder / "Snakefile")),
        *("--configfile", str(finished.folder / "tiny.yaml"), "--directory", "elsewhere"),
        *("--", target),
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "elsewhere" / target).read_bytes() == (finished.folder / target).read_bytes()


def test_the_workflow_runs_as_a_module_of_another(finished, tmp_path):
    (tmp_path / "Snakefile").write_text(
        f"""
import yaml

module faces:
    snakefile: {str(finished.folder / "Snakefile")!r}
    config: yaml.safe_load(open({str(finished.folder / "tiny.yaml")!r}))

use rule * from faces as faces_*
"""
    )
    target = "results/tiny/dataset/Videos/F001/T1.avi"
    done = snakemake(tmp_path, "--", target)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / target).read_bytes() == (finished.folder / target).read_bytes()
    done = snakemake(tmp_path, "--dry-run", "--quiet", "rules", "--", "faces_all")
    assert "faces_train" in done.stdout + done.stderr


def test_a_module_without_a_config_is_the_demo(tmp_path):
    (tmp_path / "Snakefile").write_text(
        f"""
module faces:
    snakefile: {str(ROOT / "Snakefile")!r}

use rule * from faces as faces_*
"""
    )
    done = snakemake(tmp_path, "--dry-run", "--", "faces_render_synthetic_faces")
    assert "results/synthetic/dataset/examples.npz" in done.stdout + done.stderr, done.stderr
    done = snakemake(tmp_path, "--dry-run", "--", "faces_predict")
    assert "no video given" in done.stdout + done.stderr

"""A small run of the pipeline on a real SLURM, through profiles/slurm as it is."""

import shutil
import subprocess
from itertools import pairwise
from pathlib import Path

import pytest

from tests.support.checkout import Checkout, make_checkout
from tests.support.cluster import Cluster, wait_until

pytestmark = pytest.mark.slurm

# `auto` asks for a GPU and goes on without one: the cluster's device is /dev/null.
SMALL = """\
dataset: {folds: 2}
synthesis: {subjects: 4, videos_per_subject: 1}
models: [cnn2d, facs3d]
training: {device: auto}
occlusion: {device: auto}
figures: {occlusion_runs: [facs3d/repeat1/fold1]}
"""
OPTIONS = (
    *("--profile", "profiles/slurm", "--slurm-init-seconds-before-status-checks", "5"),
    *("--resources", "gpu=2", "--configfile", "tiny.yaml", "small.yaml"),
)
FOLD = Path("results/tiny/models/facs3d/repeat1/fold2")


@pytest.fixture(scope="module")
def finished(cluster, tmp_path_factory) -> Checkout:
    """A checkout in which all of it has run on the cluster."""
    checkout = make_checkout(tmp_path_factory.mktemp("cluster") / "checkout")
    (checkout.folder / "small.yaml").write_text(SMALL)
    done = run(cluster, checkout)
    assert done.returncode == 0, done.stdout + done.stderr
    return checkout


@pytest.fixture
def copy(finished, tmp_path) -> Checkout:
    shutil.copytree(finished.folder, tmp_path / "checkout", symlinks=True)
    return Checkout(tmp_path / "checkout")


def run(cluster: Cluster, checkout: Checkout, *arguments: str) -> subprocess.CompletedProcess:
    with cluster.owning_children():
        return checkout.snakemake(*OPTIONS, *arguments)


def of_rule(jobs: list[dict[str, str]], rule: str) -> list[dict[str, str]]:
    return [job for job in jobs if job["Comment"].startswith(f"rule_{rule}")]


def on_gpu(jobs: list[dict[str, str]]) -> list[dict[str, str]]:
    return [job for job in jobs if job.get("TresPerJob") == "gres:gpu:1"]


def test_the_whole_pipeline_runs_with_few_jobs_each_where_it_belongs(finished, cluster):
    assert finished.planned(*OPTIONS) == {}
    jobs = cluster.jobs()
    assert {job["JobState"] for job in jobs} == {"COMPLETED"}
    assert len(of_rule(jobs, "video")) == len(of_rule(jobs, "portrait")) == 1
    assert len(of_rule(jobs, "synthesize_videos")) == 1
    trainings = of_rule(jobs, "train_")
    assert len(trainings) == 4
    assert on_gpu(jobs) == [job for job in jobs if job["Partition"] == "gpu"]
    assert len(on_gpu(jobs)) == 4 + len(of_rule(jobs, "occlusion_sensitivity"))
    assert {job["TimeLimit"] for job in trainings} == {"02:00:00"}
    assert all("mem=16000M" in job["TRES"] for job in trainings)


def test_two_gpu_jobs_never_share_the_device_and_no_more_than_allowed_wait(finished, cluster):
    jobs = sorted(on_gpu(cluster.jobs()), key=lambda job: job["StartTime"])
    pairs = list(pairwise(jobs))
    assert all(first["EndTime"] <= second["StartTime"] for first, second in pairs)
    # The scheduler had to see to it: jobs were in its queue together.
    assert any(second["SubmitTime"] < first["EndTime"] for first, second in pairs)
    for job in jobs:
        at_once = [
            other
            for other in jobs
            if other["SubmitTime"] <= job["SubmitTime"] < other["EndTime"] and other != job
        ]
        assert len(at_once) < 2


def test_one_fold_of_one_model_is_one_training_and_the_tables_follow(copy, cluster):
    before = len(cluster.jobs())
    files = {path: path.stat().st_mtime_ns for path in copy.results.rglob("*") if path.is_file()}
    done = run(cluster, copy, "--forcerun", str(FOLD / "weights.pt"))
    assert done.returncode == 0, done.stdout + done.stderr
    jobs = cluster.jobs()[before:]
    assert [job["Comment"] for job in on_gpu(jobs)] == ["rule_train_wildcards_facs3d_1_2"]
    assert on_gpu(jobs)[0]["JobState"] == "COMPLETED"
    assert not of_rule(jobs, "video")
    written = {
        str(path.relative_to(copy.results))
        for path, modified in files.items()
        if path.suffix != ".log" and path.stat().st_mtime_ns > modified
    }
    assert {
        "models/facs3d/repeat1/fold2/weights.pt",
        "tables/table1.csv",
        "tables/table2.csv",
    } <= written
    assert not any(name.startswith(("clips", "registered", "occlusion")) for name in written)
    assert {name for name in written if name.endswith("weights.pt")} == {
        "models/facs3d/repeat1/fold2/weights.pt"
    }


def test_a_failing_job_shows_its_log(copy, cluster):
    (copy.folder / FOLD / "history.csv").write_text("no history")
    done = run(cluster, copy, "--retries", "0", "--", "results/tiny/figures/training_curves.png")
    said = done.stdout + done.stderr
    assert done.returncode != 0
    assert "error: results/tiny/models/facs3d/repeat1/fold2/history.csv" in said
    failed = cluster.jobs()[-1]
    assert failed["JobState"] == "FAILED"
    assert failed["StdOut"] in said
    assert Path(failed["StdOut"]).is_file()
    assert Path(failed["StdOut"]).is_relative_to(copy.folder / "results" / "slurm_logs")


def test_a_training_cancelled_with_its_snakemake_goes_on_in_the_next_run(copy, cluster):
    (copy.folder / "small.yaml").write_text(SMALL.replace("auto}", "auto, epochs: 600}", 1))
    checkpoint, before = copy.folder / FOLD / "checkpoint.pt", len(cluster.jobs())
    with cluster.owning_children():
        snakemake = copy.start(*OPTIONS, "--", str(FOLD / "weights.pt"))
    wait_until(checkpoint.exists, "a checkpoint", 120)
    snakemake.kill()
    snakemake.communicate()
    cluster.tell("scancel", cluster.jobs()[-1]["JobId"])
    wait_until(lambda: not cluster.tell("squeue", "--noheader"), "the end of the job", 60)
    assert run(cluster, copy, "--unlock").returncode == 0
    done = run(cluster, copy, "--", str(FOLD / "weights.pt"))
    assert done.returncode == 0, done.stdout + done.stderr
    jobs = cluster.jobs()[before:]
    assert [job["JobState"] for job in jobs] == ["CANCELLED", "COMPLETED"]
    assert all(job["Comment"] == "rule_train_wildcards_facs3d_1_2" for job in jobs)
    log = copy.results / "logs" / "train" / "facs3d_repeat1_fold2.log"
    assert "going on after epoch" in log.read_text()

"""A partition of two hours and 4000 MB a core, as many clusters have."""

import pytest

from tests.support.checkout import Checkout, make_checkout

pytestmark = pytest.mark.slurm

OPTIONS = (
    *("--profile", "profiles/slurm", "--slurm-init-seconds-before-status-checks", "5"),
    *("--configfile", "tiny.yaml", "small.yaml", "--retries", "0"),
)


@pytest.fixture
def checkout(tmp_path) -> Checkout:
    """One whose profile sends all jobs to that partition and asks for memory per core."""
    checkout = make_checkout(tmp_path / "checkout")
    path = checkout.folder / "profiles" / "slurm" / "config.yaml"
    (checkout.folder / "small.yaml").write_text("synthesis: {videos_per_subject: 1}\n")
    text = path.read_text().replace("partition: cpu", "partition: short")
    path.write_text(text.replace("# mem_mb_per_cpu: f", "mem_mb_per_cpu: f"))
    return checkout


def test_groups_fit_into_its_limits(checkout, cluster):
    before = len(cluster.jobs())
    with cluster.owning_children():
        done = checkout.snakemake(*OPTIONS, "--", "results/tiny/folds/repeat1.csv")
    assert done.returncode == 0, done.stdout + done.stderr
    jobs = cluster.jobs()[before:]
    groups = [job["Comment"].split("_")[1] for job in jobs]
    assert groups == ["portrait", "synthesize", "video", "clips"]
    for job in jobs:
        assert job["Partition"] == "short"
        assert job["JobState"] == "COMPLETED"
        assert job["MinMemoryCPU"] == "4000M"


def test_a_group_that_exceeds_them_is_refused_with_the_reason(checkout, cluster):
    before = len(cluster.jobs())
    with cluster.owning_children():
        done = checkout.snakemake(
            *(*OPTIONS, "--set-resources", "make_portrait:runtime=150"),
            *("--", "results/tiny/dataset/Videos/F001/T1.avi"),
        )
    assert done.returncode != 0
    assert len(cluster.jobs()) == before
    assert "Requested time limit is invalid" in done.stdout + done.stderr

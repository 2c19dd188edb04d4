"""One machine: kills, cores, a disk that takes nothing, and what a change of code reruns."""

import os
import random
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.support.checkout import Checkout, make_checkout

pytestmark = pytest.mark.workflow

SAME = (
    *("clips.h5", "folds/*.csv", "tables/*.csv", "figures/*.png", "occlusion/*/*/*.h5"),
    *("models/*/*/*/weights.pt", "models/*/*/*/predictions.csv"),
    *("tracking/*.csv", "registered/*.avi"),
)


# --- kills


def processes(checkout: Checkout) -> list[int]:
    """All that runs in a checkout: Snakemake, shells, scripts."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if (entry / "cwd").resolve(strict=True) == checkout.folder.resolve():
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def wait_for_jobs(checkout: Checkout, snakemake: subprocess.Popen, number: int) -> int:
    """Return the process of a running job when so many have been seen."""
    seen: set[int] = set()
    while True:
        running = set(processes(checkout)) - {snakemake.pid}
        seen |= running
        if running and len(seen) >= number:
            return max(running)
        assert snakemake.poll() is None, "it ended before it was killed"
        time.sleep(0.01)


def wait_for_the_end(checkout: Checkout) -> None:
    end = time.monotonic() + 5
    while processes(checkout):
        assert time.monotonic() < end, "jobs outlive their Snakemake"
        time.sleep(0.05)


@pytest.mark.slow
def test_killed_at_any_moment_the_same_command_completes_with_equal_outputs(finished, tmp_path):
    checkout, chance = make_checkout(tmp_path / "checkout"), random.Random(4)
    for victim in ("snakemake", "all", "snakemake", "job"):
        snakemake = checkout.start()
        # By progress, for machines differ in speed; then anywhere in a job, or between two.
        wait_for_jobs(checkout, snakemake, chance.randint(1, 6))
        time.sleep(chance.uniform(0, 1))
        if victim == "snakemake":
            snakemake.kill()
        elif victim == "all":
            os.killpg(snakemake.pid, signal.SIGKILL)
        else:
            os.kill(wait_for_jobs(checkout, snakemake, 1), signal.SIGKILL)
        snakemake.communicate(timeout=300)
        assert victim == "job" or snakemake.returncode == -signal.SIGKILL
        wait_for_the_end(checkout)
        assert checkout.snakemake("--unlock").returncode == 0
    done = checkout.snakemake()
    assert done.returncode == 0, done.stdout + done.stderr
    timed = set(finished.results.glob("tables/provenance.*"))
    for pattern in SAME:
        # Of all tables only the provenance holds times.
        paths = sorted(set(finished.results.glob(pattern)) - timed)
        assert paths, pattern
        for path in paths:
            other = checkout.results / path.relative_to(finished.results)
            assert other.read_bytes() == path.read_bytes(), path
    assert not list(checkout.results.rglob(".*"))
    assert checkout.planned() == {}


# --- cores and disk


@pytest.mark.parametrize(("cores", "threads"), [("2", "2"), ("4", "3")])
def test_a_job_computes_on_the_cores_it_has_got(copy_of_finished, cores, threads):
    rules = copy_of_finished.folder / "rules" / "training.smk"
    text = rules.read_text()
    command = "touch {output}; for file in {output}; do echo $OMP_NUM_THREADS > $file; done"
    rules.write_text(text[: text.index("    shell:")] + f'    shell:\n        "{command}"\n')
    (copy_of_finished.folder / "more.yaml").write_text("training: {threads: 3}\n")
    weights = "results/tiny/models/cnn2d/repeat1/fold1/weights.pt"
    done = copy_of_finished.snakemake(
        *("--configfile", "tiny.yaml", "more.yaml", "--cores", cores, "--", weights)
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert (copy_of_finished.folder / weights).read_text() == f"{threads}\n"


@pytest.fixture
def mounted(tmp_path):
    """A checkout whose results/ is a file system of one megabyte, with the given mount option."""
    checkout = make_checkout(tmp_path / "checkout")
    results = checkout.folder / "results"
    results.mkdir()

    def mount(option: str) -> Checkout:
        command = ["mount", "-t", "tmpfs", "-o", f"size=1m,{option}", "tmpfs", str(results)]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            pytest.skip(f"no file system can be mounted here: {done.stderr.strip()}")
        return checkout

    yield mount
    subprocess.run(["umount", str(results)], capture_output=True)


@pytest.mark.parametrize(
    ("option", "line"),
    [
        ("ro", "results: cannot be written to; make it writable, or a link to a folder that is"),
        ("rw", "results: 1 MB are free on its disk, too few to go on; make room and"),
    ],
)
def test_results_that_take_nothing_are_one_line_before_anything_runs(mounted, option, line):
    done = mounted(option).snakemake()
    said = done.stdout + done.stderr
    assert done.returncode != 0
    assert said.count(line) == 1
    assert "Traceback" not in said
    assert "make_portrait.py" not in said


def test_a_disk_that_fills_up_during_a_job_is_one_line(mounted):
    checkout = mounted("rw")
    module = checkout.folder / "workflow_scripts" / "facs3d" / "planning" / "disk.py"
    module.write_text(module.read_text().replace("ROOM = 100", "ROOM = 0"))
    (checkout.folder / "results" / "other").write_bytes(bytes(900_000))
    done = checkout.snakemake()
    said = done.stdout + done.stderr
    assert done.returncode != 0
    assert said.count("error: results/tiny/dataset/portrait.npz: No space left on device") == 1
    assert "Traceback" not in said


# --- what is run again


def change(checkout: Checkout, module: str) -> None:
    path = checkout.folder / "workflow_scripts" / "facs3d" / module
    path.write_text(path.read_text() + "\nEXTRA = 1\n")


@pytest.mark.parametrize(
    ("module", "rules"),
    [
        ("evaluation/cooccurrence.py", {"au_cooccurrence", "compare_occlusion_regions"}),
        (
            "evaluation/tables.py",
            {
                *("aggregate_metrics", "paired_ttests", "au_cooccurrence", "list_exclusions"),
                *("compare_occlusion_regions", "plot_metric_bars", "collect_provenance"),
                *("plot_registration_quality", "compare_repeats", "judge_claims"),
            },
        ),
        (
            "evaluation/occlusion/stream.py",
            {
                *("occlusion_sensitivity", "render_occlusion_maps", "render_figure_4"),
                *("render_auc_maps", "render_auc_maps_of_run"),
                *("compare_occlusion_regions", "judge_claims"),
            },
        ),
        ("datasets/survey.py", {"check_dataset"}),
    ],
)
def test_a_change_of_a_module_reruns_just_the_rules_that_use_it(copy_of_finished, module, rules):
    change(copy_of_finished, module)
    assert set(copy_of_finished.planned()) == rules | {"all"}


def test_all_folds_of_one_model_are_retrained_and_no_other(copy_of_finished):
    weights = [f"results/tiny/models/facs3d/repeat1/fold{fold}/weights.pt" for fold in (1, 2, 3)]
    planned = copy_of_finished.planned("--forcerun", *weights)
    assert planned["train"] == 3
    assert planned["aggregate_metrics"] == 1
    assert "sample_frames" not in planned


def test_to_another_branch_and_back_reruns_nothing(copy_of_finished):
    def git(*arguments: str) -> None:
        identity = ("-c", "user.name=test", "-c", "user.email=test@localhost")
        subprocess.run(
            ["git", *identity, *arguments],
            cwd=copy_of_finished.folder,
            check=True,
            capture_output=True,
        )

    git("init", "--initial-branch", "one")
    git("add", "Snakefile", "rules", "workflow_scripts", "config", "envs", "profiles")
    git("commit", "--message", "one")
    git("switch", "--create", "two")
    for module in ("preprocessing/alignment.py", "training/models.py", "preprocessing/clips.py"):
        change(copy_of_finished, module)
    rules = copy_of_finished.folder / "rules" / "training.smk"
    rules.write_text(rules.read_text().replace("--seed {params.seed}", "--seed {params.seed} "))
    git("commit", "--all", "--message", "two")
    assert copy_of_finished.planned()["train"] == 9
    git("switch", "one")
    assert copy_of_finished.planned() == {}

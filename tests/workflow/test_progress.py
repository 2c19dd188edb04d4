"""What a run says in a pipe: a line per step, why a step failed, and where to look."""

import re

import pytest

from tests.support.checkout import Checkout

pytestmark = pytest.mark.workflow

STEP = re.compile(r"^\[[#.]{20}\] +(\d+)/(\d+) .{11}  (\w+)", re.M)
AROUND = 12
"""Lines at most before the first step and after the last."""
HISTORY = "results/tiny/models/facs3d/repeat1/fold2/history.csv"
CURVES = "results/tiny/figures/training_curves.png"


def full_log(checkout: Checkout, said: str) -> str:
    return (checkout.folder / re.search(r"Full log: (\S+)", said)[1]).read_text()


def test_a_run_says_a_line_per_step_and_what_to_look_at(copy_of_finished):
    done = copy_of_finished.snakemake("--forcerun", "aggregate_metrics")
    assert done.returncode == 0, done.stderr
    steps = STEP.findall(done.stderr)
    n = int(steps[0][1])
    assert [int(number) for number, _total, _rule in steps] == list(range(1, n + 1))
    assert {"aggregate_metrics", "paired_ttests", "all"} <= {rule for *_, rule in steps}
    assert len((done.stdout + done.stderr).splitlines()) <= n + AROUND
    assert max(map(len, done.stderr[: done.stderr.index("Look first")].splitlines())) <= 100
    for path in re.findall(r"results/tiny/\S+", done.stderr[done.stderr.index("Look first") :]):
        assert (copy_of_finished.folder / path).is_file(), path
    full = full_log(copy_of_finished, done.stderr)
    assert "rule aggregate_metrics:" in full
    assert "Finished jobid" in full


def test_a_failed_step_says_why_once_and_the_full_log_its_command(copy_of_finished):
    (copy_of_finished.folder / HISTORY).write_text("no history")
    done = copy_of_finished.snakemake("--", CURVES)
    assert done.returncode != 0
    assert done.stderr.count("FAILED: plot_training_curves") == 1
    assert done.stderr.count(f"error: {HISTORY}") == 1
    assert "plot_training_curves.py" not in done.stderr
    assert "A command" not in done.stderr
    assert "Look first" not in done.stderr
    full = full_log(copy_of_finished, done.stderr)
    assert "plot_training_curves.py" in full
    assert f"error: {HISTORY}" in full


def test_whoever_asks_for_commands_gets_snakemakes_own_words(copy_of_finished):
    arguments = ("--forcerun", "plot_training_curves", "--", CURVES)
    done = copy_of_finished.snakemake("--printshellcmds", *arguments)
    assert done.returncode == 0, done.stderr
    assert "Look first" not in done.stderr
    assert "rule plot_training_curves:" in done.stderr
    assert "plot_training_curves.py" in done.stderr
    assert not STEP.search(done.stderr)

"""Results of a finished run in a fresh clone, as docs/cluster.md says."""

import shutil
from pathlib import Path

import pytest

from tests.support.checkout import Checkout, make_checkout

pytestmark = pytest.mark.workflow


def contents(checkout: Checkout) -> dict[Path, bytes]:
    return {
        path.relative_to(checkout.folder): path.read_bytes()
        for path in sorted(checkout.results.rglob("*"))
        if path.is_file()
    }


def test_copied_with_its_times_a_run_is_finished(finished, tmp_path):
    moved = make_checkout(tmp_path / "checkout")
    for folder in ("results", ".snakemake"):
        shutil.copytree(finished.folder / folder, moved.folder / folder, symlinks=True)
    assert moved.planned() == {}


def test_copied_without_times_and_history_it_is_after_a_touch(finished, tmp_path):
    moved = make_checkout(tmp_path / "checkout")
    shutil.copytree(
        finished.folder / "results", moved.folder / "results", copy_function=shutil.copyfile
    )
    before = contents(moved)
    # What `--touch` is for. (Copied at once, files may happen to lie in order: one is older.)
    (moved.results / "clips.sha256").touch()
    assert moved.planned()["train"] == 9
    done = moved.snakemake("--touch")
    assert done.returncode == 0, done.stdout + done.stderr
    assert contents(moved) == before
    assert moved.planned() == {}
    (moved.folder / "other.yaml").write_text("training: {learning_rate: 0.001}\n")
    assert moved.planned("--configfile", "tiny.yaml", "other.yaml")["train"] == 9

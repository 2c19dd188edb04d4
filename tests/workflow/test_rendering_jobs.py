"""Several people of the synthetic dataset are rendered by one job: which, and what is made anew."""

import os
import shutil
import signal
import time
from pathlib import Path

import pytest

from tests.support.checkout import Checkout, make_checkout

pytestmark = pytest.mark.workflow

FILES_OF_A_VIDEO = 15
FIRST, SECOND = "synthesize_videos_F001", "synthesize_videos_F009"


def video(person: int) -> str:
    return f"results/tiny/dataset/Videos/F{person:03d}/T1.avi"


def set_size(checkout: Checkout, subjects: int, videos: int = 1, frames: int = 10) -> None:
    (checkout.folder / "size.yaml").write_text(
        f"synthesis: {{subjects: {subjects}, videos_per_subject: {videos}, frames: {frames}}}\n"
    )


def arguments(*targets: str) -> tuple[str, ...]:
    return ("--nolock", "--configfile", "tiny.yaml", "size.yaml", "--", *targets)


def rendered(checkout: Checkout) -> dict[Path, bytes]:
    """Path -> content of every person's files; names that begin with a dot are unfinished ones."""
    root = checkout.results / "dataset"
    return {
        path.relative_to(root): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and path.parent != root and path.name != "au_regions.npz"
    }


@pytest.fixture(scope="module")
def eight(tmp_path_factory) -> Checkout:
    """A checkout in which one job has rendered eight people."""
    checkout = make_checkout(tmp_path_factory.mktemp("eight") / "checkout")
    set_size(checkout, 8)
    done = checkout.snakemake(*arguments(video(8)))
    assert done.returncode == 0, done.stdout + done.stderr
    return checkout


@pytest.fixture
def copy_of_eight(eight, tmp_path) -> Checkout:
    shutil.copytree(eight.folder, tmp_path / "checkout", symlinks=True)
    return Checkout(tmp_path / "checkout")


def test_one_job_renders_all_files_of_eight_people(eight):
    assert len(rendered(eight)) == 8 * FILES_OF_A_VIDEO
    assert eight.planned(*arguments(*map(video, range(1, 9)))) == {}


def test_more_people_are_rendered_beside_those_there_are(copy_of_eight):
    before = rendered(copy_of_eight)
    set_size(copy_of_eight, 10)
    wanted = arguments(*map(video, range(1, 11)))
    assert copy_of_eight.planned(*wanted).keys() == {SECOND}
    done = copy_of_eight.snakemake(*wanted)
    assert done.returncode == 0, done.stdout + done.stderr
    after = rendered(copy_of_eight)
    assert len(after) == 10 * FILES_OF_A_VIDEO
    assert {path: after[path] for path in before} == before


def test_other_looks_and_more_videos_render_everybody_anew(copy_of_eight):
    set_size(copy_of_eight, 8, frames=12)
    assert copy_of_eight.planned(*arguments(video(1))).keys() == {FIRST}
    set_size(copy_of_eight, 8, videos=2)
    assert copy_of_eight.planned(*arguments(video(1).replace("T1", "T2"))).keys() == {FIRST}


def test_of_a_job_that_was_killed_every_file_is_made_anew(eight, copy_of_eight):
    checkout = copy_of_eight
    shutil.rmtree(checkout.results / "dataset" / "Videos")
    snakemake = checkout.start(*arguments(video(8)))
    while not (checkout.folder / video(2)).exists():
        assert snakemake.poll() is None, snakemake.stderr.read()
        time.sleep(0.005)
    os.killpg(snakemake.pid, signal.SIGKILL)
    snakemake.communicate()
    assert not (checkout.folder / video(8)).exists()
    # Another content tells a file that was kept from one that was made again.
    (checkout.folder / video(1)).write_bytes(b"kept")
    done = checkout.snakemake(*arguments(video(8)))
    assert done.returncode == 0, done.stdout + done.stderr
    assert rendered(checkout) == rendered(eight)

"""`snakemake predict` with the tiny config: a file, a folder, what is missing."""

import csv
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from facs3d.core.action_units import PAPER_AUS, au_column
from tests.support.checkout import Checkout

pytestmark = pytest.mark.workflow


def read(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def as_phone_video(source, path, rate=30):
    """Any video as an MP4 at 30 frames/s; returns the number of its frames."""
    capture, writer, count = cv2.VideoCapture(str(source)), None, 0
    while True:
        decoded, image = capture.read()
        if not decoded:
            break
        if writer is None:
            size = (image.shape[1], image.shape[0])
            writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"mp4v"), rate, size)
        writer.write(image)
        count += 1
    writer.release()
    return count


def test_a_file_and_a_folder_are_predicted_and_nothing_is_trained(copy_of_finished):
    checkout = copy_of_finished
    videos = checkout.folder / "my videos"
    videos.mkdir()
    source = checkout.results / "dataset" / "Videos" / "F001" / "T1.avi"
    n_frames = as_phone_video(source, videos / "my clip.mp4")
    # A stale pipeline must not be run anew by whoever applies its networks.
    (checkout.results / "clips.h5").unlink()
    arguments = ("--config", "input=my videos/my clip.mp4", "draw=true", "--", "predict")
    planned = checkout.planned(*arguments)
    assert set(planned) == {
        *("predict", "register_new_video", "predict_aus", "plot_aus", "find_events", "page_aus"),
        "draw_aus",
    }
    done = checkout.snakemake(*arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "frames/s" in done.stdout + done.stderr
    folder = checkout.results / "predictions"
    rows = read(folder / "my_clip.aus.csv")
    assert [int(row["frame"]) for row in rows] == list(range(n_frames))
    np.testing.assert_allclose(
        [float(row["time"]) for row in rows], np.arange(n_frames) / 30, atol=6e-4
    )
    for row in rows:
        filled = row["face_found"] == "1"
        assert all((row[au_column(au)] != "") == filled for au in PAPER_AUS)
    assert sum(row["face_found"] == "1" for row in rows) > 0.9 * n_frames
    assert (folder / "my_clip.aus.png").read_bytes().startswith(b"\x89PNG")
    assert cv2.VideoCapture(str(folder / "my_clip.aus.mp4")).get(cv2.CAP_PROP_FRAME_COUNT) == (
        n_frames
    )

    # The folder: the first video is not done again, and a bad one does not stop the others.
    shutil.copy(checkout.results / "dataset" / "Videos" / "F002" / "T1.avi", videos / "b.avi")
    (videos / "bad.mov").write_text("<html>")
    arguments = ("--config", "input=my videos", "--", "predict")
    assert checkout.planned(*arguments)["register_new_video"] == 2
    done = checkout.snakemake(*arguments)
    assert done.returncode != 0
    assert "error: my videos/bad.mov: not a video FFmpeg can read" in done.stdout + done.stderr
    assert len(read(folder / "b.aus.csv")) == 30
    assert not list(folder.glob("bad*"))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), r"no video given; add --config input=my_video.mp4"),
        (("--config", "input=no.mp4"), r"input no.mp4 does not exist"),
    ],
)
def test_a_missing_input_is_one_clear_error(finished, arguments, message):
    done = finished.snakemake("predict", *arguments)
    assert done.returncode != 0
    assert message in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr


def test_without_a_trained_network_nothing_is_run(copy_of_finished):
    video = copy_of_finished.results / "dataset" / "Videos" / "F001" / "T1.avi"
    (copy_of_finished.results / "models" / "facs3d" / "repeat1" / "fold2" / "weights.pt").unlink()
    done = copy_of_finished.snakemake("predict", "--config", f"input={video}")
    assert done.returncode != 0
    output = done.stdout + done.stderr
    assert "results/tiny/models/facs3d/repeat1/fold2/weights.pt; train it" in output
    assert "Traceback" not in output


def run_script(checkout: Checkout, folder: Path, *arguments: str) -> subprocess.CompletedProcess:
    script = checkout.folder / "workflow_scripts" / "predict.py"
    return subprocess.run(
        [sys.executable, script, "--configfile", checkout.folder / "tiny.yaml", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
    )


def test_the_script_takes_any_names_from_any_folder(copy_of_finished, tmp_path):
    """Names that `--config` would read as something else; and one that is replaced in place."""
    checkout, mine = copy_of_finished, tmp_path / "mine"
    mine.mkdir()
    videos = checkout.results / "dataset" / "Videos"
    names = ["#1.avi", "007.avi", "{y}.avi", "note: a.avi", "-clip.avi", "it's $HOME.avi"]
    for name in names:
        shutil.copy(videos / "F001" / "T1.avi", mine / name)
    given = [f"./{name}" for name in names]
    done = run_script(checkout, mine, *given, "--dry-run", "--quiet", "rules")
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"register_new_video {len(names)}" in " ".join(done.stdout.split())
    done = run_script(checkout, mine, "#1.avi")
    assert done.returncode == 0, done.stdout + done.stderr
    # Paths that hold from where it was called.
    assert f"Full log: {checkout.folder}/.snakemake/log/" in done.stderr
    assert f"see {checkout.results}/predictions/index.html" in done.stderr
    (table,) = (checkout.results / "predictions").glob("*.aus.csv")
    assert len(read(table)) == 30
    assert sorted(path.name for path in mine.iterdir()) == sorted(names)

    done = run_script(checkout, mine, "#1.avi", "-n")
    assert "Nothing to be done" in done.stdout + done.stderr
    shutil.copy(videos / "F002" / "T1.avi", mine / "#1.avi")
    os.utime(mine / "#1.avi", (0, 0))
    shutil.rmtree(checkout.folder / ".snakemake" / "metadata")
    done = run_script(checkout, mine, "#1.avi", "-n")
    said = done.stdout + done.stderr
    assert "#1.avi: another recording than the one its results are of" in said
    forced = re.search("add (--forcerun) (.*)", said).groups()
    done = run_script(checkout, mine, "#1.avi", "-n", *forced)
    assert "register_new_video" in done.stdout + done.stderr


def test_the_script_without_a_video_says_how_one_is_given(finished, tmp_path):
    done = run_script(finished, tmp_path, "-clip.avi")
    assert done.returncode == 2
    assert (
        "error: no VIDEO is named; one whose name begins with - is written ./-a.mp4" in done.stderr
    )

"""`snakemake predict` with the tiny config: a file, a folder, what is missing."""

import csv
import shutil

import cv2
import numpy as np
import pytest

from facs3d.core.action_units import PAPER_AUS, au_column

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
    assert set(planned) == {"predict", "register_new_video", "predict_aus", "plot_aus", "draw_aus"}
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
    (copy_of_finished.results / "models" / "facs3d" / "fold2" / "weights.pt").unlink()
    done = copy_of_finished.snakemake("predict", "--config", f"input={video}")
    assert done.returncode != 0
    output = done.stdout + done.stderr
    assert "results/tiny/models/facs3d/fold2/weights.pt; train it" in output
    assert "Traceback" not in output

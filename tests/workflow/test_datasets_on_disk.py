"""Datasets on disk through the real Snakefile: index, validate, faults of every kind, layouts."""

import csv
import os
import re
import shutil

import cv2
import numpy as np
import pytest

from facs3d.preprocessing.clips import open_clips
from facs3d.video.frames import read_frames
from facs3d.video.lossless import LosslessVideo
from tests.support.checkout import make_checkout

pytestmark = pytest.mark.workflow


@pytest.fixture(scope="module")
def synthetic(tmp_path_factory):
    """A checkout in which the synthetic dataset has become clips."""
    checkout = make_checkout(tmp_path_factory.mktemp("synthetic") / "checkout")
    done = checkout.snakemake("results/tiny/clips.h5")
    assert done.returncode == 0, done.stdout + done.stderr
    return checkout


CLIPS = ("results/disk/clips.h5", "results/disk/folds/repeat1.csv")


class OnDisk:
    """A copy of the synthetic dataset as if it were another's, in a checkout of its own."""

    def __init__(self, synthetic, folder, **dataset):
        self.checkout = make_checkout(folder / "checkout")
        self.root = folder / "data"
        shutil.copytree(synthetic.results / "dataset", self.root)
        self.results = self.checkout.folder / "results" / "disk"
        self.configure(**dataset)

    def configure(self, **dataset):
        values = {"name": "disk", "synthesize": False, "root": str(self.root), "sheet": "disk.csv"}
        lines = "".join(f"  {key}: {value}\n" for key, value in (values | dataset).items())
        (self.checkout.folder / "disk.yaml").write_text("dataset:\n" + lines.replace("False", "no"))

    def run(self, *targets):
        files = ("--configfile", "tiny.yaml", "disk.yaml")
        done = self.checkout.snakemake(*files, "--", *targets)
        self.said = done.stdout + done.stderr
        return done.returncode

    def reasons(self):
        with open(self.results / "tables" / "excluded_videos.csv", newline="") as file:
            return {row["video"]: row["reason"] for row in csv.DictReader(file)}


def write_video(path, images):
    images = list(images)
    with LosslessVideo(path, (images[0].shape[1], images[0].shape[0])) as video:
        for image in images:
            video.write(image)


def test_every_bad_video_is_excluded_with_its_reason_and_the_others_go_on(synthetic, tmp_path):
    data = OnDisk(synthetic, tmp_path, max_excluded=0.8)
    videos, labels = data.root / "Videos", data.root / "AUCoding" / "AU_OCC"
    (videos / "F001" / "T1.avi").write_bytes(b"")
    half = (videos / "F001" / "T2.avi").read_bytes()
    (videos / "F001" / "T2.avi").write_bytes(half[: len(half) // 3])
    (labels / "F002_T1.csv").write_text("<html>session expired</html>")
    write_video(videos / "F002" / "T2.avi", [np.full((64, 64, 3), 90, np.uint8)] * 30)
    shutil.rmtree(data.root / "2D+3D", ignore_errors=True)
    (data.root / "2D+3D" / "F003" / "T1").mkdir(parents=True)
    for number, image in read_frames(videos / "F003" / "T1.avi"):
        path = data.root / "2D+3D" / "F003" / "T1" / f"{number:03d}.jpg"
        path.write_bytes(cv2.imencode(".jpg", image)[1].tobytes()[: None if number < 5 else 400])
    (videos / "F003" / "T1.avi").unlink()
    (data.root / "AUCoding" / "AU_INT" / "AU06" / "F004_T1_AU06.csv").unlink()
    cut_off = data.root / "AUCoding" / "AU_INT" / "AU06" / "F003_T2_AU06.csv"
    cut_off.write_text("".join(cut_off.read_text().splitlines(keepends=True)[:-1]))
    assert data.run("index_videos") == 0, data.said
    assert "12 videos of 6 subjects" in data.said
    assert re.search(r"note: .*F002_T1\.csv: is a web page", data.said)
    (videos / "F004" / "T2.avi").unlink()
    (labels / "F005_T1.csv").unlink()

    assert data.run("validate") == 0, data.said
    assert "ready: " in data.said
    lacking = "F003_T2_AU06.csv: lacks 1 of the 30 frames that F003_T2.csv codes for AU06"
    assert lacking in data.said
    page = (data.results / "tables" / "data_validation.html").read_text()
    assert "F001_T1" in page

    assert data.run(*CLIPS) == 0, data.said
    expected = {
        "F001_T1": r"T1\.avi: an empty file",
        "F001_T2": r"\d+ usable frames, .* of 30 annotated frames: \d+ frame missing",
        "F002_T1": r"F002_T1\.csv: is a web page, not a CSV",
        "F002_T2": r"0 usable frames.*of 30 annotated frames: 30 ",
        "F003_T1": r"5 usable frames",
        "F004_T1": r"AU06: no intensity file of F004_T1",
        "F004_T2": r"T2\.avi: no such video file",
        "F005_T1": r"F005_T1\.csv: No such file or directory; expected",
    }
    log = data.results / "logs" / "sample_frames" / "F003_T2.log"
    assert lacking in log.read_text()
    reasons = data.reasons()
    assert set(reasons) == set(expected)
    for video, pattern in expected.items():
        assert re.search(pattern, reasons[video]), (video, reasons[video])
    clips = open_clips(data.results / "clips.h5")
    assert clips.video == ("F003_T2", "F005_T2", "F006_T1", "F006_T2")
    # What is left is as it would be without the others.
    whole = open_clips(synthetic.results / "clips.h5")
    places = [whole.video.index(video) for video in clips.video]
    np.testing.assert_array_equal(clips.frame_number, whole.frame_number[places])
    np.testing.assert_array_equal(clips.read_frames(range(4)), whole.read_frames(places))

    # The share alone assembles nothing anew; where clips are to be assembled, it counts.
    data.configure(max_excluded=0.5)
    assert data.checkout.planned("--configfile", "tiny.yaml", "disk.yaml", "--", *CLIPS) == {}
    (data.results / "clips.h5").unlink()
    assert data.run("all") != 0
    assert "8 of 12 videos give no clip" in data.said
    assert "excluded: F004_T2: " in data.said
    assert not (data.results / "models").exists()


def test_a_wrong_offset_fails_validation_in_one_line_and_leaves_the_report(synthetic, tmp_path):
    data = OnDisk(synthetic, tmp_path, frame_offset=2)
    assert data.run("index_videos") == 0, data.said
    assert data.run("validate") != 0
    wrong = [line for line in data.said.splitlines() if line.strip().startswith("error: ")]
    assert len(set(wrong)) == 1
    assert (
        "labels of 12 of 12 videos reach beyond their images; frame_offset 0 leaves 0" in wrong[0]
    )
    assert (data.results / "tables" / "data_validation.csv").exists()


def test_the_synthetic_dataset_is_valid(synthetic):
    done = synthetic.snakemake("--", "validate")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "ready: 12 of 12 videos give a clip, 6 subjects" in done.stdout + done.stderr


def test_faces_registered_already_give_the_same_clips(synthetic, tmp_path):
    data = OnDisk(synthetic, tmp_path, layout="registered")
    shutil.rmtree(data.root / "Videos")
    shutil.copytree(synthetic.results / "registered", data.root / "Faces")
    assert data.run("index_videos") == 0, data.said
    assert data.run("validate") == 0, data.said
    assert "12 of 12 videos give a clip" in data.said
    assert data.run("results/disk/clips.h5") == 0, data.said
    clips = open_clips(data.results / "clips.h5")
    whole = open_clips(synthetic.results / "clips.h5")
    assert clips.video == whole.video
    np.testing.assert_array_equal(clips.labels, whole.labels)
    np.testing.assert_array_equal(clips.read_frames(range(12)), whole.read_frames(range(12)))


def test_changes_of_what_is_positive_and_of_labels_rerun_sampling_not_registration(
    synthetic, tmp_path
):
    data = OnDisk(synthetic, tmp_path)
    assert data.run("index_videos") == 0, data.said
    assert data.run("results/disk/clips.h5") == 0, data.said
    before = open_clips(data.results / "clips.h5")
    intensity = data.root / "AUCoding" / "AU_INT" / "AU06" / "F002_T1_AU06.csv"
    intensity.write_text(intensity.read_text().replace(",0", ",3"))
    registered = data.results / "registered" / "F001_T1.avi"
    made = registered.stat().st_mtime_ns
    data.configure(positive="{AU12: occurrence}")
    assert data.run("results/disk/clips.h5") == 0, data.said
    after = open_clips(data.results / "clips.h5")
    assert registered.stat().st_mtime_ns == made
    np.testing.assert_array_equal(after.frame_number, before.frame_number)
    column = after.action_units.index(12)
    corrected = after.video.index("F002_T1")
    assert after.labels[corrected, :, after.action_units.index(6)].all()
    others = np.arange(len(after)) != corrected
    differs = (after.labels != before.labels)[others].any(axis=(0, 1))
    assert not np.delete(differs, column).any()
    assert (after.labels[..., column] >= before.labels[..., column]).all()


def test_what_is_mended_in_place_comes_back_and_a_sheet_saved_anew_changes_nothing(
    synthetic, tmp_path
):
    data = OnDisk(synthetic, tmp_path)
    videos = data.root / "Videos"
    folder = data.root / "2D+3D" / "F003" / "T1"
    folder.mkdir(parents=True)
    whole = {}
    for number, image in read_frames(videos / "F003" / "T1.avi"):
        path = folder / f"{number:03d}.jpg"
        whole[path] = cv2.imencode(".jpg", image)[1].tobytes()
        path.write_bytes(whole[path][: None if number < 5 else 400])
    (videos / "F003" / "T1.avi").unlink()
    assert data.run("index_videos") == 0, data.said
    sheet = data.checkout.folder / "disk.csv"
    lines = sheet.read_text().splitlines()
    folds = ["fold", *(f"{1 + int(line[3]) % 3}" for line in lines[1:])]
    rows = [f"{line},{fold}" for line, fold in zip(lines, folds, strict=True) if "_T2" not in line]
    sheet.write_text("\n".join(rows))
    assert data.run(*CLIPS) == 0, data.said
    assert list(data.reasons()) == ["F003_T1"]

    def planned():
        return data.checkout.planned("--configfile", "tiny.yaml", "disk.yaml", "--", *CLIPS)

    os.utime(next(iter(whole)))
    sheet.write_text("\r\n".join(f"{row}," for row in rows))
    assert planned() == {}
    sheet.write_text(re.sub("^(F001.*),2$", r"\1,1", "\n".join(rows), flags=re.M))
    assert planned() == {"split_folds": 1}
    sheet.write_text("\n".join(rows))
    for path, content in whole.items():
        path.write_bytes(content)
    assert planned()["register_faces"] == 1
    assert data.run(*CLIPS) == 0, data.said
    assert data.reasons() == {}


def test_a_label_file_of_disfa_mended_in_place_comes_back(synthetic, tmp_path):
    data = OnDisk(synthetic, tmp_path, layout="disfa", action_units="[1, 12]")
    (data.root / "Videos_LeftCamera").mkdir()
    for number in (1, 2, 3):
        subject, task = f"SN00{number}", f"F00{number}_T1"
        video = data.root / "Videos_LeftCamera" / f"LeftVideo{subject}_comp.avi"
        (data.root / "Videos" / f"F00{number}" / "T1.avi").rename(video)
        for au in ("AU01", "AU12"):
            label = data.root / "ActionUnit_Labels" / subject / f"{subject}_{au.lower()}.txt"
            label.parent.mkdir(parents=True, exist_ok=True)
            coded = data.root / "AUCoding" / "AU_INT" / au / f"{task}_{au}.csv"
            shutil.copy(coded, label)
    bad = data.root / "ActionUnit_Labels" / "SN002" / "SN002_au01.txt"
    sound = bad.read_text()
    bad.write_text("<html>session expired</html>")
    (data.checkout.folder / "disk.yaml").open("a").write("figures: {time_course: {au: 12}}\n")
    assert data.run("index_videos") == 0, data.said
    assert data.run("results/disk/clips.h5") == 0, data.said
    assert list(data.reasons()) == ["SN002_left"]
    bad.write_text(sound)
    assert data.run("results/disk/clips.h5") == 0, data.said
    assert data.reasons() == {}


def test_a_sheet_with_a_shell_character_or_two_folds_for_a_subject_stops_at_once(
    synthetic, tmp_path
):
    data = OnDisk(synthetic, tmp_path)
    assert data.run("index_videos") == 0, data.said
    sheet = data.checkout.folder / "disk.csv"
    text = sheet.read_text()
    for old, new, message in (
        ("F001_T2,F001,T2", "F001;rm,F001,T2", "disk.csv, line 3, video: 'F001;rm' does not match"),
        (
            "F001_T2,F001,T2",
            "F001_T1,F001,T2",
            "disk.csv, line 3: video 'F001_T1' stands in line 2",
        ),
    ):
        sheet.write_text(text.replace(old, new))
        assert data.run("results/disk/clips.h5") != 0
        assert message in data.said
        assert "Traceback" not in data.said
    assert not data.results.joinpath("registered").exists()

"""The report on a dataset and its verdict, by the scripts."""

import csv
import shutil

import pytest

from facs3d.datasets import bp4dplus
from facs3d.datasets.folds import split_folds
from facs3d.datasets.sheet import write_sheet
from facs3d.report.validation_page import verdict
from tests.support.fake_dataset import image_bytes, write_images, write_labels
from tests.support.scripts import run_script
from tests.support.validations import say_verdict, validate, validate_by_script


def test_damaged_images_are_counted_and_do_not_stop_anything(root, tmp_path):
    folder = root / "2D+3D" / "F001" / "T1"
    (folder / "0002.png").write_bytes(b"")
    (folder / "0003.png").write_text("<html>no such image</html>")
    last = folder / "0011.png"
    last.write_bytes(last.read_bytes()[:200])
    (folder / "0005.png").unlink()
    (folder / "0005.png").mkdir()
    checked, _aus, findings = validate(root)
    assert checked["F001_T1"].damaged.tolist() == [2, 3, 5, 11]
    assert checked["F001_T1"].problem == ""
    assert findings.wrong == []
    assert "1 video (F001_T1) with 4 damaged images" in findings.doubtful[0]
    assert "damaged image (and 3 more): " in findings.doubtful[1]
    assert "0002.png: an empty file" in findings.doubtful[1]
    said = verdict(list(checked.values()), findings)
    assert said.startswith("ready: 4 of 4 videos give a clip, 4 subjects, 4 damaged images; ")
    done = validate_by_script(tmp_path, root)
    assert done.returncode == 0, done.stderr
    with open(tmp_path / "v.csv", newline="") as file:
        assert [row["damaged_images"] for row in csv.DictReader(file)] == ["4", "0", "0", "0"]
    for number in (0, 1, 4, 6):
        (folder / f"{number:04d}.png").write_bytes(b"")
    checked, _aus, _findings = validate(root)
    assert checked["F001_T1"].problem.startswith("too short: 4 annotated frames have an image")


def test_folds_are_those_of_the_run_which_splits_the_subjects_with_a_clip(root, tmp_path):
    write_labels(root, "F002_T1", dict.fromkeys(range(1, 4), (1, 1)))
    for number in range(5, 9):
        (root / "AUCoding" / "AU_OCC" / f"F00{number}_T1.csv").write_text("0,1,12\n1,0,0\n")
    subjects = {f"F00{number}" for number in (1, 3, 4)}
    expected = {subject: str(fold) for subject, fold in split_folds(subjects, 2, 1).items()}
    done = validate_by_script(tmp_path, root, "--max-excluded", "0.7")
    assert done.returncode == 0, done.stderr
    with open(tmp_path / "v.csv", newline="") as file:
        folds = {row["subject"]: row["fold"] for row in csv.DictReader(file)}
    assert folds == dict.fromkeys(("F002", "F005", "F006", "F007", "F008"), "") | expected
    assert (
        "In no fold, for no video of theirs gives a clip: F002, F005"
        in (tmp_path / "v.html").read_text()
    )
    validate_by_script(tmp_path, root, "--max-excluded", "0.7", "--folds", "4")
    done = say_verdict(tmp_path)
    assert done.returncode == 1
    assert "3 subjects with a video that gives a clip cannot fill 4 folds" in done.stderr
    assert (tmp_path / "v.html").exists()


def test_a_fold_of_the_sheet_all_of_whose_videos_are_bad_is_wrong(root, tmp_path):
    sheet = tmp_path / "videos.csv"
    write_labels(root, "F002_T1", dict.fromkeys(range(1, 4), (1, 1)))
    videos = bp4dplus.find_videos(root).videos
    rows = [",".join([*video[:5], "2" if video.subject == "F002" else "1"]) for video in videos]
    sheet.write_text("\n".join(["video,subject,task,path,label_path,fold", *rows]))
    validate_by_script(tmp_path, root, "--sheet", sheet)
    done = say_verdict(tmp_path)
    assert done.returncode == 1
    assert "no video of fold 2 gives a clip, so nothing can be tested on it" in done.stderr


def test_registered_faces_of_another_size_are_found_before_the_run_excludes_them(root, tmp_path):
    shutil.copytree(root / "2D+3D", root / "Faces")
    for number in range(12):
        (root / "Faces" / "F002" / "T1" / f"{number:04d}.png").write_bytes(
            image_bytes(number, side=32)
        )
    done = validate_by_script(tmp_path, root, "--layout", "registered", "--image-size", "16")
    assert done.returncode == 0, done.stderr
    assert "ready: 3 of 4 videos give a clip" in done.stderr
    with open(tmp_path / "v.csv", newline="") as file:
        problems = {row["video"]: row["problem"] for row in csv.DictReader(file)}
    assert problems["F002_T1"].endswith(
        "F002/T1: the image is 32×32 px, expected 16×16 (registration.image_size)"
    )
    assert validate_by_script(tmp_path, root, "--image-size", "98").returncode == 0


def test_the_report_is_written_whatever_the_verdict(root, tmp_path):
    write_labels(root, "F001_T1", dict.fromkeys(range(1, 7), (1, 9)))
    done = validate_by_script(tmp_path, root)
    assert done.returncode == 0, done.stderr
    assert "ready: 3 of 4 videos give a clip, 3 subjects; 1 note to read first." in done.stderr
    with open(tmp_path / "v.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["video"] for row in rows] == [f"F00{n}_T1" for n in range(1, 5)]
    assert rows[0]["problem"].startswith("too short: 6 annotated frames")
    assert (rows[0]["frames_on_disk"], rows[0]["frames_annotated"]) == ("12", "6")
    assert (rows[0]["AU12_unknown"], rows[0]["AU12_base_rate"]) == ("1.0000", "")
    assert rows[0]["fold"] == ""
    assert {row["fold"] for row in rows[1:]} == {"1", "2"}
    page = (tmp_path / "v.html").read_text()
    assert "too short" in page
    assert "lip corner puller" in page
    (tmp_path / "v.csv").unlink()
    note, verdict = (tmp_path / "v.txt").read_text().splitlines()
    assert note.startswith("note: 1 video (F001_T1) too short for a clip")
    assert verdict.startswith("ready: 3 of 4 videos give a clip")
    said = say_verdict(tmp_path)
    assert (said.returncode, said.stderr) == (0, f"{note}\n{verdict}\n")
    done = validate_by_script(tmp_path, root, "--frame-offset", "0")
    assert done.returncode == 0, "a bad verdict is a result"
    assert (tmp_path / "v.csv").exists()
    verdict = (tmp_path / "v.txt").read_text().splitlines()[-1]
    assert verdict.startswith("results would be wrong: under frame_off")
    assert verdict.endswith(f" See {tmp_path / 'v.html'}")
    said = say_verdict(tmp_path)
    assert (said.returncode, said.stderr.splitlines()[-1]) == (1, f"error: {verdict}")


def test_videos_of_the_sheet_are_checked_and_those_dropped_are_not(root, tmp_path):
    sheet = tmp_path / "videos.csv"
    options = ["--layout", "bp4dplus", "--root", root, "--output", sheet]
    run_script("index_videos", *options).check_returncode()
    lines = sheet.read_text().splitlines()
    assert lines[0] == "video,subject,task,path,label_path,annotated_frames,problem"
    assert lines[1].endswith("F001_T1.csv,12,")
    sheet.write_text("\n".join(lines[:-1]) + "\n")
    write_images(root, "F009_T2", range(2))
    done = validate_by_script(tmp_path, root, "--sheet", sheet)
    assert "ready: 3 of 3 videos" in done.stderr
    assert "1 recording (F009_T2) without a label file, left out" in done.stderr
    assert "videos.csv: does not list F004_T1 (1 in all)" in done.stderr


def test_with_a_sheet_only_the_sheets_paths_matter(root, tmp_path):
    sheet = tmp_path / "videos.csv"
    write_sheet(bp4dplus.find_videos(root).videos, sheet)
    moved = tmp_path / "moved"
    root.rename(moved)
    sheet.write_text(sheet.read_text().replace(str(root), str(moved)))
    done = validate_by_script(tmp_path, root, "--sheet", sheet)
    assert "ready: 4 of 4 videos give a clip, 4 subjects; 1 note to read first." in done.stderr
    assert f"not compared with the dataset's folder: {root}: no such folder" in done.stderr
    done = validate_by_script(tmp_path, None, "--sheet", sheet)
    assert "ready: 4 of 4 videos give a clip, 4 subjects; no doubts." in done.stderr
    assert validate_by_script(tmp_path, None).returncode == 2


@pytest.mark.parametrize(
    ("what", "message"),
    [
        ("nowhere", "no such folder"),
        ("empty", "no such folder"),
        ("file", "is a file, not a folder"),
    ],
)
def test_a_root_that_is_no_dataset_is_one_line(tmp_path, what, message):
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").touch()
    options = ["--layout", "bp4dplus", "--root", tmp_path / what, "--output", tmp_path / "v.csv"]
    done = run_script("index_videos", *options)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert f"{message}; expected" in done.stderr
    assert not (tmp_path / "v.csv").exists()


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("AU,k\n1,0.5\n", "line 1: no column 'BR'; mend it, or set"),
        ("AU,BR\n1,many\n", "line 2: BR is 'many'"),
        ("AU,BR\n1,900\n", "line 2: BR is '900'"),
    ],
)
def test_a_table_of_the_paper_that_is_none_is_one_line(root, tmp_path, table, message):
    path = tmp_path / "table1.csv"
    path.write_text(table)
    done = validate_by_script(tmp_path, root, "--paper", path)
    assert done.returncode == 1
    assert f"error: {path}, {message}" in done.stderr.splitlines()[-1]


def test_an_au_without_a_rate_in_the_papers_table_is_compared_with_nothing(root, tmp_path):
    path = tmp_path / "table1.csv"
    path.write_text("AU,BR\n1,\nAve,20\n")
    done = validate_by_script(tmp_path, root, "--paper", path)
    assert done.returncode == 0, done.stderr

"""Validation: every fault of a dataset is found, and only those that spoil results are fatal."""

import shutil
import zipfile

import pytest

from facs3d.datasets import bp4dplus
from facs3d.datasets.positive import positive_rules
from facs3d.datasets.validation import check_video, judge, summarize_aus
from facs3d.report.validation_page import verdict
from tests.support.damaged_videos import broken_at, write_moving
from tests.support.fake_dataset import AUS, image_bytes, write_labels
from tests.support.validations import validate


def test_a_sound_dataset_has_no_findings(root):
    checked, aus, findings = validate(root, paper={1: 0.4, 12: 0.3})
    assert findings == ([], [])
    assert verdict(list(checked.values()), findings) == (
        "ready: 4 of 4 videos give a clip, 4 subjects; no doubts."
    )
    assert [au.n_frames for au in aus] == [48, 48]
    assert aus[0].base_rate == 0.5
    assert aus[1].base_rate == pytest.approx(1 / 3)


@pytest.mark.parametrize("offset", [0, 1])
def test_an_offset_that_most_videos_contradict_is_wrong_and_the_right_one_is_named(root, offset):
    _checked, _aus, findings = validate(root, offset)
    (wrong,) = findings.wrong
    assert not any("not verifiable" in doubt for doubt in findings.doubtful)
    assert wrong.startswith(f"under frame_offset {offset} the labels of 4 of 4 videos reach")
    assert wrong.endswith("frame_offset -1 leaves 0")


def test_a_problem_of_the_sheet_is_the_videos(root):
    rules = positive_rules("occurrence", AUS)
    video = bp4dplus.find_videos(root).videos[0]
    sound, left_out = (
        check_video(video._replace(problem=problem), bp4dplus, rules, -1, 4, 8, 200)
        for problem in ("", "a and b differ")
    )
    assert (sound.problem, left_out.problem) == ("", "a and b differ")
    assert len(sound.images) > len(left_out.images) == 0
    assert left_out.annotated.tolist() == sound.annotated.tolist()


def test_an_offset_that_the_data_cannot_tell_is_said(root):
    """Images reach beyond the labels on both sides, as they do where a part of a task is coded."""
    for number in range(1, 5):
        video = f"F00{number}_T1"
        write_labels(root, video, {frame: (frame % 2, frame % 3 // 2) for frame in range(4, 10)})
    for positive in (-1, 0, 1):
        _checked, _aus, findings = validate(root, positive, clip_length=3)
        assert findings.wrong == []
        assert findings.doubtful[0].startswith(
            f"frame_offset {positive} is not verifiable: 0 of 4 videos confirm it"
        )


def test_gaps_in_the_labels_tell_an_offset_that_their_ends_do_not(root):
    """Images of the coded frames alone, and one beyond at each end."""
    coded = (2, 3, 5, 6, 9, 10, 11)
    for number in range(1, 5):
        video = f"F00{number}_T1"
        write_labels(root, video, {frame: (frame % 2, frame % 3 // 2) for frame in coded})
        for path in (root / "2D+3D" / f"F00{number}" / "T1").iterdir():
            if int(path.stem) not in (0, *(frame - 1 for frame in coded), 11):
                path.unlink()
    assert validate(root, -1)[2] == ([], [])


def test_a_file_copied_by_half_is_noted_or_excluded_with_its_reason(root):
    rows = [f"{frame},{frame % 4}\n" for frame in range(1, 13)]
    for number, n_kept in enumerate((6, 12, 12, 12), start=1):
        path = root / "AUCoding" / "AU_INT" / "AU12" / f"F00{number}_T1_AU12.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(rows[:n_kept]))
    positive = {"default": "occurrence", "AU12": "intensity>=2"}
    checked, _aus, findings = validate(root, positive=positive)
    assert "F001_T1_AU12.csv: lacks 6 of the 12 frames" in checked["F001_T1"].problem
    assert findings.wrong == []
    write_labels(
        root, "F002_T1", {frame: (frame % 2, int(frame % 4 > 0)) for frame in range(1, 14)}
    )
    checked, _aus, findings = validate(root, positive=positive)
    (note,) = checked["F002_T1"].notes
    assert "F002_T1_AU12.csv: lacks 1 of the 13 frames that F002_T1.csv codes" in note
    assert note in findings.doubtful


def test_intensities_that_contradict_occurrence_are_noted_with_their_frames(root):
    """Swapped files, and one shifted by a frame; intensity A of an AU coded absent is no fault,
    for some datasets code occurrence from B on."""
    for number in range(1, 5):
        write_labels(root, f"F00{number}_T1", {f: (f % 2, int(4 <= f <= 8)) for f in range(1, 13)})
        path = root / "AUCoding" / "AU_INT" / "AU12" / f"F00{number}_T1_AU12.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        coded = {3: 1, 4: 2, 5: 2, 6: 3, 7: 3, 8: 2, 9: 1}
        shift = {1: 0, 2: 2, 3: 0, 4: -1}[number]
        codes = {f: coded.get(f - shift, 0) for f in range(1, 13)}
        if number == 3:
            codes[5] = 9
        path.write_text("".join(f"{frame},{code}\n" for frame, code in codes.items()))
    positive = {"default": "occurrence", "AU12": "intensity>=2"}
    checked, _aus, findings = validate(root, positive=positive)
    assert checked["F001_T1"].notes == checked["F003_T1"].notes == ()
    contradiction = "F002_T1.csv: its intensity files contradict it: AU12 in 4 of 12 frames"
    assert contradiction in checked["F002_T1"].notes[0]
    assert "contradict it: AU12 in 2 of 12 frames" in checked["F004_T1"].notes[0]
    assert sum("contradict it: " in doubt for doubt in findings.doubtful) == 2
    assert findings.wrong == []


def test_of_many_notes_on_videos_the_first_are_shown_and_the_others_counted(root):
    rules = positive_rules("occurrence", AUS)
    videos = bp4dplus.find_videos(root).videos
    checked = [
        check_video(video, bp4dplus, rules, -1, 4, 7, 200)._replace(
            notes=tuple(f"{video.video} note {number}" for number in range(7))
        )
        for video in videos
    ]
    aus = summarize_aus(checked, rules, {})
    folds = {video.subject: 1 for video in videos}
    doubtful = judge(checked, aus, rules, folds, 1, -1, 0.3).doubtful
    assert len(doubtful) == 21
    assert doubtful[-1] == "8 more notes on videos; the table has them"


def test_unknown_is_neither_positive_nor_negative(root):
    write_labels(root, "F001_T1", {frame: (9, frame % 2) for frame in range(1, 13)})
    _checked, aus, findings = validate(root)
    assert aus[0].n_unknown == 12
    assert aus[0].unknown_share == 0.25
    assert aus[0].base_rate == 0.5
    assert findings == ([], ["AU01 is unknown in 25% of the frames"])


def test_an_au_of_one_class_is_wrong(root):
    for number in range(1, 5):
        write_labels(root, f"F00{number}_T1", dict.fromkeys(range(1, 13), (0, 9)))
    _checked, _aus, findings = validate(root)
    assert findings.wrong[0].startswith("AU01 is never positive")
    assert findings.wrong[1].startswith("AU12 is unknown in every frame")


def test_a_base_rate_far_from_the_papers_is_doubtful(root):
    _checked, _aus, findings = validate(root, paper={1: 0.09, 12: 0.3})
    assert findings == ([], ["AU01 is positive in 50.0%, in the paper in 9.0%"])


def test_occurrence_in_place_of_intensity_is_said(root):
    _checked, aus, findings = validate(root, positive="intensity>=2")
    assert aus[0].coding == "occurrence"
    assert findings.wrong == []
    assert findings.doubtful[0].startswith("AU01, AU12: no intensity is coded")


def test_a_short_video_and_labels_without_images_have_their_reasons(root):
    write_labels(root, "F001_T1", dict.fromkeys(range(1, 7), (1, 1)))
    folder = root / "2D+3D" / "F002" / "T1"
    (folder / "0004.png").unlink()
    (folder / "0007.png").write_bytes((folder / "0006.png").read_bytes())
    checked, _aus, findings = validate(root)
    assert checked["F001_T1"].problem == (
        "too short: 6 annotated frames have an image, a clip of 4 needs 7"
    )
    assert checked["F001_T1"].n_images_without_label(-1) == 6
    assert checked["F002_T1"].problem == ""
    assert checked["F002_T1"].without_image(-1).tolist() == [5]
    assert checked["F002_T1"].repeated == 1
    assert findings.wrong == []
    assert findings.doubtful == [
        "1 video (F001_T1) too short for a clip; the table has their frames",
        "1 video (F002_T1) with label frames that have no image (they are left out)",
        "1 video (F002_T1) with frames the same as the one before",
    ]


def test_a_damaged_video_gives_no_clip_unless_its_labels_end_before(root):
    shutil.rmtree(root / "2D+3D" / "F001")
    path = root / "2D+3D" / "F001" / "T1.avi"
    path.parent.mkdir()
    path.write_bytes(broken_at(write_moving(path, "MJPG").read_bytes(), 0.5, "zeros"))
    checked, _aus, findings = validate(root)
    assert checked["F001_T1"].problem == ""
    assert len(checked["F001_T1"].images) < 60
    assert "damaged near frame" in findings.doubtful[0]
    assert "(its labels end before)" in findings.doubtful[0]
    write_labels(root, "F001_T1", {frame: (frame % 2, 0) for frame in range(1, 100)})
    checked, _aus, _findings = validate(root)
    assert "T1.avi: damaged near frame" in checked["F001_T1"].problem


def test_what_is_broken_is_named_before_what_is_short(root):
    write_labels(root, "F001_T1", dict.fromkeys(range(1, 7), (1, 1)))
    (root / "AUCoding" / "AU_OCC" / "F003_T1.csv").write_text("0,1,12\n1,x,0\n")
    _checked, _aus, findings = validate(root, max_excluded=0.5)
    assert findings.doubtful[0].startswith("F003_T1 will give no clip: ")
    assert "F003_T1.csv, line 2: code in column 2 is 'x'" in findings.doubtful[0]
    assert findings.doubtful[1].startswith("1 video (F001_T1) too short for a clip")
    _checked, _aus, findings = validate(root, max_excluded=0.3)
    assert "more than max_excluded 0.3 allows; the first is F003_T1: " in findings.wrong[0]


def test_too_many_excluded_is_wrong_and_one_is_shown(root):
    for number in (1, 2):
        (root / "AUCoding" / "AU_OCC" / f"F00{number}_T1.csv").write_text("0,1,12\n1,x,0\n")
    checked, _aus, findings = validate(root)
    assert len(findings.wrong) == 1
    assert findings.wrong[0].startswith("2 of 4 videos give no clip, more than max_excluded 0.3")
    assert "F001_T1.csv, line 2: code in column 2 is 'x'" in findings.wrong[0]
    assert checked["F003_T1"].problem == ""


def test_one_recording_under_two_names_is_wrong(root):
    shutil.rmtree(root / "2D+3D" / "F002" / "T1")
    shutil.copytree(root / "2D+3D" / "F001" / "T1", root / "2D+3D" / "F002" / "T1")
    _checked, _aus, findings = validate(root)
    assert findings.wrong == [
        "F001_T1, F002_T1 are one and the same recording; drop all but one from the sheet"
    ]


def bad_zip(path, how):
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(12):
            archive.writestr(f"T1/{number}.png", image_bytes(number))
        if how == "leads outside":
            archive.writestr("../T1/99.png", image_bytes(99))
    content = path.read_bytes()
    if how == "method":
        content = content.replace(
            b"PK\x01\x02\x14\x03\x14\0\0\0\0", b"PK\x01\x02\x14\x03\x14\0\0\0\x63"
        )
    if how == "truncated":
        content = content[: len(content) // 2]
    if how == "encrypted":
        content = bytearray(content)
        content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ("truncated", "F001.zip: not a readable zip"),
        ("encrypted", "is encrypted; unpack the zip with its password"),
        ("leads outside", "points outside the archive"),
        ("method", "too short: 0 annotated frames have an image"),
        ("sound", ""),
    ],
)
def test_a_bad_zip_costs_its_own_videos_only(root, how, message):
    shutil.rmtree(root / "2D+3D" / "F001")
    bad_zip(root / "2D+3D" / "F001.zip", how)
    checked, _aus, findings = validate(root)
    assert message in checked["F001_T1"].problem
    assert bool(checked["F001_T1"].problem) == bool(message)
    assert findings.wrong == []
    assert all(not checked[f"F00{n}_T1"].problem for n in (2, 3, 4))

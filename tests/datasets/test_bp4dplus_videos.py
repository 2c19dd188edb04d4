"""The BP4D+ layout: videos are found in every form, and what competes or lacks is said."""

import os
import re
import zipfile
from pathlib import Path

import pytest

from facs3d.core.errors import InputError
from facs3d.datasets.bp4dplus import find_videos
from tests.support.label_files import intensity, occurrence, write


def test_videos_are_found_by_parsed_numbers_in_every_form_they_come_in(tmp_path):
    for name in ("F001_T8", "F001_01", "F002_T1"):
        occurrence(tmp_path, "0,1\n1,0\n", name)
    write(tmp_path / "Videos" / "F001" / "T8.avi", "")
    (tmp_path / "2D+3D" / "F001" / "T1").mkdir(parents=True)
    write(tmp_path / "2D+3D" / "F002.zip", "")
    videos, notes = find_videos(tmp_path)
    assert notes == []
    assert [(v.video, v.subject, v.task) for v in videos] == [
        ("F001_T1", "F001", "T1"),
        ("F001_T8", "F001", "T8"),
        ("F002_T1", "F002", "T1"),
    ]
    assert [v.path.removeprefix(str(tmp_path)) for v in videos] == [
        "/2D+3D/F001/T1",
        "/Videos/F001/T8.avi",
        "/2D+3D/F002.zip/T1",
    ]


def test_a_folder_that_is_not_the_dataset_says_what_is_missing(tmp_path):
    with pytest.raises(InputError, match="no such folder"):
        find_videos(tmp_path)
    label_path = occurrence(tmp_path, "0,1\n1,0\n")
    with pytest.raises(InputError, match="no frames for any of 1 label files"):
        find_videos(tmp_path)
    label_path.rename(label_path.with_name("notes.csv"))
    with pytest.raises(InputError, match=r"no label file; expected F001_T1\.csv"):
        find_videos(tmp_path)
    with pytest.raises(InputError, match="no such folder; expected the dataset there .*root"):
        find_videos(tmp_path / "elsewhere")


def test_a_root_that_may_not_be_read_is_said(tmp_path, monkeypatch):
    """As an ordinary user sees it; root may read anything."""

    def refuse(_folder):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.iterdir", refuse)
    with pytest.raises(InputError, match="may not be read; it should hold the dataset"):
        find_videos(tmp_path)


def test_labels_without_frames_and_frames_without_labels_are_said(tmp_path):
    for name in ("F001_T1", "F001_T2", "notes"):
        occurrence(tmp_path, "0,1\n1,0\n", name)
    write(tmp_path / "Videos" / "F001" / "T1.avi", "")
    write(tmp_path / "Videos" / "F001" / "T9.mp4", "")
    write(tmp_path / "2D+3D" / "M007.zip", "")
    write(tmp_path / "2D+3D" / "F001" / "smile.mp4", "")
    write(tmp_path / "2D+3D" / "anna.avi", "")
    write(tmp_path / "2D+3D" / "readme.txt", "")
    videos, notes = find_videos(tmp_path)
    assert [video.video for video in videos] == ["F001_T1", "F001_T2"]
    assert videos[1].path == str(tmp_path / "Videos" / "F001" / "T2")
    assert len(notes) == 5
    assert "notes.csv: passed over" in notes[0]
    assert re.match(r"2 recordings \(.*smile\.mp4, .*anna.avi\) passed over", notes[1])
    assert re.match(r"1 file \(.*readme\.txt\) passed over: neither a video", notes[2])
    assert notes[3].startswith("1 label file (F001_T2) without frames")
    assert notes[4].startswith("2 recordings (F001_T9, M007) without a label file")


def images(folder, sizes):
    folder.mkdir(parents=True)
    for number, size in enumerate(sizes):
        (folder / f"{number}.jpg").write_bytes(bytes(size))
    return folder


def zip_of(path, entries):
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        for name, size in entries.items():
            archive.writestr(name, bytes(size))
    return path


@pytest.mark.parametrize(
    ("first", "second"),
    [("T1", "01"), ("T1.avi", "T1"), ("T1.avi", "T1.mp4"), ("T1.zip", "T1"), ("T1", "../F001.zip")],
)
def test_recordings_that_compete_are_named_and_none_is_chosen(tmp_path, first, second):
    for name in ("F001_T1", "F001_T2", "F002_T1"):
        occurrence(tmp_path, "0,1\n1,0\n", name)
    folder = tmp_path / "2D+3D" / "F001"
    for size, name in enumerate((first, second), start=5):
        if name.endswith(".zip"):
            zip_of(folder / name, {f"{task}/0.jpg": size for task in ("T1", "T2")})
        elif "." in name:
            write(folder / name, "")
        else:
            images(folder / name, [size, size])
    images(tmp_path / "2D+3D" / "F002" / "T1", [1])
    videos, notes = find_videos(tmp_path)
    assert [video.video for video in videos] == ["F001_T1", "F001_T2", "F002_T1"]
    inside = {"../F001.zip": "../F001.zip/T1"}
    paths = {os.path.normpath(folder / inside.get(name, name)) for name in (first, second)}
    assert videos[0].path in paths
    (other,) = paths - {videos[0].path}
    both = f"{videos[0].path} and {other} both hold its frames, and they differ; "
    assert videos[0].problem == both + (
        "remove one and index again, or keep the right path here and delete this note"
    )
    (note,) = [note for note in notes if "both hold its frames" in note]
    assert note.startswith(f"F001_T1: {both}excluded from the run until")
    assert videos[2][3:] == (
        *(str(tmp_path / "2D+3D" / "F002" / "T1"), videos[2].label_path, "", "", ""),
    )


def test_many_that_compete_are_said_in_few_lines(tmp_path):
    for task in range(1, 9):
        occurrence(tmp_path, "0,1\n1,0\n", f"F001_T{task}")
        for suffix in ("avi", "mp4"):
            write(tmp_path / "Videos" / "F001" / f"T{task}.{suffix}", "")
    videos, notes = find_videos(tmp_path)
    assert len(notes) == 6
    assert notes[5].startswith("3 more videos (F001_T6, F001_T7, F001_T8) likewise")
    assert all("both hold its frames" in video.problem for video in videos)


def test_a_zip_kept_beside_what_was_unpacked_from_it_is_no_rival(tmp_path):
    for name in ("F001_T1", "F001_T2"):
        occurrence(tmp_path, "0,1\n1,0\n", name)
    images(tmp_path / "2D+3D" / "F001" / "T1", [5, 6, 7])
    entries = {"T1/0.jpg": 5, "T1/1.jpg": 6, "T1/2.jpg": 7, "T2/0.jpg": 8}
    zip_of(tmp_path / "2D+3D" / "F001.zip", entries)
    videos, notes = find_videos(tmp_path)
    assert notes == []
    assert [video.path.removeprefix(str(tmp_path)) for video in videos] == [
        "/2D+3D/F001/T1",
        "/2D+3D/F001.zip/T2",
    ]


@pytest.mark.parametrize("more", [[], ["F001_T2"]])
def test_images_at_a_zips_top_are_the_only_tasks_there_is(tmp_path, more):
    for name in ("F001_T1", *more):
        occurrence(tmp_path, "0,1\n1,0\n", name)
    path = zip_of(tmp_path / "2D+3D" / "F001.zip", {"0.jpg": 5})
    videos, _notes = find_videos(tmp_path)
    expected = [path / video.task for video in videos] if more else [path]
    assert [video.path for video in videos] == list(map(str, expected))


def test_suffixes_in_upper_case_are_found(tmp_path):
    occurrence(tmp_path, "0,1\n1,0\n", "F001_T1").rename(
        tmp_path / "AUCoding" / "AU_OCC" / "F001_T1.CSV"
    )
    for name in ("F001_T2", "F002_T1"):
        occurrence(tmp_path, "0,1\n1,0\n", name)
    write(tmp_path / "Videos" / "F001" / "T1.AVI", "")
    zip_of(tmp_path / "2D+3D" / "F001" / "T2.ZIP", {"0.JPG": 1})
    zip_of(tmp_path / "2D+3D" / "F002.ZIP", {"T1/0.JPG": 1})
    videos, notes = find_videos(tmp_path)
    assert notes == []
    assert [video.path.removeprefix(str(tmp_path)) for video in videos] == [
        "/Videos/F001/T1.AVI",
        "/2D+3D/F001/T2.ZIP",
        "/2D+3D/F002.ZIP/T1",
    ]


def test_a_subjects_folder_that_cannot_be_read_is_said_and_the_others_go_on(tmp_path, monkeypatch):
    for name in ("F001_T1", "F002_T1"):
        occurrence(tmp_path, "0,1\n1,0\n", name)
        images(tmp_path / "2D+3D" / name[:4] / "T1", [1])
    listed = Path.iterdir

    def refuse(path):
        if path.name == "F001":
            raise PermissionError(13, "Permission denied", str(path))
        return listed(path)

    monkeypatch.setattr("pathlib.Path.iterdir", refuse)
    videos, notes = find_videos(tmp_path)
    assert [video.video for video in videos] == ["F001_T1", "F002_T1"]
    assert "F001: cannot be read (Permission denied); what it holds is left out" in notes[0]
    assert notes[1].startswith("1 label file (F001_T1) without frames")


def test_a_video_with_two_label_files_is_left_out_and_the_others_are_found(tmp_path):
    for name in ("F001_T8", "F001_08", "F002_T1"):
        occurrence(tmp_path, "0,1\n1,0\n", name)
    for name in ("F001_T8", "F002_T1"):
        write(tmp_path / "Videos" / f"{name}.avi", "")
    videos, notes = find_videos(tmp_path)
    assert [video.video for video in videos] == ["F002_T1"]
    (note,) = notes
    assert re.fullmatch(r"F001_T8 left out: .*/F001_08\.csv and F001_T8\.csv both .*", note)


def test_intensity_files_outside_a_folder_of_their_au_are_named(tmp_path):
    occurrence(tmp_path, "0,6\n1,1\n")
    write(tmp_path / "2D+3D" / "F001.zip", "")
    intensity(tmp_path, "AU06", "1,1\n")
    assert find_videos(tmp_path).notes == []
    flat = tmp_path / "AUCoding" / "AU_INT"
    write(flat / "F001_T1_AU12.csv", "1,1\n")
    (note,) = find_videos(tmp_path).notes
    assert note.startswith(f"{flat}: 1 file (F001_T1_AU12.csv) not read; intensity files lie in a")

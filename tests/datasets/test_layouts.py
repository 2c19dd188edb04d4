"""The layouts beside BP4D+: BP4D, DISFA, faces registered already, and any videos with a table."""

from pathlib import Path

import pytest
import yaml

from facs3d.core.errors import InputError
from facs3d.datasets import LAYOUTS, bp4d, disfa, open_layout, registered
from facs3d.datasets.positive import positive_rules
from tests.support.label_files import shown, write

SCHEMA = Path(__file__).parents[2] / "config" / "schemas" / "config.schema.yaml"


def test_the_config_knows_the_layouts_there_are():
    dataset = yaml.safe_load(SCHEMA.read_text())["properties"]["dataset"]["properties"]
    assert dataset["layout"]["enum"] == sorted(LAYOUTS)
    assert [name for name in LAYOUTS if open_layout(name).REGISTERED] == ["registered"]


@pytest.mark.parametrize("name", sorted(LAYOUTS))
def test_labels_without_a_video_and_videos_without_labels_are_noted_in_every_layout(tmp_path, name):
    labels, frames = {
        "bp4d": ("AUCoding/F00{}_T1.csv", "Sequences(2D+3D)/F00{}/T1.avi"),
        "bp4dplus": ("AUCoding/AU_OCC/F00{}_T1.csv", "2D+3D/F00{}.zip"),
        "registered": ("labels/F00{}_T1.csv", "Faces/F00{}_T1.avi"),
        "disfa": (
            "ActionUnit_Labels/SN00{0}/SN00{0}_au1.txt",
            "Videos_LeftCamera/LeftVideoSN00{}.avi",
        ),
        "generic": ("labels.csv", "videos/F00{}_T1.avi"),
    }[name]
    for number in (1, 2):
        write(tmp_path / labels.format(number), "video,frame,AU01\nF001_T1,0,1\nF002_T1,0,1\n")
    for number in (1, 3):
        write(tmp_path / frames.format(number))
    videos, notes = open_layout(name).find_videos(tmp_path)
    assert [video.subject[-3:] for video in videos] == ["001", "002"]
    assert len(notes) == 2
    assert "002" in notes[0]
    assert "003" in notes[1]


# BP4D


@pytest.mark.parametrize("labels", ["AUCoding", "AUCoding/AU_OCC"])
@pytest.mark.parametrize("inside", ["", "AUCoding/"])
def test_bp4d_as_distributed(tmp_path, labels, inside):
    path = write(tmp_path / labels / "F001_T1.csv", "0,1,6,12\n2440,1,1,0\n2441,9,1,1\n")
    write(tmp_path / labels / "M002_T8.csv", "0,1,6,12\n1,0,0,0\n")
    coded = tmp_path / f"{inside}AU-Intensity-Codes3.0" / "AU06" / "F001_T1_AU06.csv"
    write(coded, "2440,1\n2441,3\n")
    write(tmp_path / "Sequences(2D+3D)" / "F001" / "T1" / "2440.jpg")
    write(tmp_path / "Sequences(2D+3D)" / "M002" / "T8.zip")
    videos, notes = bp4d.find_videos(tmp_path)
    assert shown(videos, tmp_path) == [
        ("F001_T1", "F001", "T1", "Sequences(2D+3D)/F001/T1"),
        ("M002_T8", "M002", "T8", "Sequences(2D+3D)/M002/T8.zip"),
    ]
    assert notes == []
    rules = positive_rules("intensity>=2", (1, 6, 12))
    frame_number, codes, coding, _notes = bp4d.read_labels(path, "F001_T1", rules)
    assert frame_number.tolist() == [2440, 2441]
    assert codes.tolist() == [[1, 0, 0], [-1, 1, 1]]
    assert coding == ("occurrence", "intensity", "occurrence")


def test_bp4d_an_empty_folder_hides_no_label_file_and_is_named(tmp_path):
    path = write(tmp_path / "AUCoding" / "F001_T1.csv", "0,1\n1,0\n")
    write(tmp_path / "Sequences(2D+3D)" / "F001" / "T1" / "1.jpg")
    empty = tmp_path / "AUCoding" / "AU_OCC"
    empty.mkdir()
    videos, notes = bp4d.find_videos(tmp_path)
    assert [video.label_path for video in videos] == [str(path)]
    assert notes == [f"{empty}: holds no label file; {tmp_path / 'AUCoding'}'s are read"]
    write(empty / "F001_T1.csv", "0,1\n1,0\n")
    videos, notes = bp4d.find_videos(tmp_path)
    assert [video.label_path for video in videos] == [str(empty / "F001_T1.csv")]
    assert notes == [f"{tmp_path / 'AUCoding'}: its 1 label files are not read, {empty}'s are"]


# DISFA


def disfa_labels(root, subject="SN001", aus=(1, 2, 12), n_frames=3):
    for au in aus:
        lines = "".join(f"{frame},{(frame + au) % 6}\r\n" for frame in range(1, n_frames + 1))
        write(root / "ActionUnit_Labels" / subject / f"{subject}_au{au}.txt", lines)
    return root / "ActionUnit_Labels" / subject


def test_disfa_files_go_by_their_numbers_whatever_the_case(tmp_path):
    for subject in ("SN001", "SN002", "SN010"):
        folder = disfa_labels(tmp_path, subject)
    write(tmp_path / "Videos_LeftCamera" / "LeftVideoSN001_comp.avi")
    write(tmp_path / "Videos_LeftCamera" / "leftVideoSN002_Comp.avi")
    write(tmp_path / "Videos_LeftCamera" / "LeftVideoSN099_comp.avi")
    videos, notes = disfa.find_videos(tmp_path)
    assert shown(videos, tmp_path) == [
        ("SN001_left", "SN001", "left", "Videos_LeftCamera/LeftVideoSN001_comp.avi"),
        ("SN002_left", "SN002", "left", "Videos_LeftCamera/leftVideoSN002_Comp.avi"),
        ("SN010_left", "SN010", "left", "Videos_LeftCamera/LeftVideoSN010_comp.avi"),
    ]
    assert "LeftVideoSN010_comp.avi: no such video" in notes[0]
    assert "LeftVideoSN099_comp.avi: no labels" in notes[1]
    rules = positive_rules("intensity>=2", (2, 12, 1))
    frame_number, labels, coding, _notes = disfa.read_labels(folder, "SN010_left", rules)
    assert frame_number.tolist() == [1, 2, 3]
    # Intensities (frame + AU) % 6: AU 2 3 4 5, AU 12 1 2 3, AU 1 2 3 4.
    assert labels.tolist() == [[1, 0, 1], [1, 1, 1], [1, 1, 1]]
    assert set(coding) == {"intensity"}
    assert disfa.read_labels(folder, "SN010_left", {}).frame_number.tolist() == [1, 2, 3]


def test_disfa_in_small_letters_and_any_video_format_is_found(tmp_path):
    for number, suffix in enumerate((".avi", ".MP4", ".mxf", ".mts"), start=1):
        folder = tmp_path / "actionunit_labels" / f"sn00{number}"
        write(folder / f"sn00{number}_au1.TXT", "1,3\n")
        write(tmp_path / "videos_leftcamera" / f"leftvideosn00{number}_comp{suffix}")
    write(tmp_path / "videos_leftcamera" / "RightVideoSN001_comp.avi")
    (tmp_path / "actionunit_labels" / "old").mkdir()
    (tmp_path / "videos_leftcamera" / "more").mkdir()
    videos, notes = disfa.find_videos(tmp_path)
    assert [video.video for video in videos] == [f"SN00{n}_left" for n in range(1, 5)]
    assert [Path(video.path).suffix for video in videos] == [".avi", ".MP4", ".mxf", ".mts"]
    assert ["passed over" in note for note in notes] == [True, True, True]
    rules = positive_rules("intensity>=2", (1,))
    assert disfa.read_labels(folder, "SN004_left", rules).labels.tolist() == [[1]]


def test_disfa_twins_cost_their_subject_only(tmp_path):
    for subject in ("SN001", "SN002", "SN003", "sn003"):
        disfa_labels(tmp_path, subject)
    for name in ("LeftVideoSN001_comp.avi", "LeftVideoSN001.mp4", "LeftVideoSN002_comp.avi"):
        write(tmp_path / "Videos_LeftCamera" / name)
    videos, notes = disfa.find_videos(tmp_path)
    assert [video.video for video in videos] == ["SN002_left"]
    assert notes[0].startswith("SN001 left out: ")
    assert "LeftVideoSN001.mp4" in notes[0]
    assert notes[1].startswith("SN003 left out: ")


def test_disfa_that_is_not_whole_is_refused(tmp_path):
    folder = disfa_labels(tmp_path)
    rules = positive_rules("intensity>=2", (1, 25))
    with pytest.raises(InputError, match="SN001: no file for AU25; there are AUs 1, 2, 12"):
        disfa.read_labels(folder, "SN001_left", rules)
    with pytest.raises(InputError, match="codes intensity, not occurrence"):
        disfa.read_labels(folder, "SN001_left", positive_rules("occurrence", (1,)))
    (folder / "SN001_au12.txt").write_text("1,0\n2,0\n")
    with pytest.raises(InputError, match=r"au12\.txt, line 2: 2 frames, not the same as the 3 of"):
        disfa.read_labels(folder, "SN001_left", positive_rules("intensity>=2", (1, 12)))
    for header in ("0,1", "frame,AU1", "0,12"):
        (folder / "SN001_au1.txt").write_text(f"{header}\n1,0\n2,0\n3,0\n")
        with pytest.raises(InputError, match=r"au1\.txt, line 1: .*header.* remove"):
            disfa.read_labels(folder, "SN001_left", positive_rules("intensity>=2", (1,)))
        with pytest.raises(InputError, match=r"au1\.txt, line 1: .*header.* remove"):
            disfa.read_labels(folder, "SN001_left", {})
    disfa_labels(tmp_path, aus=(1,))
    (folder / "SN001_au12.txt").write_text("1,0\n2,7\n3,0\n")
    with pytest.raises(InputError, match=r"au12\.txt, line 2: code 7"):
        disfa.read_labels(folder, "SN001_left", positive_rules("intensity>=2", (1, 12)))
    with pytest.raises(InputError, match="no such folder; expected videos such as"):
        disfa.find_videos(tmp_path)


# Faces registered already


def test_registered_faces_with_a_table_each(tmp_path):
    path = write(tmp_path / "labels" / "F001_T1.csv", "frame,AU12,AU01\n0,3,1\n1,9,2\n")
    write(tmp_path / "labels" / "F002_T1.csv", "frame,AU12,AU01\n0,3,1\n")
    write(tmp_path / "Faces" / "F001_T1.avi")
    write(tmp_path / "Faces" / "F002_T1" / "0.png")
    videos, notes = registered.find_videos(tmp_path)
    assert [row[3] for row in shown(videos, tmp_path)] == ["Faces/F001_T1.avi", "Faces/F002_T1"]
    assert notes == []
    labels = registered.read_labels(path, "F001_T1", positive_rules("intensity>=2", (1, 12)))
    assert labels.labels.tolist() == [[0, 1], [1, -1]]
    with pytest.raises(InputError, match="line 2: code 3 in column 2, expected one of 0, 1, 9"):
        registered.read_labels(path, "F001_T1", positive_rules("occurrence", (12,)))


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("image,frames,AU12", "line 1: 0 columns 'frame', expected one; found: 'image, frames"),
        ("time,AU12,AU01", "line 1: 0 columns 'frame', expected one.*; events and times in sec"),
        (
            "frame,au12_r,1.0",
            "line 1: 0 columns for AU12, expected one, called 12 or AU12; found: ",
        ),
    ],
)
def test_registered_faces_the_frame_column_goes_by_its_name(tmp_path, header, message):
    path = write(tmp_path / "labels" / "F001_T1.csv", "x,AU12,frame\n5,1,0\n7,0,1\n")
    rules = positive_rules("occurrence", (12,))
    assert registered.read_labels(path, "F001_T1", rules).frame_number.tolist() == [0, 1]
    write(path, ",AU12,frame\n5,1,0\n7,0,1\n")
    with pytest.raises(InputError, match="line 2: '5' in column 1, which has no name in line 1"):
        registered.read_labels(path, "F001_T1", rules)
    write(path, f"{header}\n5,1,0\n7,0,1\n")
    with pytest.raises(InputError, match=message):
        registered.read_labels(path, "F001_T1", rules)


def test_registered_faces_with_the_label_files_of_bp4dplus(tmp_path):
    path = write(tmp_path / "AUCoding" / "AU_OCC" / "F001_T1.csv", "0,1,12\n7,1,1\n")
    write(tmp_path / "AUCoding" / "AU_INT" / "AU12" / "F001_T1_AU12.csv", "7,1\n")
    write(tmp_path / "Faces" / "F001" / "T1" / "7.jpg")
    ((video, *_),) = shown(registered.find_videos(tmp_path).videos, tmp_path)
    assert video == "F001_T1"
    labels = registered.read_labels(path, video, positive_rules("intensity>=2", (1, 12)))
    assert labels.labels.tolist() == [[1, 0]]

"""Any videos and one table of labels."""

import pytest

from facs3d.core.errors import InputError
from facs3d.datasets import generic, registered
from facs3d.datasets.positive import positive_rules
from tests.support.label_files import shown, write

TABLE = """video,note,AU06,frame,AU12
anna_1,a,1,10,0
anna_1,b,0,12,9
ben_talk,,1,0,1
"""


def test_one_table_labels_all_videos(tmp_path):
    path = write(tmp_path / "labels.csv", TABLE)
    write(tmp_path / "videos" / "anna_1.mp4")
    write(tmp_path / "videos" / "ben_talk" / "0.jpg")
    write(tmp_path / "videos" / "spare.mp4")
    videos, notes = generic.find_videos(tmp_path)
    assert shown(videos, tmp_path) == [
        ("anna_1", "anna", "1", "videos/anna_1.mp4"),
        ("ben_talk", "ben", "talk", "videos/ben_talk"),
    ]
    assert [note.split(": ")[1] for note in notes] == ["not in labels.csv; left out"]
    rules = positive_rules("occurrence", (12, 6))
    frame_number, labels, *_ = generic.read_labels(path, "anna_1", rules)
    assert frame_number.tolist() == [10, 12]
    assert labels.tolist() == [[0, 1], [-1, 0]]
    assert generic.read_labels(path, "ben_talk", rules).labels.tolist() == [[1, 1]]
    write(path, TABLE.replace("ben_talk,,1", "ben_talk,,0"))
    assert generic.read_labels(path, "ben_talk", rules).labels.tolist() == [[1, 0]]


def test_twins_and_files_that_are_no_video_are_noted(tmp_path):
    write(tmp_path / "labels.csv", TABLE)
    write(tmp_path / "videos" / "anna_1.mp4")
    write(tmp_path / "videos" / "anna_1" / "0.jpg")
    write(tmp_path / "videos" / "ben_talk.MOV")
    write(tmp_path / "videos" / "ben_talk.txt")
    videos, notes = generic.find_videos(tmp_path)
    assert [video.video for video in videos] == ["ben_talk"]
    assert "ben_talk.txt: passed over" in notes[0]
    assert notes[1].startswith("anna_1 left out: ")


def test_columns_subject_and_task_may_name_whose_a_video_is(tmp_path):
    write(tmp_path / "labels.csv", "video,subject,task,frame,AU01\nclip7,anna,talk,0,1\n")
    write(tmp_path / "videos" / "clip7.mp4")
    (video,) = generic.find_videos(tmp_path).videos
    assert (video.subject, video.task) == ("anna", "talk")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("<!DOCTYPE html>\n<p>log in</p>", "web page"),
        ("video;frame;AU01\na_1;0;1\n", "line 1: separated by semicolons"),
        ("frame,AU01\n0,1\n", "line 1: 0 columns 'video'"),
        ("video,video,frame,AU01\na_1,a_1,0,1\n", "line 1: 2 columns 'video'"),
        ("video,Subject,frame,AU01\na_1,x,0,1\n", "column 'Subject' is nearly 'subject'"),
        ("video,frame,AU01,tsak\na_1,0,1,x\n", "column 'tsak' is nearly 'task'"),
        ("video,frame,AU01\n", "line 1: no frame is annotated"),
        ("video,frame,AU01\nno spaces_1,0,1\n", "line 2: the video's name is 'no spaces_1'"),
        ("video,frame,AU01\n../a_1,0,1\n", "line 2: the video's name is '../a_1'"),
        ("video,frame,AU01\na_1;rm,0,1\n", "line 2: the video's name is 'a_1;rm'"),
        ("video,frame,AU01\nclip7,0,1\n", "line 2: the subject of video 'clip7' is ''"),
        (
            "video,subject,task,frame,AU01\na_1,a,1,0,1\na_1,b,1,1,1\n",
            "line 3: video 'a_1' has subject 'b', but 'a' in line 2; give it one",
        ),
    ],
)
def test_a_table_that_cannot_be_a_dataset_is_refused(tmp_path, text, message):
    write(tmp_path / "labels.csv", text)
    write(tmp_path / "videos" / "a_1.mp4")
    with pytest.raises(InputError, match=message) as error:
        generic.find_videos(tmp_path)
    assert str(tmp_path / "labels.csv") in str(error.value)


def test_rows_of_no_possible_video_cost_themselves_only(tmp_path):
    table = "video,subject,task,frame,AU01\na_1,a,1,0,1\nno good,a,1,0,1\nb_1,b,1,0,1\n"
    path = write(tmp_path / "labels.csv", table + "b_1,c,1,1,1\nno good,a,1,1,1\n")
    for name in ("a_1", "b_1"):
        write(tmp_path / "videos" / f"{name}.mp4")
    videos, notes = generic.find_videos(tmp_path)
    assert [video.video for video in videos] == ["a_1"]
    assert [note.removeprefix(f"{path}, ").split(";")[0] for note in notes] == [
        "line 3: the video's name is 'no good'",
        "line 5: video 'b_1' has subject 'c', but 'b' in line 4",
    ]
    labels = generic.read_labels(path, "a_1", positive_rules("occurrence", (1,)))
    assert labels.frame_number.tolist() == [0]


def test_a_name_with_its_suffix_is_told_to_drop_it(tmp_path):
    write(tmp_path / "labels.csv", "video,frame,AU01\nann_T1.avi,0,1\nben_T1,0,1\n")
    for name in ("ann_T1", "ben_T1"):
        write(tmp_path / "videos" / f"{name}.avi")
    _videos, notes = generic.find_videos(tmp_path)
    assert notes[0].endswith("; in labels.csv, names go without .avi")
    write(tmp_path / "labels.csv", "video,frame,AU01\nann_T1.avi,0,1\n")
    with pytest.raises(InputError, match=r"such as 'ann_T1.avi'; in labels.csv, names go without"):
        generic.find_videos(tmp_path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("video,frame,AU02\na_1,0,1\n", "line 1: 0 columns for AU01"),
        ("video,frame,AU01,au1\na_1,0,1,1\n", "line 1: 2 columns for AU01"),
        ("video,AU01\na_1,1\n", "line 1: 0 columns 'frame'"),
        ("video,frame,AU01\na_1,0,nan\n", "line 2: code in column 3 is 'nan'"),
        ("video,frame,AU01\na_1,0,\n", "line 2: code in column 3 is ''.* 9 means unknown"),
        ("video,frame,AU01,AU02\na_1,0,1,\na_1,1,1,1\n", "line 2: code in column 4 is ''"),
        ("video,frame,AU02,AU01\na_1,0,1,1\na_1,1,,1\n", "line 3: column AU02 is blank in the"),
        ("video,frame,AU01,pose\na_1,0,1,5\n", "line 2: column 'pose' holds 5, which could be"),
        ("AU01,frame,x,video,pose\n1,5,,a_1,2.5\n", "'pose' is not read and stands to the right"),
        ("video,frame,AU01\nb_1,0,1,1\na_1,0,1\n", "line 2: 4 columns, expected 3"),
        ("video,frame,AU01_r\na_1,0,0.31\n", "0 columns for AU01.*AU01_r is an estimate"),
        ("video,start,end,AU01\na_1,0,5,1\n", "0 columns 'frame'.* frames per second"),
        ("video,onset (s),AU01\na_1,0,1\n", "0 columns 'frame'.* frames per second"),
        ("video,frame,AU01\na_1,0,1\n,1,1\nb_1,1,1\n,2,1\n", "lines 3 and 5: no video; write"),
        ("video,frame,AU01\na_1,0,-1\n", "line 2: code in column 3 is '-1'"),
        ("video,frame,AU01\nb_1,9,1\na_1,3,1\na_1,3,0\n", "line 4: frame 3 follows frame 3"),
        ("video,frame,AU01\nb_1,9,1\n", "line 1: no frame is annotated"),
    ],
)
def test_a_bad_row_of_a_table_is_named(tmp_path, text, message):
    path = write(tmp_path / "labels.csv", text)
    with pytest.raises(InputError, match=message):
        generic.read_labels(path, "a_1", positive_rules("occurrence", (1,)))


def test_a_bad_code_costs_its_video_and_a_shifted_row_the_table(tmp_path):
    path = write(tmp_path / "labels.csv", "video,frame,AU01\na_1,0,1\nb_1,0,3\n")
    rules = positive_rules("occurrence", (1,))
    assert generic.read_labels(path, "a_1", rules).labels.tolist() == [[1]]
    with pytest.raises(InputError, match="line 3: code 3 in column 3"):
        generic.read_labels(path, "b_1", rules)
    # Line 3 may be of a_1: its frame 1 would be lost.
    write(path, "video,frame,AU01,AU02\na_1,0,1,0\n1,1,0,\nb_1,0,1,0\n")
    with pytest.raises(InputError, match="line 3: code in column 4 is ''"):
        generic.read_labels(path, "a_1", rules)


def test_a_table_as_pandas_leaves_it_is_read(tmp_path):
    text = (
        "video,frame,AU 1,AU02,coder\na_1,12.0,1.0,,Ann\na_1,13.0,,2.0,Ann\na_1,14.0,9.0,0.0,Ann\n"
    )
    path = write(tmp_path / "labels.csv", text)
    labels = generic.read_labels(path, "a_1", positive_rules("intensity>=2", (1, 2)))
    assert labels.frame_number.tolist() == [12, 13, 14]
    assert labels.labels.tolist() == [[0, -1], [-1, 1], [-1, 0]]


def test_openface_occurrence_is_taken_for_occurrence_only(tmp_path):
    text = "frame, confidence, AU01_r, AU12_r, AU01_c, AU12_c\n1,0.98,0.31,2.70,0.00,1.00\n"
    path = write(tmp_path / "labels" / "F001_T1.csv", text)
    rules = positive_rules("occurrence", (12, 1))
    assert registered.read_labels(path, "F001_T1", rules).labels.tolist() == [[1, 0]]
    with pytest.raises(InputError, match="0 columns for AU12.*; AU12_c is occurrence, set"):
        registered.read_labels(path, "F001_T1", positive_rules("intensity>=2", (12,)))


@pytest.mark.parametrize("column", ["video", "subject", "frame"])
def test_merged_cells_are_named_with_their_lines(tmp_path, column):
    names = ["video", "subject", "task", "frame", "AU01"]
    lines = [names, *(["a_1", "a", "1", str(frame), "1"] for frame in range(9))]
    for line in lines[2:]:
        line[names.index(column)] = ""
    path = write(tmp_path / "labels.csv", "\n".join(map(",".join, lines)))
    message = f"lines 3, 4, 5, 6, 7 and 3 more: no {column}; write it in every line"
    with pytest.raises(InputError, match=message):
        generic.read_labels(path, "a_1", positive_rules("occurrence", (1,)))


def test_a_table_none_of_whose_videos_is_there_is_refused(tmp_path):
    write(tmp_path / "labels.csv", TABLE)
    write(tmp_path / "videos" / "other_1.mp4")
    with pytest.raises(InputError, match="holds none of the videos"):
        generic.find_videos(tmp_path)
    write(tmp_path / "videos" / "anna_1.mp4")
    notes = generic.find_videos(tmp_path).notes
    assert any("labels.csv, line 4: no video 'ben_talk'" in note for note in notes)

"""The video sheet: what is read, and what is refused with file and line."""

import pytest

from facs3d.errors import InputError
from facs3d.sheet import Video, embedded_sheet, read_sheet, write_sheet

HEADER = "video,subject,task,path,label_path,fold\n"


def test_a_sheet_survives_being_written(tmp_path):
    videos = embedded_sheet("root", 3, 2)
    write_sheet(videos, tmp_path / "videos.csv")
    assert read_sheet(tmp_path / "videos.csv") == videos
    assert videos[3].video == "F002_T2"
    assert videos[3].label_path == "root/AUCoding/AU_OCC/F002_T2.csv"


def test_a_person_may_reorder_columns_and_add_others(tmp_path):
    path = tmp_path / "videos.csv"
    path.write_text(
        "\ufefffold,note,label_path,path,task,subject,video\r\n2,x,l.csv,v.avi,T1,s,s_T1\r\n"
    )
    assert read_sheet(path) == [Video("s_T1", "s", "T1", "v.avi", "l.csv", "2")]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("", "lists no video"),
        ("v,s,T1,a.avi,,\n", "line 2: 'label_path' is empty"),
        ("../v,s,T1,a.avi,a.csv,\n", "the name '../v'"),
        ("v;rm,s,T1,a.avi,a.csv,\n", "the name 'v;rm'"),
        ("v,s p,T1,a.avi,a.csv,\n", "the name 's p'"),
        ("v,s,T1,a.avi,a.csv,\nv,s,T2,b.avi,b.csv,\n", "video 'v' is listed 2 times"),
        ("v,s,T1,a.avi,a.csv,\nw,s,T2,a.avi,b.csv,\n", "path 'a.avi' is listed 2 times"),
        ("v,s,T1,a.avi,a.csv,1\nw,s,T2,b.avi,b.csv,2\n", "subject 's' is in fold 1 and fold 2"),
        ("v,s,T1,a.avi,a.csv,x\n", "fold is 'x'"),
    ],
)
def test_a_broken_sheet_is_refused(tmp_path, rows, message):
    path = tmp_path / "videos.csv"
    path.write_text(HEADER + rows)
    with pytest.raises(InputError, match=message) as error:
        read_sheet(path)
    assert str(path) in str(error.value)


def test_a_missing_sheet_or_column_says_what_to_do(tmp_path):
    with pytest.raises(InputError, match="index_videos"):
        read_sheet(tmp_path / "videos.csv")
    (tmp_path / "videos.csv").write_text("video,subject\n")
    with pytest.raises(InputError, match="line 1: no column 'task'"):
        read_sheet(tmp_path / "videos.csv")

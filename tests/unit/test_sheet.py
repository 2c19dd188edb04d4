"""The video sheet: what is read, and what is refused with file and line."""

from pathlib import Path

import pytest
import yaml

from facs3d.config import row_checker
from facs3d.errors import InputError
from facs3d.sheet import SAFE_NAME, Video, embedded_sheet, read_sheet, write_sheet

SCHEMA = Path(__file__).parents[2] / "config" / "schemas" / "videos.schema.yaml"
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
    assert read_sheet(path) == [Video("s_T1", "s", "T1", "v.avi", "l.csv", fold="2")]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("", "lists no video"),
        ("v,s,T1,a.avi,,\n", "line 2, label_path: '' .*; the video's label file"),
        ("../v,s,T1,a.avi,a.csv,\n", "line 2, video: '../v' does not match .*; letters, digits"),
        ("v;rm,s,T1,a.avi,a.csv,\n", "line 2, video: 'v;rm'"),
        ("v,s p,T1,a.avi,a.csv,\n", "line 2, subject: 's p'"),
        ("v,s,T/1,a.avi,a.csv,\n", "line 2, task: 'T/1'"),
        ("v,s,T1,a.avi,a.csv,x\n", "line 2, fold: 'x' does not match"),
        ("v,s,T1,a.avi,a.csv,\nv,s,T2,b.avi,b.csv,\n", "line 3: video 'v' stands in line 2"),
        ("v,s,T1,a.avi,a.csv,\nw,s,T2,./a.avi,b.csv,\n", "line 3: path 'a.avi' stands in line 2"),
        (
            "v,s,T1,a.avi,a.csv,1\nw,s,T2,b.avi,b.csv,2\n",
            "line 3: subject 's' is in fold 2 and in fold 1",
        ),
    ],
)
def test_a_broken_sheet_is_refused(tmp_path, rows, message):
    path = tmp_path / "videos.csv"
    path.write_text(HEADER + rows)
    with pytest.raises(InputError, match=message) as error:
        read_sheet(path, row_checker(SCHEMA))
    assert str(path) in str(error.value)


def test_the_schema_and_the_layouts_mean_the_same_by_a_name():
    names = yaml.safe_load(SCHEMA.read_text())["$defs"]["name"]["pattern"]
    assert names == f"^{SAFE_NAME}$"


def test_a_sheet_edited_by_hand_is_not_overwritten(tmp_path):
    path = tmp_path / "videos.csv"
    videos = embedded_sheet("root", 2, 2)
    write_sheet(videos, path)
    write_sheet(videos, path)
    path.write_text(path.read_text().replace("F002_T2", "F002_T3"))
    edited = path.read_bytes()
    with pytest.raises(InputError, match="exists and differs"):
        write_sheet(videos, path)
    assert path.read_bytes() == edited


def test_a_missing_sheet_or_column_says_what_to_do(tmp_path):
    with pytest.raises(InputError, match="index_videos"):
        read_sheet(tmp_path / "videos.csv")
    (tmp_path / "videos.csv").write_text("video,subject\n")
    with pytest.raises(InputError, match="line 1: no column 'task'"):
        read_sheet(tmp_path / "videos.csv")

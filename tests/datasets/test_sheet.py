"""The video sheet: what is read, and what is refused with file and line."""

import pytest
import yaml

from facs3d.core.errors import InputError
from facs3d.datasets.sheet import SAFE_NAME, SCHEMA, Video, read_sheet, write_sheet
from facs3d.synthetic.sheet import synthetic_sheet
from tests.support.scripts import run_process

HEADER = "video,subject,task,path,label_path,fold\n"


def test_a_sheet_survives_being_written(tmp_path):
    videos = synthetic_sheet("root", 3, 2)
    write_sheet(videos, tmp_path / "videos.csv")
    assert read_sheet(tmp_path / "videos.csv") == videos
    header = "video,subject,task,path,label_path,annotated_frames,problem"
    assert (tmp_path / "videos.csv").read_text().partition("\n")[0] == header
    assert videos[3].video == "F002_T2"
    assert videos[3].label_path == "root/AUCoding/AU_OCC/F002_T2.csv"


def test_a_person_may_reorder_columns_and_add_others(tmp_path):
    path = tmp_path / "videos.csv"
    path.write_text(
        "\ufefffold,note,label_path,path,task,subject,video\r\n2,x,l.csv,v.avi,T1,s,s_T1\r\n"
    )
    assert read_sheet(path) == [Video("s_T1", "s", "T1", "v.avi", "l.csv", fold="2")]


def test_why_a_video_is_left_out_survives_and_may_be_lacking(tmp_path):
    problem = 'a.avi and {b}.avi differ; "remove" one'
    one, other = synthetic_sheet("root", 1, 2)
    write_sheet([one._replace(problem=problem), other], tmp_path / "videos.csv")
    assert [video.problem for video in read_sheet(tmp_path / "videos.csv")] == [problem, ""]
    (tmp_path / "older.csv").write_text(HEADER + "v,s,T1,a.avi,a.csv,\n")
    assert read_sheet(tmp_path / "older.csv")[0].problem == ""


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("", "lists no video"),
        ('"v,s,T1,a.avi,a.csv,\nw,s,T1,b.avi,b.csv,\n', "line 2: not CSV .*quotation mark"),
        ('"v,s,T1,a.avi,a.csv,\n"w,s,T1,b.avi,b.csv,\n', "line 2: .*quotation mark"),
        ('v,s,T1,"a.avi,a.csv,\nw,s,T1,b.avi",b.csv,\n', "line 2: a quotation mark is not closed"),
        ("v,s,T1,a,b.avi,a.csv,\n", "line 2: 7 columns, expected 6; put a name with a comma"),
        ("v,s,T1,a.avi,a.csv,1.0\n", "line 2, fold: '1.0' does not match"),
        ("v,s,T1,a.avi,a.csv,0\n", "line 2, fold: '0' does not match"),
        (
            "v,s,T1,a.avi,a.csv,1\nw,t,T1,b.avi,b.csv,\n",
            "line 3: subject 't' has no fold, but 's' has",
        ),
        (
            "v,s,T1,a.avi,a.csv,1\nw,s,T2,b.avi,b.csv,\n",
            r"line 3: subject 's' is in fold \(none\) and in fold 1 \(line 2\)",
        ),
        (f"{'v' * 9000} x,s,T1,a.avi,a.csv,\n", "line 2, video: 'v{60}…' does not match"),
        ("v,s,T1,a.avi,,\n", "line 2, label_path: '' .*; the video's label file"),
        ("v,s,T1,d{v}/a.avi,a.csv,\n", "line 2, path: 'd{v}/a.avi' .*; .* without braces, which"),
        ("../v,s,T1,a.avi,a.csv,\n", "line 2, video: '../v' does not match .*; letters, digits"),
        ("v;rm,s,T1,a.avi,a.csv,\n", "line 2, video: 'v;rm'"),
        ("v,s p,T1,a.avi,a.csv,\n", "line 2, subject: 's p'"),
        ("v,s,T/1,a.avi,a.csv,\n", "line 2, task: 'T/1'"),
        ("v,s,T1,a.avi,a.csv,x\n", "line 2, fold: 'x' does not match"),
        ("v,s,T1,a.avi,a.csv,\nv,s,T2,b.avi,b.csv,\n", "line 3: video 'v' stands in line 2"),
        ("v,s,T1,a.avi,a.csv,\nw,s,T2,./a.avi,b.csv,\n", "line 3: path './a.avi' stands in line 2"),
        (
            "v,s,T1,a.avi,a.csv,1\nw,s,T2,b.avi,b.csv,2\n",
            r"line 3: subject 's' is in fold 2 and in fold 1 \(line 2\)",
        ),
    ],
)
def test_a_broken_sheet_is_refused(tmp_path, rows, message):
    path = tmp_path / "videos.csv"
    path.write_text(HEADER + rows)
    with pytest.raises(InputError, match=message) as error:
        read_sheet(path)
    assert str(path) in str(error.value)
    assert len(str(error.value)) < len(str(path)) + 250


@pytest.mark.parametrize("fold", ["abc", "1.0"])
def test_a_script_by_hand_says_what_the_workflow_says(tmp_path, fold):
    """Not a traceback, which is what a bad fold used to be."""
    path = tmp_path / "videos.csv"
    path.write_text(HEADER + f"v,s,T1,a.avi,a.csv,{fold}\n")
    with pytest.raises(InputError) as error:
        read_sheet(path)
    options = ["--layout", "generic", "--sheet", path, "--positive", "occurrence"]
    options += ["--action-units", "1", "--folds", "2", "--max-excluded", "0", "--seed", "1"]
    options += ["--output-csv", tmp_path / "v.csv", "--output-html", tmp_path / "v.html"]
    done = run_process("check_dataset", *options, "--output-verdict", tmp_path / "v.txt")
    assert done.returncode == 1
    assert done.stderr == f"error: {error.value}\n"


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("video,subject,task,path,label_path,path", "line 1: 2 columns 'path', expected one"),
        ("video,subject,task,path,label_path,note,note", "line 1: 2 columns 'note'"),
        ("video,subject,task,path,label_path,fold,fold", "line 1: 2 columns 'fold'"),
        ("video,subject,task,path,label_path,Fold", "line 1: column 'Fold' is nearly 'fold' but"),
        ("video,subject,task,path,label_path,folds", "line 1: column 'folds' is nearly 'fold'"),
        ("video,subject,task,path,label_path,flod", "line 1: column 'flod' is nearly 'fold'"),
        ("video,subject,task,path,label_path,Subject", "column 'Subject' is nearly 'subject'"),
        ("video;subject;task;path;label_path", "line 1: separated by semicolons"),
    ],
)
def test_a_header_that_says_two_things_is_refused(tmp_path, header, message):
    (tmp_path / "videos.csv").write_text(f"{header}\nv,s,T1,a.avi,a.csv,1,2\n")
    with pytest.raises(InputError, match=message):
        read_sheet(tmp_path / "videos.csv")


def test_a_recording_is_listed_twice_whatever_its_path_is_called(tmp_path):
    (tmp_path / "a.avi").touch()
    (tmp_path / "b.avi").symlink_to(tmp_path / "a.avi")
    rows = f"v,s,T1,{tmp_path}/a.avi,a.csv\nw,s,T2,{tmp_path}/b.avi,b.csv\n"
    (tmp_path / "videos.csv").write_text(HEADER + rows)
    with pytest.raises(InputError, match=r"line 3: path '.*b\.avi' stands in line 2 already"):
        read_sheet(tmp_path / "videos.csv")


def test_the_schema_and_the_layouts_mean_the_same_by_a_name():
    names = yaml.safe_load(SCHEMA.read_text())["$defs"]["name"]["pattern"]
    assert names == f"^{SAFE_NAME}$"


def test_a_sheet_edited_by_hand_is_not_overwritten(tmp_path):
    path = tmp_path / "videos.csv"
    videos = synthetic_sheet("root", 2, 2)
    write_sheet(videos, path)
    write_sheet(videos, path)
    path.write_text(path.read_text().replace("F002_T2", "F002_T3"))
    edited = path.read_bytes()
    with pytest.raises(InputError, match="exists and differs"):
        write_sheet(videos, path)
    assert path.read_bytes() == edited


def test_a_sheet_is_not_written_below_a_file(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="file/x.csv: .*/file is a file, not a folder; set"):
        write_sheet(synthetic_sheet("root", 2, 2), tmp_path / "file" / "x.csv")


def test_a_missing_sheet_or_column_says_what_to_do(tmp_path):
    with pytest.raises(InputError, match="index_videos"):
        read_sheet(tmp_path / "videos.csv")
    (tmp_path / "videos.csv").write_text("video,subject\n")
    with pytest.raises(InputError, match="line 1: 0 columns 'task', expected one"):
        read_sheet(tmp_path / "videos.csv")


def test_a_name_that_repeats_itself_is_refused_with_its_line(tmp_path):
    """Snakemake stops all that is planned for one such wildcard."""
    path = tmp_path / "videos.csv"
    path.write_text(f"video,subject,task,path,label_path\n{'L' * 60},F001,T1,a.mp4,a.csv\n")
    with pytest.raises(InputError, match=r"videos\.csv, line 2: video 'L+' ends in ten times"):
        read_sheet(path)

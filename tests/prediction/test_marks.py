"""Networks judged on marked videos, every number by hand."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from facs3d.core.errors import InputError
from facs3d.prediction.au_table import AuTable
from facs3d.prediction.marks import evidence_of_marks, judge_marks, read_marks
from facs3d.training.weights import save_model
from tests.support.predictions import network, run_predict_aus, write_faces
from tests.support.scripts import run_script

AUS = (6, 12)
NAN = np.nan


def make_table(probability, threshold=0.5) -> AuTable:
    """Of frames 0.1 s apart."""
    probability = np.array(probability, float)
    seconds = np.arange(len(probability)) / 10
    return AuTable(AUS, seconds, probability, probability >= threshold)


TABLE = make_table(np.tile(np.linspace(0, 0.9, 10)[:, np.newaxis], 2))


def labels(folder, text, table=TABLE) -> list[list[int]]:
    (folder / "marks.csv").write_text(text)
    return read_marks(folder / "marks.csv", table).T.tolist()


def test_marks_in_seconds_begin_at_one_frame_and_end_before_another(tmp_path):
    text = "au,start,end,mark\nAU12,0.2,0.5,present\n6,0,0.2,absent\nau6,0.85,9,present\n"
    assert labels(tmp_path, text) == [
        [0, 0, -1, -1, -1, -1, -1, -1, -1, 1],
        [-1, -1, 1, 1, 1, -1, -1, -1, -1, -1],
    ]


def test_marks_in_frames_hold_both_and_what_is_ignored_counts_for_nothing(tmp_path):
    """Whichever line comes first; a byte-order mark and spaces are people's."""
    text = "\ufeffau, start_frame, end_frame, mark\nall,3,4,ignore\nAU12,2,5,present\n"
    assert labels(tmp_path, text + "AU12,0,0,absent\nAU06,5,9,absent\nAU06,9,9,ignore\n") == [
        [-1, -1, -1, -1, -1, 0, 0, 0, 0, -1],
        [0, -1, 1, -1, -1, 1, -1, -1, -1, -1],
    ]


def test_an_au_that_the_table_lacks_is_left_out_with_a_word(tmp_path, capsys):
    found = labels(tmp_path, "au,start,end,mark\nAU25,0,1,present\nAU12,0,0.1,absent\n")
    assert np.sum(np.array(found) != -1) == 1
    assert "marks.csv: the table has no AU25, whose marks are left out" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("au,start,mark\nAU12,0,present\n", "line 1: no column 'end'; expected a row per marked"),
        ("au,start,end,marks\nAU12,0,1,present\n", "line 1: column 'marks' is nearly 'mark'"),
        ("au,start,end,mark\nAU12,0,1,yes\n", "line 2: mark is 'yes', expected one of present"),
        ("au,start,end,mark\nAU12,0,,absent\n", "line 2: start or end is empty"),
        ("au,start,end,mark\nAU12,0,x,absent\n", "line 2: end is 'x', expected a number"),
        ("au,start,end,mark\nAU12,2,3,absent\n", "line 2: 2 to 3 holds no frame .* last at 0.900"),
        ("au,start,end,mark\nAU12,0.5,0.2,absent\n", "line 2: 0.5 to 0.2 holds no frame"),
        ("au,start,end,mark\nsmile,0,1,absent\n", "line 2: 'smile' is not an action unit"),
        ("au,start,end,mark\nall,0,1,absent\n", "line 2: au is 'all', which only ignore may be of"),
        ("au,start,end,mark\nAU12,0,1\n", "line 2: 3 columns, expected the header's 4"),
        (
            "au,start,end,start_frame,end_frame,mark\nAU12,0,1,0,1,absent\n",
            "line 1: columns of seconds and of frames",
        ),
        (
            "au,start_frame,end_frame,mark\nAU12,0,9999,absent\n",
            "line 2: end_frame is 9999, but the last frame of the video is 9",
        ),
        (
            "au,start_frame,end_frame,mark\nAU12,0.5,3,absent\n",
            "line 2: 0.5 to 3: frames are whole numbers",
        ),
        (
            "au,start,end,mark\nAU12,0,0.5,absent\nAU12,0.4,1,present\n",
            "line 3: an earlier line marks some of these frames otherwise",
        ),
    ],
)
def test_marks_that_cannot_be_meant_are_refused(tmp_path, text, message):
    with pytest.raises(InputError, match=rf"marks.csv, {message}"):
        labels(tmp_path, text)


def test_every_number_by_hand():
    """AU 12: of present 0.9, 0.8, 0.3 two are called, of absent 0.6, 0.1 one; of the six pairs five
    are in order. AU 6 is only absent; the last frame has no face."""
    table = make_table([[0.2, 0.9], [0.7, 0.8], [0.2, 0.3], [0.1, 0.6], [0.0, 0.1], [NAN, NAN]])
    label = np.array([[-1, 1], [0, 1], [0, 1], [0, 0], [0, 0], [0, 1]], np.int8)
    found = judge_marks([table], [label])
    assert found.columns[:4].tolist() == ["au", "present_frames", "absent_frames", "lost_frames"]
    one, other = found.values.tolist()
    assert one[:4] == ["AU06", 0, 4, 1]
    # auc, f1, found and false_calls.
    assert one[4:] == pytest.approx([NAN, NAN, NAN, 1 / 4], nan_ok=True)
    assert other[:4] == ["AU12", 3, 2, 1]
    # Two are rightly called of three present and three called.
    assert other[4:] == pytest.approx([5 / 6, 4 / 6, 2 / 3, 1 / 2])


def test_videos_are_judged_together_and_aus_without_marks_are_no_rows():
    """Each by the threshold that its own table was made with."""
    one, other = make_table([[0, 0.9], [0, 0.4]]), make_table([[0, 0.3], [0, 0.1]], threshold=0.2)
    labels = [np.array([[-1, 1], [-1, 0]], np.int8), np.array([[-1, 1], [-1, 0]], np.int8)]
    (row,) = judge_marks([one, other], labels).to_dict("records")
    # 0.9 and 0.3 are present, 0.4 and 0.1 absent.
    assert (row["au"], row["auc"], row["f1"]) == ("AU12", 0.75, 1)
    strangers = [one, replace(other, action_units=(6, 25))]
    with pytest.raises(InputError, match=r"of AUs \[6, 12\] and \[6, 25\]; judge tables of one"):
        judge_marks(strangers, labels)
    with pytest.raises(InputError, match="nothing is marked present or absent"):
        judge_marks([one], [np.full((2, 2), -1, np.int8)])


def test_what_was_found_is_evidence_on_real_faces():
    numbers = {"auc": 0.9, "found": 0.8, "false_calls": 0.1}
    judged = pd.DataFrame([{"au": "AU12", **numbers, "present_frames": 30, "absent_frames": 40}])
    evidence = evidence_of_marks(judged, "one clip", 2, (6, 12))
    assert (evidence.faces, evidence.people) == ("one clip", 2)
    assert (evidence.present_frames, evidence.absent_frames) == ((0, 30), (0, 40))
    assert (evidence.numbers(0), evidence.grade(1)) == ({}, "fair")
    assert evidence.numbers(1) == numbers


def test_the_script_prints_a_table_and_writes_it(tmp_path):
    write_faces(tmp_path, 20)
    save_model(network(), tmp_path / "weights.pt")
    run_predict_aus(tmp_path, "--action-units").check_returncode()
    (tmp_path / "marks.csv").write_text(
        "au,start_frame,end_frame,mark\nAU12,0,9,present\nAU12,10,19,absent\n"
    )
    files = ("--table", "film.aus.csv", "--marks", "marks.csv")
    done = run_script("judge_marks", *files, "--output", "judged.csv", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    printed = [line.split()[:4] for line in done.stdout.splitlines()]
    assert printed == [
        ["au", "present_frames", "absent_frames", "lost_frames"],
        ["AU12", "10", "10", "0"],
    ]
    row = pd.read_csv(tmp_path / "judged.csv").iloc[0]
    frames = pd.read_csv(tmp_path / "film.aus.csv")["AU12_present"]
    assert row["found"] == frames[:10].mean()
    assert row["false_calls"] == frames[10:].mean()
    done = run_script("judge_marks", *files, "marks.csv", folder=tmp_path)
    assert done.returncode == 1
    assert done.stderr == "error: 1 tables and 2 files of marks; give one for each\n"

"""The tracking table, as steps after registration read it."""

import csv
from dataclasses import fields

import pytest

from facs3d.core.errors import InputError
from facs3d.preprocessing.tracking import TrackedFrame, cells, read_tracking, summarize_tracking
from tests.support.scripts import run_script


def write_table(path, rows):
    with open(path, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(field.name for field in fields(TrackedFrame))
        writer.writerows(map(cells, rows))


def test_several_people_in_view_and_unusable_videos_are_in_one_table(tmp_path):
    rows = [TrackedFrame(number, number != 1, faces=n) for number, n in enumerate((1, None, 2, 3))]
    write_table(tmp_path / "a_1.csv", rows)
    write_table(tmp_path / "b_1.csv", [*rows[:1], TrackedFrame(None, False, "cut off, or so")])
    assert read_tracking(tmp_path / "a_1.csv").face_found.tolist() == [True, False, True, True]
    with pytest.raises(InputError, match="cut off, or so"):
        read_tracking(tmp_path / "b_1.csv")
    options = ["--folder", tmp_path, "--videos", "b_1", "a_1"]
    options += ["--output", tmp_path / "recordings.csv"]
    run_script("list_recordings", *options).check_returncode()
    header = "video,frames_annotated,frames_with_face,frames_looked_at,frames_with_several_faces"
    assert (tmp_path / "recordings.csv").read_text() == (
        f'{header},problem\nb_1,1,1,1,0,"cut off, or so"\na_1,4,3,3,2,\n'
    )
    (tmp_path / "c_1.csv").write_text("frame_number\n1\n")
    with pytest.raises(InputError, match="line 1: no column 'face_found'"):
        summarize_tracking(tmp_path / "c_1.csv")

"""The tracking table, as steps after registration read it."""

import csv
import subprocess
import sys
from pathlib import Path

import pytest

from facs3d.core.errors import InputError
from facs3d.preprocessing.tracking import (
    COLUMNS,
    TrackedFrame,
    UnusableVideo,
    cells,
    read_eyes,
    read_tracking,
    summarize_tracking,
)

SCRIPT = Path(__file__).parents[2] / "workflow_scripts" / "list_recordings.py"


def write_table(path, rows):
    with open(path, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows(map(cells, rows))


def test_several_people_in_view_and_unusable_videos_are_in_one_table(tmp_path):
    rows = [TrackedFrame(number, number != 1, faces=n) for number, n in enumerate((1, None, 2, 3))]
    write_table(tmp_path / "a_1.csv", rows)
    write_table(tmp_path / "b_1.csv", [*rows[:1], UnusableVideo("cut off, or so")])
    assert read_tracking(tmp_path / "a_1.csv").face_found.tolist() == [True, False, True, True]
    with pytest.raises(InputError, match="cut off, or so"):
        read_tracking(tmp_path / "b_1.csv")
    command = [sys.executable, SCRIPT, "--folder", tmp_path, "--videos", "b_1", "a_1"]
    command += ["--output", tmp_path / "recordings.csv"]
    subprocess.run(list(map(str, command)), check=True)
    header = "video,frames_annotated,frames_with_face,frames_looked_at,frames_with_several_faces"
    assert (tmp_path / "recordings.csv").read_text() == (
        f'{header},problem\nb_1,1,1,1,0,"cut off, or so"\na_1,4,3,3,2,\n'
    )
    (tmp_path / "c_1.csv").write_text("scope,frame_number\nframe,1\n")
    with pytest.raises(InputError, match="line 1: no column 'face_found'"):
        summarize_tracking(tmp_path / "c_1.csv")


def test_a_row_says_whether_it_is_about_a_frame_or_the_video(tmp_path):
    path = tmp_path / "a_1.csv"
    write_table(path, [TrackedFrame(7, False, "no face"), UnusableVideo("cut off")])
    header, first, last = path.read_text().splitlines()
    assert header.startswith("scope,frame_number,face_found,problem,right_eye_x,")
    assert first == "frame,7,0,no face" + 10 * ","
    assert last == "video,,,cut off" + 10 * ","
    # Wherever the row stands, it is the video's.
    path.write_text("\n".join((header, last, first, "")))
    for read in (read_tracking, read_eyes):
        with pytest.raises(InputError, match="^cut off$"):
            read(path)
    assert summarize_tracking(path)[:1] == (1,)
    path.write_text(f"{header}\n{first}\nfram,8\n")
    with pytest.raises(InputError, match="scope 'fram', expected 'frame' or 'video'"):
        read_tracking(path)

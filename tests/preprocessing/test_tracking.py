"""The tracking table, as steps after registration read it."""

import csv

import pytest

from facs3d.core.errors import InputError
from facs3d.preprocessing.tracking import (
    COLUMNS,
    LARGER_FACE,
    PersonCount,
    TrackedFrame,
    UnusableVideo,
    cells,
    read_tracking,
)


def write_table(path, rows):
    with open(path, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows(map(cells, rows))


def test_a_table_of_other_columns_is_refused(tmp_path):
    (tmp_path / "c_1.csv").write_text("scope,frame_number\nframe,1\n")
    with pytest.raises(InputError, match="line 1: no column 'face_found'"):
        read_tracking(tmp_path / "c_1.csv")


def test_a_row_says_whether_it_is_about_a_frame_or_the_video(tmp_path):
    path = tmp_path / "a_1.csv"
    write_table(path, [TrackedFrame(7, False, "no face"), UnusableVideo("cut off")])
    header, first, last = path.read_text().splitlines()
    assert header.startswith("scope,frame_number,face_found,problem,right_eye_x,")
    assert first == "frame,7,0,no face" + 15 * ","
    assert last == "video,,,cut off" + 15 * ","
    # Wherever the row stands, it is the video's.
    path.write_text("\n".join((header, last, first, "")))
    with pytest.raises(InputError, match="^cut off$"):
        read_tracking(path)
    path.write_text(f"{header}\n{first}\nfram,8" + 17 * "," + "\n")
    with pytest.raises(InputError, match="scope 'fram', expected 'frame' or 'video'"):
        read_tracking(path)


def test_what_is_said_of_the_persons_in_a_video():
    count = PersonCount()
    count.add(TrackedFrame(0, True, person=1))
    assert count.said() == ""
    for number, person in enumerate((2, None, 2), start=1):
        count.add(TrackedFrame(number, person is not None, person=person))
    assert count.said() == "; the face changed to perhaps another person's once, see the notes"
    for number in (4, 5):
        count.add(TrackedFrame(number, True, person=3, note=f"2 faces, {LARGER_FACE}"))
    assert "perhaps another person's 2 times" in count.said()
    assert count.said().endswith(f"; 2 frames are noted to show {LARGER_FACE}")

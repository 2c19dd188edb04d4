"""Registration of whole videos: a row for every annotated frame, and what is written."""

import csv
from pathlib import Path

import cv2
import numpy as np
import pytest

from facs3d.core.errors import InputError
from facs3d.preprocessing.alignment import RegistrationSettings
from facs3d.preprocessing.registration import register_video, write_registration
from facs3d.preprocessing.tracking import COLUMNS, TrackedFrame, UnusableVideo, read_tracking
from facs3d.video.frames import read_frames
from tests.support.astronaut_video import (
    blank,
    eye_error,
    eyes_after,
    frame,
    placement,
    write_video,
)
from tests.support.damaged_videos import broken_at
from tests.support.scripts import run_code, run_process, run_script

AUTHORS = RegistrationSettings()


# Videos


def rows_of(path: Path, annotated, offset: int = 0, settings=AUTHORS) -> list:
    return list(register_video(path, annotated, offset, settings))


def jitter(n_frames: int) -> list[np.ndarray]:
    """Placements that leap about by a few px, so that neighbouring frames cannot be confused."""
    moves = np.random.default_rng(3).uniform(-9, 9, (n_frames, 2))
    return [placement(x=160 + x, y=120 + y) for x, y in moves]


def tracked_eyes(row: TrackedFrame) -> np.ndarray:
    return np.array([[row.right_eye_x, row.right_eye_y], [row.left_eye_x, row.left_eye_y]])


@pytest.fixture(scope="module")
def swaying(tmp_path_factory) -> Path:
    """Twelve frames, each with the face elsewhere."""
    path = tmp_path_factory.mktemp("video") / "swaying.avi"
    return write_video(path, map(frame, jitter(12)))


@pytest.mark.parametrize("offset", [0, -1, 1, -100])
def test_no_frame_is_shifted(swaying, offset):
    annotated = [number - offset for number in (0, 2, 3, 4, 7, 8, 11)]
    rows = rows_of(swaying, annotated, offset)
    assert [row.frame_number for row, _face in rows] == annotated
    for row, face in rows:
        assert row.face_found
        assert row.problem == ""
        assert face.shape == (200, 200, 3)
        truth = eyes_after(jitter(12)[row.frame_number + offset])
        assert np.abs(tracked_eyes(row) - truth).max() < 2.5
        assert row.inter_ocular_distance == pytest.approx(62, abs=2.5)


def test_frames_the_video_does_not_have_are_rows(swaying):
    rows = rows_of(swaying, [-3, 1, 2, 12, 40])
    assert [row.problem for row, _face in rows] == [
        "frame missing: there is no image -3",
        "",
        "",
        "frame missing: there is no image 12",
        "frame missing: there is no image 40",
    ]
    assert [face is None for _row, face in rows] == [True, False, False, True, True]


def test_missing_images_of_a_folder_are_rows(tmp_path):
    for number in (5, 6, 9):
        cv2.imwrite(str(tmp_path / f"{number:04d}.png"), frame(placement(x=150 + number)))
    rows = rows_of(tmp_path, range(4, 11))
    assert [row.face_found for row, _face in rows] == [False, True, True, False, False, True, False]


def test_lost_faces_are_flagged_and_the_next_is_found_again(tmp_path):
    first, second = placement(x=110), placement(x=200, y=130, scale=1.25)
    hidden = frame(second)
    hidden[60:200, 130:270] = cv2.GaussianBlur(hidden, (0, 0), 15)[60:200, 130:270]
    scenes = [frame(first)] * 3 + [blank()] * 2 + [frame(first)] * 2 + [frame(second)] * 2
    scenes += [hidden] * 2 + [frame(second)] * 2
    path = write_video(tmp_path / "scenes.avi", scenes)
    rows = rows_of(path, range(len(scenes)))
    problems = [row.problem for row, _face in rows]
    assert problems == [""] * 3 + ["no face"] * 2 + [""] * 4 + ["no face"] * 2 + [""] * 2
    assert all((face is None) == bool(row.problem) for row, face in rows)
    places = [first] * 7 + [second] * 6
    for (row, _face), place in zip(rows, places, strict=True):
        if row.face_found:
            assert eye_error(tracked_eyes(row), place) < 0.03
        else:
            assert row.right_eye_x is None
            assert row.yaw is None


def test_face_turned_away_is_flagged_with_its_pose(swaying):
    """The astronaut's head is turned a little; a limit below that stands for a profile view."""
    rows = rows_of(swaying, [0], settings=RegistrationSettings(max_yaw=0.05))
    ((row, face),) = rows
    assert face is None
    assert not row.face_found
    assert row.problem.startswith("face turned away: yaw ")
    assert abs(row.yaw) > 0.05


def test_a_damaged_image_costs_its_own_frame(tmp_path):
    for number in range(4):
        cv2.imwrite(str(tmp_path / f"{number}.png"), frame(placement()))
    broken = tmp_path / "2.png"
    broken.write_bytes(broken.read_bytes()[:2000])
    rows = rows_of(tmp_path, range(5))
    assert [row.frame_number for row, _face in rows] == [0, 1, 2, 3, 4]
    assert [row.face_found for row, _face in rows] == [True, True, False, True, False]
    assert rows[2][0].problem.startswith("frame damaged: ")
    assert "2.png: damaged" in rows[2][0].problem
    assert rows[4][0].problem == "frame missing: there is no image 4"


def test_images_none_of_which_can_be_read_are_all_damaged(tmp_path):
    for number in range(2):
        (tmp_path / f"{number}.jpg").write_bytes(b"")
    rows = rows_of(tmp_path, range(2))
    assert [row.problem.partition(":")[0] for row, _face in rows] == ["frame damaged"] * 2


def test_a_video_cut_short_keeps_what_came_before(tmp_path):
    path = write_video(tmp_path / "video.avi", map(frame, jitter(30)))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.warns(UserWarning, match="its header says 30"):
        rows = rows_of(path, range(30))
    found = [row.face_found for row, _face in rows]
    assert len(found) == 30
    assert found[:12] == [True] * 12
    assert rows[29][0].problem == "frame missing: there is no image 29"


def test_a_video_damaged_in_the_middle_cannot_be_used(tmp_path):
    """What came before was written already, so a row of the table speaks for the whole video."""
    path = write_video(tmp_path / "video.avi", map(frame, jitter(10)))
    path.write_bytes(broken_at(path.read_bytes(), 0.5, "zeros"))
    results = rows_of(path, range(10))
    assert results[0][0].face_found
    assert isinstance(results[-1], UnusableVideo)
    rows, images = written(tmp_path, results)
    assert [row["scope"] for row in rows] == ["frame"] * (len(results) - 1) + ["video"]
    assert len(images) == len(rows)
    with pytest.raises(InputError, match=r"video\.avi: damaged near frame \d"):
        read_tracking(tmp_path / "tracking.csv")


def test_a_second_face_is_said(tmp_path):
    two = np.hstack([frame(placement()), frame(placement(scale=1.0))])
    for number in range(30):
        cv2.imwrite(str(tmp_path / f"{number}.png"), two)
    rows = rows_of(tmp_path, range(30))
    assert [row.frame_number for row, _face in rows if row.faces is not None] == [0, 25]
    assert rows[0][0].faces == 2
    said = write_registration(rows, tmp_path / "r.avi", tmp_path / "t.csv", AUTHORS)
    assert said.endswith(
        "30 of 30 annotated frames; note: 2 of 2 looked at for that show more than one face"
    )
    assert {row.note for row, _face in rows} == {"", "2 faces, the largest is followed"}


@pytest.mark.parametrize(
    ("annotated", "reason"),
    [
        ([], "no annotated frames"),
        ([3, 3], "do not ascend"),
        ([3, 2], "do not ascend"),
    ],
)
def test_annotation_that_cannot_be_used_gives_one_row(swaying, annotated, reason):
    (unusable,) = rows_of(swaying, annotated)
    assert reason in unusable.reason


def test_video_that_cannot_be_read_gives_one_row(tmp_path):
    (tmp_path / "{0}.avi").write_text("nothing")
    (unusable,) = rows_of(tmp_path / "{0}.avi", [1, 2])
    assert "{0}.avi: not a video" in unusable.reason


# What is written


def written(folder: Path, frames) -> tuple[list[dict], np.ndarray]:
    write_registration(frames, folder / "registered.avi", folder / "tracking.csv", AUTHORS)
    with open(folder / "tracking.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    return rows, np.stack([image for _n, image in read_frames(folder / "registered.avi")])


def test_video_and_table_match_frame_by_frame(tmp_path):
    path = write_video(tmp_path / "v.avi", [frame(placement()), blank(), frame(placement(x=200))])
    results = rows_of(path, range(4))
    rows, images = written(tmp_path, results)
    assert [row["face_found"] for row in rows] == ["1", "0", "1", "0"]
    assert [row["frame_number"] for row in rows] == ["0", "1", "2", "3"]
    assert list(rows[0]) == list(COLUMNS)
    assert {row["scope"] for row in rows} == {"frame"}
    assert rows[1]["right_eye_x"] == rows[1]["yaw"] == ""
    for (row, face), text, image in zip(results, rows, images, strict=True):
        if face is None:
            assert not image.any()
        else:
            np.testing.assert_array_equal(image, face)
            assert float(text["left_eye_y"]) == pytest.approx(row.left_eye_y, abs=6e-4)


def test_unusable_video_is_one_row_and_one_black_frame(tmp_path):
    rows, images = written(tmp_path, [UnusableVideo('F001: broken, "really"')])
    (row,) = rows
    assert {name: text for name, text in row.items() if text} == {
        "scope": "video",
        "problem": 'F001: broken, "really"',
    }
    assert images.shape == (1, 200, 200, 3)
    assert not images.any()


def test_nothing_is_left_after_an_error(tmp_path):
    def frames():
        yield TrackedFrame(0, False, "no face"), None
        raise RuntimeError

    with pytest.raises(RuntimeError):
        written(tmp_path, frames())
    assert list(tmp_path.iterdir()) == []


def register_options(folder: Path, video: Path) -> list[str | Path]:
    """Arguments of register_faces.py for a video of which frames 1 and 3 are annotated."""
    (folder / "F001_T1.csv").write_text("0,1\n1,0\n3,1\n")
    options = ["--labels", folder / "F001_T1.csv", "--layout", "bp4dplus"]
    options += ["--name", "F001_T1", "--video", video]
    return [*options, "--video-output", folder / "r.avi", "--tracking-output", folder / "t.csv"]


def test_script_gives_the_same_bytes_twice(tmp_path, swaying):
    outputs = []
    for run in (run_script, run_process):
        folder = tmp_path / run.__name__
        folder.mkdir()
        options = register_options(folder, swaying)
        done = run("register_faces", *options, "--image-size", "96")
        assert done.returncode == 0, done.stderr
        assert "a face was found in 2 of 2 annotated frames" in done.stdout
        outputs.append([(folder / name).read_bytes() for name in ("r.avi", "t.csv")])
    assert outputs[0] == outputs[1]


def test_script_does_not_fail_on_a_video_that_is_none(tmp_path):
    (tmp_path / "video.mp4").write_text("nothing")
    done = run_script("register_faces", *register_options(tmp_path, tmp_path / "video.mp4"))
    assert done.returncode == 0, done.stderr
    assert "video.mp4: not a video" in done.stdout
    assert len((tmp_path / "t.csv").read_text().splitlines()) == 2


def test_script_opens_nothing_of_a_video_that_the_sheet_leaves_out(tmp_path, swaying):
    """The recording is sound; the reason stands as it is, whatever is in it."""
    problem = 'a "or" b.avi both hold its frames, and they differ'
    options = register_options(tmp_path, swaying)
    done = run_script("register_faces", *options, "--problem", problem)
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"{problem}\n"
    with pytest.raises(InputError) as error:
        read_tracking(tmp_path / "t.csv")
    assert str(error.value) == problem


PEAK_MEMORY = """
import resource, sys
from facs3d.preprocessing.alignment import RegistrationSettings
from facs3d.preprocessing.registration import register_video, write_registration
n = int(sys.argv[2])
frames = register_video(sys.argv[1], range(n), 0, RegistrationSettings())
write_registration(frames, sys.argv[3] + "/r.avi", sys.argv[3] + "/t.csv", RegistrationSettings())
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def test_memory_does_not_grow_with_the_length_of_the_video(tmp_path):
    """Faces, lost faces and frames past the end; 150 frames more would be 18 MB of faces."""
    scenes = [frame(placement(x=150)), frame(placement(x=155)), blank()] * 63
    path = write_video(tmp_path / "long.avi", scenes)
    peaks = []
    for n_frames in (50, 200):
        done = run_code(PEAK_MEMORY, path, n_frames, tmp_path)
        assert done.returncode == 0, done.stderr
        peaks.append(int(done.stdout) / 1024)
    assert peaks[1] - peaks[0] < 6

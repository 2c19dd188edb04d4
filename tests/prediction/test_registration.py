"""Registering new videos: time and orientation as telephones store them, the faces as datasets'."""

from dataclasses import asdict
from pathlib import Path

import cv2
import numpy as np
import pytest

from facs3d.core.errors import InputError
from facs3d.prediction.annotated_video import write_annotated_video
from facs3d.prediction.au_table import AuTable
from facs3d.prediction.faces import CONTAINER, open_faces, read_rows, write_face_file
from facs3d.prediction.frame_times import INTERPOLATED, NUMBERED
from facs3d.prediction.registration import declared_rate, register_every_frame
from facs3d.preprocessing.alignment import RegistrationSettings
from facs3d.preprocessing.sampling import shrink
from facs3d.preprocessing.tracking import TrackedFrame
from facs3d.video.frames import read_frames
from tests.support.astronaut_video import blank, frame, placement
from tests.support.ffmpeg_videos import join, needs_ffmpeg, write_pattern
from tests.support.flags import flags_of
from tests.support.mp4_boxes import set_durations, turn_clockwise
from tests.support.scripts import run_script

SETTINGS = RegistrationSettings()
FACE = frame(placement())


def write(path: Path, images, rate: float = 30, codec: str = "mp4v") -> Path:
    height, width = images[0].shape[:2]
    code = cv2.VideoWriter_fourcc(*codec)
    writer = cv2.VideoWriter(str(path), cv2.CAP_FFMPEG, code, rate, (width, height))
    for image in images:
        writer.write(image)
    writer.release()
    return path


def register(path: Path, side: int = 200):
    return list(register_every_frame(path, SETTINGS, side, 25.0))


def test_time_is_the_containers_where_the_frame_rate_varies(tmp_path):
    path = write(tmp_path / "phone.mov", [blank()] * 6)
    durations = [20, 20, 40, 60, 30, 30]
    set_durations(path, durations)
    seconds = [time for _row, time, _face in register(path)]
    np.testing.assert_allclose(seconds, np.cumsum([0, *durations[:-1]]) / 1000, atol=1e-3)


def test_images_have_their_time_by_their_number(tmp_path):
    for number in (7, 8, 11):
        cv2.imwrite(str(tmp_path / f"frame_{number:04d}.png"), FACE)
    (tmp_path / "frame_0009.png").write_bytes(b"damaged")
    rows = register(tmp_path)
    assert [row.frame_number for row, _time, _face in rows] == [0, 1, 2, 3]
    np.testing.assert_allclose([time for _row, time, _face in rows], np.array([0, 1, 2, 4]) / 25)
    assert [face is not None for _row, _time, face in rows] == [True, True, False, True]
    assert "frame_0009.png: damaged" in rows[2][0].problem
    [(row, time, face)] = register(tmp_path / "frame_0007.png")
    assert (row.frame_number, time, face is not None) == (0, 0, True)


def test_a_telephones_turned_video_is_seen_upright(tmp_path):
    upright = register(write(tmp_path / "upright.mp4", [FACE] * 3))
    lying = [cv2.rotate(FACE, cv2.ROTATE_90_COUNTERCLOCKWISE)] * 3
    path = write(tmp_path / "turned.mp4", lying)
    turn_clockwise(path)
    for (row, _, face), (expected, _, wanted) in zip(register(path), upright, strict=True):
        assert row.face_found
        assert row.roll == pytest.approx(expected.roll, abs=1)
        assert np.abs(face.astype(float) - wanted).mean() < 5


@needs_ffmpeg
def test_frames_after_a_change_of_size_have_the_reason_in_their_row(tmp_path):
    sizes = "96x64", "64x96"
    parts = [
        write_pattern(tmp_path / f"{size}.webm", size, "-c:v", "libvpx", frames=3) for size in sizes
    ]
    path = join(parts, tmp_path / "joined.webm")
    rows = [row for row, _, _ in register(path)]
    assert [row.frame_number for row in rows] == list(range(6))
    assert rows[0].problem == "no face"
    assert all("picture from 96x64 to 64x96 px" in row.problem for row in rows[3:])
    table = AuTable((1,), np.arange(6) / 25, np.full((6, 1), np.nan), np.zeros((6, 1), bool))
    write_annotated_video(path, table, tmp_path / "drawn.mp4")
    drawn = [image[:, :-300] for _, image in read_frames(tmp_path / "drawn.mp4")]
    assert [image.max() > 100 for image in drawn] == [True] * 3 + [False] * 3


def test_a_gray_video_has_its_face(tmp_path):
    gray = cv2.cvtColor(FACE, cv2.COLOR_BGR2GRAY)
    path = tmp_path / "gray.avi"
    code = cv2.VideoWriter_fourcc(*"FFV1")
    writer = cv2.VideoWriter(str(path), cv2.CAP_FFMPEG, code, 25, (320, 240), False)
    for _ in range(3):
        writer.write(gray)
    writer.release()
    assert all(row.face_found and row.confidence > 0.9 for row, _, _ in register(path))


def test_a_frame_without_a_face_has_its_row_and_no_face(tmp_path):
    rows = register(write(tmp_path / "a.mp4", [FACE, blank(), blank(), FACE]), side=48)
    assert [row.face_found for row, _, _ in rows] == [True, False, False, True]
    assert [None if face is None else face.shape for _, _, face in rows] == [
        *((48, 48), None, None, (48, 48))
    ]
    assert rows[1][0].confidence is None


def test_of_two_people_the_nearer_is_followed_and_they_are_counted(tmp_path):
    small = cv2.resize(FACE, None, fx=0.8, fy=0.8)
    scene = np.full((240, 640, 3), 90, np.uint8)
    scene[:, :320] = FACE
    scene[:192, 360:616] = small
    for row, _, _ in register(write(tmp_path / "a.mp4", [scene, scene])):
        assert row.faces == 2
        assert row.right_eye_x < row.left_eye_x < 320


def test_confidence_is_lower_for_a_face_that_is_hardly_seen(tmp_path):
    half = FACE.copy()
    half[125:] = 90
    rows = register(write(tmp_path / "a.avi", [FACE, FACE, half, half], codec="MJPG"))
    assert rows[1][0].confidence > rows[3][0].confidence or not rows[3][0].face_found


def test_the_script_writes_faces_and_rows(tmp_path):
    video = write(tmp_path / "my video.mp4", [blank(), FACE, FACE], rate=20)
    options = ["--video", video, *flags_of(SETTINGS), "--clip-image-size", "60"]
    options += ["--output-faces", tmp_path / "f.h5", "--output-tracking", tmp_path / "t.csv"]
    run_script("register_new_video", *options).check_returncode()
    with open_faces(tmp_path / "f.h5") as faces:
        assert faces.frame.tolist() == [1, 2]
        assert faces.registration == asdict(SETTINGS)
        assert (faces.clock, faces.side) == (CONTAINER, 60)
        assert faces.frames_per_second == pytest.approx(20)
        _, first, second = (face for _, _, face in register(video, side=60))
        np.testing.assert_array_equal(faces.read(np.array([1, 0, 1])), [second, first, second])
        rows = list(read_rows(tmp_path / "t.csv", faces))
    assert [row["face_found"] for row in rows] == ["0", "1", "1"]


def write_stamps(folder, stamps, faces=()):
    image = np.zeros((8, 8), np.uint8)
    frames = [
        (TrackedFrame(n, n in faces), time, image if n in faces else None)
        for n, time in enumerate(stamps)
    ]
    attributes = {"video": "a.mp4", "registration": "{}"}
    write_face_file(frames, 8, attributes, 10.0, folder / "f.h5", folder / "t.csv")
    return folder / "f.h5"


@pytest.mark.parametrize("stamps", [[0, 0, 0], [0.3, 0.2, 0.1]])
def test_timestamps_that_do_not_increase_are_replaced_and_it_is_said(tmp_path, stamps):
    with open_faces(write_stamps(tmp_path, stamps)) as faces:
        assert faces.seconds.tolist() == [0, 0.1, 0.2]
        assert faces.clock == "frame number at 10 frames/s, for the timestamps are none"
        assert (faces.repaired == NUMBERED).all()


def test_one_bad_timestamp_is_mended_and_the_others_stay(tmp_path):
    stamps = [0, 0.04, 0.08, 0.12, 0.12, 0.21, 0.24]
    with open_faces(write_stamps(tmp_path, stamps)) as faces:
        assert np.delete(faces.seconds, 4).tolist() == np.delete(stamps, 4).tolist()
        assert faces.seconds[4] == pytest.approx(0.165)
        assert faces.repaired.tolist() == [0, 0, 0, 0, INTERPOLATED, 0, 0]
        assert faces.clock == "container, mended (frames: 1)"


def test_the_rate_is_that_of_the_frames_with_a_face(tmp_path):
    """A title at 24 frames/s before fewer frames of a face at 30."""
    stamps = [*(np.arange(48) / 24), *(2 + np.arange(30) / 30)]
    with open_faces(write_stamps(tmp_path, stamps, faces=range(48, 78))) as faces:
        assert faces.frames_per_second == pytest.approx(30)
    with open_faces(write_stamps(tmp_path, stamps, faces=[3, 60])) as faces:
        assert faces.frames_per_second == pytest.approx(24)


def test_what_is_no_video_is_refused_and_leaves_nothing(tmp_path):
    (tmp_path / "a.mp4").write_text("<html>")
    with pytest.raises(InputError, match=r"a.mp4: not a video FFmpeg can read"):
        register(tmp_path / "a.mp4")
    with pytest.raises(InputError, match="a folder; give each of its videos by itself"):
        register(tmp_path)
    with pytest.raises(InputError, match="not a file of faces"), open_faces(tmp_path / "a.mp4"):
        pass


def test_the_declared_rate(tmp_path):
    assert declared_rate(write(tmp_path / "a.avi", [blank()], rate=12, codec="MJPG")) == 12
    with pytest.raises(InputError, match=r"none\.avi: cannot be read \(No such file"):
        declared_rate(tmp_path / "none.avi")


def test_shrinking_keeps_an_image_of_that_size():
    image = np.random.default_rng(0).integers(0, 256, (48, 48), np.uint8)
    assert shrink(image, 48) is image
    assert shrink(image, 24)[0, 0] == round(image[:2, :2].mean() + 1e-9)

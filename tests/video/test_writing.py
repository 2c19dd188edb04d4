"""Videos are on disk, whole, or an error says why: the largest size a file may take stands for a
disk with as much room."""

import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from facs3d.video.containers import is_complete
from facs3d.video.frames import read_frames
from facs3d.video.writing import CheckedVideo
from tests.support.damaged_videos import write_moving

SCRIPTS = Path(__file__).parents[2] / "workflow_scripts"
KINDS = (("mp4v", ".avi"), ("mp4v", ".mp4"), ("HFYU", ".avi"), ("FFV1", ".avi"))
WRITE = """
import resource, sys
import numpy as np
from facs3d.core.atomic import whole
from facs3d.core.program import run
from facs3d.video.writing import CheckedVideo
path, codec, room = sys.argv[1:]
resource.setrlimit(resource.RLIMIT_FSIZE, (int(room),) * 2)
frames = np.random.default_rng(0).integers(0, 256, (12, 64, 96, 3), dtype=np.uint8)
def main():
    with whole(path) as unfinished, CheckedVideo(unfinished, codec, (96, 64), 25) as video:
        for frame in frames:
            video.write(frame)
run(main)
"""


def write_with_room(path: Path, codec: str, room: int) -> subprocess.CompletedProcess:
    command = [sys.executable, "-c", WRITE, path, codec, str(room)]
    return subprocess.run(command, capture_output=True, text=True, cwd=SCRIPTS)


@pytest.mark.parametrize(("codec", "suffix"), KINDS)
def test_a_full_disk_is_said_and_nothing_left_down_to_the_last_byte(tmp_path, codec, suffix):
    path = tmp_path / f"video{suffix}"
    assert write_with_room(path, codec, 1 << 24).returncode == 0
    content = path.read_bytes()
    path.unlink()
    size = len(content)
    for room in (0, 1, 5000, size // 2, size - 40_000, size - 500, size - 30, size - 1):
        done = write_with_room(path, codec, room)
        assert done.returncode == 1, room
        assert done.stderr.splitlines()[-1] == f"error: {path}: File too large"
        assert not list(tmp_path.iterdir())
    assert write_with_room(path, codec, size).returncode == 0
    assert path.read_bytes() == content


@pytest.mark.parametrize(("codec", "suffix"), KINDS)
def test_the_bytes_are_those_of_opencvs_own_writer(tmp_path, codec, suffix):
    frames = np.random.default_rng(1).integers(0, 256, (5, 48, 64, 3), dtype=np.uint8)
    plain = cv2.VideoWriter(
        str(tmp_path / f"plain{suffix}"), cv2.VideoWriter_fourcc(*codec), 25, (64, 48)
    )
    with CheckedVideo(tmp_path / f"checked{suffix}", codec, (64, 48), 25) as checked:
        for frame in frames:
            plain.write(frame)
            checked.write(frame)
    plain.release()
    written = (tmp_path / f"checked{suffix}").read_bytes()
    assert written == (tmp_path / f"plain{suffix}").read_bytes()
    assert len(list(read_frames(tmp_path / f"checked{suffix}"))) == 5


def test_a_disk_that_loses_what_it_took_is_an_error(tmp_path):
    video = CheckedVideo(tmp_path / "video.avi", "mp4v", (64, 48), 25)
    video.write(np.zeros((48, 64, 3), np.uint8))
    video.n_frames += 1
    with pytest.raises(OSError, match="not intact: 2 frames were written, 1 read back"), video:
        pass


@pytest.mark.parametrize(("codec", "suffix"), KINDS)
def test_a_file_without_its_last_byte_is_not_complete(tmp_path, codec, suffix):
    path = write_moving(tmp_path / f"video{suffix}", codec, 20)
    assert is_complete(path)
    path.write_bytes(path.read_bytes()[:-1])
    assert not is_complete(path)
    path.write_bytes(b"")
    assert not is_complete(path)

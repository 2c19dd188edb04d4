"""Lossless videos: every bit, gray ones, full disks."""

import numpy as np
import pytest

from facs3d.video.frames import read_frames
from facs3d.video.lossless import LosslessVideo
from tests.support.numbered_frames import NOISE
from tests.support.scripts import run_code, run_process, run_script


@pytest.mark.parametrize("size", [(200, 200), (64, 48), (30, 18)])
@pytest.mark.parametrize("color", [True, False], ids=["color", "gray"])
def test_lossless_video_returns_every_bit_and_the_same_bytes_each_time(tmp_path, size, color):
    shape = (9, size[1], size[0], 3) if color else (9, size[1], size[0])
    frames = np.random.default_rng(2).integers(0, 256, shape, dtype=np.uint8)
    frames[3] = 0
    for name in ("one.avi", "two.avi"):
        with LosslessVideo(tmp_path / name, size, color=color) as video:
            for frame in frames:
                video.write(frame)
    assert (tmp_path / "one.avi").read_bytes() == (tmp_path / "two.avi").read_bytes()
    read = np.stack([image for _number, image in read_frames(tmp_path / "one.avi")])
    np.testing.assert_array_equal(read if color else read[..., 0], frames)
    assert color or (read == read[..., :1]).all()


def test_lossless_video_refuses_what_it_would_change(tmp_path):
    with pytest.raises(ValueError, match="must be even"):
        LosslessVideo(tmp_path / "odd.avi", (31, 18))
    with (
        pytest.raises(ValueError, match="expected"),
        LosslessVideo(tmp_path / "video.avi", (32, 24)) as video,
    ):
        video.write(NOISE[0][..., 0])


def test_lossless_video_in_a_folder_that_does_not_exist(tmp_path):
    with pytest.raises(OSError, match="No such file or directory"):
        LosslessVideo(tmp_path / "nowhere" / "video.avi", (32, 24))


FILL_A_FULL_DISK = """
import resource, sys
import numpy as np
from facs3d.video.lossless import LosslessVideo
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]),) * 2)
frame = np.random.default_rng(0).integers(0, 256, (200, 200, 3), dtype=np.uint8)
with LosslessVideo(sys.argv[1], (200, 200)) as video:
    for _ in range(20):
        video.write(frame)
"""


@pytest.mark.parametrize("bytes_left", [0, 3000, 300_000, 1_500_000])
def test_full_disk_is_noticed(tmp_path, bytes_left):
    """The largest size a file may take stands for a disk with as much room."""
    done = run_code(FILL_A_FULL_DISK, tmp_path / "video.avi", bytes_left)
    assert done.returncode == 1
    assert "OSError" in done.stderr


def test_grayscale_is_bt601_luma_of_the_same_frames(tmp_path):
    with LosslessVideo(tmp_path / "registered.avi", (32, 24)) as video:
        for frame in NOISE:
            video.write(frame)
    options = ["--input", tmp_path / "registered.avi", "--output", tmp_path / "new" / "gray.avi"]
    run_script("convert_to_grayscale", *options).check_returncode()
    gray = np.stack([image[..., 0] for _n, image in read_frames(tmp_path / "new" / "gray.avi")])
    luma = NOISE @ (0.114, 0.587, 0.299)
    assert gray.shape == luma.shape
    # Half a gray level for rounding, and OpenCV's 15-bit coefficients.
    assert np.abs(gray - luma).max() < 0.51


def test_grayscale_of_a_file_that_is_no_video(tmp_path):
    (tmp_path / "registered.avi").write_text("nothing")
    options = ["--input", tmp_path / "registered.avi", "--output", tmp_path / "gray.avi"]
    done = run_process("convert_to_grayscale", *options)
    assert done.returncode == 1
    assert "error: " in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "gray.avi").exists()

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facs3d.errors import InputError
from facs3d.frames import read_frames
from facs3d.lossless_video import LosslessVideo

SCRIPTS = Path(__file__).parents[2] / "workflow_scripts"
RNG = np.random.default_rng(0)
NOISE = RNG.integers(0, 256, (12, 24, 32, 3), dtype=np.uint8)


def numbered(number: int) -> np.ndarray:
    """A frame that shows its number as eight black or white blocks."""
    image = np.zeros((48, 96, 3), np.uint8)
    for bit in range(8):
        image[:, 12 * bit : 12 * bit + 12] = 255 * (number >> bit & 1)
    return image


def number_shown(image: np.ndarray) -> int:
    return sum(int(image[24, 12 * bit + 6, 0] > 127) << bit for bit in range(8))


def write_with_codec(path: Path, codec: str, n_frames: int) -> Path:
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*codec), 25, (96, 48))
    assert writer.isOpened()
    for number in range(n_frames):
        writer.write(numbered(number))
    writer.release()
    return path


def encode(suffix: str, image: np.ndarray) -> bytes:
    return cv2.imencode(suffix, image)[1].tobytes()


def make_zip(path: Path, entries: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return path


def numbers_of(path: Path) -> list[int]:
    return [number for number, _image in read_frames(path)]


# Videos


@pytest.mark.parametrize(
    ("codec", "suffix"), [("mp4v", ".mp4"), ("MJPG", ".avi"), ("XVID", ".avi"), ("mp4v", ".mov")]
)
def test_video_frames_come_in_order_with_their_decode_number(tmp_path, codec, suffix):
    video = write_with_codec(tmp_path / f"video{suffix}", codec, 200)
    shown = [(number, number_shown(image)) for number, image in read_frames(video)]
    assert shown == [(number, number) for number in range(200)]


@given(st.sets(st.integers(-5, 60), max_size=8))
def test_chosen_numbers_are_those_that_exist(tmp_path_factory, wanted):
    video = tmp_path_factory.getbasetemp() / "fifty.avi"
    if not video.exists():
        write_with_codec(video, "MJPG", 50)
    read = [(number, number_shown(image)) for number, image in read_frames(video, wanted)]
    assert read == [(number, number) for number in sorted(wanted) if 0 <= number < 50]


def test_video_cut_short_yields_what_there_is_and_warns(tmp_path):
    whole = write_with_codec(tmp_path / "whole.avi", "MJPG", 60)
    content = whole.read_bytes()
    short = tmp_path / "short.avi"
    short.write_bytes(content[: len(content) // 2])
    with pytest.warns(UserWarning, match="its header says 60"):
        frames = [(number, number_shown(image)) for number, image in read_frames(short)]
    assert 20 < len(frames) < 40
    # The last one may be half a frame: FFmpeg shows what it has.
    assert frames[:-1] == [(number, number) for number in range(len(frames) - 1)]


def test_rotation_flag_is_applied(tmp_path):
    """A QuickTime display matrix for a quarter turn, patched into the track header."""
    upright = write_with_codec(tmp_path / "upright.mov", "mp4v", 2)
    content = upright.read_bytes()
    header = content.index(b"tkhd")
    matrix = header + 4 + 40
    one, quarter = 0x00010000, [0, 0x00010000, 0, 0xFFFF0000, 0, 0, 0, 0, 0x40000000]
    assert int.from_bytes(content[matrix : matrix + 4], "big") == one
    turned = tmp_path / "turned.mov"
    patch = b"".join(value.to_bytes(4, "big") for value in quarter)
    turned.write_bytes(content[:matrix] + patch + content[matrix + 36 :])
    _number, image = next(read_frames(turned))
    assert image.shape == (96, 48, 3)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "an empty file"),
        (b"<html>not found</html>" * 100, "not a video"),
        (RNG.bytes(5000), "not a video"),
    ],
)
def test_file_that_is_no_video(tmp_path, content, message):
    path = tmp_path / "video.mp4"
    path.write_bytes(content)
    with pytest.raises(InputError, match=rf"video\.mp4: {message}"):
        next(read_frames(path))


def test_path_that_does_not_exist(tmp_path):
    with pytest.raises(InputError, match="no such video file, image folder or folder inside a zip"):
        next(read_frames(tmp_path / "nothing.avi"))


def test_single_image_is_no_video(tmp_path):
    path = tmp_path / "0001.jpg"
    path.write_bytes(encode(".jpg", numbered(1)))
    with pytest.raises(InputError, match="give the folder"):
        next(read_frames(path))


def test_folder_below_a_file(tmp_path):
    (tmp_path / "F001").write_bytes(b"x")
    with pytest.raises(InputError, match="F001 is a file, neither a folder nor a zip"):
        next(read_frames(tmp_path / "F001" / "T1"))


# Folders of images


def test_folder_is_read_in_numeric_order_whatever_the_padding(tmp_path):
    for name in ("10.jpg", "9.PNG", "0002.jpeg", "003.bmp", "1000.jpg"):
        number = int(name.split(".")[0])
        (tmp_path / name).write_bytes(encode(Path(name).suffix.lower(), numbered(number % 256)))
    (tmp_path / "readme.txt").write_text("not an image")
    (tmp_path / "._9.png").write_bytes(b"resource fork")
    read = [(number, number_shown(image)) for number, image in read_frames(tmp_path)]
    assert read == [(n, n % 256) for n in (2, 3, 9, 10, 1000)]
    assert numbers_of(tmp_path) == [n for n, _image in read_frames(tmp_path, {2, 3, 9, 10, 1000})]
    assert [n for n, _image in read_frames(tmp_path, {3, 4})] == [3]


COLOR = NOISE[0]


@pytest.mark.parametrize(
    ("stored", "expected"),
    [
        (COLOR, COLOR),
        (COLOR[..., 0], np.repeat(COLOR[..., :1], 3, axis=2)),
        (np.dstack([COLOR, COLOR[..., 0]]), COLOR),
        (COLOR.astype(np.uint16) * 257, COLOR),
        (COLOR[..., 0].astype(np.uint16) * 257, np.repeat(COLOR[..., :1], 3, axis=2)),
    ],
    ids=["rgb", "gray", "rgba", "rgb16", "gray16"],
)
def test_every_kind_of_image_becomes_8_bit_bgr(tmp_path, stored, expected):
    (tmp_path / "7.png").write_bytes(encode(".png", stored))
    ((number, image),) = read_frames(tmp_path)
    assert number == 7
    assert image.dtype == np.uint8
    np.testing.assert_array_equal(image, expected)


def test_two_images_of_one_number(tmp_path):
    for name in ("7.jpg", "0007.jpg"):
        (tmp_path / name).write_bytes(encode(".jpg", numbered(7)))
    with pytest.raises(InputError, match="both are frame 7"):
        next(read_frames(tmp_path))


def test_image_without_a_number(tmp_path):
    (tmp_path / "face_7.jpg").write_bytes(encode(".jpg", numbered(7)))
    with pytest.raises(InputError, match=r"face_7\.jpg: the name .* must be its number"):
        next(read_frames(tmp_path))


def test_folder_without_images(tmp_path):
    with pytest.raises(InputError, match="no images"):
        next(read_frames(tmp_path))


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".bmp"])
def test_damaged_image_is_named_and_the_frames_before_it_come(tmp_path, suffix, capfd):
    content = encode(suffix, NOISE[0])
    (tmp_path / f"1{suffix}").write_bytes(content)
    (tmp_path / f"2{suffix}").write_bytes(content[: len(content) // 2])
    frames = read_frames(tmp_path)
    assert next(frames)[0] == 1
    with pytest.raises(InputError, match=rf"2\{suffix}: damaged"):
        next(frames)


def test_empty_image_file(tmp_path):
    (tmp_path / "1.jpg").write_bytes(b"")
    with pytest.raises(InputError, match=r"1\.jpg: an empty file"):
        next(read_frames(tmp_path))


# Folders in zips


@pytest.mark.parametrize("prefix", ["", "F001/", "data/2D+3D/F001/", "F001\\"])
def test_zip_folder_is_read_in_place_in_numeric_order(tmp_path, prefix):
    separator = "\\" if "\\" in prefix else "/"
    entries = {
        f"{prefix}T1{separator}{name}.png": encode(".png", numbered(int(name)))
        for name in ("10", "9", "0002", "003")
    }
    entries[f"{prefix}T10{separator}1.png"] = encode(".png", numbered(99))
    entries["__MACOSX/T1/._9.png"] = b"resource fork"
    make_zip(tmp_path / "F001.zip", entries)
    read = [(n, number_shown(image)) for n, image in read_frames(tmp_path / "F001.zip" / "T1")]
    assert read == [(2, 2), (3, 3), (9, 9), (10, 10)]


def test_zip_without_folders(tmp_path):
    path = make_zip(tmp_path / "F001_T1.zip", {"1.png": encode(".png", numbered(1))})
    assert numbers_of(path) == [1]


def test_zip_with_two_such_folders_or_none(tmp_path):
    image = encode(".png", numbered(1))
    path = make_zip(tmp_path / "F001.zip", {"a/T1/1.png": image, "b/T1/1.png": image})
    with pytest.raises(InputError, match="found a/T1, b/T1"):
        next(read_frames(path / "T1"))
    assert numbers_of(path / "b" / "T1") == [1]
    with pytest.raises(InputError, match="named T2, found none"):
        next(read_frames(path / "T2"))


@pytest.mark.parametrize("name", ["../T1/1.png", "/T1/1.png", "T1/../../1.png", "C:\\T1\\1.png"])
def test_zip_entry_that_leads_outside(tmp_path, name):
    path = make_zip(tmp_path / "F001.zip", {name: encode(".png", numbered(1))})
    with pytest.raises(InputError, match="points outside the archive"):
        next(read_frames(path / "T1"))


def test_encrypted_zip(tmp_path):
    path = make_zip(tmp_path / "F001.zip", {"T1/1.png": encode(".png", numbered(1))})
    content = bytearray(path.read_bytes())
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"F001\.zip: entry 'T1/1\.png' is encrypted"):
        next(read_frames(path / "T1"))


def test_truncated_zip(tmp_path):
    path = make_zip(tmp_path / "F001.zip", {"T1/1.png": encode(".png", NOISE[0])})
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(InputError, match=r"F001\.zip: not a readable zip"):
        next(read_frames(path / "T1"))


def test_damaged_entry_of_a_zip(tmp_path):
    image = encode(".png", NOISE[0])
    path = make_zip(tmp_path / "F001.zip", {"T1/1.png": image})
    content = path.read_bytes()
    path.write_bytes(content.replace(image[60:80], bytes(20)))
    with pytest.raises(InputError, match=r"F001\.zip: entry 'T1/1\.png' is damaged"):
        next(read_frames(path / "T1"))


def test_undecodable_image_in_a_zip(tmp_path):
    path = make_zip(tmp_path / "F001.zip", {"T1/1.jpg": b"no image"})
    with pytest.raises(InputError, match=r"F001\.zip/T1/1\.jpg: damaged or not an image"):
        next(read_frames(path / "T1"))


# Lossless videos


@pytest.mark.parametrize("size", [(200, 200), (64, 48), (30, 18)])
@pytest.mark.parametrize("color", [True, False], ids=["color", "gray"])
def test_lossless_video_returns_every_bit_and_the_same_bytes_each_time(tmp_path, size, color):
    shape = (9, size[1], size[0], 3) if color else (9, size[1], size[0])
    frames = RNG.integers(0, 256, shape, dtype=np.uint8)
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
    with pytest.raises(OSError, match="cannot be opened for writing"):
        LosslessVideo(tmp_path / "nowhere" / "video.avi", (32, 24))


FILL_A_FULL_DISK = """
import resource, sys
import numpy as np
from facs3d.lossless_video import LosslessVideo
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]),) * 2)
frame = np.random.default_rng(0).integers(0, 256, (200, 200, 3), dtype=np.uint8)
with LosslessVideo(sys.argv[1], (200, 200)) as video:
    for _ in range(20):
        video.write(frame)
"""


@pytest.mark.parametrize("bytes_left", [0, 3000, 300_000, 1_500_000])
def test_full_disk_is_noticed(tmp_path, bytes_left):
    """The largest size a file may take stands for a disk with as much room."""
    command = [sys.executable, "-c", FILL_A_FULL_DISK, tmp_path / "video.avi", str(bytes_left)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=SCRIPTS)
    assert done.returncode == 1
    assert "OSError" in done.stderr


def test_grayscale_is_bt601_luma_of_the_same_frames(tmp_path):
    with LosslessVideo(tmp_path / "registered.avi", (32, 24)) as video:
        for frame in NOISE:
            video.write(frame)
    command = [sys.executable, SCRIPTS / "convert_to_grayscale.py"]
    command += ["--input", tmp_path / "registered.avi", "--output", tmp_path / "new" / "gray.avi"]
    subprocess.run(command, check=True)
    gray = np.stack([image[..., 0] for _n, image in read_frames(tmp_path / "new" / "gray.avi")])
    luma = NOISE @ (0.114, 0.587, 0.299)
    assert gray.shape == luma.shape
    # Half a gray level for rounding, and OpenCV's 15-bit coefficients.
    assert np.abs(gray - luma).max() < 0.51


def test_grayscale_of_a_file_that_is_no_video(tmp_path):
    (tmp_path / "registered.avi").write_text("nothing")
    command = [sys.executable, SCRIPTS / "convert_to_grayscale.py"]
    command += ["--input", tmp_path / "registered.avi", "--output", tmp_path / "gray.avi"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 1
    assert "error: " in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "gray.avi").exists()


def test_frames_of_a_folder_that_moves_are_the_same(tmp_path):
    source = tmp_path / "T1"
    source.mkdir()
    for number in range(3):
        (source / f"{number}.png").write_bytes(encode(".png", NOISE[number]))
    shutil.make_archive(str(tmp_path / "F001"), "zip", tmp_path, "T1")
    from_folder = [image for _number, image in read_frames(source)]
    from_zip = [image for _number, image in read_frames(tmp_path / "F001.zip" / "T1")]
    np.testing.assert_array_equal(from_folder, from_zip)
    np.testing.assert_array_equal(from_folder, NOISE[:3])

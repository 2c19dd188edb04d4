import os
import re
import shutil
import warnings
import zipfile
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facs3d.core.errors import InputError
from facs3d.video.decoding import DamagedVideoError
from facs3d.video.frames import read_each_frame, read_frames
from facs3d.video.lossless import LosslessVideo
from tests.support.damaged_videos import CODECS, VARIABLE, broken_at, make_uneven, write_moving
from tests.support.scripts import run_code, run_process, run_script

NOISE = np.random.default_rng(0).integers(0, 256, (12, 24, 32, 3), dtype=np.uint8)


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
        (np.random.default_rng(1).bytes(5000), "not a video"),
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


def test_folder_below_a_file(tmp_path):
    (tmp_path / "F001").write_bytes(b"x")
    with pytest.raises(InputError, match="F001 is a file, neither a folder nor a zip"):
        next(read_frames(tmp_path / "F001" / "T1"))


@pytest.mark.parametrize("how", ["zeros", "noise", "cut out"])
@pytest.mark.parametrize(("codec", "suffix"), CODECS)
def test_frames_lost_in_the_middle_never_shift_later_ones_unsaid(tmp_path, codec, suffix, how):
    """Whatever is overwritten: right numbers to the end, or an error that names the frame."""
    content = write_moving(tmp_path / f"whole{suffix}", codec).read_bytes()
    n_found = 0
    for place, share in enumerate(np.linspace(0.2, 0.8, 7)):
        path = tmp_path / f"{place}{suffix}"
        path.write_bytes(broken_at(content, share, how))
        read, said = [], None
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                read = [number for number, _image in read_frames(path)]
            except InputError as error:
                said = error
        assert said or read == list(range(100)), (place, len(read))
        if isinstance(said, DamagedVideoError):
            n_found += 1
            assert 10 < said.frame < 90
            assert f"{path}: damaged near frame {said.frame} (" in str(said)
    # An MP4 from which bytes are cut out cannot be opened at all: its table lies at its end.
    assert n_found >= 5 or (how == "cut out" and suffix in (".mp4", ".mov"))


@pytest.mark.parametrize(("codec", "suffix"), [*CODECS, ("VP80", ".webm"), ("MJPG", ".mkv")])
def test_sound_videos_are_not_taken_for_damaged(tmp_path, codec, suffix):
    path = write_moving(tmp_path / f"whole{suffix}", codec)
    assert [number for number, _image in read_frames(path)] == list(range(100))
    content = path.read_bytes()
    if suffix == ".avi":
        path.write_bytes(content + bytes(5000))
        assert [number for number, _image in read_frames(path)] == list(range(100))
    if suffix not in (".mp4", ".mov"):
        path.write_bytes(content[: len(content) * 2 // 3])
        with pytest.warns(UserWarning, match="its header says 100"):
            read = [number for number, _image in read_frames(path)]
        assert 50 < len(read) < 80


@pytest.mark.parametrize("durations", VARIABLE)
def test_variable_frame_rate_is_no_damage(tmp_path, durations):
    path = write_moving(tmp_path / "video.mp4", "mp4v")
    make_uneven(path, durations)
    assert [number for number, _image in read_frames(path)] == list(range(100))
    assert [number for number, _image in read_frames(path, {3, 40})] == [3, 40]


@pytest.mark.parametrize("bit", [10, 11])
def test_a_frame_that_the_decoder_drops_without_a_word_is_missed(tmp_path, bit):
    """One bit of the head of frame 50 says that it is not coded."""
    path = write_moving(tmp_path / "video.mp4", "mp4v")
    content = bytearray(path.read_bytes())
    heads = [found.end() for found in re.finditer(b"\0\0\1\xb6", content)]
    content[heads[50] + bit // 8] ^= 0x80 >> bit % 8
    path.write_bytes(content)
    for wanted in (None, {3, 70}):
        with pytest.raises(DamagedVideoError, match="frame 50 .99 of 100 frames can be decoded"):
            list(read_frames(path, wanted))
    assert [number for number, _image in read_frames(path, {3, 40})] == [3, 40]


def test_damage_behind_the_last_wanted_frame_is_not_reached(tmp_path):
    path = write_moving(tmp_path / "video.avi", "MJPG")
    path.write_bytes(broken_at(path.read_bytes(), 0.5, "zeros"))
    assert [number for number, _image in read_frames(path, {3, 20})] == [3, 20]
    with pytest.raises(DamagedVideoError):
        list(read_frames(path, {3, 70}))


def test_a_video_that_may_not_be_read(tmp_path, monkeypatch):
    """As an ordinary user sees it; root may read anything."""
    path = write_moving(tmp_path / "video.avi", "MJPG")

    def refuse(*_arguments, **_options):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("builtins.open", refuse)
    with pytest.raises(InputError, match=r"video\.avi: cannot be read \(Permission denied\)"):
        next(read_frames(path))


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
    (tmp_path / "face.jpg").write_bytes(encode(".jpg", numbered(7)))
    with pytest.raises(InputError, match=r"face\.jpg: the name .* must end in its number"):
        next(read_frames(tmp_path))


def test_images_may_have_a_name_before_their_number_but_one(tmp_path):
    for number in (10, 9, 2):
        path = tmp_path / f"take2_frame_{number}.jpg"
        path.write_bytes(encode(".jpg", numbered(number)))
    assert [number for number, _image in read_frames(tmp_path)] == [2, 9, 10]
    (tmp_path / "3.jpg").write_bytes(encode(".jpg", numbered(3)))
    with pytest.raises(InputError, match="are named unlike; the images of one recording differ"):
        next(read_frames(tmp_path))


def test_a_single_image_is_a_frame(tmp_path):
    path = tmp_path / "portrait.png"
    path.write_bytes(encode(".png", numbered(7)))
    [(number, image)] = read_frames(path)
    assert number == 0
    assert image.ndim == 3


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


def test_bad_files_cost_their_own_frames(tmp_path):
    for number in range(5):
        (tmp_path / f"{number}.png").write_bytes(encode(".png", numbered(number)))
    (tmp_path / "5.jpg").mkdir()
    (tmp_path / "6.jpg").symlink_to(tmp_path / "gone.jpg")
    (tmp_path / "2.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(50))
    huge = bytearray(encode(".png", numbered(3)))
    huge[16:24] = (2**31 - 1).to_bytes(4, "big") * 2
    (tmp_path / "3.png").write_bytes(huge)
    read = dict(read_each_frame(tmp_path))
    assert [number for number, image in read.items() if isinstance(image, np.ndarray)] == [0, 1, 4]
    assert "2.png: damaged" in str(read[2])
    assert "3.png: a frame of 2147483647x2147483647 px" in str(read[3])
    assert "5.jpg: cannot be read (Is a directory)" in str(read[5])
    assert "6.jpg: cannot be read (No such file or directory)" in str(read[6])


def test_folder_that_cannot_be_listed(tmp_path, monkeypatch):
    def refuse(path):
        raise OSError(5, "Input/output error", str(path))

    monkeypatch.setattr("pathlib.Path.iterdir", refuse)
    with pytest.raises(InputError, match=r"cannot be read \(Input/output error\)"):
        next(read_frames(tmp_path))


def test_path_longer_than_the_system_allows(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        next(read_frames(tmp_path / ("x" * 5000)))


@pytest.mark.parametrize("bits", [10, 12, 14])
def test_fewer_bits_stored_in_sixteen_are_refused_not_shown_black(tmp_path, bits):
    """Also where one frame is darker than another: the factor is the recording's, not a frame's."""
    (tmp_path / "1.png").write_bytes(encode(".png", COLOR.astype(np.uint16) << (bits - 8)))
    with pytest.raises(InputError, match=r"1\.png: a 16-bit image whose largest value is \d+"):
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


def test_zip_entry_listed_twice(tmp_path):
    with zipfile.ZipFile(tmp_path / "F001.zip", "w") as archive:
        archive.writestr("T1/0007.png", encode(".png", NOISE[0]))
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("T1/0007.png", encode(".png", NOISE[1]))
    with pytest.raises(InputError, match=r"F001\.zip/T1: 0007\.png is there twice"):
        next(read_frames(tmp_path / "F001.zip" / "T1"))


@pytest.mark.parametrize("name", ["T1", "t1", "01", "1", "F001_T1", "f001_01", "EB+/F001/F001_T1"])
def test_a_tasks_folder_in_a_zip_may_be_called_by_its_number(tmp_path, name):
    others = {f"{other}/1.png": b"" for other in ("T10", "T11", "F002_T1", "T1_old")}
    path = make_zip(tmp_path / "F001.zip", {f"{name}/1.png": encode(".png", NOISE[0]), **others})
    assert numbers_of(path / "T1") == [1]


def test_two_folders_of_one_task_in_a_zip_are_not_chosen_from(tmp_path):
    image = encode(".png", NOISE[0])
    path = make_zip(tmp_path / "F001.zip", {"T1/1.png": image, "F001_01/1.png": image})
    with pytest.raises(InputError, match="named T1, found F001_01, T1"):
        next(read_frames(path / "T1"))


def test_images_at_a_zips_top_are_no_tasks(tmp_path):
    path = make_zip(tmp_path / "F001.zip", {"1.png": encode(".png", NOISE[0])})
    with pytest.raises(InputError, match="named T1, found none among images in no folder"):
        next(read_frames(path / "T1"))
    assert numbers_of(path) == [1]


def set_method(content: bytes, method: int) -> bytes:
    """A zip's bytes with another compression method written in all its heads."""
    changed = bytearray(content)
    for head, field in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        place = changed.index(head) + field
        changed[place : place + 2] = method.to_bytes(2, "little")
    return bytes(changed)


@pytest.mark.parametrize("method", [1, 8, 9, 12, 14, 99], ids=lambda number: f"method{number}")
def test_unknown_or_wrong_compression_costs_its_own_frame(tmp_path, method):
    """Methods 8, 12 and 14 are deflate, bzip2 and LZMA, fed with what is none of them."""
    path = make_zip(tmp_path / "F001.zip", {"T1/1.png": encode(".png", NOISE[0])})
    path.write_bytes(set_method(path.read_bytes(), method))
    ((number, found),) = read_each_frame(path / "T1")
    assert number == 1
    assert "F001.zip: entry 'T1/1.png' is damaged" in str(found)


def test_suffixes_in_upper_case(tmp_path):
    path = make_zip(tmp_path / "F001.ZIP", {"T1/1.PNG": encode(".png", NOISE[0])})
    assert numbers_of(path / "T1") == [1]
    os.rename(write_with_codec(tmp_path / "video.avi", "MJPG", 3), tmp_path / "VIDEO.AVI")
    assert numbers_of(tmp_path / "VIDEO.AVI") == [0, 1, 2]


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

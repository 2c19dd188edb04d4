"""Folders of images: their order, their kinds, and files that are none."""

from pathlib import Path

import numpy as np
import pytest

from facs3d.core.errors import InputError
from facs3d.video.frames import read_each_frame, read_frames
from tests.support.numbered_frames import NOISE, encode, number_shown, numbered, numbers_of


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

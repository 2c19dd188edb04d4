"""Folders of images in zips, read in place."""

import shutil
import tracemalloc
import zipfile

import numpy as np
import pytest

from facs3d.core.errors import InputError
from facs3d.video.frames import read_each_frame, read_frames
from tests.support.numbered_frames import (
    NOISE,
    encode,
    make_zip,
    number_shown,
    numbered,
    numbers_of,
)


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


def test_an_entry_larger_than_the_zip_says_is_not_unpacked(tmp_path):
    path = make_zip(
        tmp_path / "F001.zip", {"T1/1.png": encode(".png", numbered(1)) + bytes(1 << 26)}
    )
    content = bytearray(path.read_bytes())
    directory = content.rindex(b"PK\x01\x02")
    content[directory + 24 : directory + 28] = (1000).to_bytes(4, "little")
    path.write_bytes(content)
    tracemalloc.start()
    with pytest.raises(InputError, match=r"entry 'T1/1\.png' is damaged"):
        next(read_frames(path / "T1"))
    assert tracemalloc.get_traced_memory()[1] < 1 << 24
    tracemalloc.stop()

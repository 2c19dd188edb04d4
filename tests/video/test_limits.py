"""What is too large, endless, or stands for other files is refused before it costs anything."""

import os
import socket
import zipfile

import cv2
import numpy as np
import pytest

from facs3d.core.errors import InputError
from facs3d.datasets.survey import survey_frames
from facs3d.prediction.registration import declared_rate
from facs3d.preprocessing.alignment import RegistrationSettings
from facs3d.preprocessing.registration import register_video
from facs3d.preprocessing.tracking import UnusableVideo
from facs3d.video.frames import read_each_frame, read_frames
from facs3d.video.image_heads import declared_size
from facs3d.video.limits import LIMITS, Limits
from tests.support.damaged_videos import CODECS, write_moving

IMAGE = np.random.default_rng(0).integers(0, 256, (30, 50, 3), dtype=np.uint8)


def encode(suffix: str, *options: int, image: np.ndarray = IMAGE) -> bytes:
    return cv2.imencode(suffix, image, options)[1].tobytes()


def resized(content: bytes, suffix: str, side: int) -> bytes:
    """An encoded image whose head says ``side`` x ``side``."""
    content = bytearray(content)
    if suffix == ".png":
        content[16:24] = side.to_bytes(4, "big") * 2
    elif suffix == ".bmp":
        content[18:26] = side.to_bytes(4, "little") * 2
    else:
        place = content.index((30).to_bytes(2, "big") + (50).to_bytes(2, "big"))
        content[place : place + 4] = side.to_bytes(2, "big") * 2
    return bytes(content)


@pytest.mark.parametrize(
    "content",
    [
        encode(".png"),
        encode(".png", image=IMAGE[..., 0].astype(np.uint16) * 257),
        encode(".bmp"),
        encode(".jpg"),
        encode(".jpg", cv2.IMWRITE_JPEG_PROGRESSIVE, 1, cv2.IMWRITE_JPEG_RST_INTERVAL, 2),
        # With a thumbnail of another size in its EXIF, and fill bytes before a marker.
        b"\xff\xd8\xff\xe1\x00\x14Exif\0\0\xff\xc0\x00\x11\x08\x00\x01\x00\x01\x03\0\xff"
        + encode(".jpg")[2:],
        # A BMP of OS/2, with sides of 16 bits, and one from top to bottom.
        b"BM" + bytes(12) + (12).to_bytes(4, "little") + b"\x32\0\x1e\0",
        b"BM" + bytes(12) + (40).to_bytes(4, "little") + b"\x32\0\0\0" + b"\xe2\xff\xff\xff",
    ],
)
def test_the_declared_size_is_the_images(content):
    assert declared_size(content) == (50, 30)


@pytest.mark.parametrize("content", [b"", b"BM", b"\xff\xd8\xff", encode(".png")[:20], b"<html>"])
def test_no_head_no_size(content):
    assert declared_size(content) is None


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".bmp"])
@pytest.mark.parametrize("zipped", [False, True])
def test_an_absurd_image_costs_its_own_frame_and_is_never_decoded(
    tmp_path, monkeypatch, suffix, zipped
):
    folder = tmp_path / "T1"
    folder.mkdir()
    (folder / f"1{suffix}").write_bytes(encode(suffix))
    (folder / f"2{suffix}").write_bytes(resized(encode(suffix), suffix, 28_000))
    if zipped:
        with zipfile.ZipFile(tmp_path / "F001.zip", "w") as archive:
            for file in folder.iterdir():
                archive.write(file, f"T1/{file.name}")
        folder = tmp_path / "F001.zip" / "T1"
    decoded = []
    decode = cv2.imdecode
    monkeypatch.setattr(cv2, "imdecode", lambda *a: decoded.append(1) or decode(*a))
    read = dict(read_each_frame(folder))
    assert read[1].shape == IMAGE.shape
    assert f"2{suffix}: a frame of 28000x28000 px, more than 64 megapixels" in str(read[2])
    assert len(decoded) == 1
    with pytest.raises(InputError, match="28000x28000"):
        list(read_frames(folder))
    assert survey_frames(folder).damaged.tolist() == [2]


def test_a_zip_entry_of_zeros_is_not_unpacked(tmp_path):
    with zipfile.ZipFile(tmp_path / "F001.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("T1/1.png", encode(".png"))
        archive.writestr("T1/2.png", bytes(3 << 20))
    read = dict(read_each_frame(tmp_path / "F001.zip" / "T1", limits=Limits(mebibytes=2)))
    assert read[1].shape == IMAGE.shape
    assert "F001.zip/T1/2.png: an image of 3 MiB, more than 2" in str(read[2])


def test_a_sparse_file_is_not_read(tmp_path):
    with open(tmp_path / "7.bmp", "wb") as file:
        file.truncate(5 << 30)
    ((_, found),) = read_each_frame(tmp_path)
    assert "7.bmp: an image of 5120 MiB, more than 256" in str(found)


def test_the_limits_hold_for_any_camera():
    LIMITS.check_pixels("8K", 7680, 4320)
    LIMITS.check_bytes("8K, 16 bits, not compressed", 7680 * 4320 * 6)


@pytest.mark.parametrize(("codec", "suffix"), CODECS)
def test_a_video_of_absurd_frames_is_refused_before_its_first(tmp_path, codec, suffix):
    path = write_moving(tmp_path / f"video{suffix}", codec, 3)
    assert len(list(read_frames(path, limits=Limits(128 * 96 / 1e6)))) == 3
    with pytest.raises(InputError, match=rf"video\{suffix}: a frame of 128x96 px, more than 0.01"):
        next(read_frames(path, limits=Limits(0.01)))


def make_pipe(path):
    os.mkfifo(path)


def make_socket(path):
    # Its name may have 107 letters, fewer than a test's folder.
    os.chdir(path.parent)
    socket.socket(socket.AF_UNIX).bind(path.name)


def link_to_zeros(path):
    path.symlink_to("/dev/zero")


ENDLESS = {"a named pipe": make_pipe, "a socket": make_socket, "a device": link_to_zeros}


@pytest.mark.parametrize(("kind", "make"), ENDLESS.items())
def test_what_may_never_end_is_no_video_and_no_image(tmp_path, monkeypatch, kind, make):
    monkeypatch.chdir(tmp_path)
    make(tmp_path / "video.avi")
    for read in (lambda path: next(read_frames(path)), survey_frames, declared_rate):
        with pytest.raises(InputError, match=rf"video\.avi: {kind}, not a file"):
            read(tmp_path / "video.avi")
    folder = tmp_path / "T1"
    folder.mkdir()
    make(folder / "2.png")
    (folder / "1.png").write_bytes(encode(".png"))
    read = dict(read_each_frame(folder))
    assert read[1].shape == IMAGE.shape
    assert f"2.png: {kind}, not a file" in str(read[2])
    assert survey_frames(folder).damaged.tolist() == [2]


LISTS = {
    "HLS": "#EXTM3U\n#EXTINF:1,\n{video}\n",
    "HLS with a byte-order mark": "\ufeff#EXTM3U\n{video}\n",
    "concat": "ffconcat version 1.0\nfile {video}\n",
    "concat after a line": "\nffconcat version 1.0\nfile {video}\n",
    "session": "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\nc=IN IP4 127.0.0.1\r\nm=video 5 RTP/AVP 96\r\n",
    "DASH": '<?xml version="1.0"?>\n<MPD xmlns="urn:mpeg:dash:schema:mpd:2011">{video}</MPD>',
}


@pytest.mark.parametrize("text", LISTS.values(), ids=LISTS)
def test_a_list_of_other_files_is_no_video(tmp_path, text):
    video = write_moving(tmp_path / "other.mp4", "mp4v", 3)
    path = tmp_path / "video.avi"
    path.write_text(text.format(video=video.name), encoding="utf-8")
    with pytest.raises(InputError, match=r"video\.avi: stands for other files, no video"):
        next(read_frames(path))
    (unusable,) = register_video(path, [0], 0, RegistrationSettings())
    assert isinstance(unusable, UnusableVideo)
    assert "stands for other files" in unusable.reason


def test_a_name_that_looks_like_an_address_is_a_files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_moving(tmp_path / "other.avi", "MJPG", 7)
    write_moving(tmp_path / "3.avi", "MJPG", 3).rename("concat:other.avi")
    assert len(list(read_frames("concat:other.avi"))) == 3


def test_a_name_that_stands_for_many_images_is_refused(tmp_path):
    for name in ("%03d.tiff", "000.tiff", "001.tiff"):
        (tmp_path / name).write_bytes(encode(".tiff"))
    with pytest.raises(InputError, match="stands for other files"):
        next(read_frames(tmp_path / "%03d.tiff"))


@pytest.mark.parametrize("name", ["a%03d.tga", "a%*.ppm", "a%?.pgm"])
def test_a_pattern_is_refused_whatever_kind_of_image_it_stands_for(tmp_path, name):
    (tmp_path / name).write_bytes(b"P5 1 1 255 0")
    with pytest.raises(InputError, match="stands for other files"):
        next(read_frames(tmp_path / name))


def test_a_percent_sign_in_a_videos_name_or_folder_is_no_pattern(tmp_path):
    (tmp_path / "100%dark").mkdir()
    path = write_moving(tmp_path / "other.avi", "MJPG", 3).rename(tmp_path / "100%dark" / "5%d.avi")
    assert len(list(read_frames(path))) == 3


def test_a_name_that_is_not_utf_8_is_refused(tmp_path):
    """OpenCV dies of it."""
    path = tmp_path / os.fsdecode(b"M\xfcller.avi")
    write_moving(tmp_path / "other.avi", "MJPG", 3).rename(path)
    with pytest.raises(InputError, match="the name is not UTF-8, which OpenCV needs; rename it"):
        next(read_frames(path))

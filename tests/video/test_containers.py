"""The walk over a video file's container, on files built by hand."""

from math import inf

import pytest

from facs3d.video.containers import whole_frames
from tests.support.damaged_videos import write_moving


def chunk(name: bytes, content: bytes, pad: bool = True) -> bytes:
    return name + len(content).to_bytes(4, "little") + content + bytes(pad and len(content) % 2)


def avi(chunks: bytes, kind: bytes = b"AVI ") -> bytes:
    return chunk(b"RIFF", kind + chunk(b"LIST", b"movi" + chunks))


FRAME = chunk(b"00dc", b"abcd")
SOUND = chunk(b"01wb", b"xyz")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (avi(FRAME * 5), inf),
        (avi((FRAME + SOUND) * 5) + chunk(b"idx1", bytes(80)), inf),
        (avi((FRAME + chunk(b"01wb", b"xyz", pad=False)) * 5), inf),
        (avi(chunk(b"LIST", b"rec " + FRAME + SOUND) * 5), inf),
        (avi(FRAME * 5) + avi(FRAME * 5, b"AVIX"), inf),
        (avi(FRAME * 5) + bytes(100), inf),
        (avi(FRAME * 3 + chunk(b"00dc", b"") + bytes(20) + FRAME * 3), 3),
        (avi(chunk(b"LIST", b"rec " + FRAME + SOUND) * 2 + b"\xff" * 20 + FRAME), 2),
        (avi(FRAME * 5) + avi(FRAME * 2 + bytes(20) + FRAME, b"AVIX"), 7),
        (avi(FRAME * 5)[:-2], 5),
        (b"\x00\x00\x00\x18ftypmp42", None),
        (b"", None),
    ],
)
def test_frames_of_an_avi_before_its_structure_breaks(tmp_path, content, expected):
    path = tmp_path / "video.avi"
    path.write_bytes(content)
    assert whole_frames(path) == expected


def element(name: bytes, content: bytes) -> bytes:
    return name + (len(content) | 1 << 56).to_bytes(8, "big") + content


def matroska(*clusters: bytes) -> bytes:
    """A sound track, number 1, and a picture track, number 2."""
    tracks = b"".join(
        element(b"\xae", element(b"\xd7", bytes([number])) + element(b"\x83", bytes([kind])))
        for number, kind in ((1, 2), (2, 1))
    )
    body = element(b"\x16\x54\xae\x6b", tracks) + b"".join(clusters)
    return element(b"\x1a\x45\xdf\xa3", b"") + b"\x18\x53\x80\x67\x01" + b"\xff" * 7 + body


def cluster(blocks: bytes) -> bytes:
    return element(b"\x1f\x43\xb6\x75", element(b"\xe7", b"\x00") + blocks)


PICTURE = element(b"\xa3", b"\x82\x00\x00\x80picture")
GROUPED = element(b"\xa0", element(b"\xa1", b"\x82\x00\x00\x00picture") + element(b"\x9b", b"\x28"))
NOISE = element(b"\xa3", b"\x81\x00\x00\x80sound")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (matroska(cluster(PICTURE + NOISE), cluster(GROUPED)), inf),
        (matroska(cluster(PICTURE + NOISE + GROUPED), cluster(bytes(20) + PICTURE)), 2),
        (matroska(cluster((PICTURE + NOISE) * 3), b"\xff" * 20, cluster(PICTURE)), 3),
        (matroska(cluster(PICTURE * 4))[:-2], 4),
    ],
)
def test_frames_of_a_matroska_file_before_its_structure_breaks(tmp_path, content, expected):
    path = tmp_path / "video.mkv"
    path.write_bytes(content)
    assert whole_frames(path) == expected


@pytest.mark.parametrize(
    ("codec", "suffix"), [("MJPG", ".avi"), ("FFV1", ".mkv"), ("VP80", ".webm")]
)
def test_what_ffmpeg_writes_is_whole(tmp_path, codec, suffix):
    assert whole_frames(write_moving(tmp_path / f"v{suffix}", codec, 20)) == inf

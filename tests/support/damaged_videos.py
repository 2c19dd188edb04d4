"""Videos to be broken by tests, and ways to break them."""

from pathlib import Path

import cv2
import numpy as np

CODECS = (
    ("mp4v", ".mp4"),
    ("mp4v", ".mov"),
    ("MJPG", ".mov"),
    ("MJPG", ".avi"),
    ("XVID", ".avi"),
    ("FFV1", ".avi"),
    ("HFYU", ".avi"),
    ("mp4v", ".mkv"),
)
VARIABLE = ([(50, 256), (50, 768)], [(99, 400), (1, 5120)], [(2, 200), (97, 500), (1, 90)])
"""Durations of 100 frames in units of an MP4's clock: counts and how long each lasts."""


def write_moving(path: Path, codec: str, n_frames: int = 100) -> Path:
    """A texture that moves: every frame differs and takes some kilobytes."""
    noise = np.random.default_rng(0).integers(0, 256, (96, 128, 3), dtype=np.uint8)
    texture = cv2.GaussianBlur(noise, (0, 0), 1.5)
    writer = cv2.VideoWriter(
        str(path), cv2.CAP_FFMPEG, cv2.VideoWriter_fourcc(*codec), 25, (128, 96)
    )
    assert writer.isOpened()
    for number in range(n_frames):
        writer.write(np.roll(texture, 3 * number, axis=1))
    writer.release()
    return path


def broken_at(content: bytes, share: float, how: str) -> bytes:
    """A file's bytes with a hole for several frames at a share of its length."""
    at, size = int(share * len(content)), len(content) // 20
    hole = {"zeros": bytes(size), "noise": np.random.default_rng(1).bytes(size), "cut out": b""}
    return content[:at] + hole[how] + content[at + size :]


def grow(content: bytes, names: list[bytes], box: bytes) -> bytes:
    """MP4 bytes in which the innermost of the nested boxes ``names`` is replaced by ``box``."""
    size_at = content.index(names[0]) - 4
    size = int.from_bytes(content[size_at : size_at + 4], "big")
    if len(names) == 1:
        return content[:size_at] + box + content[size_at + size :]
    inner = grow(content[size_at + 8 : size_at + size], names[1:], box)
    head = (len(inner) + 8).to_bytes(4, "big") + names[0]
    return content[:size_at] + head + inner + content[size_at + size :]


def make_uneven(path: Path, counts_and_durations: list[tuple[int, int]]) -> None:
    """Give an MP4's frames other durations: its table of times rewritten."""
    entries = b"".join(n.to_bytes(4, "big") + d.to_bytes(4, "big") for n, d in counts_and_durations)
    content = len(counts_and_durations).to_bytes(4, "big") + entries
    box = (len(content) + 12).to_bytes(4, "big") + b"stts" + bytes(4) + content
    names = [b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stts"]
    path.write_bytes(grow(path.read_bytes(), names, box))

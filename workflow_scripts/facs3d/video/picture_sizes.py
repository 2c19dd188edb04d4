"""Where a video file's pictures change their size, by its encoded packets.

Recordings of browsers and meetings do that, and joined files. OpenCV goes on at the first size: it
gives the last picture again, or lays the new one over what is left of the old and reads past its
end, without a word; neither its properties nor an image's shape tell. So the packets are read once
for themselves, not decoded, and those of key frames are asked for their size. Known are VP8, VP9,
H.264, HEVC, MPEG-1, -2 and -4, and JPEG; in other codecs the container gives the size, once. VP9
may also change between key frames, which is not noticed.
"""

import re
import struct
import tempfile
from math import inf
from pathlib import Path
from typing import NamedTuple

import cv2

from facs3d.core.errors import InputError
from facs3d.video.image_heads import declared_size
from facs3d.video.limits import Limits
from facs3d.video.opening import codec_name, stored_size
from facs3d.video.sequence_heads import H264, H264_SETTINGS

SIZED = frozenset(H264) | {
    *("hevc", "hvc1", "hev1", "h265", "dvh1", "dvhe", "vp80", "vp08", "vp90", "vp09"),
    *("mjpg", "mjpa", "jpeg", "mp4v", "fmp4", "xvid", "divx", "dx50", "m4s2", "mp4s"),
    *("mpg1", "mpg2", "mpeg", "m1v1", "m2v1", "mp2v", "hdv1", "hdv2", "hdv3", "hdv6", "hdv7"),
    *("xdv1", "xdv3", "xdv6", "xdv7", "xdvb", "xdvc", "mx3p", "mx5p"),
}
"""Four-letter names of these codecs; the bytes of another could look like a size by chance."""
UNIT = re.compile(rb"\x00\x00\x01(.)", re.DOTALL)
"""Units of the MPEG family begin so, with their kind in the next byte."""
MPEG2_SEQUENCE = b"\xb3"
MPEG4_PICTURE = b"\0\0\1\xb6"
HEVC_UNITS = (b"\x40", b"\x42", b"\x46")
SETTINGS = {
    ".m4v": re.compile(rb"\x00\x00\x01[\x20-\x2f].*?(?=\x00\x00\x01|$)", re.DOTALL),
    ".hevc": re.compile(rb"\x00\x00\x01\x42\x01.*?(?=\x00\x00[\x00\x01]|$)", re.DOTALL),
    ".h264": H264_SETTINGS,
}
"""The unit that has the size, among other settings, by the suffix of a file of bare packets."""
VP8_START, VP9_START = b"\x9d\x01\x2a", b"\x49\x83\x42"

Size = tuple[int, int]


class SizeChange(NamedTuple):
    """That pictures have another ``size``, in px, than the ``first``.

    It begins with the first frame whose time stamp, in the container's ticks, is at least ``stamp``
    after the stamps went back ``restarts`` times, and with frame number ``packet`` at the latest.
    Counting would not do, for decoders drop frames at the start and before a change.
    """

    packet: int
    stamp: float
    restarts: int
    first: Size
    size: Size


class SizeWatch:
    """Tells a video's frames after a change of size, as they are grabbed one after the other."""

    def __init__(self, path: Path, limits: Limits) -> None:
        self._path = path
        self._change = find_size_change(path)
        self._before = -inf
        self._restarts = 0
        self._is_over = False
        if self._change is not None:
            limits.check_pixels(path, *self._change.size)

    def problem(self, frame: int, stamp: float) -> InputError | None:
        """Why the next ``frame``, of that time stamp, cannot be decoded; None before the change."""
        change = self._change
        if change is None:
            return None
        self._restarts += stamp < self._before
        self._before = stamp
        reached = (self._restarts, stamp) >= (change.restarts, change.stamp)
        self._is_over = self._is_over or reached or frame >= change.packet
        if not self._is_over:
            return None
        (width, height), (new_width, new_height) = change.first, change.size
        fitted = f"{width}:{height}:force_original_aspect_ratio=decrease"
        return InputError(
            f"{self._path}: frame {frame} lies after a change of the picture from {width}x{height} "
            f"to {new_width}x{new_height} px, which cannot be decoded; give all frames one size: "
            f"ffmpeg -i IN -vf scale={fitted},pad={width}:{height}:-1:-1 OUT"
        )


def find_size_change(path: Path) -> SizeChange | None:
    """The first change of size in a video file; None if there is none, or its codec has none."""
    capture = cv2.VideoCapture(str(path.absolute()), cv2.CAP_FFMPEG, [cv2.CAP_PROP_N_THREADS, 1])
    try:
        # Raw: packets come as they are.
        if not capture.isOpened() or not capture.set(cv2.CAP_PROP_FORMAT, -1):
            return None
        if codec_name(capture) not in SIZED:
            return None
        return _compare_key_frames(capture)
    finally:
        capture.release()


def _compare_key_frames(capture: cv2.VideoCapture) -> SizeChange | None:
    first: Size | bytes | None = None
    first_packet, number = b"", 0
    latest, restarts = -inf, 0
    while capture.grab():
        stamp = capture.get(cv2.CAP_PROP_PTS)
        if capture.get(cv2.CAP_PROP_LRF_HAS_KEY_FRAME):
            if stamp < latest:
                latest, restarts = stamp, restarts + 1
            read, packet = capture.retrieve()
            content = packet.tobytes() if read else b""
            found = _size_or_settings(content)
            if first is None:
                if found is None:
                    return None
                first, first_packet = found, content
            elif found is not None and found != first:
                before, after = _size(first, first_packet), _size(found, content)
                if before and after and before != after:
                    return SizeChange(number, stamp, restarts, before, after)
        latest = max(latest, stamp)
        number += 1
    return None


def _size_or_settings(packet: bytes) -> Size | bytes | None:
    """A key frame's size, or the unit that has it; None if it says nothing of its size."""
    if packet[3:6] == VP8_START and len(packet) >= 10:
        # The upper two bits ask players to enlarge.
        width, height = struct.unpack_from("<HH", packet, 6)
        return width & 0x3FFF, height & 0x3FFF
    if packet[1:4] == VP9_START:
        return _vp9_size(packet)
    if (size := declared_size(packet)) is not None:
        return size
    unit = UNIT.search(packet[:64])
    if unit is None:
        return None
    suffix = _suffix(packet)
    # In MPEG-4, the same kind is that of a group of pictures.
    if unit[1] == MPEG2_SEQUENCE and suffix != ".m4v":
        sides = int.from_bytes(packet[unit.end() : unit.end() + 3], "big")
        return sides >> 12, sides & 0xFFF
    settings = SETTINGS[suffix].search(packet)
    return settings[0] if settings else None


def _suffix(packet: bytes) -> str:
    if MPEG4_PICTURE in packet[:512]:
        return ".m4v"
    unit = UNIT.search(packet)
    return ".hevc" if unit and unit[1] in HEVC_UNITS else ".h264"


def _vp9_size(packet: bytes) -> Size | None:
    """VP9 bitstream specification, 6.2: bits from the most significant on, after the start code."""
    bits = int.from_bytes(packet[:16].ljust(16, b"\0"), "big")
    place = 32

    def take(n_bits: int) -> int:
        nonlocal place
        place += n_bits
        return bits >> (128 - place) & ((1 << n_bits) - 1)

    profile = packet[0] >> 5 & 1 | packet[0] >> 3 & 2
    if profile >= 2:
        take(1)
    colour_space = take(3)
    odd = profile & 1
    if colour_space != 7:
        take(4 if odd else 1)
    elif odd:
        take(1)
    return take(16) + 1, take(16) + 1


def _size(found: Size | bytes, packet: bytes) -> Size | None:
    """What FFmpeg makes of a packet's settings, as a file of its own."""
    if isinstance(found, tuple):
        return found
    with tempfile.NamedTemporaryFile(suffix=_suffix(packet)) as file:
        file.write(packet)
        file.flush()
        capture = cv2.VideoCapture(file.name, cv2.CAP_FFMPEG)
        width, height = stored_size(capture)
        capture.release()
    return (width, height) if width and height else None

"""Whether pictures are coded as fields, by H.264's or MPEG-2's own heads; DV's always are."""

import re

import cv2

H264_SETTINGS = re.compile(rb"\x00\x00\x01[\x27\x47\x67](.*?)(?=\x00\x00[\x00\x01]|$)", re.DOTALL)
MPEG2_PICTURE = re.compile(rb"\x00\x00\x01\xb5[\x80-\x8f]...(.)", re.DOTALL)
"""The extension of a picture's coding: identifier 8."""
H264 = ("h264", "avc1", "avc3", "x264", "davc")
MPEG2 = ("mpg2", "m2v1", "mp2v", "hdv2", "hdv3", "hdv6", "xdv2", "xdv3", "xdv6", "xdvb", "xdvc")
DV = ("dvsd", "dvc ", "dvcp", "dvpp", "dv5p", "dv5n", "dvhd", "dvh5", "dvh6", "dvsl", "dv25")
WITH_CHROMA = (100, 110, 122, 244, 44, 83, 86, 118, 128, 138)
"""Profiles of H.264 whose settings begin with the format of colour."""


def is_interlaced(capture: cv2.VideoCapture) -> bool:
    """Whether the first key frame of an opened video, nothing of which was read, allows fields."""
    code = int(capture.get(cv2.CAP_PROP_FOURCC)) & 0xFFFFFFFF
    codec = code.to_bytes(4, "little").decode("latin-1").lower()
    if codec in DV:
        return True
    if codec not in (*H264, *MPEG2) or not capture.set(cv2.CAP_PROP_FORMAT, -1):
        return False
    read, packet = capture.read()
    content = packet.tobytes() if read else b""
    if codec in H264:
        found = H264_SETTINGS.search(content)
        return found is not None and not _has_whole_frames(found[1])
    picture = MPEG2_PICTURE.search(content)
    # progressive_frame, ISO/IEC 13818-2, 6.2.3.1.
    return picture is not None and not picture[1][0] & 0x80


def _has_whole_frames(settings: bytes) -> bool:
    """``frame_mbs_only_flag`` of ITU-T H.264, 7.3.2.1.1; true where it does not come."""
    # What was put in so that no start code arises.
    bits = _Bits(settings.replace(b"\x00\x00\x03", b"\x00\x00"))
    profile = bits.take(8)
    bits.take(16)
    bits.golomb()
    if profile in WITH_CHROMA:
        chroma = bits.golomb()
        if chroma == 3:
            bits.take(1)
        bits.golomb()
        bits.golomb()
        bits.take(1)
        if bits.take(1):
            for place in range(12 if chroma == 3 else 8):
                if bits.take(1):
                    bits.skip_scaling_list(16 if place < 6 else 64)
    bits.golomb()
    order = bits.golomb()
    if order == 0:
        bits.golomb()
    elif order == 1:
        bits.take(1)
        bits.golomb()
        bits.golomb()
        for _ in range(min(bits.golomb(), 255)):
            bits.golomb()
    bits.golomb()
    bits.take(1)
    bits.golomb()
    bits.golomb()
    return bool(bits.take(1))


class _Bits:
    """Bits from the most significant on; ones after the end."""

    def __init__(self, content: bytes) -> None:
        self._bits = "".join(f"{byte:08b}" for byte in content)
        self._place = 0

    def take(self, n_bits: int) -> int:
        taken = self._bits[self._place : self._place + n_bits].ljust(n_bits, "1")
        self._place += n_bits
        return int(taken, 2)

    def golomb(self) -> int:
        """A number in exponential Golomb code, without its sign."""
        zeros = 0
        while not self.take(1):
            zeros += 1
        return (1 << zeros) - 1 + (self.take(zeros) if zeros else 0)

    def skip_scaling_list(self, length: int) -> None:
        last = following = 8
        for _ in range(length):
            if following:
                coded = self.golomb()
                following = (last + (-1) ** (coded + 1) * ((coded + 1) // 2)) % 256
            last = following or last

"""What a video file's pictures are that a network has not been trained on: fields, HDR, and one of
several tracks. It is decoded all the same, and said.
"""

from pathlib import Path
from typing import NamedTuple

from facs3d.video.opening import open_video, stored_size
from facs3d.video.sequence_heads import is_interlaced
from facs3d.video.tracks import read_tracks

HDR = {16: "PQ", 18: "HLG"}
"""Transfer characteristics of ITU-T H.273."""


class Remark(NamedTuple):
    """A few words for the row of a table, and a sentence with what to do."""

    words: str
    sentence: str


def remark(path: Path) -> list[Remark]:
    """What there is to say of a video file; :class:`facs3d.core.errors.InputError` if it is none.

    Known are the heads of MP4, QuickTime and Matroska, and of H.264, MPEG-2 and DV in any file.
    """
    tracks = [track for track in read_tracks(path) if track.kind == b"vide"]
    with open_video(path) as capture:
        width, height = stored_size(capture)
        interlaced = any(track.interlaced for track in tracks) or is_interlaced(capture)
    remarks = []
    if len(tracks) > 1:
        remarks.append(
            Remark(
                f"one of {len(tracks)} picture tracks",
                f"{path}: has {len(tracks)} picture tracks, of which one of {width}x{height} px is "
                "taken; take another out with ffmpeg -i IN -map 0:v:1 -c copy OUT",
            )
        )
    if interlaced:
        remarks.append(
            Remark(
                "interlaced",
                f"{path}: is stored as fields (interlaced), so that what moves may look combed; "
                "make frames of it: ffmpeg -i IN -vf bwdif=send_frame OUT",
            )
        )
    hdr = ", ".join(sorted({HDR[track.transfer] for track in tracks if track.transfer in HDR}))
    if hdr:
        remarks.append(
            Remark(
                f"HDR ({hdr})",
                f"{path}: is HDR ({hdr}) and decoded without tone mapping, so that it looks washed "
                "out; film in SDR, or convert it with a tool that maps tones",
            )
        )
    return remarks

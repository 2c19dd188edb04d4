"""Decoding a video file from its first frame on, and noticing where its frames lose their numbers.

A video's frames are numbered from 0 in the order they decode; seeking and the container's frame
count are not trusted, for both are wrong in real files. A damaged video must not pass for a
shorter one: where frames are lost in the middle, all later ones get too small a number and so the
labels of others. Noticed is

- decoding that fails at a frame and goes on after it;
- an AVI or Matroska file whose structure breaks while frames still come after the break
  (:mod:`facs3d.video.containers`);
- an MP4 (or other file with a table of its frames) that decodes fewer frames than the table has,
  though its last moment is there.

From where the pictures change their size on (:mod:`facs3d.video.picture_sizes`), no frame is
decoded: OpenCV would give wrong pictures, and some decoders drop a frame there.

Not noticed are frames whose pictures are damaged while every one still comes, and a frame that the
decoder drops from inside a sound Matroska structure. A file that only ends too soon, or whose
container merely miscounts, as many do, is no damage: the frames that come have their right numbers.
"""

import warnings
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import cv2
import numpy as np

from facs3d.core.errors import InputError
from facs3d.video.containers import whole_frames
from facs3d.video.display import Display
from facs3d.video.limits import LIMITS, Limits
from facs3d.video.opening import codec_name, open_video, stored_size
from facs3d.video.picture_sizes import SizeWatch
from facs3d.video.tracks import read_tracks

TRIES = 5, 100_000
"""Fewest and most attempts to read on after a failure: as many as the container promises frames."""
NOT_DECODED = {"av01": "AV1"}
"""Codecs that FFmpeg's library in OpenCV's packages knows and leaves to the hardware."""
GAP = 1.5
"""Share of the usual time between two frames from which on something may be missing."""

SHORT_MS, SHORT_SHARE = 500, 0.02
"""What must be missing at the end, in milliseconds and as a share, for it to be said."""


class DamagedVideoError(InputError):
    """A video of which frames are lost: from ``frame`` on, its numbers cannot be trusted."""

    def __init__(self, path: Path, frame: int, found: str) -> None:
        super().__init__(
            f"{path}: damaged near frame {frame} ({found}), so frames are lost and the numbers of "
            "all later ones are too small; copy it again, or leave this video out"
        )
        self.frame = frame


def decode_video(
    path: Path, wanted: frozenset[int] | None = None, limits: Limits = LIMITS
) -> Iterator[tuple[int, float, np.ndarray | InputError]]:
    """Yield ``(number, milliseconds, image)`` of a video file's frames, as
    :func:`facs3d.video.frames.read_each_frame`, one at a time: in place of an image of another
    size than the first comes the error that says so, as in place of all after it.

    Raises :class:`DamagedVideoError` on reaching frames without a trustworthy number, at the end
    at the latest; frames from its ``frame`` on that came before are to be dropped.
    """
    with open_video(path, limits) as capture:
        whole = whole_frames(path)
        display = Display(capture, path)
        last = None if wanted is None else max(wanted, default=-1)
        declared = int(capture.get(cv2.CAP_PROP_FRAME_COUNT))
        usual = 1000 / (capture.get(cv2.CAP_PROP_FPS) or 25)
        time, gap_at = -usual, None
        limits.check_pixels(path, *display.size(*stored_size(capture)))
        sizes = SizeWatch(path, limits)
        for number in count():
            # After a gap in time only the end shows whether frames are lost.
            if last is not None and number > last and (gap_at is None or whole is not None):
                return
            if not capture.grab():
                break
            if whole is not None and number >= whole:
                raise DamagedVideoError(path, number, "the file's structure is broken there")
            problem = sizes.problem(number, capture.get(cv2.CAP_PROP_PTS))
            before, time = time, capture.get(cv2.CAP_PROP_POS_MSEC)
            if gap_at is None and time - before > GAP * usual:
                gap_at = number
            if wanted is not None and number not in wanted:
                continue
            if problem is not None:
                yield number, time, problem
                continue
            decoded, image = capture.retrieve()
            if not decoded:
                raise InputError(f"{path}: frame {number} cannot be decoded; copy it again")
            yield number, time, display.show(image)
        if any(capture.grab() for _ in range(min(max(TRIES[0], declared - number), TRIES[1]))):
            raise DamagedVideoError(path, number, "it cannot be decoded, but later ones can")
        if number == 0:
            raise InputError(f"{path}: no frame can be decoded; {_remedy(capture)}")
        if whole is None and number < declared and time > (declared - GAP) * usual:
            lost = f"{number} of {declared} frames can be decoded up to its end"
            raise DamagedVideoError(path, gap_at or 0, lost)
        # Sound that ends later, and headers' estimates, make up for less.
        missing = declared * usual - (time + usual)
        is_short = missing > max(SHORT_MS, SHORT_SHARE * declared * usual)
        if number < declared and is_short and not any(track.edited for track in read_tracks(path)):
            warnings.warn(
                f"{path}: {number} frames could be decoded, its header says {declared}; it ends "
                f"{missing / 1000:.1f} s too soon, or the header is wrong",
                stacklevel=2,
            )


def _remedy(capture: cv2.VideoCapture) -> str:
    """What to do about a video of which nothing can be decoded."""
    codec = codec_name(capture)
    if codec in NOT_DECODED:
        return (
            f"{NOT_DECODED[codec]} cannot be decoded by this build of OpenCV; convert it: "
            "ffmpeg -i IN -c:v libx264 -crf 12 -pix_fmt yuv420p OUT.mp4"
        )
    shown = f" (codec {codec!r})" if codec.isprintable() and codec.strip() else ""
    return f"copy the video again, or convert it{shown}: ffmpeg -i IN -c:v libx264 -crf 12 OUT.mp4"

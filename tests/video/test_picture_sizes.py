"""Videos whose pictures change their size: no frame gets another picture, nor the end of an old."""

import cv2
import numpy as np
import pytest

from facs3d.core.errors import InputError
from facs3d.datasets.survey import survey_frames
from facs3d.video.decoding import decode_video
from facs3d.video.frames import read_frames
from facs3d.video.picture_sizes import find_size_change
from tests.support.damaged_videos import write_moving
from tests.support.ffmpeg_videos import join, needs_ffmpeg, write_pattern

CODERS = {
    ".webm": ["libvpx", "libvpx-vp9 -speed 8"],
    ".ts": ["libx264 -bf 2", "libx265 -x265-params log-level=none"],
    ".mp4": ["libx264"],
    ".mkv": ["libx264", "mjpeg"],
    ".avi": ["mpeg4", "mjpeg"],
}
CASES = [(suffix, coder) for suffix, coders in CODERS.items() for coder in coders]
SIZES = "320x240", "640x360", "240x320"


def make(folder, suffix, coder, sizes):
    parts = [
        write_pattern(folder / f"{n}{suffix}", size, "-c:v", *coder.split())
        for n, size in enumerate(sizes)
    ]
    return parts[0], join(parts, folder / f"joined{suffix}")


@needs_ffmpeg
@pytest.mark.parametrize(
    ("suffix", "coder", "sizes"),
    [*((*case, SIZES) for case in CASES), (".webm", "libvpx", SIZES[1::-1])],
)
def test_frames_before_the_change_are_right_and_those_after_it_refused(
    tmp_path, suffix, coder, sizes
):
    first, joined = make(tmp_path, suffix, coder, sizes)
    alone = [image for _number, image in read_frames(first)]
    assert len(alone) == 12
    frames = list(decode_video(joined))
    assert [number for number, _time, _image in frames] == list(range(12 * len(sizes)))
    for (_number, _time, image), expected in zip(frames, alone, strict=False):
        np.testing.assert_array_equal(image, expected)
    for number, _time, image in frames[12:]:
        assert isinstance(image, InputError)
        assert f"frame {number} lies after a change of the picture from {sizes[0]} to " in str(
            image
        )
    wanted = [(number, type(image)) for number, _time, image in decode_video(joined, {3, 13})]
    assert wanted == [(3, np.ndarray), (13, InputError)]
    with pytest.raises(InputError, match="frame 12 lies after a change"):
        list(read_frames(joined))


@needs_ffmpeg
def test_a_decoder_that_drops_a_frame_at_the_change_gives_no_old_picture_a_new_number(tmp_path):
    """MPEG-2 with B frames: the last frame before each change never comes."""
    first, joined = make(tmp_path, ".ts", "mpeg2video -bf 2", (*SIZES[:2], SIZES[0]))
    alone = [image for _number, image in read_frames(first)]
    frames = [image for _number, _time, image in decode_video(joined)]
    n_right = next(place for place, image in enumerate(frames) if isinstance(image, InputError))
    assert n_right in (11, 12)
    for image, expected in zip(frames[:n_right], alone, strict=False):
        np.testing.assert_array_equal(image, expected)
    assert all(isinstance(image, InputError) for image in frames[n_right:])


@needs_ffmpeg
def test_other_settings_of_one_size_are_no_change(tmp_path):
    one = write_pattern(tmp_path / "1.ts", "320x240", "-c:v", "libx264", "-profile:v", "baseline")
    other = write_pattern(tmp_path / "2.ts", "320x240", "-c:v", "libx264", "-profile:v", "high")
    joined = join([one, other], tmp_path / "joined.ts")
    assert find_size_change(joined) is None
    assert len(list(read_frames(joined))) == 24


@needs_ffmpeg
def test_a_survey_counts_the_frames_after_the_change_as_damaged(tmp_path):
    _first, joined = make(tmp_path, ".webm", "libvpx", SIZES[:2])
    survey = survey_frames(joined)
    assert survey.numbers.tolist() == list(range(24))
    assert survey.damaged.tolist() == list(range(12, 24))
    assert survey.sizes == {(320, 240)}
    assert len(survey.notes) == 1
    assert "320x240 to 640x360 px" in survey.notes[0]


@pytest.mark.parametrize("codec", ["HFYU", "FFV1", "MJPG", "XVID"])
def test_videos_of_one_size(tmp_path, codec):
    assert find_size_change(write_moving(tmp_path / "video.avi", codec, 30)) is None


def test_bytes_of_a_codec_without_sizes_are_not_taken_for_one(tmp_path):
    """Uncompressed, and dark: its bytes look like MPEG-2's head of a sequence of another size."""
    path = tmp_path / "raw.avi"
    writer = cv2.VideoWriter(str(path), cv2.CAP_FFMPEG, 0, 25, (64, 48))
    assert writer.isOpened()
    for size in (b"\x04\x00\x30", b"\x08\x00\x60"):
        image = np.zeros((48, 64, 3), np.uint8)
        image.reshape(-1)[:7] = np.frombuffer(b"\0\0\1\xb3" + size, np.uint8)
        writer.write(image[::-1])
    writer.release()
    assert find_size_change(path) is None

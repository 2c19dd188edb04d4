"""A dataset's frame rate against that of its files."""

import numpy as np
import pytest

from facs3d.datasets.frame_rates import judge_rates
from facs3d.datasets.sheet import Video
from facs3d.datasets.survey import survey_frames
from facs3d.datasets.validation import CheckedVideo
from facs3d.video.lossless import LosslessVideo
from tests.support.fake_dataset import image_bytes


def checked(*rates):
    nothing = np.empty(0, np.int64)
    return [
        CheckedVideo(
            *(Video(f"F00{n}_T1", f"F00{n}", "T1", "", ""), nothing, nothing, nothing),
            *(np.empty((0, 1), np.int8), (), 0, "", (), "", rate),
        )
        for n, rate in enumerate(rates, 1)
    ]


@pytest.mark.parametrize("rate", [12.0, 25.0, 30000 / 1001])
def test_a_videos_rate_is_that_of_its_times_and_images_have_none(tmp_path, rate):
    with LosslessVideo(tmp_path / "video.avi", (16, 16), rate) as video:
        for _ in range(9):
            video.write(np.zeros((16, 16, 3), np.uint8))
    assert survey_frames(tmp_path / "video.avi").frames_per_second == pytest.approx(rate, rel=1e-3)
    for number in range(3):
        (tmp_path / f"{number}.png").write_bytes(image_bytes())
    assert np.isnan(survey_frames(tmp_path).frames_per_second)


def test_one_frame_has_no_rate(tmp_path):
    with LosslessVideo(tmp_path / "video.avi", (16, 16)) as video:
        video.write(np.zeros((16, 16, 3), np.uint8))
    assert np.isnan(survey_frames(tmp_path / "video.avi").frames_per_second)


def test_rates_as_the_config_says_are_no_finding():
    assert judge_rates(checked(30, 29.97, np.nan), 30) == ([], [])
    assert judge_rates(checked(np.nan), 25) == ([], [])


def test_another_rate_in_most_videos_is_wrong_and_the_right_one_is_named():
    (wrong,), doubtful = judge_rates(checked(30, 30, 25, np.nan), 25)
    assert wrong.startswith(
        "2 of 3 videos have another frame rate than dataset.frames_per_second, 25: "
        "30 in 2 (F001_T1, F002_T1); set it to 30"
    )
    assert doubtful == []


def test_mixed_rates_are_doubtful():
    wrong, (doubtful,) = judge_rates(checked(25, 24, 25, 50, 25), 25)
    assert wrong == []
    assert "24 in 1 (F002_T1), 50 in 1 (F004_T1)" in doubtful

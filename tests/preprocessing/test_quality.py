"""Registration quality: jitter against noise of known size, lost frames counted, gaps said."""

import numpy as np
import pandas as pd
import pytest

from facs3d.preprocessing.quality import VideoQuality, eye_jitter, quality_of, quality_of_videos
from facs3d.preprocessing.tracking import TrackedFrame, UnusableVideo, read_tracking
from facs3d.report.figures.registration_quality import draw_registration_quality
from tests.support.fake_results import write_tracking
from tests.support.figure_checks import assert_drawn, texts


def found(frame: int, right=(100.0, 120.0), left=(160.0, 120.0)) -> TrackedFrame:
    distance = float(np.hypot(left[0] - right[0], left[1] - right[1]))
    eyes = map(float, (*right, *left))
    return TrackedFrame(frame, True, "", *eyes, distance, 0.0, 0.0, 0.0, confidence=1.0)


def lost(frame: int) -> TrackedFrame:
    return TrackedFrame(frame, False, "no face")


@pytest.mark.parametrize("noise", [0.3, 2.0])
def test_jitter_is_the_noise_and_not_the_motion(noise):
    frame = np.arange(5000)
    path = np.stack([100 + 0.7 * frame, 80 - 0.2 * frame], axis=1)
    eyes = path[:, None] + np.array([[0, 0], [60, 3]])
    assert eye_jitter(frame, eyes) == pytest.approx(0, abs=1e-9)
    noisy = eyes + np.random.default_rng(1).normal(0, noise, eyes.shape)
    assert eye_jitter(frame, noisy) == pytest.approx(noise, rel=0.03)


def test_only_three_frames_on_end_give_jitter():
    eyes = np.zeros((6, 2, 2))
    eyes[3:] = 50.0
    assert eye_jitter(np.array([0, 1, 2, 10, 11, 12]), eyes) == 0, "a jump over frames is no noise"
    assert eye_jitter(np.arange(6), eyes) > 10
    assert np.isnan(eye_jitter(np.arange(0, 12, 2), eyes))
    eyes[1::2] = np.nan
    assert np.isnan(eye_jitter(np.arange(6), eyes))


def test_the_quality_of_a_video(tmp_path):
    rows = [found(frame, left=(150.0 + frame, 120.0)) for frame in range(20)]
    rows[4], rows[9] = lost(4), lost(9)
    path = write_tracking(tmp_path / "F001_T1.csv", rows)
    tracking = read_tracking(path)
    assert tracking.frame_number.tolist() == list(range(20))
    assert np.isnan(tracking.eyes[[4, 9]]).all()
    assert tracking.eyes[7].tolist() == [[100, 120], [157, 120]]
    quality = quality_of(path)
    distances = [50 + frame for frame in range(20) if frame not in (4, 9)]
    assert (quality.video, quality.n_frames, quality.n_lost) == ("F001_T1", 20, 2)
    assert quality.iod_median == np.median(distances)
    assert quality.iod_low == np.percentile(distances, 5)
    assert quality.iod_high == np.percentile(distances, 95)
    assert quality.jitter_percent == pytest.approx(0, abs=1e-9)


def test_frames_that_show_several_people_are_counted(tmp_path):
    rows = [TrackedFrame(frame, True, faces=n) for frame, n in enumerate((1, None, 2, 3, None))]
    quality = quality_of(write_tracking(tmp_path / "a.csv", rows))
    assert (quality.n_looked_at, quality.n_several_faces) == (3, 2)


def test_jitter_is_a_percentage_of_the_distance(tmp_path):
    random = np.random.default_rng(3)
    rows = [
        found(frame, *(np.array([[100, 120], [160, 120]]) + random.normal(0, 0.6, (2, 2))))
        for frame in range(3000)
    ]
    assert quality_of(write_tracking(tmp_path / "a.csv", rows)).jitter_percent == pytest.approx(
        1, rel=0.05
    )


def test_videos_that_cannot_be_measured_keep_their_row_and_say_why(tmp_path):
    unusable = UnusableVideo("a.avi: cannot be opened")
    elsewhere = [TrackedFrame(frame, True) for frame in range(4)]
    paths = [
        write_tracking(tmp_path / "broken.csv", [unusable]),
        write_tracking(tmp_path / "elsewhere.csv", elsewhere),
        write_tracking(tmp_path / "faceless.csv", [lost(0), lost(1)]),
        write_tracking(tmp_path / "empty.csv", []),
    ]
    table = quality_of_videos(paths).set_index("video")
    assert table.problem.broken == "a.avi: cannot be opened"
    assert "no frame; write it with register_faces" in table.problem["empty"]
    assert table.loc["elsewhere", ["n_frames", "n_lost"]].tolist() == [4, 0]
    assert table.loc["faceless", ["n_frames", "n_lost"]].tolist() == [2, 2]
    assert table.iod_median.isna().all()
    figure = draw_registration_quality(table.reset_index())
    assert_drawn(figure)
    written = texts(figure)
    assert "faces were registered elsewhere" in written
    assert "no face in three annotated frames on end" in written
    assert "most: faceless 100 %" in written
    assert "×: 2 not usable at all" in written


def measured(n_videos: int) -> pd.DataFrame:
    rows = [
        VideoQuality(f"F{number:03d}_T1", 50, number % 7, 55.0, 60.0, 66.0, 0.1 * number)
        for number in range(n_videos)
    ]
    return pd.DataFrame(rows, columns=VideoQuality._fields)


def test_few_videos_are_named_and_many_are_counted():
    figure = draw_registration_quality(measured(12))
    assert_drawn(figure)
    assert [text.get_text() for text in figure.axes[2].get_xticklabels()][3] == "F003_T1"
    np.testing.assert_allclose(figure.axes[1].lines[0].get_ydata(), 0.1 * np.arange(12))
    np.testing.assert_allclose(figure.axes[2].lines[0].get_ydata(), 2 * (np.arange(12) % 7))
    many = draw_registration_quality(measured(1200))
    assert_drawn(many)
    assert many.axes[2].get_xlabel() == "video, in the order of the sheet"
    assert many.axes[1].get_title("left").startswith("most: F1199_T1 120 %")


def test_no_lost_frame_and_no_video_are_said():
    figure = draw_registration_quality(measured(1))
    assert_drawn(figure)
    assert figure.axes[2].get_title("left") == "no frame lost"
    nothing = draw_registration_quality(measured(0))
    assert_drawn(nothing)
    assert texts(nothing).count("no video was tracked") == 3

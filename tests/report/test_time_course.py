"""The time course of an AU: which event is shown, and its moments."""

import h5py
import numpy as np
import pytest

from facs3d.core.errors import InputError
from facs3d.evaluation.runs import Run
from facs3d.preprocessing.clips import open_clips
from facs3d.report.figures.time_course import (
    Event,
    TimeCourseSettings,
    choose_clip,
    draw_time_course,
    find_event,
)
from tests.support.fake_results import AUS, write_clips
from tests.support.figure_checks import assert_drawn, texts


@pytest.mark.parametrize(
    ("label", "event"),
    [
        ([0, 0, 1, 1, 1, 0, 0, 0], Event(2, 4, 2)),
        ([1, 1, 1, 1, 0, 0, 1, 0, 0], Event(6, 6, 1)),
        ([0, 1, 0, 0, 1, 1, 0, 0], Event(4, 5, 2)),
        ([-1, 1, 1, 0, 0], Event(1, 2, 0)),
        ([0, 1, 1, -1, 1, 1, 1], Event(4, 6, 0)),
        ([1], Event(0, 0, 0)),
        ([0, 0, -1], None),
    ],
)
def test_the_most_complete_event(label, event):
    assert find_event(np.array(label, np.int8)) == event


def test_the_apex_is_the_middle_of_the_event():
    assert Event(4, 10, 3).apex == 7


def test_auto_chooses_the_video_with_the_most_complete_event(results):
    clips = open_clips(results / "clips.h5")
    chosen = choose_clip(clips, set(clips.video), TimeCourseSettings(au=24))
    assert clips.subject[chosen] in {"F001", "F004", "F007"}, "those of fold 1, where it occurs"
    never_there = {"F005_T1", "F002_T6"}
    chosen = choose_clip(clips, never_there, TimeCourseSettings(au=24))
    assert clips.video[chosen] == "F002_T6", "the first of those predicted"


def test_time_course_shows_truth_models_and_faces(results, runs):
    clips = open_clips(results / "clips.h5")
    figure = draw_time_course(clips, runs, TimeCourseSettings(au=12, video="F003_T6"))
    *thumbnails, axes = figure.axes
    assert [panel.get_title().split(":")[0] for panel in thumbnails] == ["onset", "apex", "offset"]
    labels = clips.labels[clips.video.index("F003_T6"), :, AUS.index(12)]
    onset = clips.frame_number[0, np.flatnonzero(labels == 1)[0]]
    assert thumbnails[0].get_title() == f"onset: frame {onset}"
    names = {"2D CNN", "2D CNN-LSTM", "FACS3D-Net", "coded present", "not coded", "threshold"}
    assert {text.get_text() for text in figure.legends[0].get_texts()} == names
    line = next(line for line in axes.lines if line.get_label() == "FACS3D-Net")
    held_out = runs[Run("facs3d", 1, 3)]
    rows = held_out.video == "F003_T6"
    np.testing.assert_array_equal(line.get_ydata(), held_out.probability[rows, AUS.index(12)])
    np.testing.assert_allclose(line.get_xdata(), held_out.frame_number[rows] / 25)


def test_an_event_cut_off_by_uncoded_frames_has_no_onset(results, runs, tmp_path):
    path = write_clips(tmp_path / "clips.h5")
    with h5py.File(path, "a") as file:
        file["labels"][4, :, 1] = [-1] * 5 + [1] * 10 + [0] * 15
    settings = TimeCourseSettings(au=12, video=open_clips(path).video[4])
    figure = draw_time_course(open_clips(path), runs, settings)
    names = [axes.get_title().split(":")[0] for axes in figure.axes[:3]]
    assert names == ["first present", "apex", "offset"]
    assert_drawn(figure)


def test_time_course_of_an_au_that_never_occurs_says_so(results, runs):
    settings = TimeCourseSettings(au=24, video="F002_T1")
    figure = draw_time_course(open_clips(results / "clips.h5"), runs, settings)
    assert "AU 24 is not coded present in any frame of this clip" in texts(figure)


def test_time_course_of_what_is_not_there_is_named(results):
    clips = open_clips(results / "clips.h5")
    with pytest.raises(InputError, match="no AU 9"):
        choose_clip(clips, set(clips.video), TimeCourseSettings(au=9))
    with pytest.raises(InputError, match="'M001_T1' is not among"):
        choose_clip(clips, set(clips.video), TimeCourseSettings(video="M001_T1"))
    with pytest.raises(InputError, match="no video among"):
        choose_clip(clips, set(), TimeCourseSettings())
    with pytest.raises(InputError, match="frames_per_second is 0.0, expected above 0"):
        TimeCourseSettings(frames_per_second=0.0)


@pytest.mark.parametrize("event", [slice(0, 30), slice(25, 30), slice(0, 2)])
def test_names_of_moments_at_the_ends_of_a_clip_are_not_cut_off(results, runs, tmp_path, event):
    path = write_clips(tmp_path / "clips.h5")
    with h5py.File(path, "a") as file:
        file["labels"][4, :, 1] = 0
        file["labels"][4, event, 1] = 1
    clips = open_clips(path)
    assert_drawn(draw_time_course(clips, runs, TimeCourseSettings(au=12, video=clips.video[4])))


def test_an_event_of_one_frame_keeps_its_three_names_apart(results, runs, tmp_path):
    path = write_clips(tmp_path / "clips.h5")
    with h5py.File(path, "a") as file:
        file["labels"][4, :, 1] = [0] * 10 + [1] + [0] * 19
    clips = open_clips(path)
    figure = draw_time_course(clips, runs, TimeCourseSettings(au=12, video=clips.video[4]))
    assert [text.get_text() for text in figure.axes[-1].texts] == ["onset", "apex", "offset"]
    assert_drawn(figure)

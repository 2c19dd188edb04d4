from dataclasses import replace

import cv2
import numpy as np
import pytest
from matplotlib.colors import to_rgb

from facs3d.core.action_units import PAPER_AUS
from facs3d.core.errors import InputError
from facs3d.prediction.annotated_video import (
    ABSENT_COLOUR,
    BAR,
    FOOT,
    FRAME_COLOUR,
    GRADE_WIDTH,
    HEIGHT,
    PANEL_WIDTH,
    PRESENT_COLOUR,
    draw_panel,
    write_annotated_video,
)
from facs3d.prediction.au_table import COPIED, AuTable, write_au_table
from facs3d.report.figures.au_course import draw_au_course
from facs3d.video.frames import decode_video
from tests.support.astronaut_video import blank, write_video
from tests.support.figure_checks import assert_drawn, texts
from tests.support.scripts import run_script


def make_table(seconds, value=0.75, eyes=None):
    seconds = np.asarray(seconds, float)
    probability = np.full((len(seconds), 2), value)
    probability[1::3] = np.nan
    return AuTable((6, 12), seconds, probability, probability >= 0.5, eyes)


def test_a_bar_is_as_long_as_the_probability():
    left, length = BAR
    coloured = (draw_panel(make_table([0.0]), 0)[:, left : left + length] == 213).sum(axis=1)
    assert coloured.max() == pytest.approx(0.75 * length, abs=2)


def test_a_frame_without_a_face_has_no_bar():
    panel = draw_panel(make_table([0.0, 0.1]), 1)
    assert (panel[40:-FOOT, BAR[0] :].min(axis=2) >= 235).all()
    # "no face" is said above.
    assert (panel[:30, 90:] < 100).any()
    assert not (draw_panel(make_table([0.0, 0.1]), 0)[:30, 90:] < 100).any()


def test_a_panel_says_what_is_noted_of_the_frame_and_has_a_legend():
    table = replace(make_table([0.0, 0.1]), noted={"dark": np.array([True, False])})
    noted = draw_panel(table, 0)
    assert (noted[:30, 90:] < 100).any()
    table = replace(table, noted={"dark": np.array([False, True])})
    assert not (draw_panel(table, 0)[:30, 90:] < 100).any()
    for panel in (noted, draw_panel(replace(table, grades=("good",) * 2, trained_on="a"), 0)):
        foot = panel[-3 * FOOT :].reshape(-1, 3)
        for colour in (PRESENT_COLOUR, ABSENT_COLOUR, FRAME_COLOUR):
            assert (foot == colour).all(axis=1).sum() >= 81


def test_a_panel_marks_what_is_not_good_and_says_whom_the_network_was_trained_on():
    table = make_table([0.0])
    panels = {
        grade: draw_panel(replace(table, grades=(grade, "good"), trained_on="rendered people"), 0)
        for grade in ("good", "fair", "poor")
    }
    # Where the lower AU's place begins.
    right, middle = BAR[0] + BAR[1] + 2, 36 + (HEIGHT - 40 - 3 * FOOT) // 2
    for grade, panel in panels.items():
        assert panel.shape == (HEIGHT, PANEL_WIDTH + GRADE_WIDTH, 3)
        assert (panel[:middle, right:] < 200).any() == (grade != "good")
        assert not (panel[middle : -3 * FOOT, right:] < 200).any()
        assert (np.ptp(panel[:middle], axis=2) > 0).any() == (grade != "poor")
        assert (np.ptp(panel[middle:], axis=2) > 0).any()
    plain = draw_panel(table, 0)
    assert not (panels["good"][-FOOT:] != panels["poor"][-FOOT:]).any()
    assert (panels["good"][-FOOT:, :PANEL_WIDTH] != plain[-FOOT:]).any()
    legend = panels["good"][-3 * FOOT : -2 * FOOT, :PANEL_WIDTH]
    np.testing.assert_array_equal(legend, plain[-FOOT:])


def test_a_panel_marks_what_was_judged_on_no_real_face():
    table = replace(make_table([0.0]), grades=("fair", "fair"), trained_on="rendered people")
    none, one, both = (
        draw_panel(replace(table, real_faces=units), 0) for units in ((), (6,), (6, 12))
    )
    middle = 36 + (HEIGHT - 40 - 3 * FOOT) // 2
    assert (none[:middle] != one[:middle]).any()
    np.testing.assert_array_equal(none[middle:], one[middle:])
    # Behind the second's word, and what the mark means.
    assert (one[middle:-FOOT] != both[middle:-FOOT]).any()
    assert (both[-FOOT:] == 255).all()
    assert (one[-FOOT:] < 100).any()


def test_the_video_has_the_frames_and_the_panel(tmp_path):
    source = write_video(tmp_path / "film.avi", [blank()] * 5)
    table = make_table(np.arange(5) / 25)
    write_annotated_video(source, table, tmp_path / "out.mp4")
    images = [image for _, _, image in decode_video(tmp_path / "out.mp4")]
    assert len(images) == 5
    assert images[0].shape == (HEIGHT, 2 * HEIGHT * 320 // 480 + PANEL_WIDTH, 3)
    assert abs(images[0][:, :600].astype(int) - 90).mean() < 3


def test_frame_n_of_the_drawing_is_row_n_of_the_table_and_it_takes_as_long(tmp_path):
    """At 60 frames/s, times rounded to a millisecond; and where the rate varies."""
    grays = np.linspace(20, 230, 61).astype(np.uint8)
    source = write_video(tmp_path / "film.avi", [blank() * 0 + gray for gray in grays])
    for seconds in (np.round(np.arange(61) / 60, 3), np.cumsum([0.0, *[0.02, 0.06] * 30])):
        write_annotated_video(source, make_table(seconds), tmp_path / "out.mp4")
        drawn = list(decode_video(tmp_path / "out.mp4"))
        shown = np.array([image[:, :600].mean() for _number, _time, image in drawn])
        np.testing.assert_allclose(shown, grays, atol=4)
        assert drawn[-1][1] / 1000 == pytest.approx(seconds[-1], rel=0.01)


def test_the_measured_face_is_framed_as_it_is_tilted(tmp_path):
    """Eyes 40 px apart at twice the size, level in frame 0, turned by 90 degrees in frame 2."""
    eyes = np.tile([(140.0, 100.0), (180.0, 100.0)], (3, 1, 1))
    eyes[2] = (160, 80), (160, 120)
    source = write_video(tmp_path / "film.avi", [blank()] * 3)
    write_annotated_video(source, make_table(np.arange(3) / 25, eyes=eyes), tmp_path / "out.mp4")
    images = [image[:, :640].astype(int) for _, _, image in decode_video(tmp_path / "out.mp4")]
    yellow = [np.argwhere(image[..., 1] - image[..., 0] > 60)[:, ::-1] for image in images]
    np.testing.assert_allclose(yellow[0].min(axis=0), (320 - 88, 200 - 52), atol=4)
    np.testing.assert_allclose(yellow[0].max(axis=0), (320 + 88, 200 + 124), atol=4)
    # No AUs, no frame.
    assert len(yellow[1]) == 0
    np.testing.assert_allclose(yellow[2].min(axis=0), (320 - 124, 200 - 88), atol=4)
    np.testing.assert_allclose(yellow[2].max(axis=0), (320 + 52, 200 + 88), atol=4)


def test_a_table_of_another_video_is_refused_and_leaves_nothing(tmp_path):
    source = write_video(tmp_path / "film.avi", [blank()] * 5)
    for n_frames in (3, 7):
        with pytest.raises(InputError, match=f"does not have the {n_frames} frames of the table"):
            write_annotated_video(source, make_table(np.arange(n_frames)), tmp_path / "out.mp4")
    assert not (tmp_path / "out.mp4").exists()


def test_the_figure_has_a_strip_for_each_au_and_gaps_without_a_face():
    figure = draw_au_course(make_table(np.arange(9) / 25), "film")
    assert [axes.get_ylabel().split("\n")[0] for axes in figure.axes] == ["AU06", "AU12"]
    line, alone, *_ = figure.axes[0].lines
    assert np.isnan(line.get_ydata()).sum() == 3
    assert alone.get_xdata().tolist() == [0, 8 / 25]


def test_the_figure_marks_what_is_not_good_and_says_whom_the_network_was_trained_on():
    table = make_table(np.arange(9) / 25)
    graded = replace(table, grades=("good", "fair"), trained_on="rendered people")
    figure = draw_au_course(graded, "film")
    assert_drawn(figure)
    assert [axes.get_ylabel().split("\n")[0] for axes in figure.axes] == ["AU06", "AU12 (fair)"]
    assert "trained on rendered people" in texts(figure)
    assert "No real face was judged" in texts(figure)
    tried = draw_au_course(replace(graded, real_faces=(12,)), "film")
    assert "judged for AU12 only" in texts(tried)
    assert "trained on" not in texts(draw_au_course(table, "film"))
    good, poor = draw_au_course(replace(graded, grades=("good", "poor")), "film").axes
    assert poor.get_ylabel().startswith("AU12 (poor)")
    for paler, darker in zip(colours(poor), colours(good), strict=True):
        assert min(paler) > max(darker)


def test_long_names_and_many_aus_stay_within_the_figure():
    seconds = np.arange(4) / 25
    probability = np.full((4, len(PAPER_AUS)), 0.5)
    table = AuTable(PAPER_AUS, seconds, probability, probability > 0.4)
    grades = ("fair",) * len(PAPER_AUS)
    for tried in (PAPER_AUS[:6], PAPER_AUS[:-1]):
        graded = replace(table, grades=grades, trained_on="rendered people", real_faces=tried)
        assert_drawn(draw_au_course(graded, "interview_of_the_first_day_" * 5))


def test_the_figure_marks_notes_by_kind_in_rows_below():
    """At 25 frames/s, a frame lasts 0.04 s."""
    dark, small = np.zeros(50, bool), np.zeros(50, bool)
    dark[10:20] = dark[49] = small[0] = True
    table = replace(make_table(np.arange(50) / 25), noted={"dark": dark, "small": small})
    figure = draw_au_course(table, "film")
    assert_drawn(figure)
    axes = figure.axes[-1]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["dark", "small"]
    boxes = [[path.get_extents() for path in marks.get_paths()] for marks in axes.collections]
    assert [[(box.x0, box.x1) for box in row] for row in boxes] == [
        [pytest.approx((0.4, 0.8)), pytest.approx((1.96, 2.0))],
        [pytest.approx((0, 0.04))],
    ]
    assert [int(row[0].y0) for row in boxes] == [0, 1]


def colours(axes):
    """Of the line, the AU's name, and where it is present."""
    names = axes.lines[0].get_color(), axes.yaxis.label.get_color()
    return [*map(to_rgb, names), axes.collections[0].get_facecolor()[0, :3]]


@pytest.mark.parametrize("n_frames", [1, 5])
def test_the_scripts(tmp_path, n_frames):
    source = write_video(tmp_path / "film.avi", [blank()] * n_frames)
    tracking = dict.fromkeys(("problem", "note", *COPIED), "") | {"face_found": "1"}
    tracked = [tracking | {"frame_number": str(n)} for n in range(n_frames)]
    table = make_table(np.arange(n_frames) / 25)
    write_au_table(table, tracked, [""] * n_frames, tmp_path / "film.aus.csv")
    for script, options in (
        ("plot_aus", ["--title", "film", "--output-png", "a.png", "--output-pdf", "a.pdf"]),
        ("draw_aus", ["--video", source, "--output", "a.mp4"]),
    ):
        run_script(script, "--aus", "film.aus.csv", *options, folder=tmp_path).check_returncode()
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
    assert (tmp_path / "a.pdf").read_bytes().startswith(b"%PDF")
    assert cv2.VideoCapture(str(tmp_path / "a.mp4")).get(cv2.CAP_PROP_FRAME_COUNT) == n_frames

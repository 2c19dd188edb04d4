import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from facs3d.core.errors import InputError
from facs3d.prediction.annotated_video import (
    BAR,
    HEIGHT,
    PANEL_WIDTH,
    at_constant_rate,
    draw_panel,
    write_annotated_video,
)
from facs3d.prediction.au_table import COPIED, AuTable, write_au_table
from facs3d.report.figures.au_course import draw_au_course
from facs3d.video.frames import decode_video
from tests.support.astronaut_video import blank, write_video

SCRIPTS = Path(__file__).parents[2] / "workflow_scripts"


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
    assert (panel[40:, BAR[0] :].min(axis=2) >= 235).all()


def test_frames_at_a_constant_rate_are_shown_once_each():
    assert list(at_constant_rate("abcd", np.arange(4) / 30 + 5, 30)) == list("abcd")


def test_where_the_rate_varies_frames_are_repeated_or_left_out():
    """At 10 ticks/s: b lasts for three, c for a hundredth of a second."""
    assert "".join(at_constant_rate("abcd", np.array([0, 0.1, 0.4, 0.41]), 10)) == "abbbd"


def test_the_video_has_the_frames_and_the_panel(tmp_path):
    source = write_video(tmp_path / "film.avi", [blank()] * 5)
    table = make_table(np.arange(5) / 25)
    write_annotated_video(source, table, tmp_path / "out.mp4")
    images = [image for _, _, image in decode_video(tmp_path / "out.mp4")]
    assert len(images) == 5
    assert images[0].shape == (HEIGHT, 2 * HEIGHT * 320 // 480 + PANEL_WIDTH, 3)
    assert abs(images[0][:, :600].astype(int) - 90).mean() < 3


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


@pytest.mark.parametrize("n_frames", [1, 5])
def test_the_scripts(tmp_path, n_frames):
    source = write_video(tmp_path / "film.avi", [blank()] * n_frames)
    tracking = dict.fromkeys(("problem", "note", *COPIED), "") | {"face_found": "1"}
    tracked = [tracking | {"frame_number": str(n)} for n in range(n_frames)]
    table = make_table(np.arange(n_frames) / 25)
    write_au_table(table, tracked, [""] * n_frames, tmp_path / "film.aus.csv")
    for script, options in (
        ("plot_aus.py", ["--title", "film", "--output-png", "a.png", "--output-pdf", "a.pdf"]),
        ("draw_aus.py", ["--video", source, "--output", "a.mp4"]),
    ):
        command = [sys.executable, SCRIPTS / script, "--aus", "film.aus.csv", *options]
        subprocess.run(command, check=True, cwd=tmp_path)
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
    assert (tmp_path / "a.pdf").read_bytes().startswith(b"%PDF")
    assert cv2.VideoCapture(str(tmp_path / "a.mp4")).get(cv2.CAP_PROP_FRAME_COUNT) == n_frames

"""From Python: the example of the documentation, and the same table as the workflow's."""

import re
from dataclasses import asdict, replace
from pathlib import Path

import pandas as pd
import pytest

import facs3d.prediction
from facs3d.core.errors import InputError
from facs3d.preprocessing.alignment import RegistrationSettings
from facs3d.training.weights import ExpectedInput, save_model
from tests.support.astronaut_video import blank, frame, placement, write_video
from tests.support.predictions import SIDE, network, run_predict_aus
from tests.support.scripts import run_script
from tests.support.workflow import ROOT

CENTRED = RegistrationSettings(centre="eye_line")


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """With a video of 12 frames, the fifth of which shows nobody, and weights."""
    images = [frame(placement(x=150 + 3 * move, scale=1.3)) for move in range(12)]
    images[4] = blank()
    write_video(tmp_path / "film.avi", images)
    (tmp_path / "film.avi").rename(tmp_path / "my_video.mp4")
    (tmp_path / "weights").mkdir()
    expected = ExpectedInput((1,), 25.0, asdict(CENTRED))
    save_model(replace(network(), expected_input=expected), tmp_path / "weights" / "cnn2d_lstm.pt")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_example_of_the_documentation(folder, capsys):
    text = (ROOT / "docs" / "your-video.md").read_text("utf-8")
    (example,) = re.findall("```python\n(.*?)```", text, re.DOTALL)
    names: dict = {}
    exec(example, names)
    aus = names["aus"]
    assert aus["face_found"].tolist() == [1] * 4 + [0] + [1] * 7
    n_smiling = (aus["AU12"] >= 0.5).sum()
    assert f"{n_smiling} of 11 frames with a face show AU 12" in capsys.readouterr().out


def test_it_is_the_table_that_the_workflows_steps_write(folder):
    found = facs3d.prediction.predict_video("my_video.mp4", "weights/cnn2d_lstm.pt", threshold=0.4)
    files = ("--output-faces", "film.faces.h5", "--output-tracking", "film.tracking.csv")
    options = ("--centre", "eye_line", "--clip-image-size", SIDE)
    run_script(
        "register_new_video", "--video", "my_video.mp4", *files, *options, folder=folder
    ).check_returncode()
    (folder / "weights.pt").write_bytes((folder / "weights" / "cnn2d_lstm.pt").read_bytes())
    run_predict_aus(folder, "--threshold", "0.4").check_returncode()
    written = pd.read_csv(folder / "film.aus.csv")
    pd.testing.assert_frame_equal(found, written.assign(note=written["note"].fillna("")))
    assert found["note"][4].startswith("no face")
    assert found["AU12"].isna().tolist() == [number == 4 for number in range(12)]


def test_several_weights_are_averaged_and_what_is_none_is_refused(folder):
    one = facs3d.prediction.predict_video(folder / "my_video.mp4", folder / "weights/cnn2d_lstm.pt")
    both = facs3d.prediction.predict_video("my_video.mp4", ["weights/cnn2d_lstm.pt"] * 2)
    pd.testing.assert_series_equal(one["AU06"], both["AU06"])
    (folder / "bad.mp4").write_text("<html>")
    with pytest.raises(InputError, match=r"bad.mp4: not a video"):
        facs3d.prediction.predict_video("bad.mp4", "weights/cnn2d_lstm.pt")
    with pytest.raises(InputError, match="no weights file; give one or more"):
        facs3d.prediction.predict_video("my_video.mp4", [])
    with pytest.raises(InputError, match="a folder; give each of its videos by itself"):
        facs3d.prediction.predict_video(folder, "weights/cnn2d_lstm.pt")
    with pytest.raises(AttributeError, match="no attribute 'predict_films'"):
        facs3d.prediction.predict_films  # noqa: B018

"""Person calibration against shares counted by hand, and its columns beside the others."""

import csv
import json

import numpy as np
import pytest

from facs3d.prediction.au_table import read_au_table
from facs3d.prediction.baseline import person_calibrated, resting_probability
from facs3d.training.weights import save_model
from tests.support.predictions import network, predicted, run_predict_aus, write_faces


def test_the_resting_probability_is_the_one_that_a_share_of_the_frames_lies_below():
    """Of ten frames with a face, 0.2 to 0.29 and 0.9 to 0.99, the third lowest."""
    tenths = np.arange(10) / 100
    probability = np.stack((0.2 + tenths[::-1], 0.9 + tenths), axis=1)
    probability = np.insert(probability, 4, np.nan, axis=0)
    np.testing.assert_allclose(resting_probability(probability, 0.2), [0.22, 0.92])
    np.testing.assert_allclose(resting_probability(probability, 0.999), [0.29, 0.99])
    calibrated = person_calibrated(probability, np.array([0.22, 0.92]))
    expected = [[0.07 / 0.78, 0], [0, 0.06 / 0.08], [0, 0.07 / 0.08]]
    np.testing.assert_allclose(calibrated[[0, 9, 10]], expected, rtol=1e-6)
    assert np.isnan(calibrated[4]).all()


def test_without_a_face_nothing_rests():
    assert np.isnan(resting_probability(np.full((3, 2), np.nan), 0.1)).all()


def test_one_stays_one_and_of_rest_at_one_nothing_is_left():
    found = person_calibrated(np.array([[1, 1], [0.6, 1], [np.nan, np.nan]]), np.array([0.5, 1]))
    np.testing.assert_allclose(found, [[1, 0], [0.2, 0], [np.nan, np.nan]])


def test_a_look_alike_no_longer_outweighs_a_movement():
    """Who looks like the AU at rest (0.7) and who moves (0.1 to 0.5): only pooled, and only
    calibrated, does every frame that moves lie above every one that does not."""
    look_alike, mover = np.full((10, 1), 0.7), np.full((10, 1), 0.1)
    mover[6:] = 0.5
    assert mover[6:].min() < look_alike.max()
    found = [
        person_calibrated(each, resting_probability(each, 0.1)) for each in (look_alike, mover)
    ]
    assert found[1][6:].min() > max(found[0].max(), found[1][:6].max())


def rows(folder):
    with open(folder / "film.aus.csv", newline="") as file:
        return list(csv.DictReader(file))


def test_the_columns_come_on_request_and_change_no_other(tmp_path):
    write_faces(tmp_path, 20, lost={3})
    save_model(network("cnn2d_lstm"), tmp_path / "weights.pt")
    run_predict_aus(tmp_path).check_returncode()
    plain = rows(tmp_path)
    assert "baseline" not in json.loads((tmp_path / "film.aus.json").read_text())
    done = run_predict_aus(tmp_path, "--baseline", "0.25")
    assert done.returncode == 0, done.stderr
    found = rows(tmp_path)
    added = {"AU01_calibrated", "AU06_calibrated", "AU12_calibrated"}
    assert {*found[0]} - {*plain[0]} == added
    assert [{name: row[name] for name in plain[0]} for row in found] == plain
    assert {found[3][name] for name in added} == {""}
    facts = json.loads((tmp_path / "film.aus.json").read_text())["baseline"]
    assert facts["share"] == 0.25
    assert "AU>_present and the events follow the uncalibrated probability" in facts["assumes"]
    for au in ("AU01", "AU06", "AU12"):
        raw = [float(row[au]) for row in found if row[au]]
        # Of 19 frames with a face a quarter, rounded down, lies below.
        resting = sorted(raw)[4]
        assert facts["resting_probability"][au] == pytest.approx(resting, rel=1e-6)
        calibrated = [float(row[f"{au}_calibrated"]) for row in found if row[au]]
        expected = [max(value - resting, 0) / (1 - resting) for value in raw]
        assert calibrated == pytest.approx(expected, abs=1e-7)
        assert max(calibrated) > 0.05
    table = read_au_table(tmp_path / "film.aus.csv")
    path = tmp_path / "film.faces.h5"
    np.testing.assert_array_equal(
        table.present, predicted(path, [network("cnn2d_lstm")]).table.present
    )


@pytest.mark.parametrize(("n_frames", "warns"), [(20, False), (21, True)])
def test_calibrating_several_persons_as_one_is_said(tmp_path, n_frames, warns):
    """The 21st frame shows another person."""
    write_faces(tmp_path, n_frames)
    save_model(network("cnn2d_lstm"), tmp_path / "weights.pt")
    done = run_predict_aus(tmp_path, "--baseline", "0.1")
    said = "perhaps 2 persons, but the calibrated columns take all faces for one person's"
    assert (said in done.stderr) == warns


@pytest.mark.parametrize("share", ["0", "1"])
def test_a_share_that_is_none_is_refused(tmp_path, share):
    done = run_predict_aus(tmp_path, "--baseline", share)
    assert f"error: predict.baseline is {float(share)}, expected above 0, below 1" in done.stderr

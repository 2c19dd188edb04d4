"""Judged networks: calibrated before they are averaged, thresholds of their own, and every output
says how far to rely on them."""

import csv
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from facs3d.core.errors import InputError
from facs3d.prediction.au_table import read_au_table
from facs3d.prediction.judgements import evidence_table, mean_judgement
from facs3d.prediction.predict import load_models
from facs3d.training.averaging import average
from facs3d.training.judgement import of_real_faces
from facs3d.training.training_data import TrainingData
from facs3d.training.weights import save_model
from tests.support.judgements import evidence, judgement
from tests.support.predictions import network, predicted, run_predict_aus, write_faces

JUDGEMENT = judgement(
    trained_on="rendered people",
    judged_on="60 rendered people not trained on",
    auc=(0.6, np.nan, 0.9),
    slope=(2.0, 1.0, 0.5),
    intercept=(0.0, 1.0, -1.0),
    threshold=(0.3, 0.9, 0.25),
)
OTHER = judgement(
    *("rendered people", "59 rendered people not trained on", (0.9, 0.9, 0.8)),
    *(JUDGEMENT.slope, (1.0,) * 3, (0.5, 0.7, 0.35)),
)

NOTHING = np.nan, np.nan
TRIED = judgement(
    *("rendered people", "60 rendered people not trained on", JUDGEMENT.auc),
    *(JUDGEMENT.slope, JUDGEMENT.intercept, JUDGEMENT.threshold),
    real=False,
).with_evidence(evidence("a real clip", (*NOTHING, 0.95), (*NOTHING, 0.7), (*NOTHING, 0.1)))
OF_ALL = "trained_on,real_faces"


def platt(probability, judgement):
    against = (1 / probability - 1) ** judgement.slope * np.exp(np.negative(judgement.intercept))
    return 1 / (1 + against)


def test_a_judged_networks_probabilities_are_calibrated(tmp_path):
    """A frame's is the same in every clip of the 2D CNN, so calibrating their mean must agree."""
    path, _ = write_faces(tmp_path, 20, lost={3})
    plain = predicted(path, [network("cnn2d")]).table
    judged = predicted(path, [network("cnn2d", judgement=JUDGEMENT)])
    table = judged.table
    np.testing.assert_allclose(table.probability, platt(plain.probability, JUDGEMENT), rtol=1e-5)
    np.testing.assert_array_equal(table.present, table.probability >= [0.3, 0.9, 0.25])
    assert table.present.any()
    assert not table.present[3].any()
    assert (table.grades, table.trained_on) == (("poor", "poor", "good"), "rendered people")
    assert (plain.grades, plain.trained_on) == ((), "")


def test_the_threshold_of_the_caller_does_not_count_for_judged_networks(tmp_path):
    path, _ = write_faces(tmp_path, 20)
    models = [network(judgement=JUDGEMENT)]
    tables = [predicted(path, models, threshold).table for threshold in (0.01, 0.99)]
    np.testing.assert_array_equal(tables[0].present, tables[1].present)


def test_each_network_is_calibrated_before_the_mean_is_taken(tmp_path):
    path, _ = write_faces(tmp_path, 20)
    models = [network(seed=1, judgement=JUDGEMENT), network(seed=2, judgement=OTHER)]
    found = predicted(path, models)
    mean = np.mean([predicted(path, [model]).table.probability for model in models], axis=0)
    np.testing.assert_allclose(found.table.probability, mean, rtol=1e-12)
    np.testing.assert_array_equal(found.table.present, mean >= [0.4, 0.8, 0.3])
    # AUC 0.6 and 0.9; 0.9; 0.9 and 0.8: the worst is said.
    assert found.table.grades == ("poor", "good", "fair")


def test_what_is_known_of_one_network_stays_as_it_is():
    assert repr(mean_judgement([network(judgement=JUDGEMENT)])) == repr(JUDGEMENT)
    assert mean_judgement([network(), network()]) is None
    both = mean_judgement([network(judgement=each) for each in (JUDGEMENT, OTHER, JUDGEMENT)])
    assert both.judged_on == "60 rendered people not trained on; 59 rendered people not trained on"


@pytest.mark.parametrize(
    ("judgement", "found"),
    [(None, "not judged"), (replace(OTHER, trained_on="a portrait"), "trained on a portrait")],
)
def test_networks_that_are_judged_otherwise_are_not_averaged(tmp_path, judgement, found):
    save_model(network(judgement=JUDGEMENT), tmp_path / "one.pt")
    save_model(network(judgement=judgement), tmp_path / "other.pt")
    message = rf"other.pt: {found}, but .*one.pt: trained on rendered people; average"
    with pytest.raises(InputError, match=message):
        load_models([tmp_path / "one.pt", tmp_path / "other.pt"])


def test_the_script_says_everywhere_how_far_to_rely_on_it(tmp_path):
    path, _ = write_faces(tmp_path, 20, lost={0})
    model = network(judgement=TRIED)
    save_model(model, tmp_path / "weights.pt")
    done = run_predict_aus(tmp_path, "--action-units")
    assert done.returncode == 0, done.stderr
    assert (
        "warning: film.mp4: the network was trained on rendered people; its AUs, judged on 60 "
        "rendered people not trained on; a real clip, are fair: AU12; poor: AU01 AU06. Real faces "
        "were judged for AU12 only: no other grade stands for one. How reliable it is on other "
        "people is not known.\n"
    ) in done.stderr
    facts = json.loads((tmp_path / "film.aus.json").read_text())
    assert facts["trained_on"] == "rendered people"
    assert facts["judged_on"] == "60 rendered people not trained on; a real clip"
    known = {"faces": "60 rendered people not trained on", "real": False}
    frames = {"present_frames": 100, "absent_frames": 100}
    known |= {"people": 0, "found": 1.0, "false_calls": 0.0, **frames}
    clip = {"faces": "a real clip", "real": True, "people": 3, **frames}
    clip |= {"auc": 0.95, "found": 0.7, "false_calls": 0.1}
    assert facts["action_units"] == {
        "AU01": {
            "auc": 0.6,
            "threshold": 0.3,
            "grade": "poor",
            "evidence": [{**known, "auc": 0.6, "grade": "poor"}],
        },
        "AU06": {
            "auc": None,
            "threshold": 0.9,
            "grade": "poor",
            "evidence": [{**known, "grade": "good"}],
        },
        "AU12": {
            "auc": 0.9,
            "threshold": 0.25,
            "grade": "fair",
            "evidence": [{**known, "auc": 0.9, "grade": "good"}, {**clip, "grade": "fair"}],
        },
    }
    assert "threshold" not in facts
    with open(tmp_path / "film.aus.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    names = ["AU01_grade", "AU06_grade", "AU12_grade", "trained_on", "real_faces"]
    assert [*rows[0]][-5:] == names
    assert {tuple(row[name] for name in names[1:]) for row in rows} == {
        ("poor", "fair", "rendered people", "AU12")
    }
    table = read_au_table(tmp_path / "film.aus.csv")
    expected = predicted(path, [model]).table
    np.testing.assert_array_equal(table.present, expected.present)
    assert (table.grades, table.trained_on) == (expected.grades, expected.trained_on)
    assert table.real_faces == expected.real_faces == (12,)


def test_the_table_of_evidence_by_hand():
    table = evidence_table(TRIED, (1, 6, 12)).astype(object).fillna("").to_dict("split")["data"]
    rendered, clip = "60 rendered people not trained on", "a real clip"
    assert table == [
        [rendered, 0, 0, "AU01", 0.6, 1.0, 0.0, 100, 100, "poor"],
        [rendered, 0, 0, "AU06", "", 1.0, 0.0, 100, 100, "good"],
        [rendered, 0, 0, "AU12", 0.9, 1.0, 0.0, 100, 100, "good"],
        [clip, 1, 3, "AU01", "", "", "", 0, 0, ""],
        [clip, 1, 3, "AU06", "", "", "", 0, 0, ""],
        [clip, 1, 3, "AU12", 0.95, 0.7, 0.1, 100, 100, "fair"],
        ["all", 0, "", "AU01", "", "", "", "", "", "poor"],
        ["all", 0, "", "AU06", "", "", "", "", "", "poor"],
        ["all", 1, "", "AU12", "", "", "", "", "", "fair"],
    ]


def test_what_is_said_of_real_faces():
    assert of_real_faces((), (1, 6)) == "No real face was judged: no grade stands for one."
    assert of_real_faces((6, 1), (1, 6)) == ""
    few = of_real_faces((6,), (1, 6, 12))
    assert few == "Real faces were judged for AU06 only: no other grade stands for one."
    many = of_real_faces((1, 12), (1, 6, 12))
    assert many == "No real face was judged for AU06: no grade of it stands for one."


@pytest.mark.parametrize(
    ("header", "cells", "message"),
    [
        (f"AU01_grade,{OF_ALL}", "best,people,none", r"line 2: AU01_grade is 'best', expected one"),
        (f"AU01_grade,{OF_ALL}", "good,,none", r"line 2: trained_on is empty"),
        (f"AU01_grade,{OF_ALL}", "good,people,", r"line 2: real_faces is empty"),
        (
            f"AU01_grade,{OF_ALL}",
            "good,people,AU02",
            r"line 2: real_faces is 'AU02', expected some",
        ),
        ("AU01_grade,trained_on", "good,people", r"line 1: no column 'real_faces'"),
        (f"AU02_grade,{OF_ALL}", "good,people,none", r"line 1: no column 'AU01_grade'"),
    ],
)
def test_a_table_of_other_grades_is_refused(tmp_path, header, cells, message):
    text = f"frame,time,AU01,AU01_present,{header}\n0,0,0.5,1,{cells}\n"
    (tmp_path / "a.csv").write_text(text)
    with pytest.raises(InputError, match=rf"a.csv, {message}"):
        read_au_table(tmp_path / "a.csv")


def test_what_the_network_was_trained_on_is_said_and_written(tmp_path):
    write_faces(tmp_path, 20)
    data = TrainingData("BP4D", 33, 264, 81.5)
    save_model(network(training_data=data), tmp_path / "weights.pt")
    done = run_predict_aus(tmp_path)
    assert (
        "film.mp4: the network was trained on 33 subjects of BP4D (264 clips; between the eyes in "
        "its images: 82 px)\n"
    ) in done.stderr
    facts = json.loads((tmp_path / "film.aus.json").read_text())
    assert facts["training_data"] == [
        {
            "dataset": "BP4D",
            "subjects": 33,
            "clips": 264,
            "eye_distance": 81.5,
            "frame_spacing": [0.04, 0.04],
        }
    ]


def test_weights_that_do_not_say_what_they_were_trained_on_are_said_to_be_so(tmp_path):
    write_faces(tmp_path, 20)
    save_model(network(), tmp_path / "weights.pt")
    done = run_predict_aus(tmp_path)
    assert "film.mp4: the network was trained on data that its weights do not name\n" in done.stderr
    assert json.loads((tmp_path / "film.aus.json").read_text())["training_data"] == [None]


def test_weights_of_several_trainings_say_so(tmp_path):
    write_faces(tmp_path, 20)
    models = {Path(f"{seed}.pt"): network(seed=seed) for seed in (1, 2, 3)}
    save_model(average(models), tmp_path / "weights.pt")
    done = run_predict_aus(tmp_path)
    said = "the network was trained on data that its weights do not name, 3 times: their mean\n"
    assert done.stderr.count(f"film.mp4: {said}") == 1
    assert json.loads((tmp_path / "film.aus.json").read_text())["trainings"] == [3]
    save_model(network(), tmp_path / "weights.pt")
    done = run_predict_aus(tmp_path)
    assert "their mean" not in done.stderr
    assert json.loads((tmp_path / "film.aus.json").read_text())["trainings"] == [1]


def test_of_an_image_no_rate_is_said(tmp_path):
    write_faces(tmp_path, 1)
    save_model(network(), tmp_path / "weights.pt")
    done = run_predict_aus(tmp_path)
    assert done.returncode == 0, done.stderr
    assert "film.mp4: a single image, which fills a clip; of what moves it says nothing\n" in (
        done.stderr
    )
    assert "frames/s, trained on" not in done.stderr

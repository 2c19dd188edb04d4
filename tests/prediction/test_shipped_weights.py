"""The networks in weights/: whole, small, judged as their card says, and of use on a real face."""

import csv
import json
import re
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from facs3d.core.action_units import PAPER_AUS, au_column
from facs3d.evaluation.tables import read_table
from facs3d.planning.config import complete_config
from facs3d.planning.network_files import check_fits_config, side_of_faces
from facs3d.prediction.faces import open_faces
from facs3d.prediction.judgements import evidence_table
from facs3d.prediction.predict import check_fits, predict_video
from facs3d.preprocessing.alignment import RegistrationSettings
from facs3d.training.judgement import Evidence
from facs3d.training.names import MODEL_NAMES
from facs3d.training.weights import load_model
from tests.support.astronaut_video import frame, placement, write_video
from tests.support.scripts import run_script

ROOT = Path(__file__).parents[2]
WEIGHTS = ROOT / "weights"
CARD = ROOT / "docs" / "model-card.md"


def of_card(model: str) -> list[dict[str, str]]:
    with open(WEIGHTS / f"{model}.csv", newline="") as file:
        return list(csv.DictReader(file))


def test_they_are_small_enough_for_a_repository():
    assert sum(path.stat().st_size for path in WEIGHTS.iterdir()) < 8e6


@pytest.mark.parametrize("model", MODEL_NAMES)
def test_each_knows_how_it_was_made_and_judged(model):
    trained = load_model(WEIGHTS / f"{model}.pt")
    assert trained.name == model
    assert trained.action_units == PAPER_AUS
    assert trained.standardise
    assert trained.judgement.trained_on == "rendered people"
    data = trained.training_data
    made = json.loads((WEIGHTS / f"{model}.json").read_text())
    assert data.dataset == "weights"
    # Four fifths of 999 people, in two takes each.
    assert (data.subjects, data.clips) == (799, 2 * 799)
    assert 55 < data.eye_distance < 75
    rows = of_card(model)
    assert [row["au"] for row in rows] == list(map(au_column, PAPER_AUS))
    for name in ("slope", "intercept", "threshold"):
        found = [float(row[name]) for row in rows]
        np.testing.assert_allclose(found, getattr(trained.judgement, name), rtol=1e-5)
    found = [float(row["auc"]) for row in rows]
    np.testing.assert_allclose(found, trained.judgement.evidence[0].auc, rtol=1e-5)
    assert made["model"] == model
    of_each = made["trainings"]
    assert len(of_each) == trained.trainings == len({each["seed"] for each in of_each}) == 3
    assert {each["training_clips"] for each in of_each} == {data.clips}
    assert all(each["training.standardise"] for each in of_each)
    assert [len(digest) for digest in {each["data"] for each in of_each}] == [64]


@pytest.mark.parametrize("model", MODEL_NAMES)
def test_each_grade_rests_on_the_evidence_beside_it(model):
    """Rendered people, the portrait, and the real people of the list, one of whom is its."""
    trained = load_model(WEIGHTS / f"{model}.pt")
    expected = evidence_table(trained.judgement, trained.action_units)
    found = read_table(WEIGHTS / f"{model}_evidence.csv")
    pd.testing.assert_frame_equal(found, expected.replace("", np.nan), check_dtype=False)
    rendered, portrait, *real = trained.judgement.evidence
    assert not rendered.real
    assert (portrait.faces, portrait.real) == ("40 warps of one portrait", False)
    listed = read_table(WEIGHTS / "marks" / "clips.csv")
    assert [(each.faces, each.people) for each in real] == [
        (faces, 1) for faces in listed["faces"].unique()
    ]
    made = json.loads((WEIGHTS / f"{model}.json").read_text())
    assert made["judged_on"] == trained.judgement.judged_on


@pytest.mark.parametrize("model", MODEL_NAMES)
def test_no_real_face_under_a_hand_counts(model):
    """Without the frames of the hand that person is never seen to lack AUs 6 and 12."""
    judgement = load_model(WEIGHTS / f"{model}.pt").judgement
    (clip,) = [each for each in judgement.evidence if "cries" in each.faces]
    places = [PAPER_AUS.index(au) for au in (4, 6, 12, 15)]
    assert [clip.present_frames[place] for place in places] == [28, 160, 182, 0]
    assert [clip.absent_frames[place] for place in places] == [190, 0, 0, 200]


def tables_of_the_card() -> list[list[list[str]]]:
    """The cells of each table of the card in order, headers apart, whose rows are AUs."""
    tables = re.findall(r"(?:^\| AU \d+ \|.*\n)+", CARD.read_text(), flags=re.M)
    return [[row.strip("| ").split(" | ") for row in table.splitlines()] for table in tables]


def test_the_card_says_what_was_measured():
    """Every AU's row: AUC of the three networks; what of rendered faces the grade of the network
    that `predict` takes rests on, and the grade; what of real ones; what is called at rest."""
    ranking, grades, at_rest, _calibration, on_people = tables_of_the_card()
    trained = load_model(WEIGHTS / "cnn2d_lstm.pt")
    tables = {model: of_card(model) for model in MODEL_NAMES}
    for place, au in enumerate(PAPER_AUS):
        row = {model: tables[model][place] for model in MODEL_NAMES}
        expected = [f"AU {au}", *(f"{float(row[model]['auc']):.2f}" for model in MODEL_NAMES)]
        assert ranking[place] == expected
        evidence = trained.judgement.evidence
        cells = [cell_of(each, place) for each in evidence if not each.real]
        assert grades[place] == [f"AU {au}", *cells, trained.judgement.grades[place]]
        cells = [cell_of(each, place) for each in evidence if each.real]
        assert on_people[place] == [f"AU {au}", *cells]
        shares = [
            [100 * float(row[model][f"neutral_{name}"]) for name in ("called", "low", "high")]
            for model in MODEL_NAMES
        ]
        expected = [f"{called:.0f} % ({low:.0f}–{high:.0f})" for called, low, high in shares]
        assert at_rest[place] == [f"AU {au}", *expected]


def test_the_card_says_what_each_network_is_worth_on_real_people():
    """A row for each person and AU whom it was seen on both present and absent."""
    text = CARD.read_text()
    known = {model: load_model(WEIGHTS / f"{model}.pt").judgement for model in MODEL_NAMES}
    rows = 0
    for place, first in enumerate(known["cnn2d"].evidence):
        for column in np.flatnonzero(~np.isnan(first.auc)) if first.real else ():
            cells = [cell_of(known[model].evidence[place], column) for model in MODEL_NAMES]
            assert f"| AU {PAPER_AUS[column]}, {first.faces} | {' | '.join(cells)} |\n" in text
            rows += 1
    assert rows > 8


def cell_of(evidence: Evidence, column: int) -> str:
    """``0.88; 58 %, 1 %``: AUC, found and false calls; ``–`` for what was not measured."""
    numbers = evidence.numbers(column)
    if not numbers:
        return "–"
    auc = f"{numbers['auc']:.2f}" if "auc" in numbers else "–"
    found, false_calls = (
        f"{100 * numbers[name]:.0f} %" if name in numbers else "–"
        for name in ("found", "false_calls")
    )
    return f"{auc}; {found}, {false_calls}"


def test_they_fit_the_demos_config_and_see_a_real_smile(tmp_path):
    """scikit-image's astronaut is a real person who smiles, with raised cheeks and shown teeth."""
    write_video(
        tmp_path / "film.avi", [frame(placement(x=150 + move, scale=1.3)) for move in range(20)]
    )
    folder = ROOT / "config"
    config = complete_config(
        yaml.safe_load((folder / "config.yaml").read_text()), folder / "schemas/config.schema.yaml"
    )
    weights = ROOT / config["predict"]["weights"]
    check_fits_config(weights, config, named=True)
    settings = RegistrationSettings(**config["registration"])
    words = [f"--{name.replace('_', '-')}={value}" for name, value in asdict(settings).items()]
    done = run_script(
        "register_new_video",
        *("--video", tmp_path / "film.avi", *words),
        *("--clip-image-size", side_of_faces(weights)),
        *("--output-faces", tmp_path / "faces.h5", "--output-tracking", tmp_path / "tracking.csv"),
    )
    assert done.returncode == 0, done.stderr
    trained = load_model(weights)
    with open_faces(tmp_path / "faces.h5") as faces:
        check_fits(trained, faces, None)
        table = predict_video([trained], faces, 0.5).table
    present = dict(zip(PAPER_AUS, table.present.T, strict=True))
    assert present[12].mean() > 0.9
    assert present[15].mean() < 0.1

"""The networks in weights/: whole, small, judged as their card says, and of use on a real face."""

import csv
import json
import re
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
import yaml

from facs3d.core.action_units import PAPER_AUS, au_column
from facs3d.planning.config import complete_config
from facs3d.prediction.faces import open_faces
from facs3d.prediction.predict import check_fits, predict_video
from facs3d.preprocessing.alignment import RegistrationSettings
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
    assert trained.network.standardise
    assert trained.judgement.trained_on == "rendered people"
    data = trained.training_data
    made = json.loads((WEIGHTS / f"{model}.json").read_text())
    assert (data.dataset, data.clips) == ("weights", made["training_clips"])
    # Four fifths of 999 people, in two takes each.
    assert (data.subjects, data.clips) == (799, 2 * 799)
    assert 55 < data.eye_distance < 75
    rows = of_card(model)
    assert [row["au"] for row in rows] == list(map(au_column, PAPER_AUS))
    for name in ("auc", "slope", "intercept", "threshold"):
        found = [float(row[name]) for row in rows]
        np.testing.assert_allclose(found, getattr(trained.judgement, name), rtol=1e-5)
    assert made["model"] == model
    assert made["training.standardise"]
    assert len(made["data"]) == 64


def test_the_card_says_what_was_measured():
    """Every AU's row of its table: AUC of the three networks, called at rest and grade of the one
    that `predict` takes."""
    said = re.findall(r"^\| AU (\d+) \| (.*) \|$", CARD.read_text(), flags=re.M)[: len(PAPER_AUS)]
    assert [int(au) for au, _cells in said] == list(PAPER_AUS)
    tables = {model: of_card(model) for model in MODEL_NAMES}
    for place, (_au, cells) in enumerate(said):
        row = {model: tables[model][place] for model in MODEL_NAMES}
        expected = [f"{float(row[model]['auc']):.2f}" for model in MODEL_NAMES]
        expected.append(f"{100 * float(row['cnn2d_lstm']['neutral_called']):.0f} %")
        expected.append(row["cnn2d_lstm"]["grade"])
        assert cells.split(" | ") == expected


def test_they_fit_the_demos_config_and_see_a_real_smile(tmp_path):
    """scikit-image's astronaut is a real person who smiles, with raised cheeks and shown teeth."""
    write_video(
        tmp_path / "film.avi", [frame(placement(x=150 + move, scale=1.3)) for move in range(20)]
    )
    folder = ROOT / "config"
    config = complete_config(
        yaml.safe_load((folder / "config.yaml").read_text()), folder / "schemas/config.schema.yaml"
    )
    settings = RegistrationSettings(**config["registration"])
    words = [f"--{name.replace('_', '-')}={value}" for name, value in asdict(settings).items()]
    done = run_script(
        "register_new_video",
        *("--video", tmp_path / "film.avi", *words),
        *("--clip-image-size", config["sampling"]["image_size"]),
        *("--output-faces", tmp_path / "faces.h5", "--output-tracking", tmp_path / "tracking.csv"),
    )
    assert done.returncode == 0, done.stderr
    trained = load_model(ROOT / config["predict"]["weights"])
    with open_faces(tmp_path / "faces.h5") as faces:
        check_fits(trained, faces, None)
        table = predict_video([trained], faces, 0.5).table
    present = dict(zip(PAPER_AUS, table.present.T, strict=True))
    assert present[12].mean() > 0.9
    assert present[15].mean() < 0.1

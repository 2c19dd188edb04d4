"""Weights files looked at without PyTorch: what they are for; none of their code is run."""

import io
import pickle
import zipfile
from dataclasses import asdict
from pathlib import Path

import pytest

from facs3d.core.errors import InputError
from facs3d.planning.network_files import check_fits_config, read_facts, side_of_faces
from facs3d.training.weights import load_model, save_model
from tests.support.judgements import judgement
from tests.support.predictions import AUS, SETTINGS, SIDE, network

SHIPPED = Path(__file__).parents[2] / "weights"
CONFIG = {
    "registration": asdict(SETTINGS),
    "sampling": {"image_size": SIDE},
    "dataset": {"action_units": list(AUS)},
}


@pytest.fixture
def weights(tmp_path) -> Path:
    judged = judgement("people", "others", *[(0.9,) * 3] * 4)
    save_model(network(judgement=judged), tmp_path / "weights.pt")
    return tmp_path / "weights.pt"


@pytest.mark.parametrize("model", ["cnn2d", "cnn2d_lstm", "facs3d"])
def test_the_plain_values_are_those_that_pytorch_reads(model):
    facts, trained = read_facts(SHIPPED / f"{model}.pt"), load_model(SHIPPED / f"{model}.pt")
    assert facts["model"] == model
    assert tuple(facts["action_units"]) == trained.action_units
    assert tuple(facts["clip_shape"]) == trained.clip_shape
    assert facts["expected_input"] == trained.expected_input.as_plain()
    assert facts["judgement"]["threshold"] == trained.judgement.threshold


@pytest.mark.parametrize(
    ("section", "setting", "value", "message"),
    [
        ("registration", "centre", "eye_line", "with centre 'landmarks', the config says 'eye_li"),
        ("sampling", "image_size", 32, "faces of 24 px, the config says 32; set sampling.image_"),
        ("dataset", "action_units", [1], r"AUs \[1, 6, 12\], the config says \[1\]; set dat"),
    ],
)
def test_what_does_not_fit_the_config_is_refused(weights, section, setting, value, message):
    check_fits_config(weights, CONFIG)
    other = {**CONFIG, section: {**CONFIG[section], setting: value}}
    with pytest.raises(InputError, match=rf"predict: .*weights.pt: for .*{message}"):
        check_fits_config(weights, other)
    if section != "registration":
        check_fits_config(weights, other, named=True)


def test_a_file_says_how_large_the_faces_are_that_it_is_for(weights):
    assert side_of_faces(weights) == SIDE
    assert side_of_faces(SHIPPED / "cnn2d.pt") == 80


class Touch:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


def test_none_of_its_code_is_run(tmp_path):
    content = io.BytesIO()
    pickle.dump({"model": Touch(tmp_path / "touched")}, content)
    with zipfile.ZipFile(tmp_path / "a.pt", "w") as archive:
        archive.writestr("archive/data.pkl", content.getvalue())
    assert read_facts(tmp_path / "a.pt") == {"model": {}}
    assert not (tmp_path / "touched").exists()
    with pytest.raises(InputError, match=r"a.pt: not a weights file of this version \(KeyError"):
        check_fits_config(tmp_path / "a.pt", CONFIG)


def test_what_is_no_weights_file_is_refused(weights, tmp_path):
    whole = weights.read_bytes()
    place = whole.index(b"data.pkl") + 200
    turned = whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :]
    empty = io.BytesIO()
    zipfile.ZipFile(empty, "w").close()
    for content in (b"", b"<html>", whole[:900], turned, empty.getvalue()):
        weights.write_bytes(content)
        with pytest.raises(InputError, match=r"weights.pt: not a file of weights or damaged \("):
            check_fits_config(weights, CONFIG)
    with pytest.raises(InputError, match=r"none.pt: No such file"):
        read_facts(tmp_path / "none.pt")

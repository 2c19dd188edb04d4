"""What is said of networks before faces are registered for them."""

import json

import pytest

from facs3d.core.provenance import file_digest
from facs3d.training.weights import save_model
from tests.support.predictions import AUS, SETTINGS, SIDE, network
from tests.support.scripts import run_script


def check(folder, *more, centre=SETTINGS.centre, side=SIDE):
    options = ("--centre", centre, "--clip-image-size", side, "--output", "networks.json")
    return run_script("check_networks", "--weights", "weights.pt", *options, *more, folder=folder)


def test_what_was_looked_at_is_written(tmp_path):
    save_model(network(), tmp_path / "weights.pt")
    done = check(tmp_path, "--action-units", *AUS)
    assert done.returncode == 0, done.stderr
    written = json.loads((tmp_path / "networks.json").read_text())
    assert written == {"weights": {"weights.pt": file_digest(tmp_path / "weights.pt")}}


@pytest.mark.parametrize(
    ("options", "faces", "message"),
    [
        ((), {"centre": "eye_line"}, "config: registered with centre 'eye_line', the network exp"),
        ((), {"side": 32}, "config: faces of 32 px, the network expects 24; set sampling.image_s"),
        (("--action-units", 1), {}, "the network is for AUs [1, 6, 12], asked for are [1]; set "),
    ],
)
def test_what_does_not_fit_the_config_is_refused(tmp_path, options, faces, message):
    save_model(network(), tmp_path / "weights.pt")
    done = check(tmp_path, *options, **faces)
    assert done.returncode == 1
    assert done.stderr.startswith(f"error: {message}")
    assert not (tmp_path / "networks.json").exists()


def test_a_file_that_is_no_network_is_refused(tmp_path):
    (tmp_path / "weights.pt").write_text("<html>")
    done = check(tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith("error: weights.pt: not a file of weights or damaged")

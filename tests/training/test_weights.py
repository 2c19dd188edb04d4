"""Weights files: the same bytes, and what is no such file is refused."""

import os
import pickle

import numpy as np
import pytest
import torch

from facs3d.core.errors import InputError
from facs3d.evaluation.occlusion.sensitivity import OcclusionSettings, measure_sensitivity
from facs3d.preprocessing.clips import open_clips
from facs3d.training.inference import predict
from facs3d.training.models import build_model
from facs3d.training.weights import TrainedModel, load_model, save_model
from tests.support.trainings import ARCHITECTURE, new_model, same_weights


def test_the_same_model_gives_the_same_bytes_under_any_name(clips, tmp_path):
    for file in ("one.pt", "two.pt"):
        save_model(
            TrainedModel("facs3d", ARCHITECTURE, (1, 4, 12), (4, 20, 20), new_model(clips)),
            tmp_path / file,
        )
    assert (tmp_path / "one.pt").read_bytes() == (tmp_path / "two.pt").read_bytes()
    loaded = load_model(tmp_path / "one.pt").network
    assert same_weights(loaded, new_model(clips))
    frames = loaded.as_input(torch.from_numpy(clips.frames[:2]))
    assert torch.equal(loaded(frames), new_model(clips).eval()(frames))


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_weights_that_are_no_numbers_are_refused(clips, tmp_path, value):
    """In any layer, also where batch normalisation keeps its variance."""
    path = tmp_path / "weights.pt"
    for layer in ("input_mean", list(new_model(clips).state_dict())[-1]):
        network = new_model(clips)
        network.state_dict()[layer].view(-1)[-1] = value
        save_model(TrainedModel("facs3d", ARCHITECTURE, (1, 4, 12), (4, 20, 20), network), path)
        with pytest.raises(InputError, match=rf"weights.pt: {layer} holds NaN, infinite values or"):
            load_model(path)


def test_a_turned_bit_in_the_weights_is_noticed(clips, tmp_path):
    path = tmp_path / "weights.pt"
    network = new_model(clips)
    save_model(TrainedModel("facs3d", ARCHITECTURE, (1, 4, 12), (4, 20, 20), network), path)
    content = bytearray(path.read_bytes())
    last = list(network.parameters())[-1].detach().numpy().tobytes()
    content[content.index(last)] ^= 1
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"weights.pt: damaged \(checksum of .*\); copy it again"):
        load_model(path)


def test_a_weights_file_that_the_system_refuses_is_not_called_damaged(tmp_path):
    with pytest.raises(IsADirectoryError):
        load_model(tmp_path)


def test_a_file_that_runs_code_is_refused(tmp_path):
    class Hostile:
        def __reduce__(self):
            return os.system, (f"touch {tmp_path / 'harm'}",)

    path = tmp_path / "weights.pt"
    torch.save({"model": "cnn2d", "weights": Hostile()}, path)
    with pytest.raises(InputError, match="it holds more than plain values and tensors") as refused:
        load_model(path)
    assert "weights_only" not in str(refused.value)
    path.write_bytes(pickle.dumps(Hostile(), protocol=2))
    with pytest.raises(InputError, match="not a file of weights"):
        load_model(path)
    assert not (tmp_path / "harm").exists()


def test_variances_below_zero_and_aus_that_are_none_are_refused(tmp_path):
    path = tmp_path / "weights.pt"
    network = build_model("facs3d", ARCHITECTURE, (4, 20, 20), 2, seed=0)
    save_model(TrainedModel("facs3d", ARCHITECTURE, (4, 1), (4, 20, 20), network), path)
    with pytest.raises(InputError, match=r"action_units \(4, 1\) are not ascending numbers"):
        load_model(path)
    name = next(name for name in network.state_dict() if name.endswith("running_var"))
    network.state_dict()[name][0] = -1
    save_model(TrainedModel("facs3d", ARCHITECTURE, (1, 4), (4, 20, 20), network), path)
    with pytest.raises(InputError, match=f"{name} holds NaN, infinite values or negative"):
        load_model(path)


def test_a_network_that_answers_with_no_number_predicts_and_measures_nothing(data, tmp_path):
    clips = open_clips(data[0])
    network = build_model("cnn2d", ARCHITECTURE, clips.frame_shape, len(clips.action_units), seed=0)
    with torch.no_grad():
        next(network.parameters()).fill_(3e38)
    with pytest.raises(InputError, match="answers a clip with NaN or infinite values"):
        predict(network, clips, np.array([0]))
    settings = OcclusionSettings(patch=8, stride=8)
    with pytest.raises(InputError, match="answers a clip with NaN or infinite values"):
        measure_sensitivity(network.eval(), clips, np.array([0]), settings, tmp_path / "state")


def test_other_files_are_no_weights(tmp_path):
    path = tmp_path / "weights.pt"
    for content in (b"", b"frame_number,AU01\n", b"PK\x03\x04broken"):
        path.write_bytes(content)
        with pytest.raises(InputError, match="not a file of weights"):
            load_model(path)
    torch.save({"model": "cnn2d"}, path)
    with pytest.raises(InputError, match="not a weights file of this version"):
        load_model(path)
    other = {"model": "cnn2d", "architecture": vars(ARCHITECTURE), "action_units": [1]}
    weights = build_model("cnn2d", ARCHITECTURE, (4, 20, 20), 1, seed=0).state_dict()
    torch.save({**other, "clip_shape": [4, 20, 20], "weights": weights}, path)
    with pytest.raises(
        InputError, match=r"not a weights file of this version \('expected_input'\)"
    ):
        load_model(path)
    torch.save([1], path)
    with pytest.raises(InputError, match="holds a list"):
        load_model(path)

"""An interrupted occlusion run goes on after its last finished clip, unless it differs."""

import json

import numpy as np
import pytest

from facs3d.evaluation.occlusion import sensitivity as occlusion
from facs3d.evaluation.occlusion.maps import read_occlusion
from facs3d.evaluation.occlusion.sensitivity import (
    BY_AU,
    OcclusionSettings,
    measure_sensitivity,
    occlude,
)
from facs3d.evaluation.occlusion.state import Counts, OcclusionState
from facs3d.evaluation.runs import Run
from facs3d.preprocessing.clips import open_clips
from facs3d.training.models import Architecture, build_model
from facs3d.training.weights import TrainedModel
from tests.support.random_clips import write_random_clips

SETTINGS = OcclusionSettings(patch=5, stride=5, device="cpu")
ARCHITECTURE = Architecture(channels=(3, 4), features=5, padding="same", pool_padding=1)


class Interrupted(Exception):
    pass


@pytest.fixture
def clips(tmp_path):
    return open_clips(write_random_clips(tmp_path)[0])


def model(seed: int = 1):
    return build_model("facs3d", ARCHITECTURE, (4, 20, 20), 3, seed).eval()


def prepared_clips(monkeypatch, stop_at: int | None = None) -> list:
    """Clips that engines get from now on; at the clip numbered ``stop_at`` the run breaks off."""
    prepared = []
    prepare = occlusion.IncrementalEngine.prepare

    def count(engine, clip):
        if len(prepared) == stop_at:
            raise Interrupted
        prepared.append(clip)
        prepare(engine, clip)

    monkeypatch.setattr(occlusion.IncrementalEngine, "prepare", count)
    return prepared


def test_it_goes_on_after_the_last_finished_clip_and_gives_the_same(clips, tmp_path, monkeypatch):
    indices, state = np.arange(len(clips)), tmp_path / "state.npz"
    expected = measure_sensitivity(model(), clips, indices, SETTINGS, tmp_path / "other.npz")
    with monkeypatch.context() as patched:
        prepared_clips(patched, stop_at=5)
        with pytest.raises(Interrupted):
            measure_sensitivity(model(), clips, indices, SETTINGS, state)
    prepared = prepared_clips(monkeypatch)
    found = measure_sensitivity(model(), clips, indices, SETTINGS, state)
    assert len(prepared) == len(clips) - 5
    for name in BY_AU:
        np.testing.assert_array_equal(getattr(found, name), getattr(expected, name))


@pytest.mark.parametrize("other", ["", "disfa"])
def test_a_file_is_whole_or_not_there_and_what_was_counted_waits_beside_it(
    clips, tmp_path, monkeypatch, other
):
    trained = TrainedModel("facs3d", ARCHITECTURE, (1, 4, 12), (4, 20, 20), model())
    indices, path, whole = np.arange(len(clips)), tmp_path / "a.h5", tmp_path / "whole.h5"
    occlude(trained, clips, indices, Run("facs3d", 1, 1), SETTINGS, whole, other)
    with monkeypatch.context() as patched:
        prepared_clips(patched, stop_at=3)
        with pytest.raises(Interrupted):
            occlude(trained, clips, indices, Run("facs3d", 1, 1), SETTINGS, path, other)
    assert {file.name for file in tmp_path.glob("a.*")} == {"a.unfinished.npz"}
    prepared = prepared_clips(monkeypatch)
    occlude(trained, clips, indices, Run("facs3d", 1, 1), SETTINGS, path, other)
    assert len(prepared) == len(clips) - 3
    assert {file.name for file in tmp_path.glob("a.*")} == {"a.h5"}
    found, expected = read_occlusion(path), read_occlusion(whole)
    np.testing.assert_array_equal(found.score, expected.score)
    assert found.other_dataset == other


@pytest.mark.parametrize("change", ["settings", "weights", "clips"])
def test_another_run_starts_anew_and_says_why(clips, tmp_path, monkeypatch, capsys, change):
    state, indices = tmp_path / "state.npz", np.arange(4)
    with monkeypatch.context() as patched:
        prepared_clips(patched, stop_at=2)
        with pytest.raises(Interrupted):
            measure_sensitivity(model(), clips, indices, SETTINGS, state)
    settings = OcclusionSettings(patch=6, stride=5) if change == "settings" else SETTINGS
    network = model(seed=2) if change == "weights" else model()
    indices = indices[::-1] if change == "clips" else indices
    prepared = prepared_clips(monkeypatch)
    measure_sensitivity(network, clips, indices, settings, state)
    assert len(prepared) == 4
    named = {"settings": "patch is 5 there, 6 here"}.get(change, f"{change} is '")
    assert f"is of another run: {named}" in capsys.readouterr().err


def test_a_state_of_other_code_says_so_whatever_it_holds(tmp_path, capsys):
    path = tmp_path / "state.npz"
    np.savez(path, identity=json.dumps({"code": "earlier"}), occluded=np.zeros((2, 3)))
    assert OcclusionState(path, {"code": "now"}).restore() is None
    assert "is of another run: code is 'earlier' there" in capsys.readouterr().err


def test_a_damaged_state_is_refused(tmp_path, capsys):
    path = tmp_path / "state.npz"
    state = OcclusionState(path, {"patch": 15})
    assert state.restore() is None
    counts = Counts.none(n_aus=2, n_places=3)
    counts.n_clips = 7
    state.save(counts)
    assert state.restore().n_clips == 7
    for content in (b"", path.read_bytes()[:100], b"text"):
        path.write_bytes(content)
        assert state.restore() is None
        assert "it cannot be read" in capsys.readouterr().err

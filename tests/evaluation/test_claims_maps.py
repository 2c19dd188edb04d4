"""What claims take from occlusion maps whose place is known."""

from dataclasses import replace

import numpy as np
import pytest

from facs3d.core.errors import InputError
from facs3d.evaluation.claims.evidence import Lacking, maps_of_networks
from facs3d.evaluation.occlusion.au_regions import region_mask
from facs3d.evaluation.occlusion.maps import Occlusion
from facs3d.evaluation.runs import Run
from facs3d.preprocessing.alignment import RegistrationSettings
from tests.support.occlusions import occlusion_with

AUS = (1, 6, 10)
SIDE, PATCH = 100, 7
REGISTRATION = RegistrationSettings(centre="eye_line")


def occlusion_of(at: tuple[int, ...], fold: int = 1, model: str = "facs3d") -> Occlusion:
    """AU by AU, accuracy falls in the region of the AU in ``at``, and nowhere else."""
    edges = np.arange(0, SIDE - PATCH + 1)
    middle = edges + (PATCH - 1) // 2
    accuracy = np.full((len(AUS), len(edges), len(edges)), 0.9)
    for row, au in enumerate(at):
        accuracy[row][region_mask(au, REGISTRATION, SIDE)[np.ix_(middle, middle)]] = 0.5
    return occlusion_with(accuracy, edges, PATCH, SIDE, AUS, run=Run(model, 1, fold))


def test_maxima_and_emphasis_are_of_each_network_by_hand():
    maps = maps_of_networks(
        [occlusion_of((1, 6, 10)), occlusion_of((10, 10, 10), 2)], REGISTRATION, 50
    )
    assert maps.maximum_inside.tolist() == [[1, 1, 1], [0, 0, 1]]
    # All of a map in one region: there its share is 1, and elsewhere the overlap's.
    rim = (PATCH - 1) // 2
    inner = region_mask(10, REGISTRATION, SIDE)[rim:-rim, rim:-rim]
    assert maps.emphasis_on(6, 10)[1] == pytest.approx(1 / inner.mean())
    overlap = inner & region_mask(6, REGISTRATION, SIDE)[rim:-rim, rim:-rim]
    of_cheek = region_mask(6, REGISTRATION, SIDE)[rim:-rim, rim:-rim].mean()
    assert maps.emphasis_on(6, 6)[1] == pytest.approx(overlap.sum() / inner.sum() / of_cheek)
    assert maps.emphasis_on(6, 10)[0] < 1
    assert maps.without == ()


def test_an_au_recognised_too_rarely_or_whose_accuracy_falls_nowhere_has_no_map():
    full = occlusion_of((1, 6, 10))
    accuracy = full.score.copy()
    accuracy[1] = 0.9
    rare = replace(full, score=accuracy, n_recognised=np.array([20, 500, 500]))
    maps = maps_of_networks([rare], REGISTRATION, 50)
    assert maps.without == (1, 6)
    assert maps.inside().tolist() == [[False, False, True], [True, True, True]]
    with pytest.raises(Lacking, match="no map of AU 6"):
        maps.emphasis_on(6, 10)


def test_other_models_maps_are_no_evidence():
    other = occlusion_of((1, 6, 10), model="cnn2d")
    both = maps_of_networks([other, occlusion_of((10, 10, 10))], REGISTRATION, 50)
    assert both.maximum_inside.tolist() == [[0, 0, 1]]
    alone = maps_of_networks([other], REGISTRATION, 50)
    with pytest.raises(Lacking, match="no occlusion maps of facs3d"):
        alone.inside()
    assert alone.without == ()


def test_networks_of_different_aus_are_named():
    other = replace(occlusion_of((1, 6, 10)), action_units=(1, 6, 12))
    with pytest.raises(InputError, match="occlusion maps of different AUs"):
        maps_of_networks([occlusion_of((1, 6, 10)), other], REGISTRATION, 50)

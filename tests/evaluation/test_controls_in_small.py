"""The controls in small: networks trained on painted faces, of which the truth is known."""

from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from facs3d.core.action_units import PAPER_AUS
from facs3d.datasets.folds import split_folds
from facs3d.evaluation.controls import (
    MODELS,
    Measured,
    company_shares,
    false_positives,
    judge_company,
    judge_dynamics,
    judge_null,
    judge_regions,
    judge_statics,
)
from facs3d.evaluation.metrics import metrics_of_runs
from facs3d.evaluation.occlusion.maps import ACCURACY, MEASURES, Occlusion, read_occlusion
from facs3d.evaluation.occlusion.sensitivity import OcclusionSettings, occlude
from facs3d.evaluation.runs import Run
from facs3d.preprocessing.clips import open_clips
from facs3d.training.batches import load_training_clips, split_clips
from facs3d.training.checkpoint import Checkpoint
from facs3d.training.inference import predict
from facs3d.training.loop import train
from facs3d.training.models import ActionUnitModel, Architecture, build_model
from facs3d.training.predictions import Predictions
from facs3d.training.settings import TrainingSettings
from facs3d.training.weights import TrainedModel
from tests.support.painted_faces import REGISTRATION, write_painted_faces

pytestmark = pytest.mark.slow

CONTROLLED = (1, 2, 4, 15, 17, 23, 24)
ARCHITECTURE = Architecture(
    channels=(8, 8, 8), features=32, padding="same", pool_padding=1, dropout=0.0
)
TRAINING = TrainingSettings(
    epochs=14,
    batch_clips=6,
    optimizer="adam",
    learning_rate=0.008,
    schedule="one_cycle",
    device="cpu",
)
LONG = replace(TRAINING, epochs=40, batch_clips=10)
"""What change tells is learnt later than what a still does."""
OCCLUSION = OcclusionSettings(patch=3, stride=1, device="cpu", max_clips=20)


class Examined:
    """Networks trained on painted faces and applied to those held out, ``n_repeats`` times: of
    other splits, or of one (``seeds_per_split``)."""

    def __init__(
        self,
        folder: Path,
        training: TrainingSettings,
        n_folds: int,
        n_repeats: int,
        seeds_per_split: int = 1,
        models: tuple[str, ...] = MODELS,
        **painted: Any,
    ) -> None:
        self.folder = folder
        self.clips = open_clips(write_painted_faces(folder / "clips.h5", **painted))
        self.runs: dict[Run, Predictions] = {}
        self.networks: dict[Run, tuple[ActionUnitModel, np.ndarray]] = {}
        for repeat, model, fold in product(range(n_repeats), models, range(n_folds)):
            split = split_folds(set(self.clips.subject), n_folds, 1 + repeat // seeds_per_split)
            self._examine(Run(model, repeat + 1, fold + 1), split, training, 10 * repeat + fold)

    def _examine(
        self, run: Run, folds: dict[str, int], settings: TrainingSettings, seed: int
    ) -> None:
        training, test = split_clips(self.clips, folds, run.fold)
        network = build_model(run.model, ARCHITECTURE, self.clips.frame_shape, len(PAPER_AUS), seed)
        checkpoint = Checkpoint(self.folder / "checkpoint.pt", {"run": str(run)})
        train(network, load_training_clips(self.clips, training), settings, seed, checkpoint)
        checkpoint.remove()
        self.runs[run] = predict(network, self.clips, test)
        self.networks[run] = network, test

    def measured(self) -> Measured:
        return Measured(*(metrics_of_runs(self.runs, unit, 0.5) for unit in ("fold", "subject")))

    def maps(self, measure: str) -> list[Occlusion]:
        """Of FACS3D-Net in each fold of the first repeat."""
        runs = [run for run in self.runs if run.model == "facs3d" and run.repeat == 1]
        return [read_occlusion(self._occluded(run), measure) for run in runs]

    def _occluded(self, run: Run) -> Path:
        path = self.folder / f"{run.fold}.h5"
        if not path.exists():
            network, test = self.networks[run]
            shape = self.clips.frame_shape
            trained = TrainedModel(run.model, ARCHITECTURE, PAPER_AUS, shape, network)
            occlude(trained, self.clips, test, run, OCCLUSION, path)
        return path


@pytest.fixture(scope="module")
def statics(tmp_path_factory) -> Examined:
    folder = tmp_path_factory.mktemp("statics")
    return Examined(folder, TRAINING, 5, 2, seeds_per_split=2, n_subjects=150, side=40)


@pytest.fixture(scope="module")
def dynamics(tmp_path_factory) -> Examined:
    folder = tmp_path_factory.mktemp("dynamics")
    painted = {"n_subjects": 400, "side": 20, "controlled": CONTROLLED, "rest": 2.5}
    return Examined(folder, LONG, 5, 2, **painted)


@pytest.fixture(scope="module")
def regions(tmp_path_factory) -> Examined:
    folder = tmp_path_factory.mktemp("regions")
    painted = {"n_subjects": 150, "side": 40, "together": False}
    return Examined(folder, TRAINING, 3, 1, models=("facs3d",), **painted)


def came_out(rows: list[dict]) -> list[str]:
    return [row["came_out"] for row in rows]


def test_where_only_change_tells_facs3d_is_better_and_there(dynamics):
    rows = judge_dynamics({2.5: dynamics.measured()}, *MODELS, CONTROLLED)
    assert came_out(rows) == ["yes", "yes"]


def test_where_a_still_tells_it_is_not(statics):
    by_fold = statics.measured().by_fold
    learnt = by_fold[by_fold["metric"] == "AUC"].groupby("model")["value"].mean()
    assert (learnt > 0.8).all(), "networks that learn nothing do not differ either"
    assert came_out(judge_statics(statics.measured(), *MODELS)) == ["yes"]


def test_a_model_does_not_differ_from_itself(statics):
    assert came_out(judge_null(false_positives(statics.measured(), 2)))[0] == "yes"


@pytest.mark.parametrize("measure", MEASURES)
def test_maps_of_independent_aus_have_their_maxima_in_the_aus_regions(regions, measure):
    assert came_out(judge_regions(regions.maps(measure), REGISTRATION, 5)) == ["yes"]


def test_company_draws_the_papers_maps_into_the_neighbours_region(statics, regions):
    shares = company_shares(statics.maps(ACCURACY), regions.maps(ACCURACY), REGISTRATION, 5)
    assert came_out(judge_company(shares)) == ["yes", "yes"]

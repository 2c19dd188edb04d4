"""Results of a run, to draw figures of."""

from pathlib import Path

import pytest

from facs3d.evaluation.metrics import metrics_of_runs
from facs3d.evaluation.runs import read_runs
from facs3d.evaluation.tables import write_table
from facs3d.preprocessing.tracking import TrackedFrame
from tests.support.fake_results import (
    MODELS,
    write_clips,
    write_occlusion,
    write_results,
    write_tracking,
)


@pytest.fixture(scope="session")
def results(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("results")
    write_results(folder)
    write_clips(folder / "clips.h5")
    write_occlusion(folder / "fold1.h5")
    paths = sorted(folder.glob("models/*/*/*/predictions.csv"))
    write_table(metrics_of_runs(read_runs(paths), "fold", 0.5), folder / "metrics_by_fold.csv")
    rows = [TrackedFrame(f, True, "", 9.0, 9.0, 70.0, 9.0 + f % 3, 61.0) for f in range(30)]
    write_tracking(folder / "tracking" / "F001_T1.csv", rows)
    return folder


@pytest.fixture(scope="session")
def runs(results):
    return read_runs(
        results / "models" / model / "repeat1" / f"fold{fold}" / "predictions.csv"
        for model in MODELS
        for fold in (1, 2, 3)
    )

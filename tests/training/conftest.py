"""Random clips to train on."""

from pathlib import Path

import numpy as np
import pytest

from facs3d.preprocessing.clips import open_clips
from facs3d.training.batches import TrainingClips, load_training_clips
from tests.support.random_clips import write_random_clips


@pytest.fixture(scope="session")
def data(tmp_path_factory) -> tuple[Path, Path]:
    """clips.h5 and folds.csv."""
    return write_random_clips(tmp_path_factory.mktemp("data"))


@pytest.fixture
def clips(data) -> TrainingClips:
    """All of them, for training."""
    everything = open_clips(data[0])
    return load_training_clips(everything, np.arange(len(everything)))

"""Trainings of seconds on random clips: their settings, networks and command line."""

from dataclasses import replace
from pathlib import Path

import torch

from facs3d.training.batches import TrainingClips
from facs3d.training.checkpoint import Checkpoint
from facs3d.training.loop import train
from facs3d.training.models import ActionUnitModel, Architecture, build_model
from facs3d.training.settings import TrainingSettings
from tests.support.flags import flags_of

ARCHITECTURE = Architecture(
    channels=(4, 6), features=8, lstm_units=5, padding="same", pool_padding=1, dropout=0.2
)
SETTINGS = TrainingSettings(
    epochs=3,
    batch_clips=3,
    optimizer="adam",
    learning_rate=1e-2,
    schedule="one_cycle",
    device="cpu",
)
LONG = replace(SETTINGS, epochs=40)
"""Long enough to be interrupted."""
OUTPUTS = {
    "weights": "weights.pt",
    "history": "history.csv",
    "predictions": "predictions.csv",
    "provenance": "provenance.json",
}


def new_model(clips: TrainingClips, name: str = "facs3d", seed: int = 1) -> ActionUnitModel:
    return build_model(name, ARCHITECTURE, clips.frames.shape[1:], len(clips.action_units), seed)


def run_training(
    model: ActionUnitModel,
    clips: TrainingClips,
    settings: TrainingSettings,
    folder: Path,
    **identity: object,
) -> list[dict[str, float]]:
    return train(model, clips, settings, 1, Checkpoint(folder / "checkpoint.pt", identity))


def train_options(
    data: tuple[Path, Path], folder: Path, training: TrainingSettings, **changes: object
) -> list[str]:
    """Arguments of train.py for fold 1 of clips and folds, with its outputs in ``folder``."""
    options = {
        "clips": data[0],
        "dataset": "some",
        "folds": data[1],
        "fold": 1,
        "model": "facs3d",
        "seed": 1,
        **{name: folder / file for name, file in OUTPUTS.items()},
        **changes,
    }
    pairs = [(f"--{name}", str(value)) for name, value in options.items()]
    return [
        *flags_of(ARCHITECTURE),
        *flags_of(training),
        *(text for pair in pairs for text in pair),
    ]


def same_weights(one: torch.nn.Module, other: torch.nn.Module) -> bool:
    states = one.state_dict(), other.state_dict()
    return all(torch.equal(states[0][name], states[1][name]) for name in states[0])

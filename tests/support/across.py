"""Made-up predictions of another dataset by the networks of :mod:`tests.support.fake_results`."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from facs3d.core.seeding import generator
from facs3d.training.predictions import Predictions, write_predictions
from tests.support.fake_results import AUS, MODELS, N_FOLDS

SUBJECTS = tuple(f"SN{number:03d}" for number in range(1, 6))
N_FRAMES = 40


def predictions_elsewhere(model: str, fold: int) -> Predictions:
    """Of five subjects, in whom AU 1 is rarer, AU 12 as good as guessed, and AU 24 is not coded."""
    label = (generator(8, "labels").random((len(SUBJECTS) * N_FRAMES, len(AUS))) < 0.15).astype(
        np.int8
    )
    label[:, 2] = -1
    noise = generator(9, model, fold).normal(size=label.shape)
    logits = np.array([1.0, 0.02, 1.0]) * (2.0 * (label == 1) - 1) + noise
    subject = np.repeat(SUBJECTS, N_FRAMES)
    return Predictions(
        video=np.char.add(subject, "_left"),
        subject=subject,
        frame_number=np.tile(np.arange(N_FRAMES), len(SUBJECTS)),
        probability=1 / (1 + np.exp(-logits)),
        label=label,
        action_units=AUS,
    )


def write_across(folder: Path, other: str = "disfa") -> list[Path]:
    """across/<other>/<model>/repeat1/fold<k>/predictions.csv of all models and folds."""
    written = []
    for model in MODELS:
        for fold in range(1, N_FOLDS + 1):
            path = folder / "across" / other / model / "repeat1" / f"fold{fold}" / "predictions.csv"
            write_predictions(predictions_elsewhere(model, fold), path)
            written.append(path)
    return written


def only(predictions: Predictions, subjects: set[str]) -> Predictions:
    """The rows of these subjects."""
    rows = np.isin(predictions.subject, sorted(subjects))
    names = ("video", "subject", "frame_number", "probability", "label")
    return replace(predictions, **{name: getattr(predictions, name)[rows] for name in names})

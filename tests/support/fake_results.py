"""Made-up results in the pipeline's file layout, for tests of tables and figures."""

import csv
from pathlib import Path

import h5py
import numpy as np
import pandas as pd

from facs3d.core.seeding import generator
from facs3d.datasets.folds import write_folds
from facs3d.preprocessing.clips import create_clips
from facs3d.preprocessing.expected_input import ExpectedInput
from facs3d.preprocessing.tracking import COLUMNS, TrackedFrame, UnusableVideo, cells
from facs3d.training.predictions import Predictions, write_predictions

AUS = (1, 12, 24)
MODELS = ("cnn2d", "cnn2d_lstm", "facs3d")
SKILL = {"cnn2d": 0.6, "cnn2d_lstm": 0.8, "facs3d": 1.4}
N_FOLDS = 3
SUBJECTS = tuple(f"F{number:03d}" for number in range(1, 10))
FOLDS = {subject: 1 + place % N_FOLDS for place, subject in enumerate(SUBJECTS)}
TASKS = ("T1", "T6")
N_FRAMES = 30
SIDE = 48
FRAME_NUMBER = np.arange(10, 10 + 2 * N_FRAMES, 2)


def truth(subject: str, task: str) -> np.ndarray:
    """(30, 3) int8: AU 1 and AU 12 come in one run each; AU 24 occurs in fold 1 only; the first
    two frames of a T6 are not coded."""
    random = generator(5, subject, task)
    labels = np.zeros((N_FRAMES, len(AUS)), np.int8)
    for column in (0, 1):
        start = int(random.integers(4, 14))
        labels[start : start + int(random.integers(5, 12)), column] = 1
    if FOLDS[subject] == 1:
        labels[20:25, 2] = 1
    if task == "T6":
        labels[:2] = -1
    return labels


def predictions_of(model: str, fold: int, repeat: int = 1) -> Predictions:
    """The model's held-out predictions of a fold; a model of more skill is right more often."""
    videos = [(s, t) for s in SUBJECTS for t in TASKS if FOLDS[s] == fold]
    labels = np.concatenate([truth(subject, task) for subject, task in videos])
    names = (model, fold) if repeat == 1 else (model, repeat, fold)
    noise = generator(6, *names).normal(size=labels.shape)
    logits = SKILL[model] * (2.0 * (labels == 1) - 1) + noise
    return Predictions(
        video=np.repeat([f"{subject}_{task}" for subject, task in videos], N_FRAMES),
        subject=np.repeat([subject for subject, _ in videos], N_FRAMES),
        frame_number=np.tile(FRAME_NUMBER, len(videos)),
        probability=1 / (1 + np.exp(-logits)),
        label=labels,
        action_units=AUS,
    )


def write_results(folder: Path) -> list[Path]:
    """folds.csv and, of each run, predictions.csv, which are returned, and history.csv."""
    write_folds(FOLDS, folder / "folds.csv")
    written = []
    for model in MODELS:
        for fold in range(1, N_FOLDS + 1):
            run = folder / "models" / model / "repeat1" / f"fold{fold}"
            write_predictions(predictions_of(model, fold), run / "predictions.csv")
            written.append(run / "predictions.csv")
            epoch = np.arange(1, 16)
            random = generator(7, model, fold)
            loss = 0.2 + np.exp(-SKILL[model] * epoch / 5) + 0.02 * random.normal(size=15)
            history = pd.DataFrame({"epoch": epoch, "loss": loss, "learning_rate": 1e-3})
            history.to_csv(run / "history.csv", index=False)
    return written


def face(side: int = SIDE) -> np.ndarray:
    """(side, side) uint8: an oval with two eyes on row 0.375 side, 0.4 side apart, and a mouth."""
    y, x = np.mgrid[:side, :side] / side
    image = np.where(((x - 0.5) / 0.42) ** 2 + ((y - 0.52) / 0.48) ** 2 < 1, 190, 60)
    for centre in (0.3, 0.7):
        image[((x - centre) / 0.09) ** 2 + ((y - 0.375) / 0.05) ** 2 < 1] = 40
    image[((x - 0.5) / 0.18) ** 2 + ((y - 0.75) / 0.04) ** 2 < 1] = 90
    return image.astype(np.uint8)


def write_clips(path: Path, faces: np.ndarray | None = None) -> Path:
    """clips.h5 of all subjects and tasks. ``faces`` (n, S, S) uint8: one per subject, in turn."""
    faces = face()[None] if faces is None else faces
    videos = [(subject, task) for subject in SUBJECTS for task in TASKS]
    with h5py.File(path, "w") as file:
        create_clips(file, len(videos), (N_FRAMES, *faces.shape[1:]), AUS, ExpectedInput())
        for row, (subject, task) in enumerate(videos):
            file["frames"][row] = faces[SUBJECTS.index(subject) % len(faces)]
            file["labels"][row] = truth(subject, task)
            file["frame_number"][row] = FRAME_NUMBER
            file["video"][row], file["subject"][row] = f"{subject}_{task}", subject
            file["task"][row] = task
    return path


def write_tracking(path: Path, rows: list[TrackedFrame | UnusableVideo]) -> Path:
    """tracking/<video>.csv of the rows given."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w", newline="") as file:
        table = csv.writer(file)
        table.writerow(COLUMNS)
        table.writerows(map(cells, rows))
    return path


def write_occlusion(
    path: Path,
    aus: tuple[int, ...] = AUS,
    mean_face: np.ndarray | None = None,
    n_positive: tuple[int, ...] = (900, 400, 3),
) -> Path:
    """A map whose accuracy falls about a place that moves down the face from AU to AU."""
    mean_face = face().astype(np.float32) if mean_face is None else mean_face
    side, patch, stride = mean_face.shape[0], 7, 3
    edges = np.arange(0, side - patch + 1, stride)
    centres = (edges + (patch - 1) / 2) / side
    with h5py.File(path, "w") as file:
        accuracy = np.empty((len(aus), len(edges), len(edges)), np.float32)
        baseline = np.linspace(0.9, 0.6, len(aus)).astype(np.float32)
        for row, place in enumerate(np.linspace(0.2, 0.85, len(aus))):
            distance = (centres[:, None] - place) ** 2 + (centres[None] - 0.5) ** 2
            ripple = 0.01 * np.sin(9 * centres)[:, None]
            accuracy[row] = baseline[row] - 0.3 * np.exp(-distance / 0.02) - ripple
        baseline[np.array(n_positive) == 0] = np.nan
        accuracy[np.array(n_positive) == 0] = np.nan
        file["accuracy"], file["baseline_accuracy"] = accuracy, baseline
        # Of the AUC: half as deep.
        file["auc"], file["baseline_auc"] = (1 + accuracy) / 2, (1 + baseline) / 2
        file["n_positive"] = np.array(n_positive, np.int64)
        file["n_negative"] = np.full(len(aus), 1000)
        file["y"] = file["x"] = edges
        file["mean_face"] = mean_face
        file.attrs.update(
            model="facs3d", repeat=1, fold=1, action_units=np.array(aus), patch=patch,
            stride=stride, image_size=side,
        )  # fmt: skip
    return path

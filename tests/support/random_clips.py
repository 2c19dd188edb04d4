"""Small clips files of random frames and labels."""

from dataclasses import asdict
from pathlib import Path

import h5py
import numpy as np

from facs3d.datasets.folds import write_folds
from facs3d.preprocessing.alignment import RegistrationSettings
from facs3d.preprocessing.clips import create_clips
from facs3d.preprocessing.expected_input import ExpectedInput

N_FOLDS = 2
TASKS = ("T1", "T2")
REGISTRATION = RegistrationSettings(image_size=20, inter_ocular_distance=8.0, eye_line_y=4.5)
EXPECTED_INPUT = ExpectedInput((1, 2), 20.0, asdict(REGISTRATION))


def write_random_clips(
    folder: Path,
    n_subjects: int = 4,
    clip_shape: tuple[int, int, int] = (4, 20, 20),
    action_units: tuple[int, ...] = (1, 4, 12),
    seed: int = 0,
    expected_input: ExpectedInput = EXPECTED_INPUT,
) -> tuple[Path, Path]:
    """Write clips.h5 (two tasks per subject; labels 1, 0 and -1) and folds.csv (two folds)."""
    random = np.random.default_rng(seed)
    subjects = [f"F{number:03d}" for number in range(1, n_subjects + 1)]
    names = [(subject, task) for subject in subjects for task in TASKS]
    clips, folds = folder / "clips.h5", folder / "folds.csv"
    with h5py.File(clips, "w") as file:
        create_clips(file, len(names), clip_shape, action_units, expected_input)
        file["frames"][...] = random.integers(0, 256, file["frames"].shape, np.uint8)
        file["labels"][...] = random.choice([1, 0, -1], file["labels"].shape, p=[0.4, 0.5, 0.1])
        steps = random.integers(2, 4, file["frame_number"].shape)
        file["frame_number"][...] = steps.cumsum(axis=1)
        file["subject"][...] = [subject for subject, _ in names]
        file["task"][...] = [task for _, task in names]
        file["video"][...] = [f"{subject}_{task}" for subject, task in names]
    write_folds({subject: 1 + place % N_FOLDS for place, subject in enumerate(subjects)}, folds)
    return clips, folds

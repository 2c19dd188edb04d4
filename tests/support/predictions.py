"""Small networks and the faces of a made-up video to predict, film."""

import json
from dataclasses import asdict, replace

import numpy as np
import torch

from facs3d.prediction.faces import open_faces, write_face_file
from facs3d.prediction.predict import predict_video
from facs3d.preprocessing.alignment import RegistrationSettings
from facs3d.preprocessing.expected_input import ExpectedInput
from facs3d.preprocessing.tracking import TrackedFrame
from facs3d.training.models import Architecture, build_model
from facs3d.training.weights import TrainedModel
from tests.support.scripts import run_script

LENGTH, SIDE = 8, 24
AUS = (1, 6, 12)
SETTINGS = RegistrationSettings()
EXPECTED_INPUT = ExpectedInput((1,), 25.0, asdict(SETTINGS))
ARCHITECTURE = Architecture(
    channels=(2, 3, 3), features=4, lstm_units=3, padding="same", pool_padding=1
)


def network(name="facs3d", seed=1, **changes) -> TrainedModel:
    built = build_model(name, ARCHITECTURE, (LENGTH, SIDE, SIDE), len(AUS), seed).eval()
    built.input_mean.fill_(0.4)
    with torch.no_grad():
        # A fresh network says 0.5 of everything.
        for parameter in built.parameters():
            parameter.mul_(3)
    trained = TrainedModel(name, ARCHITECTURE, AUS, (LENGTH, SIDE, SIDE), built, EXPECTED_INPUT)
    return replace(trained, **changes)


def write_faces(folder, n_frames, lost=(), rate=25.0, settings=SETTINGS, side=SIDE):
    """A face file of random faces; returns its path and the tracking table's."""
    images = np.random.default_rng(n_frames).integers(0, 256, (n_frames, side, side), np.uint8)
    seen = {"confidence": 0.9, "yaw": 1.0, "right_eye_x": 60.0}
    rows = (
        (TrackedFrame(n, False, "no face"), n / rate, None)
        if n in lost
        else (
            TrackedFrame(n, True, person=1 + n // 20, note="two" if n % 2 else "", **seen),
            n / rate,
            images[n],
        )
        for n in range(n_frames)
    )
    attributes = {"video": "film.mp4", "registration": json.dumps(asdict(settings))}
    paths = folder / "film.faces.h5", folder / "film.tracking.csv"
    write_face_file(rows, side, attributes, rate, *paths)
    return paths


def predicted(path, models, threshold=0.5):
    with open_faces(path) as faces:
        return predict_video(models, faces, threshold)


def run_predict_aus(folder, *options):
    """The script on film.faces.h5, film.tracking.csv and weights.pt in ``folder``."""
    files = ["--faces", folder / "film.faces.h5", "--tracking", folder / "film.tracking.csv"]
    files += ["--weights", folder / "weights.pt"]
    files += ["--output", folder / "film.aus.csv", "--provenance", folder / "film.aus.json"]
    return run_script("predict_aus", *files, *options)

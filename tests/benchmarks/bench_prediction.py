"""Speed of `predict` on one core: ``python -m tests.benchmarks.bench_prediction``."""

import json
import tempfile
import time
from contextlib import redirect_stderr
from dataclasses import asdict
from os import devnull
from pathlib import Path

import cv2
import numpy as np
import torch

from facs3d.core.action_units import PAPER_AUS
from facs3d.prediction.faces import open_faces, write_face_file
from facs3d.prediction.predict import predict_video
from facs3d.prediction.registration import register_every_frame
from facs3d.preprocessing.alignment import RegistrationSettings
from facs3d.preprocessing.landmarks import FaceLandmarker
from facs3d.training.inference import clip_probability
from facs3d.training.models import Architecture, build_model
from facs3d.training.weights import ExpectedInput, TrainedModel
from facs3d.video.frames import read_frames
from tests.benchmarks.bench_registration import write_swaying_face
from tests.benchmarks.comparison import Comparison, time_in_turns

N_FRAMES = 160
REGISTRATION = RegistrationSettings(centre="eye_line")
SIDE, LENGTH = 80, 16


def compare() -> Comparison:
    """Everything from a video's file to its probabilities, against FaceMesh on the same decoded
    frames and one pass of the network for each: the price of following a person, judging the
    picture, keeping faces and seeing every frame in two clips."""
    cv2.setNumThreads(1)
    with tempfile.TemporaryDirectory() as folder:
        video, work = Path(folder) / "video.mp4", Path(folder)
        write_swaying_face(video, N_FRAMES)
        model = small_model()
        images = [image for _number, image in read_frames(video)]
        clip = np.zeros((LENGTH, SIDE, SIDE), np.uint8)

        def predict() -> int:
            register(video, work)
            apply(model, work)
            return N_FRAMES

        def bare() -> int:
            with FaceLandmarker() as landmarker:
                for image in images:
                    landmarker.detect(image)
            for _ in range(N_FRAMES // LENGTH):
                clip_probability(model.network, clip)
            return N_FRAMES

        with open(devnull, "w") as nowhere, redirect_stderr(nowhere):
            ours, theirs = time_in_turns(predict, bare, torch.device("cpu"))
    against = "FaceMesh and a forward pass"
    return Comparison(
        "predict", f"{N_FRAMES} frames, 640×480", against, theirs / ours, ours, theirs, "cpu"
    )


def small_model() -> TrainedModel:
    """FACS3D-Net of the size of the repository's weights."""
    architecture = Architecture((16, 32, 32), 64, padding="same", pool_padding=1)
    shape = (LENGTH, SIDE, SIDE)
    network = build_model("facs3d", architecture, shape, len(PAPER_AUS), seed=1).eval()
    network.standardise = True
    expected = ExpectedInput((1,), 6.0, asdict(REGISTRATION))
    return TrainedModel("facs3d", architecture, PAPER_AUS, shape, network, expected)


def register(video: Path, folder: Path) -> None:
    attributes = {
        "video": str(video),
        "content": "",
        "remarks": "",
        "registration": json.dumps(asdict(REGISTRATION)),
    }
    frames = register_every_frame(video, REGISTRATION, SIDE, 25.0)
    write_face_file(frames, SIDE, attributes, 25.0, folder / "faces.h5", folder / "tracking.csv")


def apply(model: TrainedModel, folder: Path) -> None:
    with open_faces(folder / "faces.h5") as faces:
        predict_video([model], faces, 0.5)


def report() -> list[str]:
    """Frames per second of the parts of `predict`, each alone."""
    with tempfile.TemporaryDirectory() as name, open(devnull, "w") as nowhere:
        video, folder = Path(name) / "video.mp4", Path(name)
        write_swaying_face(video, N_FRAMES)
        model = small_model()
        parts = {
            "decoding": lambda: sum(1 for _ in read_frames(video)),
            "decoding and registration": lambda: register(video, folder),
            "the network": lambda: apply(model, folder),
        }
        lines = []
        for part, work in parts.items():
            started = time.process_time()
            with redirect_stderr(nowhere):
                work()
            lines.append(
                f"predict, {part}: {N_FRAMES / (time.process_time() - started):.0f} frames/s"
            )
    return lines


if __name__ == "__main__":
    print(compare(), *report(), sep="\n")

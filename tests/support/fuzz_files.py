"""Pictures, HDF5 and checked files for :mod:`tests.support.fuzzing` to attack."""

import zipfile
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import torch

from facs3d.evaluation.occlusion.maps import MEASURES, Occlusion, read_occlusion
from facs3d.evaluation.occlusion.state import Counts, OcclusionState
from facs3d.prediction.faces import open_faces, read_rows, write_face_file
from facs3d.preprocessing.clips import open_clips
from facs3d.preprocessing.tracking import TrackedFrame
from facs3d.training.checkpoint import Checkpoint, Progress
from facs3d.training.models import build_model
from facs3d.training.weights import TrainedModel, load_model, save_model
from facs3d.video.frames import read_frames
from tests.support.damaged_videos import write_moving
from tests.support.fake_results import write_occlusion
from tests.support.fuzzing import Target, damage_bytes, damage_text
from tests.support.judgements import judgement
from tests.support.random_clips import write_random_clips
from tests.support.trainings import ARCHITECTURE

CPU = torch.device("cpu")


def random() -> np.random.Generator:
    return np.random.default_rng(0)


# --- pictures and videos


def make_video(suffix: str, folder: Path) -> Path:
    return write_moving(folder / f"v{suffix}", "FFV1" if suffix == ".avi" else "mp4v", 8)


def picture(suffix: str) -> bytes:
    noise = random().integers(0, 256, (24, 32, 3), dtype=np.uint8)
    return cv2.imencode(suffix, noise)[1].tobytes()


def make_image(suffix: str, folder: Path) -> Path:
    path = folder / "images" / f"1{suffix}"
    path.parent.mkdir()
    path.write_bytes(picture(suffix))
    return path


def make_zip(folder: Path) -> Path:
    path = folder / "v.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(3):
            archive.writestr(f"T1/{number}.png", picture(".png"))
    return path


def read_pictures(path: Path) -> None:
    for _number, image in read_frames(path):
        assert image.dtype == np.uint8
        assert image.ndim == 3
        assert image.shape[2] == 3
        assert image.size


# --- HDF5


def read_clips(path: Path) -> None:
    clips = open_clips(path)
    n_frames, side, _side = clips.frame_shape
    chosen = range(min(len(clips), 20))
    assert clips.read_frames(chosen).shape == (len(chosen), n_frames, side, side)
    assert clips.labels.shape == (len(clips), n_frames, len(clips.action_units))
    assert clips.frame_number.shape == (len(clips), n_frames)


N_FRAMES = 12
"""Of the video of faces; every third frame has none."""


def make_faces(folder: Path) -> Path:
    images = random().integers(0, 256, (N_FRAMES, 20, 20), dtype=np.uint8)
    frames = (
        (TrackedFrame(number, number % 3 > 0), number / 25, image if number % 3 else None)
        for number, image in enumerate(images)
    )
    attributes = {"video": "film.mp4", "registration": "{}"}
    write_face_file(
        frames, 20, attributes, 25.0, folder / "film.faces.h5", folder / "film.tracking.csv"
    )
    return folder / "film.faces.h5"


def make_rows_of_faces(folder: Path) -> Path:
    return make_faces(folder).with_name("film.tracking.csv")


def read_both_of_faces(path: Path) -> None:
    with open_faces(path.with_name("film.faces.h5")) as faces:
        n_faces, n_frames = len(faces.frame), len(faces.seconds)
        assert faces.read(np.arange(n_faces)).shape == (n_faces, faces.side, faces.side)
        assert (np.diff(faces.frame) > 0).all()
        assert n_frames == len(faces.repaired)
        assert n_frames < 2 or faces.frames_per_second > 0
        assert isinstance(faces.registration, dict)
        rows = list(read_rows(path.with_name("film.tracking.csv"), faces))
        assert len(rows) == N_FRAMES
        assert {row["scope"] for row in rows} == {"frame"}


def make_occlusion(folder: Path) -> Path:
    return write_occlusion(folder / "occlusion.h5")


def read_map(path: Path) -> None:
    for measure in MEASURES:
        check_map(read_occlusion(path, measure))


def check_map(found: Occlusion) -> None:
    n_aus, side = len(found.action_units), len(found.mean_face)
    assert n_aus > 0
    assert found.score.shape == (n_aus, len(found.y), len(found.x))
    for by_au in (found.baseline, found.n_positive, found.n_recognised):
        assert by_au.shape == (n_aus,)
    assert found.mean_face.shape == (side, side)
    for share in (found.score, found.baseline):
        assert ((share >= 0) & (share <= 1) | np.isnan(share)).all()
    assert (found.n_positive >= 0).all()
    assert min(found.run.repeat, found.run.fold) > 0
    for edges in (found.y, found.x):
        assert (np.diff(edges) > 0).all()
        assert 0 <= edges[0] <= edges[-1] <= side - found.patch < side


# --- what unfinished work goes on from: of a checked file, the truth or nothing


def make_weights(folder: Path) -> Path:
    network = build_model("cnn2d", ARCHITECTURE, (4, 20, 20), 2, seed=1)
    path = folder / "weights.pt"
    numbers = (0.5, 0.5)
    of_others = judgement("people", "others", numbers, numbers, numbers, numbers)
    trained = TrainedModel("cnn2d", ARCHITECTURE, (1, 2), (4, 20, 20), network)
    save_model(replace(trained, judgement=of_others), path)
    return path


def read_weights(path: Path) -> None:
    trained = load_model(path)
    assert trained.action_units == (1, 2)
    assert trained.clip_shape == (4, 20, 20)
    assert trained.judgement is None or len(trained.judgement.grades) == 2


PROGRESS = Progress([{"epoch": 1, "loss": 0.5}], [0.4, 0.3], 2.0, {"cpu": torch.get_rng_state()})


def checkpoint_of(folder: Path) -> Checkpoint:
    return Checkpoint(folder / "checkpoint.pt", {"seed": 1, "data": "ab"})


def network_of(seed: int) -> torch.nn.Module:
    return build_model("cnn2d", ARCHITECTURE, (4, 20, 20), 2, seed)


def make_checkpoint(folder: Path) -> Path:
    checkpoint = checkpoint_of(folder)
    checkpoint.save(PROGRESS, {"model": network_of(1)})
    return checkpoint.path


def read_checkpoint(path: Path) -> None:
    network = network_of(2)
    progress = checkpoint_of(path.parent).restore({"model": network}, CPU)
    expected = network_of(1 if progress.history else 2).state_dict()
    assert all(torch.equal(expected[name], values) for name, values in network.state_dict().items())
    if progress.history:
        assert torch.equal(progress.random_states.pop("cpu"), PROGRESS.random_states["cpu"])
        assert {**vars(progress), "random_states": 0} == {**vars(PROGRESS), "random_states": 0}
    else:
        assert progress == Progress()


COUNTS = Counts(np.arange(12).reshape(3, 4), np.arange(72).reshape(2, 3, 4, 3), 5)


def state_of(folder: Path) -> OcclusionState:
    return OcclusionState(folder / "state.npz", {"patch": 7, "weights": "ab"})


def make_state(folder: Path) -> Path:
    state = state_of(folder)
    state.save(COUNTS)
    return state.path


def read_state(path: Path) -> None:
    counts = state_of(path.parent).restore()
    if counts is not None:
        np.testing.assert_array_equal(counts.detected, COUNTS.detected)
        np.testing.assert_array_equal(counts.graded, COUNTS.graded)
        assert counts.n_clips == COUNTS.n_clips


def binary(
    make: Callable[[Path], Path], read: Callable[[Path], object], n_files: int = 300
) -> Target:
    return Target(make, read, damage_bytes, n_files)


TARGETS: dict[str, Target] = {
    **{
        f"video {suffix}": binary(partial(make_video, suffix), read_pictures, 60)
        for suffix in (".avi", ".mkv", ".mp4")
    },
    **{
        f"image {suffix}": binary(
            partial(make_image, suffix), lambda path: read_pictures(path.parent)
        )
        for suffix in (".png", ".jpg", ".bmp")
    },
    "zip": binary(make_zip, lambda path: read_pictures(path / "T1")),
    "clips": binary(lambda folder: write_random_clips(folder)[0], read_clips),
    "faces": binary(make_faces, read_both_of_faces),
    "rows of faces": Target(make_rows_of_faces, read_both_of_faces, damage_text, 300),
    "occlusion": binary(make_occlusion, read_map),
    "occlusion state": binary(make_state, read_state, 2000),
    "weights": binary(make_weights, read_weights),
    "checkpoint": binary(make_checkpoint, read_checkpoint),
}

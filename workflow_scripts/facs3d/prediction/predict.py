"""AUs of a new video by one trained network, or by the mean of several (the folds')."""

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

from facs3d.core.errors import InputError
from facs3d.core.progress import track
from facs3d.prediction.au_table import AuTable, write_au_table
from facs3d.prediction.baseline import resting_probability
from facs3d.prediction.cover import (
    choose_stride,
    cover,
    is_unlike,
    n_clips,
    place_weights,
    spacings,
)
from facs3d.prediction.faces import CONTAINER, FaceFile, read_rows
from facs3d.prediction.frame_times import NOTES as TIME_NOTES
from facs3d.prediction.judgements import (
    mean_judgement,
    on_real_faces,
    say_training,
    trained_on,
    warn_of_grades,
)
from facs3d.training.averaging import SAME_USE, check_same
from facs3d.training.inference import clip_probability
from facs3d.training.judgement import Judgement
from facs3d.training.weights import TrainedModel, load_model


class VideoPrediction(NamedTuple):
    """The ``table`` of a video, a note for each of its frames (empty: nothing to say), the
    ``stride`` in frames within a clip, and the networks' ``judgement`` (:func:`mean_judgement`)."""

    table: AuTable
    notes: list[str]
    stride: int
    judgement: Judgement | None


def load_judged(path: str | Path) -> tuple[TrainedModel, Judgement]:
    """Read a network and how it was judged; :class:`InputError` if it was not."""
    model = load_model(path)
    if model.judgement is None:
        raise InputError(f"{path}: not judged, so that it has no grades")
    return model, model.judgement


def load_models(
    paths: Sequence[str | Path], device: torch.device | str = "cpu"
) -> list[TrainedModel]:
    """Read networks whose probabilities can be averaged; :class:`InputError` where they differ in
    AUs, clips, the input they expect or whom they were trained on, as far as they are judged."""
    models = [load_model(path, device) for path in paths]
    by_path = dict(zip(map(Path, paths), models, strict=True))
    check_same(by_path, SAME_USE)
    for path, model in by_path.items():
        if trained_on(model) != trained_on(models[0]):
            raise InputError(
                f"{path}: {trained_on(model)}, but {paths[0]}: {trained_on(models[0])}; average "
                "networks that are judged alike, or of which none is"
            )
    return models


def check_fits(model: TrainedModel, faces: FaceFile, action_units: Sequence[int] | None) -> None:
    """Raise :class:`InputError` unless the network was trained on such faces and, if any are given,
    for these AUs."""
    if action_units and tuple(action_units) != model.action_units:
        raise InputError(
            f"the network is for AUs {list(model.action_units)}, asked for are "
            f"{list(action_units)}; set dataset.action_units to the network's, or train anew"
        )
    model.expected_input.check_registration(faces.registration, str(faces.path))
    if faces.side != model.clip_shape[1]:
        raise InputError(
            f"{faces.path}: faces of {faces.side} px, the network expects "
            f"{model.clip_shape[1]}; set sampling.image_size to that"
        )


def predict_video(
    models: Sequence[TrainedModel],
    faces: FaceFile,
    threshold: float,
    baseline: float | None = None,
) -> VideoPrediction:
    """Probabilities of every frame with a face, averaged over the clips it lies in (see
    :mod:`facs3d.prediction.cover`) and over the ``models``. Those of judged networks are
    calibrated, each network's by itself, and their thresholds take the place of ``threshold``.
    With a ``baseline`` in (0, 1) the table has the resting face's probabilities
    (:mod:`facs3d.prediction.baseline`); present is still what reaches the threshold without them.

    As in training, a clip steps from one frame with a face to another, over those without. Memory
    holds one clip, and a few numbers per frame.
    """
    expected_input, (length, *_) = models[0].expected_input, models[0].clip_shape
    n_frames, n_faces = len(faces.seconds), len(faces.frame)
    rate = faces.frames_per_second if n_frames > 1 else expected_input.frames_per_second
    stride = choose_stride(rate, expected_input)
    weights = place_weights(length)[:, np.newaxis]
    total = np.zeros((n_faces, len(models[0].action_units)))
    weight = np.zeros((n_faces, 1))
    clips = cover(n_faces, length, stride)
    for positions in track(clips, "predict", "clips", n_clips(n_faces, length, stride)):
        clip = faces.read(positions)
        mean = np.mean([_calibrated_probability(model, clip) for model in models], axis=0)
        np.add.at(total, positions, weights * mean)
        np.add.at(weight, positions, weights)
    probability = np.full((n_frames, total.shape[1]), np.nan)
    probability[faces.frame] = total / weight
    judgement = mean_judgement(models)
    # A comparison with NaN is false.
    present = probability >= (threshold if judgement is None else np.array(judgement.threshold))
    table = AuTable(models[0].action_units, faces.seconds, probability, present)
    if baseline is not None:
        table = replace(table, resting=resting_probability(probability, baseline))
    say_training(models, faces.video)
    _warn_of_rate(faces, rate, stride, models[0])
    if judgement is not None:
        table = replace(
            table,
            grades=judgement.grades,
            trained_on=judgement.trained_on,
            real_faces=on_real_faces(judgement, table.action_units),
        )
        warn_of_grades(judgement, table.action_units, faces.video)
    return VideoPrediction(table, _notes(faces, models[0], stride), stride, judgement)


def predict_to_table(
    models: Sequence[TrainedModel],
    faces: FaceFile,
    tracking: str | Path,
    threshold: float,
    path: str | Path,
    baseline: float | None = None,
) -> tuple[VideoPrediction, int]:
    """Predict a video and write its table to ``path``, ``tracking`` being the tracking table beside
    the faces; returns the prediction, and how many persons the faces may be of."""
    rows = read_rows(tracking, faces)
    prediction = predict_video(models, faces, threshold, baseline)
    return prediction, write_au_table(prediction.table, rows, prediction.notes, path)


def _calibrated_probability(model: TrainedModel, clip: np.ndarray) -> np.ndarray:
    probability = clip_probability(model.network, clip).astype(np.float64)
    return model.judgement.calibrated(probability) if model.judgement else probability


def _notes(faces: FaceFile, model: TrainedModel, stride: int) -> list[str]:
    """What differs from the training, frame by frame."""
    notes = [TIME_NOTES.get(mark, "") for mark in faces.repaired.tolist()]
    length, n_faces = model.clip_shape[0], len(faces.frame)
    least, most = model.expected_input.spacing
    gaps = spacings(faces.seconds[faces.frame], stride)
    unlike = is_unlike(gaps, model.expected_input)
    for position, frame in enumerate(faces.frame):
        parts = []
        if unlike[position]:
            parts.append(
                f"{gaps[position]:.2f} s apart in the clip (trained: {least:.2f}-{most:.2f})"
            )
        own = len(range(position % stride, n_faces, stride))
        if own < length:
            parts.append(f"clip of {length} filled from {own} frames by mirroring")
        notes[frame] = "; ".join(filter(None, (faces.remarks, notes[frame], *parts)))
    return notes


def _warn_of_rate(faces: FaceFile, rate: float, stride: int, model: TrainedModel) -> None:
    """Say on stderr which frames a clip takes, and what is unlike the training."""
    if len(faces.seconds) == 1:
        print(
            f"{faces.video}: a single image, which fills a clip; of what moves it says nothing",
            file=sys.stderr,
        )
        return
    expected = model.expected_input
    least, most = expected.spacing
    print(
        f"{faces.video}: {rate:.3g} frames/s, trained on {expected.frames_per_second:g}; frames of "
        f"a clip are {stride} or {stride / rate:.3f} s apart, trained on {least:.3f} to {most:.3f}",
        file=sys.stderr,
    )
    gaps = spacings(faces.seconds[faces.frame], stride)
    share = float(is_unlike(gaps, expected).mean()) if len(gaps) else 0.0
    if share > 0:
        print(
            f"warning: {share:.0%} of the frames are spaced unlike the network's training; "
            "the table's notes say which, trust them less",
            file=sys.stderr,
        )
    if faces.clock != CONTAINER:
        print(f"warning: {faces.video}: time is {faces.clock}", file=sys.stderr)

"""A trained network on the clips of another dataset than its own."""

from dataclasses import replace
from math import floor

import numpy as np

from facs3d.core.action_units import UNKNOWN
from facs3d.core.errors import InputError
from facs3d.prediction.cover import is_unlike
from facs3d.preprocessing.clips import ClipSet
from facs3d.preprocessing.expected_input import ExpectedInput
from facs3d.training.inference import predict
from facs3d.training.predictions import Predictions
from facs3d.training.weights import TrainedModel

REMEDY = "in the config of that dataset and make its clips anew"


def predict_other_dataset(trained: TrainedModel, clips: ClipSet) -> Predictions:
    """Probabilities of the network's AUs in every frame of the clips, one clip at a time.

    An AU of the network's that the clips lack is of unknown label in all of them, never absent; one
    that the network lacks is left out. Raises :class:`InputError` unless :func:`check_comparable`.
    """
    check_comparable(trained, clips)
    return predict(
        trained.network, labelled_for(clips, trained.action_units), np.arange(len(clips))
    )


def labelled_for(clips: ClipSet, action_units: tuple[int, ...]) -> ClipSet:
    """The same clips with labels of these AUs, unknown where the clips have none."""
    labels = np.full((*clips.labels.shape[:2], len(action_units)), UNKNOWN, np.int8)
    for column, au in enumerate(action_units):
        if au in clips.action_units:
            labels[:, :, column] = clips.labels[:, :, clips.action_units.index(au)]
    return replace(clips, labels=labels, action_units=action_units)


def check_comparable(trained: TrainedModel, clips: ClipSet) -> None:
    """Raise :class:`InputError` unless the clips came about as those the network was trained on:
    registration, sides, length, seconds between frames (within
    :data:`facs3d.prediction.cover.TOLERANCE`), and at least one AU in common that is labelled."""
    expected, found = trained.expected_input, clips.expected_input
    expected.check_registration(found.registration, str(clips.path))
    sizes = {"clip_length": "frames of a clip", "image_size": "px of a face's side"}
    for (name, what), needed, size in zip(
        sizes.items(), trained.clip_shape, clips.frame_shape, strict=False
    ):
        if size != needed:
            raise InputError(
                f"{clips.path}: {size} {what}, the network expects {needed}; set sampling.{name} "
                f"to that {REMEDY}"
            )
    if is_unlike(np.array(found.spacing), expected).any():
        raise InputError(
            f"{clips.path}: a clip's frames are {_seconds(found)} apart, the network's were "
            f"{_seconds(expected)}; {_steps_to_set(found.frames_per_second, expected)}"
        )
    common = [au for au in clips.action_units if au in trained.action_units]
    if not common:
        raise InputError(
            f"{clips.path}: AUs {list(clips.action_units)}, the network is for "
            f"{list(trained.action_units)}: none in common; leave this dataset out of "
            "evaluation.other_datasets"
        )
    if (labelled_for(clips, tuple(common)).labels == UNKNOWN).all():
        raise InputError(
            f"{clips.path}: no frame has a label of the AUs in common, {common}; leave this "
            "dataset out of evaluation.other_datasets"
        )


def _steps_to_set(frames_per_second: float, expected: ExpectedInput) -> str:
    """What to set for frames that lie as far apart as the network expects."""
    longest = floor(2 * expected.spacing[1] * frames_per_second)
    steps = np.arange(1, longest + 1)
    fitting = steps[~is_unlike(steps / frames_per_second, expected)].tolist()
    if not fitting:
        return (
            f"no number of steps gives that at {frames_per_second:g} frames/s, so it cannot be "
            "judged on this dataset; train one with other sampling.steps"
        )
    return f"set sampling.steps to {fitting} {REMEDY}"


def _seconds(expected: ExpectedInput) -> str:
    least, most = expected.spacing
    return f"{least:.3f} s" if least == most else f"{least:.3f} to {most:.3f} s"

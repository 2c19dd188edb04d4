"""A trained network on disk: the weights, and what one must know to use them."""

import textwrap
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch

from facs3d.core.atomic import whole
from facs3d.core.errors import InputError, is_out_of_memory
from facs3d.preprocessing.clips import ClipSet
from facs3d.preprocessing.expected_input import ExpectedInput
from facs3d.training.judgement import Judgement
from facs3d.training.models import Architecture, MeanModel, Network, build_model
from facs3d.training.torch_file import read_torch_file, write_torch_file
from facs3d.training.training_data import TrainingData

MOST_TRAININGS = 99
"""A file of more is none of ours."""
LONGEST_REASON = 400
"""Characters: PyTorch names every layer that does not fit."""


@dataclass(frozen=True)
class TrainedModel:
    """A network and what one must know to use it: clips are (T, S, S) = ``clip_shape``, the
    logits' columns are ``action_units``, and ``expected_input`` says how videos become such
    clips. The gray value that is subtracted is the network's buffer ``input_mean``. ``judgement``:
    None where nobody has judged it; ``training_data``: None where the file does not say."""

    name: str
    architecture: Architecture
    action_units: tuple[int, ...]
    clip_shape: tuple[int, int, int]
    network: Network
    expected_input: ExpectedInput = field(default_factory=ExpectedInput)
    judgement: Judgement | None = None
    training_data: TrainingData | None = None

    @property
    def trainings(self) -> int:
        """Of how many trainings the network is the mean."""
        return len(self.network.members) if isinstance(self.network, MeanModel) else 1

    @property
    def standardise(self) -> bool:
        """Whether frames are standardised first."""
        return self.network.standardise

    def check_fits(self, clips: ClipSet) -> None:
        """Raise :class:`InputError` if the network was made for other clips than these."""
        made_for = (self.action_units, self.clip_shape)
        found = (clips.action_units, clips.frame_shape)
        for what, expected, other in zip(("AUs", "clips of"), made_for, found, strict=True):
            if expected != other:
                raise InputError(
                    f"{clips.path}: the weights are for {what} {expected}, the file has {other}"
                )


def save_model(trained: TrainedModel, path: str | Path) -> None:
    """Write the weights file; the same network gives the same bytes."""
    content = {
        "model": trained.name,
        "architecture": asdict(trained.architecture),
        "action_units": list(trained.action_units),
        "clip_shape": list(trained.clip_shape),
        "expected_input": trained.expected_input.as_plain(),
        "trainings": trained.trainings,
        "standardise": trained.standardise,
        "weights": trained.network.state_dict(),
    }
    if trained.judgement is not None:
        content["judgement"] = asdict(trained.judgement)
    if trained.training_data is not None:
        content["training_data"] = asdict(trained.training_data)
    with whole(path) as unfinished:
        write_torch_file(content, unfinished)


def load_model(path: str | Path, device: torch.device | str = "cpu") -> TrainedModel:
    """Read a weights file; the network is in evaluation mode. :class:`InputError` if it is none, or
    its network has a weight that is no number (NaN, infinite) or a negative variance: it would
    predict nothing; or its judgement or its training's data hold what they may not."""
    content = read_torch_file(path, device)
    try:
        name, clip_shape = content["model"], tuple(content["clip_shape"])
        architecture = Architecture(**content["architecture"])
        action_units = tuple(content["action_units"])
        if list(action_units) != sorted({int(au) for au in action_units if au > 0}):
            raise ValueError(f"action_units {action_units} are not ascending numbers")
        expected_input = ExpectedInput.from_plain(content["expected_input"])
        network = _network_of(content, architecture, clip_shape, len(action_units))
    except (InputError, KeyError, TypeError, RuntimeError, ValueError, AttributeError) as error:
        if is_out_of_memory(error):
            raise
        reason = textwrap.shorten(str(error), LONGEST_REASON, placeholder=" …")
        raise InputError(
            f"{path}: not a weights file of this version ({reason}); train anew"
        ) from error
    for layer, values in network.state_dict().items():
        negative = layer.endswith("running_var") and (values < 0).any()
        if negative or not torch.isfinite(values).all():
            raise InputError(
                f"{path}: {layer} holds NaN, infinite values or negative variances, so the network "
                "can predict nothing; train anew, with a smaller training.learning_rate"
            )
    network = network.to(device).eval()
    judgement = _judgement_of(content, len(action_units), path)
    training_data = _training_data_of(content, path)
    return TrainedModel(
        *(name, architecture, action_units, clip_shape, network, expected_input),
        *(judgement, training_data),
    )


def _network_of(
    content: dict[str, Any],
    architecture: Architecture,
    clip_shape: tuple[int, int, int],
    n_units: int,
) -> Network:
    # A file of before there were means has one training.
    trainings = content.get("trainings", 1)
    if type(trainings) is not int or not 1 <= trainings <= MOST_TRAININGS:
        raise ValueError(f"trainings {trainings!r} is no number from 1 to {MOST_TRAININGS}")
    members = [
        build_model(content["model"], architecture, clip_shape, n_units, seed=0)
        for _ in range(trainings)
    ]
    for member in members:
        member.standardise = bool(content["standardise"])
    network: Network = members[0] if trainings == 1 else MeanModel(members)
    network.load_state_dict(content["weights"])
    return network


def _training_data_of(content: dict[str, Any], path: str | Path) -> TrainingData | None:
    if "training_data" not in content:
        return None
    try:
        return TrainingData(**content["training_data"])
    except (TypeError, InputError) as error:
        raise InputError(
            f"{path}: what the network was trained on cannot be read ({error}); say it anew with "
            "describe_weights"
        ) from error


def _judgement_of(content: dict[str, Any], n_units: int, path: str | Path) -> Judgement | None:
    if "judgement" not in content:
        return None
    try:
        judgement = Judgement.from_plain(content["judgement"])
        if len(judgement.threshold) != n_units:
            raise InputError(f"of {len(judgement.threshold)} AUs, the network has {n_units}")
    except (TypeError, KeyError, InputError) as error:
        raise InputError(
            f"{path}: how the network was judged cannot be read ({error}); judge it anew with "
            "judge_weights"
        ) from error
    return judgement

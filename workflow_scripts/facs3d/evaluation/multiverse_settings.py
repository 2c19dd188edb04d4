"""What a multiverse varies: one section of the config."""

from collections.abc import Mapping
from dataclasses import dataclass

from facs3d.core.settings import Settings, setting
from facs3d.datasets.settings import ALL_OR_FOLDS
from facs3d.planning.multiverse import MOST_TRAININGS
from facs3d.training.names import MODEL_NAMES

ALL_OR_NUMBER = {
    "if": {"type": "string"},
    "then": {"const": "all"},
    "else": {"type": "integer", "minimum": 1, "maximum": MOST_TRAININGS},
}


@dataclass(frozen=True)
class MultiverseSettings(Settings, section="multiverse"):
    """Which choices `multiverse` varies, to see whether a conclusion survives them."""

    choices: Mapping[str, tuple] = setting(
        {},
        "choice -> values beside the config's own, such as {training.epochs: [10, 60], average: "
        "[pooled]}; see docs/multiverse.md",
        schema={"type": "object", "additionalProperties": {"type": "array", "minItems": 1}},
        allowed_words="settings of architecture and training, seed, split, evaluation.threshold, "
        "evaluation.thresholds, evaluation.pairs, average",
    )
    trainings: str | int = setting(
        "all",
        "combinations of the choices that need training: all, or so many of them drawn by seed, "
        "the config's own among them; each is evaluated in every way",
        schema=ALL_OR_NUMBER,
        allowed_words=f"all, or a whole number, 1 to {MOST_TRAININGS}",
    )
    baseline: str = setting(
        "cnn2d", "the model that the reference is compared with", choices=MODEL_NAMES
    )
    folds: str | tuple[int, ...] = setting(
        "all",
        "folds to train: all, or a list such as [1, 2] to save time",
        schema=ALL_OR_FOLDS,
        allowed_words="all, or whole numbers from 1",
    )

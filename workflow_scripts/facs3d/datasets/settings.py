"""Which dataset to read, and what its labels mean: one section of the config."""

from collections.abc import Mapping
from dataclasses import dataclass

from facs3d.core.action_units import PAPER_AUS
from facs3d.core.errors import InputError
from facs3d.core.settings import Settings, setting
from facs3d.datasets import LAYOUTS
from facs3d.datasets.positive import positive_rules, read_positive

# `(?!\n)`: Python's `$` alone would let a name end in a line break.
NAME = r"^[A-Za-z0-9][A-Za-z0-9_-]*$(?!\n)"
NO_BRACES = "^[^{}]+$"
RULE = {"type": "string", "pattern": r"^(occurrence|intensity>=[1-5])$(?!\n)"}
ALL_OR_FOLDS = {
    "if": {"type": "string"},
    "then": {"const": "all"},
    "else": {
        "type": "array",
        "items": {"type": "integer", "minimum": 1},
        "minItems": 1,
        "uniqueItems": True,
    },
}
POSITIVE = {
    "type": ["string", "object"],
    "pattern": RULE["pattern"],
    "minProperties": 1,
    "additionalProperties": False,
    "properties": {"default": {**RULE, "default": "intensity>=2"}},
    "patternProperties": {r"^AU[0-9]{2}$(?!\n)": RULE},
}


@dataclass(frozen=True)
class DatasetSettings(Settings, section="dataset"):
    """Which dataset to read, and what its labels mean."""

    name: str = setting(
        "ebplus",
        "letters, digits, '_' and '-' only: it names the folder under results/",
        pattern=NAME,
        allowed_words="a name",
    )
    synthesize: bool = setting(False, "true renders the synthetic dataset, false reads `sheet`")
    layout: str = setting(
        "bp4dplus",
        "how the dataset lies on disk; see workflow_scripts/facs3d/datasets",
        choices=LAYOUTS,
    )
    root: str | None = setting(
        None,
        "the dataset's folder, or null for the synthetic dataset; braces would be wildcards of "
        "Snakemake: rename it, or link to it under another name",
        pattern=NO_BRACES,
        allowed_words="a path without braces, or null",
    )
    sheet: str | None = setting(
        None,
        "path of the video sheet, or null for the synthetic dataset; braces would be wildcards of "
        "Snakemake",
        pattern=NO_BRACES,
        allowed_words="a path without braces, or null",
    )
    action_units: tuple[int, ...] = setting(
        PAPER_AUS, "the AUs to learn", minimum=1, maximum=99, unique=True, paper="the same"
    )
    positive: str | Mapping[str, str] = setting(
        {"default": "intensity>=2"},
        "one rule for all AUs, or a mapping such as {default: intensity>=2, AU24: occurrence}; the "
        "paper's B level is 2",
        schema=POSITIVE,
        parse=read_positive,
        allowed_words="occurrence or intensity>=1 … intensity>=5, for all AUs or by AU",
        paper="intensity of at least B (Sec. III-A)",
    )
    frame_offset: int = setting(
        -1,
        "number of a label's image minus the label's frame number; -1: label frames count from 1, "
        "images from 0",
    )
    frames_per_second: float = setting(
        25.0,
        "of the videos: it gives frame numbers and the steps of the sampling their seconds",
        above=0,
    )
    max_excluded: float = setting(
        0.25,
        "share of videos that may be excluded before the run stops; of videos as long as the paper "
        "says, a fifth is too short for a clip; a change reruns nothing",
        minimum=0,
        maximum=1,
    )
    folds: int = setting(
        5,
        "folds of subjects, assigned by seed or by a column `fold` of the sheet",
        minimum=2,
        paper="5, subject-exclusive",
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        try:
            positive_rules(self.positive, self.action_units)
        except InputError as error:
            raise InputError(f"dataset.{error}") from error

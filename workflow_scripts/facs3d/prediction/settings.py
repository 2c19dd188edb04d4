"""How new videos are predicted: one section of the config."""

from dataclasses import dataclass, field

from facs3d.core.settings import Settings, setting
from facs3d.datasets.settings import ALL_OR_FOLDS
from facs3d.prediction.events import EventSettings
from facs3d.training.devices import DEVICES
from facs3d.training.names import MODEL_NAMES


@dataclass(frozen=True)
class PredictionSettings(Settings, section="predict"):
    """Which networks `predict` applies, and where."""

    weights: str | None = setting(
        None,
        "one weights file, in the working directory or beside the workflow; null takes the "
        "networks of this dataset's results",
        allowed_words="a path, or null",
    )
    model: str = setting("facs3d", "of this dataset's results: the model", choices=MODEL_NAMES)
    folds: str | tuple[int, ...] = setting(
        "all",
        "of this dataset's results: all, or a list such as [1]; of several the mean is taken",
        schema=ALL_OR_FOLDS,
        allowed_words="all, or whole numbers from 1",
    )
    device: str = setting(
        "auto", "where to compute; auto takes a GPU if there is one", choices=DEVICES
    )
    threads: int = setting(1, "threads on the CPU", minimum=1)
    faces: bool = setting(
        True, "whether the page shows the registered faces; false where nobody is to be seen"
    )
    baseline: float | None = setting(
        None,
        "share of the frames with a face that is taken for the person's resting face, such as 0.1: "
        "`AU01_calibrated` … are the probabilities above it; null writes none",
        above=0,
        below=1,
    )
    events: EventSettings = field(default_factory=EventSettings)

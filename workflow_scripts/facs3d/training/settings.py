"""How to train: one section of the config."""

from dataclasses import dataclass

from facs3d.core.errors import InputError
from facs3d.training.acceleration import PRECISIONS
from facs3d.training.batches import BatchOptions
from facs3d.training.devices import DEVICES


@dataclass(frozen=True)
class TrainingSettings:
    """How to train; the defaults are the paper's (Sec. IV-A.4) or, where it is silent, ours.

    ``batch_clips`` clips a step; ``frames_per_clip`` frames of each count in the loss (0 = all);
    ``optimizer`` "sgd" (with ``momentum``) or "adam"; ``schedule`` "constant" or "one_cycle"
    (``learning_rate`` is then the peak); ``class_weights``: Eq. 5, or all 1; ``subtract_mean``: the
    networks subtract the training clips' mean gray value. Augmentation, not in the paper:
    ``mirror`` half of the clips, ``shift`` them by up to so many pixels. ``validation_subjects`` of
    the training subjects are not trained on; each epoch's mean F1 and AUC on them is in the history
    (0, the paper's: none). ``device``: "auto", "cuda" or "cpu"; ``threads`` on the CPU (results are
    the same to the bit for the same number).

    Speed and memory (:mod:`facs3d.training.acceleration`, :mod:`facs3d.training.step`):
    ``precision`` of the arithmetic: "fp32", "tf32" (tensor cores, on a GPU) or "bf16" (autocast);
    ``channels_last``: the maps' memory layout; ``autotune`` lets cuDNN try its algorithms;
    ``deterministic``: a GPU gives the same bytes from run to run, slower; ``micro_batch_clips`` go
    through the network at once (0: all of the batch, on a GPU as many as fit), their gradients are
    added up; ``fused``: on a GPU in bf16 the streams train through
    :mod:`facs3d.training.fused.blocks`, which takes a fifth of the time and a quarter of the
    memory.
    """

    epochs: int = 30
    batch_clips: int = 20
    frames_per_clip: int = 0
    optimizer: str = "sgd"
    learning_rate: float = 1e-3
    momentum: float = 0.9
    weight_decay: float = 0.0
    schedule: str = "constant"
    class_weights: bool = True
    subtract_mean: bool = True
    mirror: bool = False
    shift: int = 0
    validation_subjects: int = 0
    device: str = "auto"
    threads: int = 1
    precision: str = "fp32"
    channels_last: bool = True
    autotune: bool = True
    deterministic: bool = False
    micro_batch_clips: int = 0
    fused: bool = True

    def __post_init__(self) -> None:
        for name, minimum in (
            ("epochs", 1),
            ("batch_clips", 1),
            ("frames_per_clip", 0),
            ("weight_decay", 0),
            ("shift", 0),
            ("validation_subjects", 0),
            ("threads", 1),
            ("micro_batch_clips", 0),
        ):
            if not getattr(self, name) >= minimum:
                raise InputError(
                    f"training: {name} is {getattr(self, name)}, expected at least {minimum}"
                )
        if not self.learning_rate > 0:
            raise InputError(
                f"training: learning_rate is {self.learning_rate}, expected more than 0"
            )
        if not 0 <= self.momentum < 1:
            raise InputError(f"training: momentum is {self.momentum}, expected 0 <= momentum < 1")
        for name, allowed in (
            ("optimizer", ("sgd", "adam")),
            ("schedule", ("constant", "one_cycle")),
            ("device", DEVICES),
            ("precision", PRECISIONS),
        ):
            if getattr(self, name) not in allowed:
                raise InputError(
                    f"training: {name} is {getattr(self, name)!r}, "
                    f"expected {' or '.join(map(repr, allowed))}"
                )

    @property
    def batch_options(self) -> BatchOptions:
        """What of the clips a step sees."""
        return BatchOptions(self.frames_per_clip, self.mirror, self.shift)

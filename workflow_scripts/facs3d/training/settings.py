"""How to train: one section of the config."""

from dataclasses import dataclass

from facs3d.core.settings import Settings, setting
from facs3d.training.acceleration import PRECISIONS
from facs3d.training.batches import BatchOptions
from facs3d.training.devices import DEVICES


@dataclass(frozen=True)
class TrainingSettings(Settings, section="training"):
    """How to train (Sec. IV-A.4)."""

    epochs: int = setting(30, "passes over the training clips", minimum=1, paper="30")
    batch_clips: int = setting(
        20, "clips a step, whose frames share one 3D pass", minimum=1, paper="mini-batch of 20"
    )
    frames_per_clip: int = setting(
        0, "frames drawn from each clip that count in a step's loss; 0 takes all", minimum=0
    )
    optimizer: str = setting("sgd", "the optimizer", choices=("sgd", "adam"), paper="sgd")
    learning_rate: float = setting(
        0.001, "step size; with schedule one_cycle its peak", above=0, paper="0.001"
    )
    momentum: float = setting(0.9, "of sgd", minimum=0, below=1, paper="0.9")
    weight_decay: float = setting(0.0, "L2 penalty on the weights", minimum=0, paper="silent")
    schedule: str = setting(
        "constant", "course of the learning rate", choices=("constant", "one_cycle")
    )
    class_weights: bool = setting(
        True,
        "weigh AUs by their frequency in the training folds; without, all weigh 1",
        paper="Eq. 5; the loss sums over AUs (Eq. 3) and is the mean over frames",
    )
    subtract_mean: bool = setting(
        True, "networks subtract the training clips' mean gray value", paper="silent"
    )
    standardise: bool = setting(
        False,
        "give every frame the same mean and contrast before the network sees it",
        paper="silent",
    )
    mirror: bool = setting(False, "augmentation: mirror half of the clips", paper="silent")
    shift: int = setting(
        0, "augmentation: shift clips by up to so many px", minimum=0, paper="silent"
    )
    validation_subjects: int = setting(
        0,
        "training subjects to score after each epoch instead of training on them; mean F1 and AUC "
        "are in history.csv",
        minimum=0,
        paper="silent",
    )
    device: str = setting(
        "auto", "where to train; auto takes a GPU if there is one", choices=DEVICES
    )
    threads: int = setting(1, "threads on the CPU; the same number gives the same bytes", minimum=1)
    precision: str = setting(
        "fp32",
        "arithmetic: 32 bits, tensor cores on a GPU, or autocast to bfloat16",
        choices=PRECISIONS,
        paper="silent",
    )
    channels_last: bool = setting(True, "memory layout of the maps")
    autotune: bool = setting(True, "let cuDNN try its algorithms")
    deterministic: bool = setting(False, "a GPU gives the same bytes from run to run, slower")
    micro_batch_clips: int = setting(
        0,
        "clips at once through the network, whose gradients are added up; 0 takes the batch, or on "
        "a GPU what fits",
        minimum=0,
    )
    fused: bool = setting(
        True,
        "on a GPU in bf16, fused kernels around the convolutions: a fifth of the time, a quarter "
        "of the memory",
    )

    @property
    def batch_options(self) -> BatchOptions:
        """What of the clips a step sees."""
        return BatchOptions(self.frames_per_clip, self.mirror, self.shift)

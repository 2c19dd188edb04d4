"""The synthetic dataset on disk, in BP4D+'s layout, plus the truth that only rendering knows."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from facs3d.core.action_units import PAPER_AUS, au_column
from facs3d.core.atomic import whole
from facs3d.core.errors import InputError
from facs3d.core.seeding import generator
from facs3d.core.settings import Settings, setting
from facs3d.synthetic.expression import ActionFields
from facs3d.synthetic.identity import Subject, draw_offsets, make_subject
from facs3d.synthetic.performance import (
    HIGHEST_BASE_RATE,
    draw_intensities,
    intensity_labels,
)
from facs3d.synthetic.portrait import Portrait
from facs3d.video.writing import CheckedVideo

OCCURRENCE = 2
"""An AU occurs from intensity B (2) on, as in the paper."""


Film = Callable[[np.ndarray, np.random.Generator], Iterator[tuple[np.ndarray, np.ndarray]]]
"""Makes frames (H, W, 3) uint8 BGR and true eye centres (2, 2) of intensities (frames, 12)."""


@dataclass(frozen=True)
class SyntheticSettings(Settings, section="synthesis"):
    """What the synthetic dataset holds."""

    source: str = setting(
        "heads",
        "what people are made from: rendered heads, or one portrait that is warped",
        choices=("heads", "portrait"),
    )
    subjects: int = setting(120, "people", minimum=1, maximum=999)
    videos_per_subject: int = setting(1, "videos of each of them", minimum=1, maximum=99)
    frames: int = setting(44, "frames of a video", minimum=8, maximum=100_000)
    frames_per_second: float = setting(
        25.0,
        "of the videos; blinks, gaze, speech and the head's motion keep their pace in seconds, the "
        "AUs in shares of a video",
        above=0,
        maximum=1000,
    )
    write_videos: bool = setting(
        True, "false makes clips straight from what is rendered: faster, and no dataset is left"
    )
    width: int = setting(288, "of a video, px", minimum=240, maximum=1024, even=True)
    height: int = setting(320, "of a video, px", minimum=280, maximum=1024, even=True)
    base_rate_floor: float = setting(
        0.14,
        "least share of frames with an AU; above it Table I's rates apply",
        minimum=0,
        maximum=HIGHEST_BASE_RATE,
    )
    together: str = setting(
        "paper",
        "which AUs come in one video, and when: those of one display together, or each by itself",
        choices=("paper", "independent"),
        paper="Fig. 5",
    )
    dynamics_control: tuple[int, ...] = setting(
        (1, 2, 4, 15, 17, 23, 24),
        "AUs that some neutral faces look like; an empty list turns the control off",
        choices=PAPER_AUS,
        fewest=0,
        unique=True,
    )
    mimicry: float = setting(
        1.5,
        "standard deviation of that look, in units of intensity",
        minimum=0,
        maximum=3,
    )
    mimicry_scale: tuple[float, ...] = setting(
        (),
        "share of `mimicry` of each of these AUs, in their order; an empty list gives all of it to "
        "each",
        minimum=0,
        maximum=1,
        fewest=0,
    )
    mimicry_share: float = setting(
        1.0, "share of subjects and AUs that have it", minimum=0, maximum=1
    )
    pose: float = setting(1.0, "motion of the head; 1 is about 5 degrees", minimum=0, maximum=2)
    sensor_noise: float = setting(2.5, "standard deviation in gray levels", minimum=0, maximum=20)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.mimicry_scale and len(self.mimicry_scale) != len(self.dynamics_control):
            raise InputError(
                f"synthesis.mimicry_scale has {len(self.mimicry_scale)} numbers, expected one for "
                f"each of the {len(self.dynamics_control)} AUs of dynamics_control, or none"
            )

    @property
    def mimicked(self) -> dict[int, float]:
        """AU -> standard deviation of what neutral faces show of it, in units of intensity."""
        scales = self.mimicry_scale or (1.0,) * len(self.dynamics_control)
        return {
            au: self.mimicry * scale
            for au, scale in zip(self.dynamics_control, scales, strict=True)
        }


def draw_subject(
    portrait: Portrait, fields: ActionFields, seed: int, name: str, settings: SyntheticSettings
) -> Subject:
    """The person called ``name``: the same whatever other subjects there are."""
    offsets = subject_offsets(seed, name, settings)
    return make_subject(portrait, fields, generator(seed, "subject", name), offsets)


def subject_offsets(seed: int, name: str, settings: SyntheticSettings) -> np.ndarray:
    """What AUs the resting face of ``name`` looks like: (12,), in units of intensity."""
    return draw_offsets(
        generator(seed, "mimicry", name),
        settings.mimicked,
        settings.mimicry_share,
    )


def write_video(
    root: Path, film: Film, name: str, task: str, seed: int, settings: SyntheticSettings
) -> None:
    """Render one video of the person called ``name`` with ``film`` and write it with its labels
    and truth under ``root``.

    The label files come after the video, so a video without labels is an interrupted one. Raises
    :class:`OSError` if the video cannot be written or does not come back whole.
    """
    rng = generator(seed, "video", name, task)
    intensities = draw_intensities(
        rng, settings.frames, settings.base_rate_floor, settings.together
    )
    size = (settings.width, settings.height)
    eyes = []
    with (
        whole(root / "Videos" / name / f"{task}.avi") as unfinished,
        CheckedVideo(unfinished, "mp4v", size, settings.frames_per_second) as video,
    ):
        for frame, centres in film(intensities, rng):
            video.write(frame)
            eyes.append(centres.ravel())
    labels = intensity_labels(intensities)
    for index, au in enumerate(PAPER_AUS):
        lines = [f"{frame},{value}" for frame, value in enumerate(labels[:, index])]
        folder = root / "AUCoding" / "AU_INT" / au_column(au)
        _write_lines(folder / f"{name}_{task}_{au_column(au)}.csv", lines)
    occurrence = (labels >= OCCURRENCE).astype(int)
    lines = [",".join(map(str, (0, *PAPER_AUS)))]
    lines += [",".join(map(str, (frame, *row))) for frame, row in enumerate(occurrence)]
    _write_lines(root / "AUCoding" / "AU_OCC" / f"{name}_{task}.csv", lines)
    lines = ["frame_number,right_eye_x,right_eye_y,left_eye_x,left_eye_y"]
    lines += [f"{frame}," + ",".join(f"{v:.3f}" for v in row) for frame, row in enumerate(eyes)]
    _write_lines(root / "truth" / f"{name}_{task}.csv", lines)


def save_regions(path: Path, regions: np.ndarray, landmarks: np.ndarray) -> None:
    """Write where each AU acts on a neutral face: ``au`` (12,) int64, ``regions`` (12, H, W) bool
    and ``landmarks`` (468, 2) float32, the FaceMesh points there, to map them elsewhere."""
    with whole(path) as unfinished:
        np.savez_compressed(
            unfinished,
            au=np.array(PAPER_AUS),
            regions=regions,
            landmarks=landmarks,
        )


def _write_lines(path: Path, lines: list[str]) -> None:
    with whole(path) as unfinished:
        unfinished.write_text("\n".join(lines) + "\n")

"""The embedded dataset on disk, in the layout of BP4D+ plus the truth that only rendering knows."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from facs3d.core.action_units import PAPER_AUS, au_column
from facs3d.core.atomic import whole
from facs3d.core.errors import InputError
from facs3d.core.seeding import generator
from facs3d.synthetic.expression import ActionFields, action_regions
from facs3d.synthetic.identity import Subject, draw_offsets, make_subject
from facs3d.synthetic.performance import HIGHEST_BASE_RATE, draw_intensities, intensity_labels
from facs3d.synthetic.portrait import Portrait
from facs3d.synthetic.rendering import draw_scene, render
from facs3d.video.writing import CheckedVideo

FRAMES_PER_SECOND = 25
OCCURRENCE = 2
"""An AU occurs from intensity B (2) on, as in the paper."""


@dataclass(frozen=True)
class SyntheticSettings:
    """What the embedded dataset holds.

    ``subjects`` people with ``videos_per_subject`` videos of ``frames`` frames at ``width`` x
    ``height`` px. ``base_rate_floor``: least share of frames with an AU; Table I's rates apply
    above it (up to 0.5). ``dynamics_control``: AUs whose static look some neutral faces have
    (empty = off), for a share ``mimicry_share`` of subjects and AUs, with a standard deviation of
    ``mimicry`` intensity units. ``pose`` scales the head's motion (1 = about 5 degrees),
    ``sensor_noise`` is a standard deviation in grey levels.
    """

    subjects: int = 40
    videos_per_subject: int = 5
    frames: int = 44
    width: int = 288
    height: int = 320
    base_rate_floor: float = 0.14
    dynamics_control: tuple[int, ...] = (1, 2, 4, 15, 17, 23, 24)
    mimicry: float = 1.5
    mimicry_share: float = 1.0
    pose: float = 1.0
    sensor_noise: float = 2.5

    def __post_init__(self):
        for name, least, most in (
            ("subjects", 1, 999),
            ("videos_per_subject", 1, 99),
            ("frames", 8, 100_000),
            ("width", 240, 1024),
            ("height", 280, 1024),
            ("base_rate_floor", 0.0, HIGHEST_BASE_RATE),
            ("mimicry", 0.0, 3.0),
            ("mimicry_share", 0.0, 1.0),
            ("pose", 0.0, 2.0),
            ("sensor_noise", 0.0, 20.0),
        ):
            value = getattr(self, name)
            if not least <= value <= most:
                raise InputError(
                    f"SyntheticSettings: {name} is {value}, expected {least} to {most}"
                )
        for name in ("width", "height"):
            if getattr(self, name) % 2:
                raise InputError(f"SyntheticSettings: {name} is odd; video codecs need it even")
        unknown = [au for au in self.dynamics_control if au not in PAPER_AUS]
        if unknown:
            raise InputError(
                f"SyntheticSettings: dynamics_control names AU {unknown[0]!r}; "
                f"expected some of {', '.join(map(str, PAPER_AUS))}"
            )


def draw_subject(
    portrait: Portrait, fields: ActionFields, seed: int, name: str, settings: SyntheticSettings
) -> Subject:
    """The person called ``name``: the same whatever other subjects there are."""
    offsets = draw_offsets(
        generator(seed, "mimicry", name),
        settings.dynamics_control,
        settings.mimicry,
        settings.mimicry_share,
    )
    return make_subject(portrait, fields, generator(seed, "subject", name), offsets)


def write_video(root: Path, subject: Subject, name: str, task: str, seed: int,
                settings: SyntheticSettings) -> None:  # fmt: skip
    """Render one video of ``subject`` and write it with its labels and truth under ``root``.

    The label files come after the video, so a video without labels is an interrupted one. Raises
    :class:`OSError` if the video cannot be written or does not come back whole.
    """
    rng = generator(seed, "video", name, task)
    intensities = draw_intensities(rng, settings.frames, settings.base_rate_floor)
    size = (settings.width, settings.height)
    scene = draw_scene(rng, settings.frames, size, settings.pose, settings.sensor_noise)
    eyes = []
    with (
        whole(root / "Videos" / name / f"{task}.avi") as unfinished,
        CheckedVideo(unfinished, "mp4v", size, FRAMES_PER_SECOND) as video,
    ):
        for frame, centres in render(subject, intensities, scene, rng):
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


def save_regions(path: Path, portrait: Portrait, fields: ActionFields) -> None:
    """Write where each AU acts: ``au`` (12,) int64, ``regions`` (12, H, W) bool in the canonical
    frame and ``landmarks`` (468, 2) float32, the FaceMesh points there, to map them elsewhere."""
    with whole(path) as unfinished:
        np.savez_compressed(
            unfinished,
            au=np.array(PAPER_AUS),
            regions=action_regions(fields),
            landmarks=portrait.landmarks[:, :2],
        )


def _write_lines(path: Path, lines: list[str]) -> None:
    with whole(path) as unfinished:
        unfinished.write_text("\n".join(lines) + "\n")

"""How clips are sampled: one section of the config.

Training records it, in an environment without OpenCV.
"""

from dataclasses import dataclass

from facs3d.core.settings import Settings, setting


@dataclass(frozen=True)
class SamplingSettings(Settings, section="sampling"):
    """How a video becomes a clip."""

    clip_length: int = setting(
        126, "frames of a clip", minimum=1, paper="126; why it keeps more videos: see sampling.py"
    )
    steps: tuple[int, ...] = setting(
        (2, 3),
        "frames with a face from one of a clip's frames to the next, drawn at random",
        minimum=1,
        unique=True,
        paper="each second or third frame at random",
    )
    image_size: int = setting(
        200,
        "side of a clip's images, px; faces are shrunk to it",
        minimum=8,
        maximum=2000,
        paper="200",
    )

    @property
    def frames_needed(self) -> int:
        """The least number of usable frames that gives a clip."""
        return 1 + (self.clip_length - 1) * min(self.steps)

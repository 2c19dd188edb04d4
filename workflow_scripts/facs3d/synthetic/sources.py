"""Where the synthetic dataset's people come from: one warped portrait, or rendered heads."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from facs3d.core.errors import InputError
from facs3d.core.seeding import generator
from facs3d.synthetic.dataset import SyntheticSettings, draw_subject, subject_offsets
from facs3d.synthetic.expression import action_fields
from facs3d.synthetic.heads.actor import Actor, make_actor
from facs3d.synthetic.heads.camera import draw_take, still_take
from facs3d.synthetic.heads.footage import film
from facs3d.synthetic.identity import Subject
from facs3d.synthetic.portrait import load_portrait
from facs3d.synthetic.rendering import FRAME_IOD, draw_scene, render

Frames = Iterator[tuple[np.ndarray, np.ndarray]]
"""Frames (H, W, 3) uint8 BGR with the true eye centres (2, 2), right then left, in px."""


class Source(Protocol):
    """What videos are rendered with. Intensities are (frames, 12) in [0, 5]."""

    model: tuple[int, str]
    """Seed and name of who shows the AUs, whatever the dataset's seed."""

    def subject(self, seed: int, name: str, settings: SyntheticSettings) -> Any:
        """The person called ``name``: the same whatever other subjects there are."""

    def film(
        self,
        subject: Any,
        intensities: np.ndarray,
        rng: np.random.Generator,
        settings: SyntheticSettings,
    ) -> Frames:
        """A video of ``subject`` in a setting that ``rng`` draws."""

    def picture(self, subject: Any, intensities: np.ndarray, side: int, iod: float) -> np.ndarray:
        """A plain picture (side, side, 3) with ``iod`` px between an average face's eyes."""


class PortraitSource:
    """The public-domain portrait that ``make_portrait.py`` prepared, warped."""

    model = (1, "F009")

    def __init__(self, path: Path) -> None:
        self._portrait, self._fields = load_portrait(path), action_fields()

    def subject(self, seed: int, name: str, settings: SyntheticSettings) -> Subject:
        return draw_subject(self._portrait, self._fields, seed, name, settings)

    def film(
        self,
        subject: Subject,
        intensities: np.ndarray,
        rng: np.random.Generator,
        settings: SyntheticSettings,
    ) -> Frames:
        size, rate = (settings.width, settings.height), settings.frames_per_second
        scene = draw_scene(rng, len(intensities), size, settings.pose, settings.sensor_noise, rate)
        return render(subject, intensities, scene, rng)

    def picture(
        self, subject: Subject, intensities: np.ndarray, side: int, iod: float
    ) -> np.ndarray:
        rng = generator(0, "contact sheet")
        scene = draw_scene(rng, 1, (side, side), 0.0, 0.0)
        return next(render(subject, intensities, scene, rng, iod=iod))[0]


class HeadSource:
    """Rendered heads of a parametric model, whose file the repository holds."""

    model = (1, "F010")

    def subject(self, seed: int, name: str, settings: SyntheticSettings) -> Actor:
        return make_actor(generator(seed, "person", name), subject_offsets(seed, name, settings))

    def film(
        self,
        subject: Actor,
        intensities: np.ndarray,
        rng: np.random.Generator,
        settings: SyntheticSettings,
    ) -> Frames:
        size, rate = (settings.width, settings.height), settings.frames_per_second
        take = draw_take(rng, len(intensities), size, settings.pose, settings.sensor_noise, rate)
        return film(subject, intensities, take, rng, FRAME_IOD)

    def picture(self, subject: Actor, intensities: np.ndarray, side: int, iod: float) -> np.ndarray:
        rng = generator(0, "contact sheet")
        take = still_take((side, side))
        return next(film(subject, intensities, take, rng, iod, at_rest=True))[0]


def open_source(settings: SyntheticSettings, portrait: Path | None) -> Source:
    """The configured source; ``portrait`` is the file of the portrait's. Raises
    :class:`InputError` if it is missing, or given for heads."""
    if (settings.source == "portrait") != (portrait is not None):
        expected = "a file (--portrait)" if portrait is None else "no --portrait"
        raise InputError(f"synthesis.source is {settings.source!r}, expected with {expected}")
    return HeadSource() if portrait is None else PortraitSource(portrait)

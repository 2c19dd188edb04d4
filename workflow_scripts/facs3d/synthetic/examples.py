"""Pictures that show the synthetic dataset: every AU, common combinations, some subjects."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from facs3d.core.action_units import FACS_NAMES, PAPER_AUS
from facs3d.core.atomic import whole
from facs3d.synthetic.dataset import SyntheticSettings
from facs3d.synthetic.names import synthetic_subjects
from facs3d.synthetic.sources import Source

COMBINATIONS = ((1, 2), (6, 12), (6, 7, 10, 12), (1, 4, 15), (15, 17), (4, 7, 23), (17, 24))
SHOWN_SUBJECTS = 15


def render_examples(
    source: Source, seed: int, settings: SyntheticSettings
) -> Iterator[tuple[str, np.ndarray]]:
    """Titles and pictures (side, side, 3) uint8 BGR: one person neutral, with each AU and with
    combinations at intensity 5; then up to 15 subjects, neutral, as the dataset shows them (with
    the dynamics control, if it is on)."""
    model = source.subject(*source.model, replace(settings, mimicry=0))
    yield "neutral", _picture(source, model, ())
    for au in PAPER_AUS:
        yield f"AU {au}: {FACS_NAMES[au]}", _picture(source, model, (au,))
    for aus in COMBINATIONS:
        yield "AU " + "+".join(map(str, aus)), _picture(source, model, aus)
    for name in synthetic_subjects(settings.subjects)[:SHOWN_SUBJECTS]:
        subject = source.subject(seed, name, settings)
        yield f"subject {name}, neutral", _picture(source, subject, (), whole_head=True)


def save_examples(examples: Iterator[tuple[str, np.ndarray]], path: str | Path) -> None:
    """Write pictures by title, in order, as an ``.npz``."""
    with whole(path) as unfinished:
        np.savez_compressed(unfinished, **dict(examples))


def _picture(
    source: Source, subject: Any, aus: tuple[int, ...], whole_head: bool = False
) -> np.ndarray:
    """The face, or the whole head, with ``aus`` at intensity 5."""
    intensities = np.array([[5.0 if au in aus else 0.0 for au in PAPER_AUS]])
    side, iod = (320, 62) if whole_head else (400, 130)
    return source.picture(subject, intensities, side, iod)

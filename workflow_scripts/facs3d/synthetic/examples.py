"""Pictures that show the synthetic dataset: every AU, common combinations, some subjects."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from facs3d.core.action_units import FACS_NAMES, PAPER_AUS
from facs3d.core.atomic import whole
from facs3d.core.seeding import generator
from facs3d.synthetic.dataset import SyntheticSettings, draw_subject
from facs3d.synthetic.expression import ActionFields
from facs3d.synthetic.identity import Subject
from facs3d.synthetic.names import synthetic_subjects
from facs3d.synthetic.portrait import Portrait
from facs3d.synthetic.rendering import draw_scene, render

COMBINATIONS = ((1, 2), (6, 12), (6, 7, 10, 12), (1, 4, 15), (15, 17), (4, 7, 23), (17, 24))
SHOWN_SUBJECTS = 15
MODEL_SEED, MODEL = 1, "F009"
"""Who shows the AUs, whatever the dataset's seed: a face with a free forehead."""


def render_examples(
    portrait: Portrait, fields: ActionFields, seed: int, settings: SyntheticSettings
) -> Iterator[tuple[str, np.ndarray]]:
    """Titles and pictures (side, side, 3) uint8 BGR: one person neutral, with each AU and with
    combinations at intensity 5; then up to 15 subjects, neutral, as the dataset shows them (with
    the dynamics control, if it is on)."""
    plain = replace(settings, dynamics_control=(), pose=0.0, sensor_noise=0.0)
    model = draw_subject(portrait, fields, MODEL_SEED, MODEL, plain)
    yield "neutral", _picture(model, (), plain)
    for au in PAPER_AUS:
        yield f"AU {au}: {FACS_NAMES[au]}", _picture(model, (au,), plain)
    for aus in COMBINATIONS:
        yield "AU " + "+".join(map(str, aus)), _picture(model, aus, plain)
    still = replace(plain, dynamics_control=settings.dynamics_control)
    for name in synthetic_subjects(settings.subjects)[:SHOWN_SUBJECTS]:
        subject = draw_subject(portrait, fields, seed, name, still)
        yield f"subject {name}, neutral", _picture(subject, (), plain, whole_head=True)


def save_examples(examples: Iterator[tuple[str, np.ndarray]], path: str | Path) -> None:
    """Write pictures by title, in order, as an ``.npz``."""
    with whole(path) as unfinished:
        np.savez_compressed(unfinished, **dict(examples))


def _picture(
    subject: Subject, aus: tuple[int, ...], settings: SyntheticSettings, whole_head: bool = False
) -> np.ndarray:
    """The face, or the whole head, with ``aus`` at intensity 5."""
    intensities = np.array([[5.0 if au in aus else 0.0 for au in PAPER_AUS]])
    side = 320 if whole_head else 400
    iod = 62 if whole_head else 130
    rng = generator(0, "contact sheet")
    scene = draw_scene(rng, 1, (side, side), settings.pose, settings.sensor_noise)
    frame, _ = next(render(subject, intensities, scene, rng, iod=iod))
    return frame

"""Contact sheet of the synthetic dataset: every AU, common combinations, some subjects."""

from dataclasses import replace

import cv2
import numpy as np
from matplotlib.figure import Figure

from facs3d.core.action_units import FACS_NAMES, PAPER_AUS
from facs3d.core.seeding import generator
from facs3d.report.figures.style import GRAY, new_figure
from facs3d.synthetic.dataset import SyntheticSettings, draw_subject
from facs3d.synthetic.expression import ActionFields
from facs3d.synthetic.identity import Subject
from facs3d.synthetic.names import synthetic_subjects
from facs3d.synthetic.portrait import Portrait
from facs3d.synthetic.rendering import draw_scene, render

COMBINATIONS = ((1, 2), (6, 12), (6, 7, 10, 12), (1, 4, 15), (15, 17), (4, 7, 23), (17, 24))
COLUMNS = 5
SHOWN_SUBJECTS = 15
CELL_INCHES = 1.36
MODEL_SEED, MODEL = 1, "F009"
"""Who shows the AUs, whatever the dataset's seed: a face with a free forehead."""


def draw_contact_sheet(
    portrait: Portrait, fields: ActionFields, seed: int, settings: SyntheticSettings
) -> Figure:
    """One person neutral, with each AU and with combinations at intensity 5; then up to 15
    subjects, neutral, as the dataset shows them (with the dynamics control, if it is on)."""
    plain = replace(settings, dynamics_control=(), pose=0.0, sensor_noise=0.0)
    model = draw_subject(portrait, fields, MODEL_SEED, MODEL, plain)
    pictures = [("neutral", _picture(model, (), plain))]
    pictures += [(f"AU {au}: {FACS_NAMES[au]}", _picture(model, (au,), plain)) for au in PAPER_AUS]
    pictures += [
        ("AU " + "+".join(map(str, aus)), _picture(model, aus, plain)) for aus in COMBINATIONS
    ]
    still = replace(plain, dynamics_control=settings.dynamics_control)
    for name in synthetic_subjects(settings.subjects)[:SHOWN_SUBJECTS]:
        subject = draw_subject(portrait, fields, seed, name, still)
        pictures.append((f"subject {name}, neutral", _picture(subject, (), plain, whole_head=True)))
    rows = -(-len(pictures) // COLUMNS)
    figure = new_figure(height=rows * (CELL_INCHES + 0.16))
    panels = figure.subplots(rows, COLUMNS).ravel()
    for axes in panels:
        axes.axis("off")
    for axes, (title, picture) in zip(panels, pictures, strict=False):
        axes.imshow(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), interpolation="nearest")
        axes.set_title(title, fontsize=7, color=GRAY, pad=2)
    return figure


def _picture(
    subject: Subject, aus: tuple[int, ...], settings: SyntheticSettings, whole_head: bool = False
) -> np.ndarray:
    """A square picture (side, side, 3) uint8 BGR with ``aus`` at intensity 5, of the face or of
    the whole head."""
    intensities = np.array([[5.0 if au in aus else 0.0 for au in PAPER_AUS]])
    side = 320 if whole_head else 400
    iod = 62 if whole_head else 130
    rng = generator(0, "contact sheet")
    scene = draw_scene(rng, 1, (side, side), settings.pose, settings.sensor_noise)
    frame, _ = next(render(subject, intensities, scene, rng, iod=iod))
    return frame

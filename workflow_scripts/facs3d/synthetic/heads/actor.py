"""Somebody to film: shape, paint, hair, glasses and how their face moves."""

from dataclasses import dataclass

import cv2
import numpy as np

from facs3d.core.action_units import PAPER_AUS
from facs3d.synthetic.heads import geometry
from facs3d.synthetic.heads.creases import resting_relief
from facs3d.synthetic.heads.curtain import hang
from facs3d.synthetic.heads.expression import (
    OTHERS,
    action_displacements,
    other_displacements,
)
from facs3d.synthetic.heads.glasses import Glasses, draw_glasses
from facs3d.synthetic.heads.head_file import SKIN, load_head
from facs3d.synthetic.heads.layout import texture_points
from facs3d.synthetic.heads.render import Surface, openness
from facs3d.synthetic.heads.skin import paint

LID_AUS = [PAPER_AUS.index(au) for au in (6, 7)]
NARROWING = np.array([0.27, 0.36])
"""How far AUs 6 and 7 at full strength close average eyes."""
MOST_NARROWED = 0.4
"""How far they close eyes at most: unlike a blink they leave the iris in sight."""
SHUT = 0.82
"""How much of the unit eyeBlink shuts average eyes; the rest pulls the lids over each other."""
BLINK = OTHERS.index("eyeBlink")


@dataclass(frozen=True)
class Actor:
    """``vertices`` (V, 3) float32 at rest with hair on, ``surface`` and ``glasses`` if any;
    ``gain`` (12, 2) of each AU's movement on the person's right and left side, and ``offsets``
    (12,): what AUs the resting face looks like, in units of intensity; ``lids``: how far these
    eyes are open at rest, over the mesh's average."""

    vertices: np.ndarray
    surface: Surface
    glasses: Glasses | None
    gain: np.ndarray
    offsets: np.ndarray
    lids: float

    def moved(self, shares: np.ndarray, others: np.ndarray) -> np.ndarray:
        """Vertices (V, 3) float32 with AUs at ``shares`` (12,) of their full look and the other
        movements at ``others`` (len(OTHERS),)."""
        weights = (shares[:, None] * self.gain).astype(np.float32)
        closed = others[BLINK]
        others = others.copy()
        others[BLINK] *= SHUT * self.lids
        # AUs 6 and 7 narrow the same eye, and a blinking one has no room left to narrow.
        narrowed = float(NARROWING @ np.maximum(shares[LID_AUS], 0))
        room = min(1.0, MOST_NARROWED / max(narrowed, 1e-6)) * (1 - 0.85 * min(closed, 1.0))
        weights[LID_AUS] *= np.float32(room * self.lids)
        moved = np.tensordot(weights, action_displacements(), 2)
        return self.vertices + moved + np.tensordot(others, other_displacements(), 1)


def make_actor(rng: np.random.Generator, offsets: np.ndarray) -> Actor:
    """Draw a person: everything about them comes from ``rng`` (``offsets`` is kept as it is)."""
    person = geometry.draw_person(rng)
    coat = paint(person, rng)
    places = texture_points()[load_head().part(SKIN)]
    thick = np.zeros(len(person.vertices), np.float32)
    thick[load_head().part(SKIN)] = cv2.remap(
        coat.hair, places[None, :, 0], places[None, :, 1], cv2.INTER_LINEAR
    )[0]
    vertices = person.vertices + geometry.normals(person.vertices) * thick[:, None]
    long_hair = rng.random() < (0.04 if person.man > 0.5 else 0.75) and thick.any()
    curtain = hang(vertices, rng) if long_hair else None
    relief = resting_relief(rng, person.age, rough=0.4 + 0.6 * person.man)
    furrows = rng.uniform(0.55, 1.0) + 0.4 * person.age
    surface = Surface(coat.colour, relief, openness(vertices), np.minimum(20 * thick, 1),
                      coat.gloss, furrows, curtain)  # fmt: skip
    gain = np.exp(rng.normal(0, 0.13, (len(PAPER_AUS), 1)) + rng.normal(0, 0.09, (12, 2)))
    lids = geometry.lid_opening(person.vertices) / geometry.lid_opening(geometry.mean_head())
    return Actor(vertices, surface, draw_glasses(rng, person.vertices), gain, offsets, lids)

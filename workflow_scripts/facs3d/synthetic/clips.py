"""Clips straight from rendered frames, with no video between: for training on many people."""

from collections.abc import Sequence

import cv2
import numpy as np

from facs3d.core.action_units import PAPER_AUS
from facs3d.core.seeding import generator
from facs3d.preprocessing.alignment import RegistrationSettings
from facs3d.preprocessing.clips import Clip
from facs3d.preprocessing.landmarks import FaceLandmarker
from facs3d.preprocessing.registration import register_frame
from facs3d.preprocessing.sampling import sample_positions, shrink
from facs3d.preprocessing.settings import SamplingSettings
from facs3d.synthetic.dataset import OCCURRENCE, Film, SyntheticSettings
from facs3d.synthetic.performance import draw_intensities, intensity_labels


def render_clip(
    film: Film,
    names: tuple[str, str],
    seed: int,
    action_units: Sequence[int],
    settings: tuple[SyntheticSettings, RegistrationSettings, SamplingSettings],
) -> Clip:
    """Render, register and sample what :func:`facs3d.synthetic.dataset.write_video` would write for
    the subject and task ``names``: the same performance, never compressed as a video.

    Raises :class:`facs3d.core.errors.InputError` if faces are lost in too many frames for a clip.
    """
    synthesis, registration, sampling = settings
    rng = generator(seed, "video", *names)
    intensities = draw_intensities(
        rng, synthesis.frames, synthesis.base_rate_floor, synthesis.together
    )
    faces, usable = [], []
    with FaceLandmarker() as landmarker:
        for number, (frame, _eyes) in enumerate(film(intensities, rng)):
            _row, face = register_frame(number, frame, landmarker, registration)
            if face is not None:
                faces.append(shrink(cv2.cvtColor(face, cv2.COLOR_BGR2GRAY), sampling.image_size))
                usable.append(number)
    drawn = sample_positions(len(usable), sampling, generator(seed, "sampling", "_".join(names)))
    shown = [PAPER_AUS.index(au) for au in action_units]
    numbers = np.array(usable, np.int32)[drawn]
    labels = intensity_labels(intensities)[numbers][:, shown] >= OCCURRENCE
    return Clip(np.stack([faces[place] for place in drawn]), labels.astype(np.int8), numbers)

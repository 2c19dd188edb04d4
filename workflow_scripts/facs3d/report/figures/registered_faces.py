"""Contact sheet of registered faces: bad registration shows as eyes off their places."""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from facs3d.core.settings import Settings, setting
from facs3d.preprocessing.alignment import RegistrationSettings, template_landmarks
from facs3d.preprocessing.clips import ClipSet
from facs3d.preprocessing.face_mesh import eye_centres
from facs3d.report.figures.style import GRAY, new_figure

LINE = "#56B4E9"
FACE_INCHES = 1.1
LABEL_INCHES = 0.35


@dataclass(frozen=True)
class RegisteredFacesSettings(Settings, section="figures.registered_faces"):
    """How much the contact sheet of registered faces shows."""

    n_subjects: int = setting(6, "rows, a subject each", minimum=1)
    n_frames: int = setting(6, "faces in a row", minimum=1)


def expected_eyes(registration: RegistrationSettings, side: int) -> np.ndarray:
    """Where registration puts the mean face's right and left eye centre in clips of ``side`` px,
    (2, 2) float64 x, y; clips may be smaller than the registered faces."""
    eyes = eye_centres(template_landmarks(registration))
    return (eyes + 0.5) * side / registration.image_size - 0.5


def draw_registered_faces(
    clips: ClipSet, eyes: np.ndarray, settings: RegisteredFacesSettings
) -> Figure:
    """Frames evenly through one clip of each of some subjects, with a cross on each of the
    ``eyes`` (2, 2) x, y and the line through them."""
    chosen = _one_clip_each(clips, settings.n_subjects)
    if not chosen:
        return _nothing_to_show()
    moments = np.unique(
        np.linspace(0, clips.frame_shape[0] - 1, settings.n_frames).round().astype(int)
    )
    figure = new_figure(
        width=FACE_INCHES * len(moments) + LABEL_INCHES,
        height=(FACE_INCHES + 0.15) * len(chosen) + LABEL_INCHES,
    )
    panels = figure.subplots(len(chosen), len(moments), squeeze=False)
    for row, index in zip(panels, chosen, strict=True):
        faces = clips.read_frames([index])[0]
        for axes, moment in zip(row, moments, strict=True):
            axes.imshow(faces[moment], cmap="gray", vmin=0, vmax=255)
            axes.axline(*eyes, color=LINE, linewidth=0.8)
            axes.plot(*eyes.T, "+", color=LINE, markersize=8)
            axes.set_xticks([])
            axes.set_yticks([])
            axes.spines[:].set_visible(False)
            axes.set_xlabel(f"frame {clips.frame_number[index, moment]}", size=6, labelpad=1)
        row[0].set_ylabel(clips.video[index])
    distance = np.hypot(*(eyes[1] - eyes[0]))
    figure.suptitle(
        f"Crosses: where the mean face's eye centres lie, {distance:.3g} px apart", size=8
    )
    return figure


def _one_clip_each(clips: ClipSet, n_subjects: int) -> list[int]:
    """Index of the first clip of each of ``n_subjects`` subjects, taken evenly from all."""
    subjects = sorted(set(clips.subject))
    if not subjects:
        return []
    places = np.unique(np.linspace(0, len(subjects) - 1, n_subjects).round().astype(int))
    return [clips.subject.index(subjects[place]) for place in places]


def _nothing_to_show() -> Figure:
    figure = new_figure(height=1, width=3)
    figure.text(0.5, 0.5, "no clip: every video was excluded", ha="center", color=GRAY)
    return figure

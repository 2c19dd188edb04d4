"""Clips of painted faces: a spot in its own region brightens while an AU is present.

What must come out of them is known: a still tells all, or, of AUs whose spots are bright at rest in
some people and dark in others, only change does; AUs come independently or, AUs 6, 10 and 12,
together.
"""

from dataclasses import asdict
from pathlib import Path

import h5py
import numpy as np
from scipy.ndimage import distance_transform_edt, gaussian_filter

from facs3d.core.action_units import PAPER_AUS
from facs3d.evaluation.occlusion.au_regions import region_mask
from facs3d.preprocessing.alignment import RegistrationSettings
from facs3d.preprocessing.clips import create_clips
from facs3d.preprocessing.expected_input import ExpectedInput

REGISTRATION = RegistrationSettings(centre="eye_line")
LENGTH = 6
COMPANY = [PAPER_AUS.index(au) for au in (6, 10, 12)]
LIPS = {23: "left", 24: "right"}
"""Two AUs share a region: each has a half of it."""
FAINT = {6: 0.5, 12: 0.5}
"""So faint that their company tells more."""
GRAY, BRIGHTNESS, NOISE = 128, 25.0, 5.0


def spots(side: int) -> np.ndarray:
    """Where each AU shows, (A, S, S) in [0, 1]: about the place deepest in its region and, where
    there is one, outside all others'."""
    masks = {au: region_mask(au, REGISTRATION, side) for au in PAPER_AUS}
    painted = []
    for au, mask in masks.items():
        own = mask.copy()
        if au in LIPS:
            own[:, slice(side // 2, side) if LIPS[au] == "left" else slice(side // 2)] = False
        shared = np.any([masks[other] for other in PAPER_AUS if other != au], axis=0)
        own = own & ~shared if (own & ~shared).sum() > 4 else own
        depth = distance_transform_edt(own)
        spot = np.zeros((side, side))
        spot[np.unravel_index(depth.argmax(), depth.shape)] = 1
        spot = gaussian_filter(spot, side / 31)
        painted.append(spot / spot.max())
    return np.stack(painted)


def write_painted_faces(
    path: Path,
    n_subjects: int,
    side: int,
    controlled: tuple[int, ...] = (),
    rest: float = 0.0,
    together: bool = True,
) -> Path:
    """``n_subjects`` people in a clip each, for subjects, not videos, make the effect; faces of
    ``side`` px. ``rest``: standard deviation of the brightness at rest of the AUs ``controlled``,
    in units of what presence adds."""
    random = np.random.default_rng(5)
    n_aus, n_clips = len(PAPER_AUS), n_subjects
    present = _episodes(random, (n_clips, n_aus))
    if together:
        with_ten = random.random((n_clips, 3, 1)) < 0.9
        present[:, COMPANY] = np.where(with_ten, present[:, COMPANY[1:2]], present[:, COMPANY])
    own = np.array([rest * (au in controlled) for au in PAPER_AUS])
    at_rest = random.normal(0, 1, (n_clips, n_aus)) * own
    strength = np.array([FAINT.get(au, 1.0) for au in PAPER_AUS])
    shown = (present + at_rest[..., np.newaxis]) * strength[:, np.newaxis]
    frames = GRAY + BRIGHTNESS * np.einsum("cat,ayx->ctyx", shown, spots(side))
    # The same in all frames of a clip: of other noise in each, time would tell more than a still.
    frames += random.normal(0, NOISE, (n_clips, 1, side, side))
    expected = ExpectedInput((1,), 25.0, asdict(REGISTRATION))
    with h5py.File(path, "w") as file:
        create_clips(file, n_clips, (LENGTH, side, side), PAPER_AUS, expected)
        file["frames"][...] = frames.clip(0, 255).round().astype(np.uint8)
        file["labels"][...] = present.transpose(0, 2, 1)
        file["frame_number"][...] = np.arange(1, LENGTH + 1)
        file["subject"][...] = [f"F{1 + index:03d}" for index in range(n_clips)]
        file["task"][...] = ["T1"] * n_clips
    return path


def _episodes(random: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
    """Presence (C, A, T) int: absent at first, then from a random onset to the end."""
    onset = random.integers(1, LENGTH + 2, (*shape, 1))
    return (np.arange(LENGTH) >= onset).astype(np.int8)

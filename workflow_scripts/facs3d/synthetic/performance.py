"""What a subject does in a video: time courses of the 12 AUs' intensities, and their labels.

Base rates are shaped like the paper's Table I, co-occurrence like its Fig. 5: AUs 6, 7, 10, 12
and 14 come together, so do 1 and 2, and 1, 4, 15, 17, 23 and 24 in negative displays. Drawn
independently instead, one AU says nothing of another: neither whether it shows nor when.
"""

from math import erf

import numpy as np

from facs3d.core.action_units import PAPER_AUS

FRAMES_PER_SECOND = 25
"""At which the paces of what people do are given."""
TABLE_1_BASE_RATES = (
    9.11,
    6.77,
    7.94,
    42.59,
    62.99,
    58.64,
    52.82,
    39.34,
    10.46,
    14.89,
    14.10,
    2.99,
)
"""Percent of frames, the paper's Table I, column BR."""
HIGHEST_BASE_RATE = 0.5
OCCURS_FROM = 1.5
"""An intensity rounds to B (2) or more from here on: the paper's threshold of occurrence."""

TOGETHER = {
    (1, 2): 0.65, (1, 4): 0.2, (1, 15): 0.35, (4, 7): 0.3, (4, 15): 0.25, (4, 17): 0.25,
    (4, 23): 0.25, (4, 24): 0.2, (6, 7): 0.6, (6, 10): 0.6, (6, 12): 0.75, (7, 10): 0.45,
    (7, 12): 0.5, (10, 12): 0.6, (6, 14): 0.3, (10, 14): 0.35, (12, 14): 0.3, (7, 14): 0.25,
    (12, 15): -0.3, (12, 17): -0.2, (6, 15): -0.2, (12, 24): -0.2, (15, 17): 0.6, (17, 23): 0.3,
    (17, 24): 0.5, (15, 24): 0.2, (14, 24): 0.2, (14, 17): 0.15, (2, 4): -0.2, (12, 23): -0.15,
}  # fmt: skip
"""Correlation of the hidden tendencies to show two AUs in one video."""
POSITIVE_AUS = (6, 7, 10, 12, 14)
EARLY, LATE = (0.32, 0.46), (0.58, 0.72)
"""Where the middle of a display lies, in shares of a video."""


def _mixing() -> np.ndarray:
    """Matrix (12, 12) that gives independent normal values the correlations of TOGETHER."""
    correlation = np.eye(len(PAPER_AUS))
    for (a, b), value in TOGETHER.items():
        i, j = PAPER_AUS.index(a), PAPER_AUS.index(b)
        correlation[i, j] = correlation[j, i] = value
    # The pairs above need not make a valid correlation matrix: take the nearest by eigenvalues.
    values, vectors = np.linalg.eigh(correlation)
    mixing = (vectors * np.sqrt(np.maximum(values, 1e-6))) @ vectors.T
    return mixing / np.linalg.norm(mixing, axis=0)


MIXING = _mixing()


def base_rates(floor: float) -> np.ndarray:
    """Share of frames with each AU (12,): Table I's between ``floor`` and 0.5."""
    return np.clip(np.array(TABLE_1_BASE_RATES) / 100, floor, HIGHEST_BASE_RATE)


def draw_intensities(
    rng: np.random.Generator, frames: int, floor: float, together: str = "paper"
) -> np.ndarray:
    """Intensities (frames, 12), float32 in [0, 5], of one video.

    Each AU has at most one episode (onset, apex, offset), and may show a trace where it has none.
    ``together`` as in the paper, episodes of a display come at about the same time: a smile's early
    and a negative one's late, or the other way round. With ``independent`` each AU comes early or
    late by itself; base rates and episodes are the same.
    """
    rates = base_rates(floor)
    occupied = 0.42 + 0.4 * rates
    tendency = rng.standard_normal(len(PAPER_AUS))
    if together == "paper":
        tendency = tendency @ MIXING
    shown = _normal_cdf(tendency) > 1 - rates / occupied
    if together == "paper":
        displays = rng.permutation([rng.uniform(*EARLY), rng.uniform(*LATE)])
        centres = displays[[int(au in POSITIVE_AUS) for au in PAPER_AUS]]
    else:
        late = rng.random(len(PAPER_AUS)) < 0.5
        drawn = rng.uniform(*EARLY, len(PAPER_AUS)), rng.uniform(*LATE, len(PAPER_AUS))
        centres = np.where(late, *drawn[::-1])
    intensities = np.zeros((frames, len(PAPER_AUS)), np.float32)
    for index in range(len(PAPER_AUS)):
        share = occupied[index] * rng.uniform(0.75, 1.25)
        centre = centres[index] + rng.normal(0, 0.05)
        peak = rng.uniform(2.4, 5.0)
        onset, offset = rng.uniform(0.09, 0.20), rng.uniform(0.12, 0.28)
        trace = rng.uniform(0.5, 1.3) if rng.random() < 0.15 else 0.0
        latest = 1 - share / 2
        centre = min(max(centre, share / 2 + 0.10), latest)
        course = _episode(np.arange(frames) / frames, centre, share, peak, onset, offset)
        if not shown[index]:
            course *= trace / peak
        else:
            course += _flutter(rng, frames) * np.clip(course - 2, 0, 1)
        intensities[:, index] = course
    return np.clip(intensities, 0, 5)


def intensity_labels(intensities: np.ndarray) -> np.ndarray:
    """The FACS coder's integer intensities 0–5, int64, halves rounded up."""
    return np.floor(np.asarray(intensities, np.float64) + 0.5).astype(np.int64)


def _normal_cdf(z: np.ndarray) -> np.ndarray:
    return np.array([0.5 * (1 + erf(value / 2**0.5)) for value in z])


def _episode(
    time: np.ndarray, centre: float, share: float, peak: float, onset: float, offset: float
) -> np.ndarray:
    """Rise to ``peak`` within ``onset``, hold, fall within ``offset`` (shares of the video), at
    occurrence for ``share`` of it around ``centre``."""
    crossing = _smooth_step_inverse(OCCURS_FROM / peak)
    rise = _smooth_step((time - (centre - share / 2)) / onset + crossing)
    fall = _smooth_step((centre + share / 2 - time) / offset + crossing)
    return peak * np.minimum(rise, fall)


def _smooth_step(t: np.ndarray) -> np.ndarray:
    return 0.5 - 0.5 * np.cos(np.pi * np.clip(t, 0, 1))


def _smooth_step_inverse(value: float) -> float:
    return float(np.arccos(1 - 2 * value) / np.pi)


def _flutter(rng: np.random.Generator, frames: int) -> np.ndarray:
    steps = rng.standard_normal(frames + 8)
    return 0.5 * np.convolve(steps, np.ones(9) / 9, mode="valid")


def wander(rng: np.random.Generator, frames: int, channels: int, pace: float) -> np.ndarray:
    """Smooth random motion (frames, channels) of about unit standard deviation; a new aim every
    ``pace`` frames."""
    knots = rng.standard_normal((int(frames // pace) + 4, channels))
    position = np.arange(frames) / pace + 1
    start = position.astype(int)
    weight = 0.5 - 0.5 * np.cos(np.pi * (position - start))[:, None]
    return knots[start] * (1 - weight) + knots[start + 1] * weight

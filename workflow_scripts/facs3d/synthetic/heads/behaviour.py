"""What a face does besides the 12 AUs, without a label: blinks, gaze, open mouths, speech."""

import numpy as np

from facs3d.core.action_units import PAPER_AUS
from facs3d.synthetic.heads.expression import OTHERS
from facs3d.synthetic.performance import FRAMES_PER_SECOND, wander

CLOSING = {15: 0.5, 17: 0.9, 23: 1.0, 24: 1.0, 14: 0.3}
"""How far an AU at full strength keeps the mouth shut."""
GRINS = 0.35
"""Share of videos in which a smile shows the teeth."""


def draw_others(
    rng: np.random.Generator, shares: np.ndarray, frames_per_second: float = FRAMES_PER_SECOND
) -> np.ndarray:
    """Weights (frames, len(OTHERS)) float32 beside AUs at ``shares`` (frames, 12)."""
    frames, rate = len(shares), frames_per_second / FRAMES_PER_SECOND
    weights = {name: np.zeros(frames) for name in OTHERS}
    weights["eyeBlink"] += _blinks(rng, frames, rate)
    across, up = 0.35 * wander(rng, frames, 2, 18 * rate).T + rng.normal(0, 0.15, (2, 1))
    weights["eyeToLeft"] += np.clip(across, 0, 0.8)
    weights["eyeToRight"] += np.clip(-across, 0, 0.8)
    weights["eyeLookUp"] += np.clip(0.6 * up, 0, 0.5)
    weights["eyeLookDown"] += np.clip(-0.7 * up, 0, 0.6)
    kept_shut = sum(share * shares[:, PAPER_AUS.index(au)] for au, share in CLOSING.items())
    free = np.clip(1 - 1.6 * np.asarray(kept_shut), 0, 1)
    if rng.random() < GRINS:
        _grin(rng, weights, shares[:, PAPER_AUS.index(12)] * free)
    else:
        _open_mouth(rng, weights, free, rate)
    narrow = shares[:, PAPER_AUS.index(6)] + shares[:, PAPER_AUS.index(7)]
    for name, chance, low, high, gate in (
        ("eyeWide", 0.10, 0.25, 0.7, np.clip(1 - 1.5 * narrow, 0, 1)),
        ("noseSneer", 0.06, 0.3, 0.8, 1.0),
        ("cheekPuff", 0.05, 0.3, 0.9, free),
        ("mouthPucker", 0.06, 0.3, 0.9, free),
        ("jawLeft", 0.04, 0.2, 0.6, 1.0),
        ("jawRight", 0.04, 0.2, 0.6, 1.0),
    ):
        if rng.random() < chance:
            weights[name] += rng.uniform(low, high) * _spell(rng, frames) * gate
    return np.column_stack([weights[name] for name in OTHERS]).astype(np.float32)


def _blinks(rng: np.random.Generator, frames: int, rate: float) -> np.ndarray:
    """How far the lids are shut (frames,); ``rate``: how many times faster than
    ``FRAMES_PER_SECOND`` frames follow one another."""
    closed = np.zeros(frames)
    at = rng.exponential(2.5 * FRAMES_PER_SECOND * rate)
    while at < frames:
        course = 1 - np.abs(np.arange(frames) - at) / (rng.uniform(2.2, 4.0) * rate)
        closed = np.maximum(closed, np.clip(1.5 * course, 0, 1))
        at += 6 * rate + rng.exponential(3 * FRAMES_PER_SECOND * rate)
    return closed


def _spell(rng: np.random.Generator, frames: int) -> np.ndarray:
    """A movement that comes and goes once, from 0 to 1."""
    middle, length = rng.uniform(0, frames), rng.uniform(0.25, 0.8) * frames
    course = 1 - np.abs(np.arange(frames) - middle) / (length / 2)
    return 0.5 - 0.5 * np.cos(np.pi * np.clip(1.6 * course, 0, 1))


def _grin(rng: np.random.Generator, weights: dict[str, np.ndarray], smile: np.ndarray) -> None:
    """AU25 with a smile: both lips leave the teeth."""
    weights["mouthLowerDown"] += rng.uniform(0.5, 1.2) * smile
    weights["mouthUpperUp"] += rng.uniform(0.1, 0.4) * smile
    weights["jawOpen"] += rng.uniform(0.02, 0.22) * smile


def _open_mouth(
    rng: np.random.Generator, weights: dict[str, np.ndarray], free: np.ndarray, rate: float
) -> None:
    """AU25 to 27 and speech, as far as the mouth is ``free``."""
    frames = len(free)
    kind = rng.choice(["shut", "parted", "open", "speech"], p=[0.42, 0.25, 0.15, 0.18])
    if kind == "shut":
        return
    spell = _spell(rng, frames) * free
    if kind == "parted":
        weights["mouthLowerDown"] += rng.uniform(0.15, 0.7) * spell
        weights["mouthUpperUp"] += rng.uniform(0.0, 0.12) * spell
        weights["jawOpen"] += rng.uniform(0.03, 0.14) * spell
    elif kind == "open":
        weights["jawOpen"] += rng.uniform(0.15, 0.6) * spell
    else:
        syllables = np.clip(0.5 + 0.6 * wander(rng, frames, 4, 4 * rate), 0, 1.3) * free[:, None]
        weights["jawOpen"] += 0.22 * syllables[:, 0]
        weights["mouthFunnel"] += 0.30 * syllables[:, 1] * (1 - syllables[:, 2] / 1.3)
        weights["mouthStretch"] += 0.25 * syllables[:, 2]
        weights["mouthLowerDown"] += 0.30 * syllables[:, 3]

"""Person calibration: what an AU's probability is above that of the person's own resting face.

A face at rest may look like an AU. As OpenFace does in its offline mode
(``FaceAnalyser::ExtractAllPredictionsOfflineReg``, with intensities and a share learnt per AU; its
online mode takes the lowest tenth), the value that a share of the video's frames lies below is
taken for the resting face's and subtracted; what is below 0 then is 0. What is left is stretched so
that 1 stays 1, for these are probabilities: (p - rest) / (1 - rest). That assumes that one person
is seen, who does not show the AU in at least that share of the frames: of one who smiles all the
time the smile is taken away.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from facs3d.core.action_units import au_column

ASSUMES = (
    "one person, who in at least this share of the frames with a face does not show the AU; "
    "<AU>_present and the events follow the uncalibrated probability"
)


def resting_probability(probability: np.ndarray, share: float) -> np.ndarray:
    """Of each AU (A,) the probability that ``share`` (in [0, 1)) of the frames with a face lie
    below; of ``probability`` (N, A), NaN without a face. NaN if there is no face at all."""
    seen = np.sort(probability[~np.isnan(probability[:, 0])], axis=0)
    if not len(seen):
        return np.full(probability.shape[1], np.nan)
    return seen[int(len(seen) * share)]


def person_calibrated(probability: np.ndarray, resting: np.ndarray) -> np.ndarray:
    """How far the probabilities (N, A) are from the ``resting`` ones (A,) to 1, in [0, 1]; NaN
    stays NaN."""
    above = np.maximum(probability - resting, 0)
    return np.divide(above, 1 - resting, out=above, where=resting < 1)


def describe_baseline(
    share: float, resting: np.ndarray, action_units: Sequence[int]
) -> Mapping[str, object]:
    """Plain values for a file: the share, what it assumes, and each AU's resting probability."""
    known = [None if np.isnan(value) else float(value) for value in resting]
    return {
        "share": share,
        "assumes": ASSUMES,
        "resting_probability": dict(zip(map(au_column, action_units), known, strict=True)),
    }

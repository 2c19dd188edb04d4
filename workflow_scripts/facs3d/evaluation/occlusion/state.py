"""What an unfinished occlusion run has counted, on disk: an interrupted run goes on from there."""

import hashlib
import json
import sys
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from torch import nn

from facs3d.core.action_units import UNKNOWN
from facs3d.core.atomic import whole
from facs3d.core.resume import differences
from facs3d.evaluation.occlusion.ranking import N_GRADES
from facs3d.preprocessing.clips import ClipSet

DAMAGE = (OSError, EOFError, KeyError, ValueError, TypeError, RuntimeError, zipfile.BadZipFile)
"""What NumPy and zipfile raise of a damaged file; the last but one of its flags and version."""


BARE = -1
"""The last of the places at which a patch is counted: nowhere, the face as it is."""


@dataclass
class Counts:
    """Frames in the first ``n_clips`` of a run's clips, of A AUs at P places of the patch and,
    last, without it: ``detected`` (A, P + 1) int64, positive frames that reach the threshold;
    ``graded`` (2, A, P + 1, grades) int32, negative and positive frames by the grade of their
    logit."""

    detected: np.ndarray
    graded: np.ndarray
    n_clips: int = 0

    @classmethod
    def none(cls, n_aus: int, n_places: int) -> Self:
        """Before the first clip."""
        shape = (n_aus, n_places + 1)
        return cls(np.zeros(shape, np.int64), np.zeros((2, *shape, N_GRADES), np.int32))

    def grade(self, places: np.ndarray, labels: np.ndarray, grades: np.ndarray) -> None:
        """Add frames with the patch at ``places`` (P,): ``labels`` (T, A), the unknown left out,
        and ``grades`` (P, T, A)."""
        t, au = np.nonzero(labels != UNKNOWN)
        place = places[:, np.newaxis] % self.graded.shape[2]
        cells = (labels[t, au], au, place, grades[:, t, au])
        np.add.at(self.graded.reshape(-1), np.ravel_multi_index(cells, self.graded.shape), 1)


class OcclusionState:
    """The counts of an unfinished run, rewritten whole after every clip.

    ``identity`` holds by name what decides the result (plain values); counts of another identity
    are refused: the run starts anew.
    """

    def __init__(self, path: str | Path, identity: Mapping[str, Any]) -> None:
        self.path = Path(path)
        self.identity = json.loads(json.dumps(identity))

    def save(self, counts: Counts) -> None:
        """Keep the counts after ``counts.n_clips`` clips."""
        with whole(self.path) as unfinished:
            np.savez(unfinished, identity=json.dumps(self.identity), **vars(counts))

    def restore(self) -> Counts | None:
        """The counts kept by the same run; None, saying why on stderr, if they are of another."""
        try:
            with np.load(self.path) as kept:
                identity = json.loads(str(kept["identity"]))
                if difference := differences(identity, self.identity):
                    self._refuse(difference)
                    return None
                counts = Counts(kept["detected"], kept["graded"], int(kept["n_clips"]))
        except FileNotFoundError:
            return None
        except DAMAGE as error:
            self._refuse(f"it cannot be read ({error})")
            return None
        print(f"going on after clip {counts.n_clips} of {self.path}", file=sys.stderr)
        return counts

    def _refuse(self, reason: str) -> None:
        print(f"warning: {self.path} is of another run: {reason}; starting anew", file=sys.stderr)


def weights_digest(network: nn.Module) -> str:
    """A fingerprint of all weights and buffers of ``network``."""
    digest = hashlib.sha256()
    for name, values in network.state_dict().items():
        digest.update(name.encode())
        digest.update(values.detach().cpu().numpy().tobytes())
    return digest.hexdigest()


def clips_digest(clips: ClipSet, indices: np.ndarray) -> str:
    """A fingerprint of the names, labels and frames of the clips ``indices``, in order."""
    digest = hashlib.sha256()
    for index in indices:
        digest.update(clips.video[index].encode())
        digest.update(clips.labels[index].tobytes())
        digest.update(clips.read_frames([index]).tobytes())
    return digest.hexdigest()

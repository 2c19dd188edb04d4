"""What an unfinished occlusion run has counted, on disk: an interrupted run goes on from there."""

import hashlib
import json
import sys
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from torch import nn

from facs3d.core.atomic import whole
from facs3d.core.resume import differences
from facs3d.preprocessing.clips import ClipSet

DAMAGE = (OSError, EOFError, KeyError, ValueError, TypeError, RuntimeError, zipfile.BadZipFile)
"""What NumPy and zipfile raise of a damaged file; the last but one of its flags and version."""


@dataclass
class Counts:
    """Positive frames detected in the first ``n_clips`` of a run's clips: ``occluded`` (A, P) int64
    by patch position, ``unoccluded`` (A,) int64."""

    occluded: np.ndarray
    unoccluded: np.ndarray
    n_clips: int = 0


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
                counts = Counts(kept["occluded"], kept["unoccluded"], int(kept["n_clips"]))
        except FileNotFoundError:
            return None
        except DAMAGE as error:
            self._refuse(f"it cannot be read ({error})")
            return None
        if difference := differences(identity, self.identity):
            self._refuse(difference)
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

"""Occlusion results as maps: what was measured at patch positions, interpolated to pixels."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from facs3d.core.hdf5 import open_plain
from facs3d.evaluation.runs import Run

ACCURACY, AUC = "accuracy", "AUC"
MEASURES = {ACCURACY: "accuracy on positive frames", AUC: "AUC"}
"""What a patch may cost, and in full: accuracy on frames with the AU, as in the paper, or AUC, for
which frames without it count too."""


@dataclass(frozen=True)
class Occlusion:
    """A measure under occlusion, of A AUs at Y x X patch positions.

    ``score`` (A, Y, X) and without a patch ``baseline`` (A,) in [0, 1], NaN where it is undefined:
    the accuracy without positive frames, the AUC also without negative ones; ``measure`` is one of
    :data:`MEASURES`. ``n_positive`` (A,) frames, of which ``n_recognised`` unoccluded; ``y`` (Y,),
    ``x`` (X,): top and left edge of the patch in pixels; ``patch``: its side; ``mean_face`` (S, S):
    the mean of the faces occluded. These are the run's test set, or all of the dataset
    ``other_dataset``, and then only its AUs are known.
    """

    run: Run
    action_units: tuple[int, ...]
    score: np.ndarray
    baseline: np.ndarray
    n_positive: np.ndarray
    n_recognised: np.ndarray
    y: np.ndarray
    x: np.ndarray
    patch: int
    mean_face: np.ndarray
    other_dataset: str = ""
    measure: str = ACCURACY

    @property
    def place(self) -> str:
        """The run's, in words, and whose faces were occluded, if not its test set's."""
        on_other = f", on {self.other_dataset}" if self.other_dataset else ""
        return f"{self.run.place}{on_other}"


def read_occlusion(path: str | Path, measure: str = ACCURACY) -> Occlusion:
    """Read one measure of what :func:`facs3d.evaluation.occlusion.sensitivity.occlude` wrote; an
    ``InputError`` if the file is something else, or its values cannot be."""
    with open_plain(
        path, "an occlusion file", "write it with occlusion_sensitivity, or occlude_other_dataset"
    ) as file:
        shares = {
            name: file.numbers(name.lower(), np.floating, axes)
            for one in MEASURES
            for name, axes in ((one, "AYX"), (f"baseline_{one}", "A"))
        }
        for name, share in shares.items():
            possible = ((share >= 0) & (share <= 1)) | np.isnan(share)
            file.check(bool(possible.all()), f"{name.lower()!r} is not from 0 to 1")
        n_positive = file.numbers("n_positive", np.integer, "A")
        file.check(bool((n_positive >= 0).all()), "'n_positive' is negative")
        recognised = n_positive * np.nan_to_num(shares[f"baseline_{ACCURACY}"])
        occlusion = Occlusion(
            run=Run(file.text("model"), file.integer("repeat"), file.integer("fold")),
            action_units=file.integers("action_units", "A"),
            score=shares[measure],
            baseline=shares[f"baseline_{measure}"],
            n_positive=n_positive,
            n_recognised=np.rint(recognised).astype(int),
            y=file.numbers("y", np.integer, "Y"),
            x=file.numbers("x", np.integer, "X"),
            patch=file.integer("patch"),
            mean_face=file.numbers("mean_face", np.floating, "SS"),
            other_dataset=file.text("other_dataset") if file.has("other_dataset") else "",
            measure=measure,
        )
        most = len(occlusion.mean_face) - occlusion.patch
        for name in ("y", "x"):
            steps = np.diff([-1, *getattr(occlusion, name).tolist(), most + 1])
            file.check(bool((steps > 0).all()), f"{name!r} does not ascend within the face")
        least = min(*occlusion.run.test_set, occlusion.patch)
        file.check(least > 0, "'repeat', 'fold' or 'patch' is not positive")
        return occlusion


def interpolate(values: np.ndarray, y: np.ndarray, x: np.ndarray, side: int) -> np.ndarray:
    """Bilinear interpolation of ``values`` (Y, X), given at pixel rows ``y`` and columns ``x``
    (both ascending), to every pixel of a ``side`` x ``side`` image.

    Never beyond the values measured; NaN outside the outermost positions, where nothing was.
    """
    along_y, along_x = _weights(y, side), _weights(x, side)
    return along_y @ values @ along_x.T


def drop_map(occlusion: Occlusion, index: int) -> np.ndarray:
    """Drop of the measure, in percentage points, of the AU at ``index`` at every pixel (S, S).

    A position's score belongs to the centre of its patch and is interpolated between centres;
    NaN in the rim beyond them.
    """
    drop = 100 * (occlusion.baseline[index] - occlusion.score[index])
    to_centre = (occlusion.patch - 1) / 2
    side = occlusion.mean_face.shape[0]
    return interpolate(drop, occlusion.y + to_centre, occlusion.x + to_centre, side)


def _weights(positions: np.ndarray, side: int) -> np.ndarray:
    """(side, len(positions)): how much each position counts at each pixel."""
    pixels = np.arange(side)
    columns = [
        np.interp(pixels, positions, unit, left=np.nan, right=np.nan)
        for unit in np.eye(len(positions))
    ]
    return np.column_stack(columns)

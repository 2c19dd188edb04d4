"""Occlusion results as maps: what was measured at patch positions, interpolated to pixels."""

from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np

from facs3d.core.errors import InputError


@dataclass(frozen=True)
class Occlusion:
    """Accuracy on positive frames under occlusion, of A AUs at Y x X patch positions.

    ``accuracy`` (A, Y, X) and ``baseline_accuracy`` (A,) in [0, 1], NaN without positives;
    ``n_positive`` (A,) frames; ``y`` (Y,), ``x`` (X,): top and left edge of the patch in pixels;
    ``patch``: its side; ``mean_face`` (S, S): the mean of the test set's faces.
    """

    model: str
    fold: int
    action_units: tuple[int, ...]
    accuracy: np.ndarray
    baseline_accuracy: np.ndarray
    n_positive: np.ndarray
    y: np.ndarray
    x: np.ndarray
    patch: int
    mean_face: np.ndarray

    @property
    def n_recognised(self) -> np.ndarray:
        """Positive frames that the model recognises unoccluded, (A,) int."""
        return np.rint(self.n_positive * np.nan_to_num(self.baseline_accuracy)).astype(int)


def read_occlusion(path: str | Path) -> Occlusion:
    """Read what occlusion_sensitivity wrote; :class:`InputError` if the file is something else."""
    arrays = ("accuracy", "baseline_accuracy", "n_positive", "y", "x", "mean_face")
    try:
        with h5py.File(path) as file:
            return Occlusion(
                model=str(file.attrs["model"]),
                fold=int(file.attrs["fold"]),
                action_units=tuple(int(au) for au in file.attrs["action_units"]),
                patch=int(file.attrs["patch"]),
                **{name: file[name][:] for name in arrays},
            )
    except FileNotFoundError:
        raise
    except (OSError, KeyError, ValueError) as error:
        raise InputError(f"{path}: not an occlusion file ({error})") from error


def interpolate(values: np.ndarray, y: np.ndarray, x: np.ndarray, side: int) -> np.ndarray:
    """Bilinear interpolation of ``values`` (Y, X), given at pixel rows ``y`` and columns ``x``
    (both ascending), to every pixel of a ``side`` x ``side`` image.

    Never beyond the values measured; NaN outside the outermost positions, where nothing was.
    """
    along_y, along_x = _weights(y, side), _weights(x, side)
    return along_y @ values @ along_x.T


def drop_map(occlusion: Occlusion, index: int) -> np.ndarray:
    """Drop in accuracy, in percentage points, of the AU at ``index`` at every pixel (S, S).

    A position's accuracy belongs to the centre of its patch and is interpolated between centres;
    NaN in the rim beyond them.
    """
    drop = 100 * (occlusion.baseline_accuracy[index] - occlusion.accuracy[index])
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

"""The AUs of a video from Python, such as in a notebook: by the steps of the workflow, which keep
nothing on disk."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import torch

from facs3d.core.errors import InputError
from facs3d.prediction.faces import open_faces
from facs3d.prediction.predict import check_fits, load_models, predict_to_table
from facs3d.prediction.registration import register_as_trained


def predict_video(
    path: str | Path,
    weights: str | Path | Sequence[str | Path],
    threshold: float = 0.5,
    device: torch.device | str = "cpu",
    baseline: float | None = None,
) -> pd.DataFrame:
    """The AUs of a video, or of a folder of images, as ``<video>.aus.csv`` has them
    (:mod:`facs3d.prediction.au_table`): a row per frame, NaN where there is no face.

    ``weights``: a weights file, or several whose mean is taken; faces are registered as they were
    for its training. ``threshold``: probability from which an AU is called present, unless the
    weights were judged, which have their own. ``baseline``: as ``predict.baseline``, the share of
    frames of the person's resting face; with it there are ``AU01_calibrated`` …. Raises
    :class:`InputError` for a file that is no video, a folder of videos, or weights that are none.
    """
    paths = [weights] if isinstance(weights, str | Path) else list(weights)
    if not paths:
        raise InputError("predict_video: no weights file; give one or more")
    models = load_models(paths, device)
    with tempfile.TemporaryDirectory(prefix="facs3d-") as folder:
        faces_path, tracking, table = (Path(folder, name) for name in ("f.h5", "t.csv", "aus.csv"))
        register_as_trained(
            Path(path), models[0].expected_input, models[0].clip_shape[1], faces_path, tracking
        )
        with open_faces(faces_path) as faces:
            check_fits(models[0], faces, None)
            predict_to_table(models, faces, tracking, threshold, table, baseline)
        frames = pd.read_csv(table)
    return frames.assign(note=frames["note"].fillna(""))

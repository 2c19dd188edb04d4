"""A network's predictions of whole clips, and their mean scores while it trains."""

from dataclasses import dataclass

import numpy as np
import torch

from facs3d.clips import ClipSet
from facs3d.metrics import area_under_roc, f1
from facs3d.models import ActionUnitModel, as_input
from facs3d.predictions import Predictions
from facs3d.progress import track

THRESHOLD = 0.5


def predict(model: ActionUnitModel, clips: ClipSet, indices: np.ndarray) -> Predictions:
    """Probabilities of every frame of the clips ``indices``, one clip at a time."""
    model.eval()
    n_frames = clips.frame_shape[0]
    probability = np.empty((len(indices), n_frames, len(clips.action_units)))
    for row, index in enumerate(track(indices, "predicting", "clips")):
        probability[row] = clip_probability(model, clips.read_frames([index])[0])
    return Predictions(
        video=np.repeat(np.array(clips.video)[indices], n_frames),
        subject=np.repeat(np.array(clips.subject)[indices], n_frames),
        frame_number=clips.frame_number[indices].ravel(),
        probability=probability.reshape(-1, probability.shape[-1]),
        label=clips.labels[indices].reshape(-1, probability.shape[-1]),
        action_units=clips.action_units,
    )


def clip_probability(model: ActionUnitModel, frames: np.ndarray) -> np.ndarray:
    """Probabilities (T, A) float32 of a clip (T, S, S) uint8; the model is in evaluation mode."""
    with torch.inference_mode():
        clips = torch.from_numpy(frames[np.newaxis]).to(model.input_mean.device)
        return torch.sigmoid(model(as_input(clips)))[0].cpu().numpy()


@dataclass(frozen=True)
class Validation:
    """Clips that are not trained on, to be scored after each epoch."""

    clips: ClipSet
    indices: np.ndarray

    def score(self, model: ActionUnitModel) -> dict[str, float]:
        """Mean over the AUs of F1 and AUC over all frames; AUs where one is not defined are left
        out of its mean (NaN if that is all of them)."""
        predictions = predict(model, self.clips, self.indices)
        scores = {}
        for name, metric in (("validation_f1", f1), ("validation_auc", area_under_roc)):
            columns = zip(predictions.label.T, predictions.probability.T, strict=True)
            values = np.array([metric(*column, THRESHOLD) for column in columns])
            defined = values[~np.isnan(values)]
            scores[name] = float(defined.mean()) if len(defined) else float("nan")
        return scores

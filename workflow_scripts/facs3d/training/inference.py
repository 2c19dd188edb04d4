"""A network's predictions of whole clips, and their mean scores while it trains."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from facs3d.core.action_units import PRESENT, UNKNOWN
from facs3d.core.errors import InputError
from facs3d.core.progress import track
from facs3d.preprocessing.clips import ClipSet
from facs3d.training.models import ActionUnitModel, Network
from facs3d.training.predictions import Predictions

THRESHOLD = 0.5


def predict(model: Network, clips: ClipSet, indices: np.ndarray) -> Predictions:
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


def clip_probability(model: Network, frames: np.ndarray) -> np.ndarray:
    """Probabilities (T, A) float32 of a clip (T, S, S) uint8; the model is in evaluation mode."""
    with torch.inference_mode():
        clips = torch.from_numpy(frames[np.newaxis]).to(model.input_mean.device)
        return torch.sigmoid(all_finite(model(model.as_input(clips))))[0].cpu().numpy()


def all_finite(logits: Tensor) -> Tensor:
    """The logits; :class:`InputError` if one is NaN or infinite, as a diverged network's are."""
    if not torch.isfinite(logits).all():
        raise InputError(
            "the network answers a clip with NaN or infinite values; train it anew, with a smaller "
            "training.learning_rate"
        )
    return logits


@dataclass(frozen=True)
class ValidationClips:
    """Clips of training subjects that are not trained on, to be scored after each epoch."""

    clips: ClipSet
    indices: np.ndarray

    def score(self, model: ActionUnitModel) -> dict[str, float]:
        """Mean over the AUs of F1 and AUC over all frames; AUs where one is not defined are left
        out of its mean (NaN if that is all of them).

        scikit-learn's scores, not the tables': a change of those must train nothing anew.
        """
        # Its import would cost every training a second, and few are scored.
        from sklearn.metrics import f1_score, roc_auc_score

        predictions = predict(model, self.clips, self.indices)
        f1, auc = [], []
        for label, probability in zip(predictions.label.T, predictions.probability.T, strict=True):
            known = label != UNKNOWN
            true = label[known] == PRESENT
            if true.any():
                f1.append(f1_score(true, probability[known] >= THRESHOLD, zero_division=0.0))
            if true.any() and not true.all():
                auc.append(roc_auc_score(true, probability[known]))
        return {"validation_f1": _mean(f1), "validation_auc": _mean(auc)}


def _mean(values: list[float]) -> float:
    return float(np.mean(values)) if values else float("nan")

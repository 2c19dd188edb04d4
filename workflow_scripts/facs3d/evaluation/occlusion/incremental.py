"""The exact incremental occlusion engine: the paper's maps without recomputing (Sec. IV-C).

A patch of 15 x 15 px reaches a small part of every layer's map. The engine passes a clip through
the network's streams once and then computes, for a patch position, only that part. Its logits are
those of a full forward pass, up to rounding: within 1e-5 in float32.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from facs3d.core.errors import InputError
from facs3d.evaluation.occlusion.stream import IncrementalStream, KeptClip
from facs3d.training.models import ActionUnitModel

AT_MOST = 512
"""Positions in a batch: the more, the more compute alike, but progress would show rarely."""
CPU_CACHE = 2**26
"""Bytes that a step takes at most on the CPU. Measured: 16 to 64 MB compute equally fast; beyond,
memory is slower than larger batches save."""


@dataclass(frozen=True)
class Patch:
    """An occluding square: its ``side`` in px and its gray ``value`` on the scale of 0 to 1."""

    side: int
    value: float


class IncrementalEngine:
    """Logits of one clip for many patch positions; made once for a model, in evaluation mode.

    ``clip_shape`` (T, S, S); ``memory``: bytes that a batch may take beside what is kept of the
    clip; ``dtype`` of the differences in the convolutions: bfloat16 is faster, and off by 0.04 at
    most and 0.001 typically where logits reach 10. Windows follow from the model's layers. Raises
    :class:`InputError` naming a layer that it does not know, or a model that does not compute as
    :class:`ActionUnitModel` does.
    """

    def __init__(
        self,
        model: ActionUnitModel,
        clip_shape: tuple[int, int, int],
        patch: Patch,
        memory: int,
        dtype: torch.dtype = torch.float32,
    ) -> None:
        if getattr(type(model), "forward", None) is not ActionUnitModel.forward:
            raise InputError(
                f"occlusion: the incremental engine does not know how {type(model).__name__} "
                "computes (it has a forward of its own); set occlusion.engine to naive"
            )
        if model.training:
            raise InputError("occlusion: the model is in training mode; call eval() on it")
        self.model, self.patch = model, patch
        self.frame_stream = IncrementalStream(model.frame_stream, 2, clip_shape, dtype)
        self.clip_stream = (
            None
            if model.clip_stream is None
            else IncrementalStream(model.clip_stream, 3, clip_shape, dtype)
        )
        self.streams = [self.frame_stream, *filter(None, [self.clip_stream])]
        # Features of all frames, twice where two streams are joined, and layers behind them.
        position_bytes = 8 * clip_shape[0] * self.frame_stream.linear.out_features * 4
        self.at_once = min(max(1, memory // position_bytes), AT_MOST)
        on_cpu = next(model.parameters()).device.type == "cpu"
        self.memory = min(memory, CPU_CACHE) if on_cpu else memory
        self._kept: list[KeptClip] = []

    def prepare(self, clip: Tensor) -> None:
        """Pass a clip (T, S, S) float32 in [0, 1] through the streams and keep their maps."""
        self._kept.clear()
        self._kept += [stream.keep(clip, self.model.input_mean) for stream in self.streams]

    def batches(self, positions: np.ndarray) -> list[np.ndarray]:
        """Indices of ``positions`` (P, 2), each in one batch: those that compute alike together."""
        by_stream = [stream.sort_keys(positions, self.patch.side) for stream in self.streams]
        keys = list(zip(*by_stream, strict=True))
        order = np.array(sorted(range(len(keys)), key=keys.__getitem__))
        return np.array_split(order, range(self.at_once, len(order), self.at_once))

    def logits(self, positions: np.ndarray) -> Tensor:
        """Logits (P, T, A) with the patch's top left corner at ``positions`` (P, 2) int (y, x)."""
        features = [
            stream.features(kept, positions, self.patch.side, self.patch.value, self.memory)
            for stream, kept in zip(self.streams, self._kept, strict=True)
        ]
        clip_features = features[1].squeeze(1) if self.clip_stream else None
        return self.model.head(features[0], clip_features)

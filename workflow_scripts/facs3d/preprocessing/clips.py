"""Clips on disk: one HDF5 file per video (`sample_frames`), one for the dataset (`assemble_clips`).

Schema of a clips file with V videos, T frames per clip, images of side S and A action units:

===============  ==================  ======  ====================================================
dataset          shape               dtype   content
===============  ==================  ======  ====================================================
``frames``       (V, T, S, S)        uint8   registered gray faces, 0-255; one chunk per clip
``labels``       (V, T, A)           int8    1 present, 0 absent, -1 unknown
``frame_number`` (V, T)              int32   the frame's number in its source video
``video``        (V,)                UTF-8   name of the video
``subject``      (V,)                UTF-8   name of the subject
``task``         (V,)                UTF-8   name of the task
===============  ==================  ======  ====================================================

Attributes: ``action_units`` (A,) int32; ``expected_input``: how the clips came about, which a
network trained on them expects of any input (:class:`ExpectedInput`), as JSON; ``sampling``: seed
and parameters of the sampling, as JSON; ``versions`` of the libraries that wrote it. A one-video
file holds V = 1; that of a video that gives no clip holds V = 0 and the reason as the attribute
``excluded``, with ``video``, ``subject`` and ``task`` as attributes too.
"""

import json
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import h5py
import numpy as np

from facs3d.core.action_units import ABSENT, PRESENT, UNKNOWN
from facs3d.core.errors import InputError
from facs3d.core.hdf5 import PlainFile, open_plain, whole_hdf5
from facs3d.core.progress import track
from facs3d.preprocessing.expected_input import ExpectedInput

NAME = h5py.string_dtype("utf-8")
REMEDY = "delete it and run again"
PER_CLIP = ("frames", "labels", "frame_number", "video", "subject", "task")


class Excluded(NamedTuple):
    """A video that gives no clip, and why."""

    video: str
    subject: str
    task: str
    reason: str


class Clip(NamedTuple):
    """One video's clip: ``frames`` (T, S, S) uint8, ``labels`` (T, A), ``frame_number`` (T,)."""

    frames: np.ndarray
    labels: np.ndarray
    frame_number: np.ndarray


@dataclass(frozen=True)
class ClipSet:
    """Everything of a clips file but the frames, which are read clip by clip.

    ``labels`` (V, T, A) int8 in {1, 0, -1}; ``frame_number`` (V, T) int32; ``video``, ``subject``,
    ``task``: V names; ``action_units``: A numbers; ``frame_shape``: (T, S, S); ``expected_input``:
    how the clips came about.
    """

    path: Path
    action_units: tuple[int, ...]
    frame_shape: tuple[int, int, int]
    labels: np.ndarray
    frame_number: np.ndarray
    video: tuple[str, ...]
    subject: tuple[str, ...]
    task: tuple[str, ...]
    expected_input: ExpectedInput

    def __len__(self) -> int:
        return len(self.video)

    def read_frames(self, indices: np.ndarray | list[int]) -> np.ndarray:
        """Frames of the chosen clips, (len(indices), T, S, S) uint8, in the order asked for."""
        chosen = np.empty((len(indices), *self.frame_shape), dtype=np.uint8)
        with _reading(self.path) as file:
            for row, index in enumerate(indices):
                chosen[row] = file.numbers("frames", np.uint8, "VTSS", np.s_[int(index)])
        return chosen

    def of_subjects(self, subjects: set[str]) -> np.ndarray:
        """Indices of the clips of ``subjects``, in the file's order."""
        return np.flatnonzero([name in subjects for name in self.subject])


def open_clips(path: str | Path) -> ClipSet:
    """Open a clips file; :class:`InputError` if it is not one."""
    path = Path(path)
    with _reading(path) as file:
        action_units = file.integers("action_units", "A")
        _, n_frames, side, _ = file.shape("frames", np.uint8, "VTSS")
        labels = file.numbers("labels", np.int8, "VTA")
        frame_number = file.numbers("frame_number", np.int32, "VT")
        file.check(
            list(action_units) == sorted({au for au in action_units if au > 0}),
            f"'action_units' {action_units} do not ascend from 1",
        )
        file.check(
            bool(np.isin(labels, (PRESENT, ABSENT, UNKNOWN)).all()), "'labels' are not 1, 0 or -1"
        )
        file.check(bool((np.diff(frame_number) > 0).all()), "'frame_number' does not ascend")
        return ClipSet(
            path=path,
            action_units=action_units,
            frame_shape=(n_frames, side, side),
            labels=labels,
            frame_number=frame_number,
            video=file.texts("video", "V"),
            subject=file.texts("subject", "V"),
            task=file.texts("task", "V"),
            expected_input=_expected_input(file),
        )


def _reading(path: str | Path) -> AbstractContextManager[PlainFile]:
    return open_plain(path, "a clips file, or not all of it", REMEDY)


def _expected_input(file: PlainFile) -> ExpectedInput:
    file.check(file.has("expected_input"), "it does not say how its clips came about")
    try:
        return ExpectedInput.from_plain(file.settings("expected_input"))
    except InputError as error:
        raise InputError(f"{file.path}: {error}; {REMEDY}") from error


def create_clips(
    file: h5py.File,
    n_clips: int,
    frame_shape: tuple[int, ...],
    action_units: tuple[int, ...],
    expected_input: ExpectedInput,
) -> None:
    """Lay out the datasets of the schema, unfilled, in an open HDF5 file."""
    n_frames = frame_shape[0]
    # A chunk with no clip has no shape: HDF5 refuses chunks larger than a fixed-size dataset.
    chunks = (1, *frame_shape) if n_clips else None
    file.create_dataset("frames", (n_clips, *frame_shape), np.uint8, chunks=chunks)
    file.create_dataset("labels", (n_clips, n_frames, len(action_units)), np.int8)
    file.create_dataset("frame_number", (n_clips, n_frames), np.int32)
    for name in ("video", "subject", "task"):
        file.create_dataset(name, (n_clips,), NAME)
    file.attrs["action_units"] = np.array(action_units, np.int32)
    file.attrs["expected_input"] = json.dumps(expected_input.as_plain())
    file.attrs["versions"] = f"h5py {h5py.__version__}, NumPy {np.__version__}"


def write_clip(
    path: str | Path,
    names: tuple[str, str, str],
    action_units: tuple[int, ...],
    clip: Clip,
    sampling: str,
    expected_input: ExpectedInput,
) -> None:
    """Write the clip of one video.

    ``names`` are those of the video, its subject and its task; ``sampling``: the parameters it was
    sampled with, as JSON.
    """
    with whole_hdf5(path) as file:
        create_clips(file, 1, clip.frames.shape, action_units, expected_input)
        file.attrs["sampling"] = sampling
        values = (clip.frames, clip.labels, clip.frame_number, *names)
        for name, value in zip(PER_CLIP, values, strict=True):
            file[name][0] = value


def write_excluded(
    path: str | Path,
    excluded: Excluded,
    action_units: tuple[int, ...],
    frame_shape: tuple[int, int, int],
    expected_input: ExpectedInput,
) -> None:
    """Write the clips file of a video that gives no clip."""
    with whole_hdf5(path) as file:
        create_clips(file, 0, frame_shape, action_units, expected_input)
        for name in ("video", "subject", "task"):
            file.attrs[name] = getattr(excluded, name)
        file.attrs["excluded"] = excluded.reason


def read_excluded(path: str | Path) -> Excluded | None:
    """Why a one-video file has no clip; None if it has one."""
    with _reading(path) as file:
        if not file.has("excluded"):
            return None
        return Excluded(*map(file.text, ("video", "subject", "task", "excluded")))


def assemble_clips(paths: Sequence[str | Path], output: str | Path) -> None:
    """Copy the clips of one-video files into one file, clip by clip, in the order given.

    Raises :class:`InputError` if there is no clip, or the files differ in shape, action units or
    how their clips came about.
    """
    if not paths:
        raise InputError("no video gives a clip; the reasons are above")
    first = open_clips(paths[0])
    with whole_hdf5(output) as file:
        create_clips(file, len(paths), *_made_like(first))
        with _reading(paths[0]) as first_file:
            file.attrs["sampling"] = first_file.text("sampling")
        for row, path in enumerate(track(paths, "assembling", "clips")):
            clip = open_clips(path)
            if _made_like(clip) != _made_like(first):
                raise InputError(
                    f"{path}: other action units, image size, steps or registration than "
                    f"{paths[0]}; delete both and run again"
                )
            file["frames"][row] = clip.read_frames([0])[0]
            for name in PER_CLIP[1:]:
                file[name][row] = getattr(clip, name)[0]


def _made_like(clips: ClipSet) -> tuple[tuple[int, int, int], tuple[int, ...], ExpectedInput]:
    return clips.frame_shape, clips.action_units, clips.expected_input

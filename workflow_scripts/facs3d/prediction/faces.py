"""The registered faces of a whole new video, to be predicted from: an HDF5 file.

===============  =============  =======  =========================================================
dataset          shape          dtype    content
===============  =============  =======  =========================================================
``faces``        (n, S, S)      uint8    registered gray faces, 0-255, of the frames that have one
``frame``        (n,)           int32    their frames' numbers, from 0, ascending
``seconds``      (N,)           float64  time of every frame of the video, with or without a face
===============  =============  =======  =========================================================

Attributes: ``video``: the file it is of; ``clock``: where the seconds come from; ``registration``:
its settings as JSON. The tracking table beside it has a row for each of the N frames.
"""

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import h5py
import numpy as np

from facs3d.core.atomic import whole
from facs3d.core.errors import InputError
from facs3d.core.hdf5 import whole_hdf5
from facs3d.preprocessing.tracking import COLUMNS, TrackedFrame, cells

CONTAINER = "container"
"""The clock of a video whose frames carry usable timestamps."""
FRAMES_AT_ONCE = 1024
"""Numbers are buffered and the file's datasets grow by as many."""


def write_face_file(
    frames: Iterable[tuple[TrackedFrame, float, np.ndarray | None]],
    side: int,
    attributes: Mapping[str, str],
    frames_per_second: float,
    faces_path: str | Path,
    tracking_path: str | Path,
) -> str:
    """Write the faces (S, S) uint8 and rows of a video's ``frames``, with their timestamps in
    seconds, holding one at a time; both files or neither appear.

    Timestamps that do not increase from frame to frame are none: then the seconds are the frame's
    number by ``frames_per_second``, and ``clock`` says so. Returns one sentence that sums up.
    """
    seconds: list[float] = []
    numbers: list[int] = []
    with (
        whole(tracking_path) as unfinished,
        open(unfinished, "w", encoding="utf-8", newline="") as table_file,
        whole_hdf5(faces_path) as file,
    ):
        table = csv.writer(table_file, lineterminator="\n")
        table.writerow(COLUMNS)
        faces = file.create_dataset(
            "faces",
            (0, side, side),
            np.uint8,
            maxshape=(None, side, side),
            # Frames some steps apart are read together, so each is a chunk of its own.
            chunks=(1, side, side),
            compression="gzip",
            compression_opts=1,
        )
        for row, time, face in frames:
            table.writerow(cells(row))
            seconds.append(time)
            if face is not None:
                if len(numbers) == len(faces):
                    faces.resize(len(numbers) + FRAMES_AT_ONCE, axis=0)
                faces[len(numbers)] = face
                assert row.frame_number is not None  # it has a face
                numbers.append(row.frame_number)
        faces.resize(len(numbers), axis=0)
        times, clock = np.array(seconds), CONTAINER
        if (np.diff(times) <= 0).any():
            times = np.arange(len(times)) / frames_per_second
            clock = f"frame number at {frames_per_second:g} frames/s, for the timestamps are none"
        file["frame"] = np.array(numbers, np.int32)
        file["seconds"] = times
        file.attrs.update({**attributes, "clock": clock})
    return f"a face was found in {len(numbers)} of {len(times)} frames"


class FaceFile:
    """An open file of faces: ``frame`` (n,), ``seconds`` (N,) and attributes as in the schema,
    ``registration`` parsed; the faces are read on demand."""

    def __init__(self, file: h5py.File) -> None:
        self.path = Path(file.filename)
        self.frame: np.ndarray = file["frame"][:]
        self.seconds: np.ndarray = file["seconds"][:]
        self.video, self.clock = str(file.attrs["video"]), str(file.attrs["clock"])
        self.registration: dict[str, object] = json.loads(file.attrs["registration"])
        self._faces = file["faces"]
        self.side: int = self._faces.shape[1]

    @property
    def frames_per_second(self) -> float:
        """The median rate of the video; NaN for one frame."""
        return 1 / float(np.median(np.diff(self.seconds))) if len(self.seconds) > 1 else np.nan

    def read(self, positions: np.ndarray) -> np.ndarray:
        """Faces (T, S, S) uint8 at ``positions`` (T,) among the n, in any order, repeats too."""
        wanted, places = np.unique(positions, return_inverse=True)
        return self._faces[wanted][places]


@contextmanager
def open_faces(path: str | Path) -> Iterator[FaceFile]:
    """Open a file of faces; :class:`InputError` if it is none."""
    try:
        with h5py.File(path) as file:
            yield FaceFile(file)
    except FileNotFoundError:
        raise
    except (OSError, KeyError) as error:
        raise InputError(
            f"{path}: not a file of faces ({error}); write it with register_new_video"
        ) from error


def read_rows(path: str | Path) -> Iterator[dict[str, str]]:
    """Yield the rows of the tracking table, as text by column."""
    with open(path, encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)

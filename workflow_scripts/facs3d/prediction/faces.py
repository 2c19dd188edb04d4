"""The registered faces of a whole new video, to be predicted from: an HDF5 file.

===============  =============  =======  =========================================================
dataset          shape          dtype    content
===============  =============  =======  =========================================================
``faces``        (n, S, S)      uint8    registered gray faces, 0-255, of the frames that have one
``frame``        (n,)           int32    their frames' numbers, from 0, ascending
``seconds``      (N,)           float64  time of every frame of the video, with or without a face
``repaired``     (N,)           uint8    what became of its timestamp, as in
                                         :mod:`facs3d.prediction.frame_times`
===============  =============  =======  =========================================================

Attributes: ``video``: the file it is of; ``content``: its fingerprint; ``remarks``: what is unusual
about it, in a few words; ``clock``: where the seconds come from; ``registration``: its settings as
JSON; ``tracking``: the SHA-256 of the tracking table beside it, which has a row for each of the N
frames.
By that a pair is known of which a kill left one file new and one old.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from facs3d.core.atomic import whole
from facs3d.core.csv_text import written_table
from facs3d.core.errors import InputError
from facs3d.core.hdf5 import PlainFile, open_plain, whole_hdf5
from facs3d.core.provenance import file_digest
from facs3d.prediction.frame_times import NUMBERED, repair_times
from facs3d.preprocessing.tracking import COLUMNS, PersonCount, TrackedFrame, cells

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
    seconds, holding one at a time; both files or neither are of use.

    Timestamps that do not increase are repaired (:func:`.frame_times.repair_times`). Where most do
    not there are none: then the seconds are the frame's number by ``frames_per_second``. ``clock``
    says so. Returns one sentence that sums up.
    """
    seconds: list[float] = []
    numbers: list[int] = []
    persons = PersonCount()
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
            persons.add(row)
            if face is not None:
                if len(numbers) == len(faces):
                    faces.resize(len(numbers) + FRAMES_AT_ONCE, axis=0)
                faces[len(numbers)] = face
                numbers.append(row.frame_number)
        faces.resize(len(numbers), axis=0)
        repaired = repair_times(np.array(seconds))
        if repaired is None:
            times = np.arange(len(seconds)) / frames_per_second
            marks = np.full(len(seconds), NUMBERED)
            clock = f"frame number at {frames_per_second:g} frames/s, for the timestamps are none"
        else:
            times, marks = repaired
            n_marked = np.count_nonzero(marks)
            clock = f"{CONTAINER}, mended (frames: {n_marked})" if n_marked else CONTAINER
        table_file.flush()
        digest = file_digest(unfinished)
        file["frame"] = np.array(numbers, np.int32)
        file["seconds"] = times
        file["repaired"] = marks.astype(np.uint8)
        file.attrs.update(
            {"remarks": "", "content": "", "clock": clock, **attributes, "tracking": digest}
        )
    found = f"a face was found in {len(numbers)} of {len(times)} frames"
    return found + persons.said()


class FaceFile:
    """An open file of faces: ``frame`` (n,), ``seconds`` (N,) and attributes as in the schema,
    ``registration`` parsed; the faces are read on demand."""

    def __init__(self, file: PlainFile) -> None:
        self.path = file.path
        self.side: int = file.shape("faces", np.uint8, "nSS")[1]
        self.frame: np.ndarray = file.numbers("frame", np.int32, "n")
        self.seconds: np.ndarray = file.numbers("seconds", np.float64, "N")
        self.repaired: np.ndarray = file.numbers("repaired", np.uint8, "N")
        steps = np.diff([-1, *self.frame, len(self.seconds)])
        file.check(bool((steps > 0).all()), "'frame' does not ascend within the video")
        increase = np.isfinite(self.seconds).all() and (np.diff(self.seconds) > 0).all()
        file.check(bool(increase), "'seconds' do not increase")
        self.video, self.clock = file.text("video"), file.text("clock")
        self.remarks, self.content = file.text("remarks"), file.text("content")
        self.registration = file.settings("registration")
        self.tracking = file.text("tracking")
        self._file = file

    @property
    def frames_per_second(self) -> float:
        """The median rate of the neighbouring frames that have a face, for a title may have
        another; of all frames where none have neighbours, NaN for one frame."""
        steps = np.diff(self.seconds)
        with_face = self.frame[1:][np.diff(self.frame) == 1] - 1
        steps = steps[with_face] if len(with_face) else steps
        return 1 / float(np.median(steps)) if len(steps) else np.nan

    def read(self, positions: np.ndarray) -> np.ndarray:
        """Faces (T, S, S) uint8 at ``positions`` (T,) among the n, in any order, repeats too."""
        wanted, places = np.unique(positions, return_inverse=True)
        return self._file.numbers("faces", np.uint8, "nSS", wanted)[places]


@contextmanager
def open_faces(path: str | Path) -> Iterator[FaceFile]:
    """Open a file of faces; :class:`InputError` if it is none."""
    with open_plain(path, "a file of faces", "write it with register_new_video") as file:
        yield FaceFile(file)


def read_rows(path: str | Path, faces: FaceFile) -> Iterator[dict[str, str]]:
    """The rows of the tracking table that was written with ``faces``, one at a time, as text by
    column; :class:`InputError` if it is another."""
    if file_digest(path) != faces.tracking:
        raise InputError(
            f"{path}: not the tracking table that was written with {faces.path}; write both anew "
            "with register_new_video"
        )
    rows = written_table(path, COLUMNS, "write it with register_new_video")
    return (row for _place, row in rows)

"""Real people whom somebody marked, listed in a CSV, and what a network is worth on them.

A row per recording; those of the same words in ``faces`` are one evidence:

===========  =========================================================================
column       content
===========  =========================================================================
``video``    the file's name, in the folder where you keep the recordings
``sha256``   its digest; empty: any file of that name will do
``marks``    its marks (:mod:`facs3d.prediction.marks`), beside the list
``faces``    whom it shows, in words
``people``   how many real people that is, each counted once among all recordings
``source``   where the recording can be had
===========  =========================================================================
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import pandas as pd

from facs3d.core.csv_text import read_rows, refuse_misspelt, rows_by_column, whole_number
from facs3d.core.errors import InputError
from facs3d.core.provenance import file_digest
from facs3d.prediction.faces import open_faces
from facs3d.prediction.marks import evidence_of_marks, judge_marks, read_marks
from facs3d.prediction.predict import check_fits, predict_video
from facs3d.prediction.registration import register_as_trained
from facs3d.training.judgement import SHARES_OF, Evidence, check_faces
from facs3d.training.weights import TrainedModel

COLUMNS = ("video", "sha256", "marks", "faces", "people", "source")
HOLDS = f"a row per recording: {', '.join(COLUMNS)}"


@dataclass(frozen=True)
class MarkedClip:
    """A recording at ``video``, its ``marks``, and whom it shows: ``faces`` in words, so many
    ``people``."""

    video: Path
    marks: Path
    faces: str
    people: int


def read_marked_clips(path: Path, folder: Path) -> list[MarkedClip]:
    """The recordings of the list at ``path``, which lie in ``folder``, those of the same faces one
    after another.

    Raises :class:`InputError` with the line for a recording that is not there, with its source, one
    that is another file than was marked, marks that are not there, and faces in no words or whose
    people were counted otherwise.
    """
    rows = read_rows(path, HOLDS)
    refuse_misspelt(path, rows[0], COLUMNS)
    clips: dict[str, list[MarkedClip]] = {}
    for place, row in rows_by_column(path, rows, COLUMNS, HOLDS):
        video, marks = folder / row["video"], path.parent / row["marks"]
        if not (row["video"] and video.exists()):
            raise InputError(f"{place}: no recording {video}; get it from {row['source']}")
        if row["sha256"] and file_digest(video) != row["sha256"].lower():
            raise InputError(f"{place}: {video} is another file; get it from {row['source']}")
        if not marks.is_file():
            raise InputError(f"{place}: no marks {marks}; put them beside the list")
        try:
            check_faces(row["faces"])
        except InputError as error:
            raise InputError(f"{place}: {error}") from error
        clip = MarkedClip(video, marks, row["faces"], whole_number(place, row, "people", least=1))
        of_same = clips.setdefault(clip.faces, [])
        if of_same and of_same[0].people != clip.people:
            raise InputError(
                f"{place}: people is {clip.people}, an earlier line of the same faces says "
                f"{of_same[0].people}; count the people of all its recordings"
            )
        of_same.append(clip)
    if not clips:
        raise InputError(f"{path}: lists nothing; expected {HOLDS}")
    return [clip for of_same in clips.values() for clip in of_same]


def check_alike(models: Mapping[Path, TrainedModel]) -> None:
    """Raise :class:`InputError` unless the networks expect faces that are registered alike."""
    faces = {
        path: (model.clip_shape[1], model.expected_input.known_registration)
        for path, model in models.items()
    }
    first = next(iter(faces))
    for path, its in faces.items():
        if its != faces[first]:
            raise InputError(
                f"{path}: for faces of another size or registration than {first}; judge them apart"
            )


def register_clips(
    clips: Sequence[MarkedClip], model: TrainedModel, folder: Path
) -> dict[MarkedClip, Path]:
    """The files of faces, in ``folder``, of each recording, registered as a network's training's
    were."""
    found = {}
    for number, clip in enumerate(clips):
        found[clip] = folder / f"{number}.h5"
        register_as_trained(
            clip.video,
            model.expected_input,
            model.clip_shape[1],
            found[clip],
            folder / f"{number}.csv",
        )
    return found


def judge_clips(
    faces: dict[MarkedClip, Path], model: TrainedModel
) -> Iterator[tuple[Evidence, pd.DataFrame]]:
    """What a network is worth on the people of recordings whose ``faces`` are registered, evidence
    by evidence, and as :func:`facs3d.prediction.marks.judge_marks` tells it."""
    for shown, of_same in groupby(faces, key=lambda clip: clip.faces):
        tables, labels, people = [], [], 0
        for clip in of_same:
            with open_faces(faces[clip]) as registered:
                check_fits(model, registered, None)
                tables.append(predict_video([model], registered, 0.5).table)
            labels.append(read_marks(clip.marks, tables[-1]))
            people = clip.people
        judged = judge_marks(tables, labels)
        if not judged[[*SHARES_OF.values()]].to_numpy().any():
            videos = ", ".join(str(clip.video) for clip in faces if clip.faces == shown)
            raise InputError(f"{videos}: no frame that is marked shows a face")
        yield evidence_of_marks(judged, shown, people, model.action_units), judged

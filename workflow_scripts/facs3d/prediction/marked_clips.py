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

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import pandas as pd

from facs3d.core.csv_text import whole_number, written_table
from facs3d.core.errors import InputError
from facs3d.core.provenance import file_digest
from facs3d.prediction.faces import open_faces
from facs3d.prediction.marks import evidence_of_marks, judge_marks, read_marks
from facs3d.prediction.predict import check_fits, predict_video
from facs3d.prediction.registration import register_as_trained
from facs3d.training.judgement import Evidence
from facs3d.training.weights import TrainedModel

COLUMNS = ("video", "sha256", "marks", "faces", "people", "source")


@dataclass(frozen=True)
class MarkedClip:
    """A recording at ``video``, its ``marks``, and whom it shows: ``faces`` in words, so many
    ``people``."""

    video: Path
    marks: Path
    faces: str
    people: int


def read_marked_clips(path: Path, folder: Path) -> list[MarkedClip]:
    """The recordings of the list at ``path``, which lie in ``folder``.

    Raises :class:`InputError` with the line for a recording that is not there, with its source, one
    that is another file than was marked, and people of the same faces counted otherwise.
    """
    remedy = f"expected the columns {', '.join(COLUMNS)}"
    clips: dict[str, list[MarkedClip]] = {}
    for place, row in written_table(path, COLUMNS, remedy):
        video = folder / row["video"]
        if not video.is_file():
            raise InputError(f"{place}: no {video}; get it from {row['source']}")
        if row["sha256"] and file_digest(video) != row["sha256"]:
            raise InputError(f"{place}: {video} is another file; get it from {row['source']}")
        clip = MarkedClip(
            video,
            path.parent / row["marks"],
            row["faces"],
            whole_number(place, row, "people", least=1),
        )
        of_same = clips.setdefault(clip.faces, [])
        if of_same and of_same[0].people != clip.people:
            raise InputError(
                f"{place}: people is {clip.people}, an earlier line of the same faces says "
                f"{of_same[0].people}; count the people of all its recordings"
            )
        of_same.append(clip)
    if not clips:
        raise InputError(f"{path}: lists nothing; {remedy}")
    return [clip for of_same in clips.values() for clip in of_same]


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
        yield evidence_of_marks(judged, shown, people, model.action_units), judged

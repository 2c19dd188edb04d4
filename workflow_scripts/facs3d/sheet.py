"""The videos of a dataset, found by a layout or listed in a sheet (:mod:`facs3d.sheet_file`)."""

import os
from typing import NamedTuple

from facs3d.errors import InputError

SAFE_NAME = r"[A-Za-z0-9][A-Za-z0-9_.-]*"
"""What names of videos, subjects and tasks look like, for they become file names."""


class Video(NamedTuple):
    """A recording: its name, whose it is, where its frames and labels lie.

    ``annotated_frames`` tells people how many there are (empty: not counted); no step reads it.
    ``fold`` is empty, or the fold (from 1) that the subject is assigned to by hand.
    """

    video: str
    subject: str
    task: str
    path: str
    label_path: str
    annotated_frames: str = ""
    fold: str = ""


def check_videos(videos: list[tuple[str, Video]]) -> None:
    """Raise :class:`InputError` for what must not be among videos, each with its place.

    That is a video or a recording listed twice, a subject in two folds, and a fold for some
    subjects only. A place is such as ``videos.csv, line 3``.
    """
    if not videos:
        raise InputError("there is no video")
    first_place: dict[tuple[str, str], str] = {}
    first_of: dict[str, tuple[str, Video]] = {}
    for place, video in videos:
        keys = ("video", video.video), ("path", os.path.realpath(video.path))
        for (what, key), value in zip(keys, (video.video, video.path), strict=True):
            if (what, key) in first_place:
                raise InputError(
                    f"{place}: {what} {value!r} stands in {_short(first_place[what, key])} "
                    "already; remove one"
                )
            first_place[what, key] = place
        other_place, other = first_of.setdefault(video.subject, (place, video))
        if other.fold != video.fold:
            raise InputError(
                f"{place}: subject {video.subject!r} is in fold {video.fold or '(none)'} and in "
                f"fold {other.fold or '(none)'} ({_short(other_place)}); a subject belongs to one "
                "fold"
            )
    assigned = next((video for _place, video in videos if video.fold), None)
    for place, video in videos:
        if assigned and not video.fold:
            raise InputError(
                f"{place}: subject {video.subject!r} has no fold, but {assigned.subject!r} has; "
                "give one to every subject, or to none"
            )


def _short(place: str) -> str:
    return place.split(", ")[-1]


def check_folds(videos: list[Video], n_folds: int) -> None:
    """Raise :class:`InputError` unless there is a subject for each fold, and the folds that the
    sheet assigns, if it does, are 1 … ``n_folds``."""
    n_subjects = len({video.subject for video in videos})
    if n_subjects < n_folds:
        raise InputError(
            f"{n_subjects} subjects cannot fill {n_folds} folds; set `dataset: folds` lower or "
            "add subjects"
        )
    numbers = {int(video.fold) for video in videos if video.fold}
    if numbers and numbers != set(range(1, n_folds + 1)):
        raise InputError(
            f"video sheet: folds are {sorted(numbers)}, expected 1 … {n_folds} (`dataset: folds`)"
        )


def embedded_subjects(n_subjects: int) -> list[str]:
    """``F001``, ``F002``, …; the letter means nothing here (in BP4D+ it is the subject's sex)."""
    return [f"F{number:03d}" for number in range(1, n_subjects + 1)]


def embedded_tasks(videos_per_subject: int) -> list[str]:
    """``T1``, ``T2``, …: one video each."""
    return [f"T{number}" for number in range(1, videos_per_subject + 1)]


def embedded_sheet(root: str, n_subjects: int, videos_per_subject: int) -> list[Video]:
    """The videos of the embedded dataset, before they are rendered: F001_T1, F001_T2, …"""
    return [
        Video(
            video=f"{subject}_{task}",
            subject=subject,
            task=task,
            path=f"{root}/Videos/{subject}/{task}.avi",
            label_path=f"{root}/AUCoding/AU_OCC/{subject}_{task}.csv",
        )
        for subject in embedded_subjects(n_subjects)
        for task in embedded_tasks(videos_per_subject)
    ]

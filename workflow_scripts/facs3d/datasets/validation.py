"""Validation of a dataset before any hour is spent on it: what is on disk, and what to make of it.

Findings are of two kinds. Wrong is what would make results wrong or stop the run: a frame offset
that most videos contradict, an AU that is never (or always) positive, one recording listed
twice, folds that cannot be filled, more videos without a clip than ``max_excluded`` allows.
Doubtful is everything else that a person should look at once, and an offset that the data cannot
tell: labels that lie well inside their images fit under several.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from types import ModuleType
from typing import NamedTuple

import numpy as np

from facs3d.core.action_units import UNKNOWN, au_column
from facs3d.core.csv_text import first_few
from facs3d.core.errors import InputError
from facs3d.datasets.face_size import check_sizes
from facs3d.datasets.folds import folds_of
from facs3d.datasets.labels import FrameLabels
from facs3d.datasets.positive import Positive
from facs3d.datasets.sheet import Video
from facs3d.datasets.survey import survey_frames

OFFSETS_TRIED = (-2, -1, 0, 1, 2)
FEW_CONFIRM = 0.1
"""Share of videos that must confirm the frame offset for it not to be doubtful."""
MANY_UNKNOWN = 0.2
FAR_FROM_PAPER = 2.0
"""Factor between a base rate and the paper's from which on it is doubtful."""
TOO_SHORT = "too short"
NOTES_SHOWN = 20
"""Notes on single videos among the findings; the table has all of them."""

NOTHING = np.empty(0, np.int64)


class CheckedVideo(NamedTuple):
    """What the files of a video ``listed`` say.

    ``images`` (n,) numbers of the frames on disk, ``damaged`` (k,) those known to be damaged;
    ``annotated`` (m,) numbers of the label frames; ``labels`` (m, A) int8 in {1, 0, -1}, ``coding``
    as in :class:`facs3d.datasets.labels.FrameLabels`; ``repeated``, ``fingerprint`` and
    ``frames_per_second`` as in :class:`facs3d.datasets.survey.Survey`; ``notes`` of both;
    ``problem``: why it will give no clip, or nothing.
    """

    listed: Video
    images: np.ndarray
    damaged: np.ndarray
    annotated: np.ndarray
    labels: np.ndarray
    coding: tuple[str, ...]
    repeated: int
    fingerprint: str
    notes: tuple[str, ...]
    problem: str
    frames_per_second: float

    @property
    def name(self) -> str:
        return self.listed.video

    @property
    def subject(self) -> str:
        return self.listed.subject

    @property
    def too_short(self) -> bool:
        """Whether nothing but its length keeps it from giving a clip."""
        return self.problem.startswith(TOO_SHORT)

    def without_image(self, frame_offset: int) -> np.ndarray:
        """Label frames that have no image under this offset."""
        return self.annotated[~np.isin(self.annotated + frame_offset, self.images)]

    def n_images_without_label(self, frame_offset: int) -> int:
        return int((~np.isin(self.images, self.annotated + frame_offset)).sum())

    def reaches_beyond(self, frame_offset: int) -> bool:
        """Whether labels lie before the first or after the last image under this offset."""
        if not len(self.images) or not len(self.annotated):
            return False
        numbers = self.annotated + frame_offset
        return bool(numbers[0] < self.images[0] or numbers[-1] > self.images[-1])

    def confirms(self, frame_offset: int) -> bool:
        """Whether each other offset leaves more label frames without an image than this one."""
        n_lacking = len(self.without_image(frame_offset))
        others = (offset for offset in OFFSETS_TRIED if offset != frame_offset)
        return all(len(self.without_image(offset)) > n_lacking for offset in others)


class AUSummary(NamedTuple):
    """One AU over all annotated frames; shares from 0 to 1, nan without frames."""

    au: int
    coding: str
    n_frames: int
    n_positive: int
    n_unknown: int
    paper_base_rate: float

    @property
    def base_rate(self) -> float:
        """Positives among the frames that are not unknown."""
        known = self.n_frames - self.n_unknown
        return self.n_positive / known if known else float("nan")

    @property
    def unknown_share(self) -> float:
        return self.n_unknown / self.n_frames if self.n_frames else float("nan")


class Findings(NamedTuple):
    """Sentences a person can act on: what makes results wrong, and what is doubtful."""

    wrong: list[str]
    doubtful: list[str]


def check_video(
    video: Video,
    layout: ModuleType,
    rules: Mapping[int, Positive],
    frame_offset: int,
    clip_length: int,
    frames_needed: int,
    image_size: int,
) -> CheckedVideo:
    """Read a video's labels and survey its frames; what cannot be read becomes its ``problem``.

    Problems too are fewer usable frames than the ``frames_needed`` that a clip of ``clip_length``
    takes, and, in a layout of faces registered already, images that are not ``image_size`` px
    square. Of a video whose problem the sheet names the frames are not looked at.
    """
    problems = [video.problem] if video.problem else []
    labels = FrameLabels(NOTHING, np.empty((0, len(rules)), np.int8), ())
    notes: tuple[str, ...]
    images, damaged, repeated, fingerprint, notes = NOTHING, NOTHING, 0, "", ()
    rate = np.nan
    try:
        labels = layout.read_labels(video.label_path, video.video, rules)
    except InputError as error:
        problems.append(str(error))
    wanted = labels.frame_number + frame_offset
    try:
        if not video.problem:
            last = int(wanted[-1]) if len(wanted) else None
            survey = survey_frames(video.path, last)
            images, damaged, repeated, sizes, fingerprint, notes, rate = survey
            if layout.REGISTERED:
                check_sizes(video.path, sizes, image_size)
    except InputError as error:
        problems.append(str(error))
    if not problems:
        usable = int(np.isin(wanted, np.setdiff1d(images, damaged)).sum())
        if usable < frames_needed:
            problems.append(
                f"{TOO_SHORT}: {usable} annotated frames have an image, a clip of "
                f"{clip_length} needs {frames_needed}"
            )
    return CheckedVideo(
        listed=video,
        images=images,
        damaged=damaged,
        annotated=labels.frame_number,
        labels=labels.labels,
        coding=labels.coding,
        repeated=repeated,
        fingerprint=fingerprint,
        notes=(*labels.notes, *notes),
        problem="; ".join(problems),
        frames_per_second=rate,
    )


def summarize_aus(
    checked: list[CheckedVideo], rules: Mapping[int, Positive], paper: Mapping[int, float]
) -> list[AUSummary]:
    """Each AU over the annotated frames of all videos, beside the paper's base rate if it has one.

    ``paper``: AU -> share from 0 to 1.
    """
    labels = np.concatenate([video.labels for video in checked])
    summaries = []
    for column, au in enumerate(rules):
        codings = sorted({video.coding[column] for video in checked if video.coding})
        n_positive, n_unknown = (int((labels[:, column] == value).sum()) for value in (1, UNKNOWN))
        rate = paper.get(au, float("nan"))
        coding = " and ".join(codings)
        summaries.append(AUSummary(au, coding, len(labels), n_positive, n_unknown, rate))
    return summaries


def expected_folds(
    checked: list[CheckedVideo], assigned: Mapping[str, int], n_folds: int, seed: int
) -> dict[str, int]:
    """Subject -> fold as the run will have it: of subjects with a video that gives a clip.

    ``assigned``: subject -> fold by the sheet, or empty. Empty if subjects are too few.
    """
    subjects = {video.subject for video in checked if not video.problem}
    if len(subjects) < n_folds:
        return {}
    return folds_of(subjects, assigned, n_folds, seed)


def judge(
    checked: list[CheckedVideo],
    aus: list[AUSummary],
    rules: Mapping[int, Positive],
    folds: Mapping[str, int],
    n_folds: int,
    frame_offset: int,
    max_excluded: float,
) -> Findings:
    """What is wrong and what is doubtful about the dataset; ``folds`` as :func:`expected_folds`."""
    wrong_offset = list(_judge_offset(checked, frame_offset))
    wrong = [
        *wrong_offset,
        *_judge_excluded(checked, max_excluded),
        *_judge_folds(checked, folds, n_folds),
        *_judge_copies(checked),
        *_judge_classes(aus),
    ]
    doubtful = [
        *([] if wrong_offset else _doubts_of_offset(checked, frame_offset)),
        *_doubts_of_aus(aus, rules),
        *_doubts_of_videos(checked, frame_offset),
    ]
    return Findings(wrong, doubtful)


def _judge_offset(checked: list[CheckedVideo], frame_offset: int) -> Iterable[str]:
    def n_beyond(offset: int) -> int:
        return sum(video.reaches_beyond(offset) for video in checked)

    n_read = sum(bool(len(video.images) and len(video.annotated)) for video in checked)
    n_now = n_beyond(frame_offset)
    if n_read and n_now > n_read / 2:
        best = min(OFFSETS_TRIED, key=lambda offset: (n_beyond(offset), abs(offset)))
        advice = (
            f"frame_offset {best} leaves {n_beyond(best)}"
            if n_beyond(best) < n_now
            else f"no frame_offset from {OFFSETS_TRIED[0]} to {OFFSETS_TRIED[-1]} does better: do "
            "the labels belong to these recordings?"
        )
        yield (
            f"under frame_offset {frame_offset} the labels of {n_now} of {n_read} videos reach "
            f"beyond their images; {advice}"
        )


def _doubts_of_offset(checked: list[CheckedVideo], frame_offset: int) -> Iterable[str]:
    """That the data do not tell the offset: other offsets fit most videos as well."""
    read = [video for video in checked if len(video.images) and len(video.annotated)]
    n_confirming = sum(video.confirms(frame_offset) for video in read)
    if read and n_confirming < FEW_CONFIRM * len(read):
        yield (
            f"frame_offset {frame_offset} is not verifiable: {n_confirming} of {len(read)} videos "
            "confirm it, in the others the labels fit their images under another offset too; "
            "compare some labels with their images by eye"
        )


def _judge_excluded(checked: list[CheckedVideo], max_excluded: float) -> Iterable[str]:
    n_excluded = sum(bool(video.problem) for video in checked)
    if n_excluded > max_excluded * len(checked):
        first = min((video for video in checked if video.problem), key=lambda v: v.too_short)
        yield (
            f"{n_excluded} of {len(checked)} videos give no clip, more than max_excluded "
            f"{max_excluded:g} allows; the first is {first.name}: {first.problem}"
        )


def _judge_folds(
    checked: list[CheckedVideo], folds: Mapping[str, int], n_folds: int
) -> Iterable[str]:
    if not folds:
        n_subjects = len({video.subject for video in checked if not video.problem})
        yield (
            f"{n_subjects} subject{'s' if n_subjects != 1 else ''} with a video that gives a clip "
            f"cannot fill {n_folds} folds; set `dataset: folds` lower or mend videos"
        )
        return
    for fold in sorted(set(range(1, n_folds + 1)) - set(folds.values())):
        yield f"no video of fold {fold} gives a clip, so nothing can be tested on it"


def _judge_copies(checked: list[CheckedVideo]) -> Iterable[str]:
    by_fingerprint: dict[str, list[str]] = defaultdict(list)
    for video in checked:
        if video.fingerprint:
            by_fingerprint[video.fingerprint].append(video.name)
    for names in by_fingerprint.values():
        if len(names) > 1:
            shown = ", ".join(names)
            yield f"{shown} are one and the same recording; drop all but one from the sheet"


def _judge_classes(aus: list[AUSummary]) -> Iterable[str]:
    for au in aus:
        if au.n_frames and au.n_unknown == au.n_frames:
            yield f"{au_column(au.au)} is unknown in every frame; drop it from action_units"
        elif au.n_frames and au.base_rate in (0, 1):
            never = "never" if au.base_rate == 0 else "always"
            yield (
                f"{au_column(au.au)} is {never} positive, so it cannot be learnt; drop it from "
                "action_units, or change its `positive` (are its codes occurrences?)"
            )


def _doubts_of_aus(aus: list[AUSummary], rules: Mapping[int, Positive]) -> Iterable[str]:
    other = [au_column(au.au) for au in aus if au.coding and au.coding != rules[au.au].coding]
    if other:
        yield (
            f"{', '.join(other)}: no intensity is coded, so positive is coded occurrence, which "
            "takes in intensity A; the paper's positives begin at B"
        )
    for au in aus:
        if au.unknown_share > MANY_UNKNOWN:
            yield f"{au_column(au.au)} is unknown in {au.unknown_share:.0%} of the frames"
        rate, paper = au.base_rate, au.paper_base_rate
        if not (paper / FAR_FROM_PAPER <= rate <= paper * FAR_FROM_PAPER) and paper == paper:
            yield f"{au_column(au.au)} is positive in {rate:.1%}, in the paper in {paper:.1%}"


def _doubts_of_videos(checked: list[CheckedVideo], frame_offset: int) -> Iterable[str]:
    broken = [video for video in checked if video.problem and not video.too_short]
    for video in broken[:NOTES_SHOWN]:
        yield f"{video.name} will give no clip: {video.problem}"
    if len(broken) > NOTES_SHOWN:
        yield f"{len(broken) - NOTES_SHOWN} more videos will give no clip; the table says why"
    short = [video.name for video in checked if video.too_short]
    if short:
        yield f"{_listed(short)} too short for a clip; the table has their frames"
    without = [video for video in checked if len(video.without_image(frame_offset))]
    lacking = [video.name for video in without if len(video.images)]
    if lacking:
        yield f"{_listed(lacking)} with label frames that have no image (they are left out)"
    damaged = [video.name for video in checked if len(video.damaged)]
    if damaged:
        n_images = sum(len(video.damaged) for video in checked)
        yield (
            f"{_listed(damaged)} with {n_images} damaged image{'s' if n_images > 1 else ''} (their "
            "frames are left out; of images that look whole only three per video were decoded)"
        )
    repeated = [video.name for video in checked if video.repeated]
    if repeated:
        yield f"{_listed(repeated)} with frames the same as the one before"
    notes = [note for video in checked for note in video.notes]
    yield from notes[:NOTES_SHOWN]
    if len(notes) > NOTES_SHOWN:
        yield f"{len(notes) - NOTES_SHOWN} more notes on videos; the table has them"


def _listed(names: list[str]) -> str:
    return f"{len(names)} video{'s' if len(names) > 1 else ''} ({first_few(names, 3)})"


def subjects_per_fold(folds: Mapping[str, int]) -> dict[int, int]:
    """Fold -> number of its subjects, in order."""
    return dict(sorted(Counter(folds.values()).items()))

"""What is known of the networks that predict a new video: for its files, and for people."""

import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd

from facs3d.core.action_units import au_column
from facs3d.training.judgement import (
    ALL,
    ELSEWHERE,
    GRADES,
    LIMITS,
    SHARES_OF,
    Judgement,
    of_real_faces,
)
from facs3d.training.weights import TrainedModel


def trained_on(model: TrainedModel) -> str:
    """Whom a network was trained on, in words, as far as it is judged."""
    return f"trained on {model.judgement.trained_on}" if model.judgement else "not judged"


def mean_judgement(models: Sequence[TrainedModel]) -> Judgement | None:
    """What is known of the mean of several networks: the means of calibrations and thresholds, and
    what is known of each; None if they are not judged."""
    judgements = [model.judgement for model in models if model.judgement]
    if not judgements:
        return None

    def mean(name: str) -> tuple[float, ...]:
        return tuple(np.mean([getattr(each, name) for each in judgements], axis=0).tolist())

    return Judgement(
        trained_on=judgements[0].trained_on,
        slope=mean("slope"),
        intercept=mean("intercept"),
        threshold=mean("threshold"),
        evidence=tuple(each for its in judgements for each in its.evidence),
    )


def describe_judgement(judgement: Judgement, action_units: Sequence[int]) -> dict[str, Any]:
    """Plain values for a file: whom, and of each AU the least ``auc`` (None: undefined),
    ``threshold``, ``grade`` and the ``evidence`` that the grade is the worst of."""
    units = {
        au_column(au): {
            "auc": None if np.isnan(judgement.auc[column]) else judgement.auc[column],
            "threshold": judgement.threshold[column],
            "grade": judgement.grades[column],
            "evidence": [
                {
                    "faces": each.faces,
                    "real": each.real,
                    "people": each.people,
                    **numbers,
                    **{name: getattr(each, name)[column] for name in SHARES_OF.values()},
                    "grade": each.grade(column),
                }
                for each in judgement.evidence
                if (numbers := each.numbers(column))
            ],
        }
        for column, au in enumerate(action_units)
    }
    people = {"trained_on": judgement.trained_on, "judged_on": judgement.judged_on}
    return {**people, "action_units": units}


def describe_training(model: TrainedModel) -> dict[str, Any] | None:
    """Plain values for a file: what a network was trained on, the least and the most seconds
    between a clip's frames with it; None if its weights do not say."""
    if model.training_data is None:
        return None
    spacing = [round(seconds, 4) for seconds in model.expected_input.spacing]
    return {**asdict(model.training_data), "frame_spacing": spacing}


def say_training(models: Sequence[TrainedModel], video: str) -> None:
    """Say on stderr what the networks were trained on; of several alike once."""
    unknown = "data that its weights do not name"
    known = [(model.training_data or unknown, model.trainings) for model in models]
    for data, trainings in dict.fromkeys(known):
        several = f", {trainings} times: their mean" if trainings > 1 else ""
        print(f"{video}: the network was trained on {data}{several}", file=sys.stderr)


def evidence_table(judgement: Judgement, action_units: Sequence[int]) -> pd.DataFrame:
    """A row per evidence and AU: ``faces``, ``real`` (1 or 0), ``people`` (real ones), ``au``,
    ``auc``, ``found``, ``false_calls`` (NaN: not measured), ``present_frames``, ``absent_frames``,
    ``grade`` by these alone (empty: by none). Then one per AU of the faces :data:`ALL` with its
    grade, ``real`` if real ones are among them."""
    columns = [*enumerate(map(au_column, action_units))]
    rows: list[tuple[object, ...]] = [
        (
            each.faces,
            int(each.real),
            each.people,
            au,
            *(getattr(each, name)[i] for name in (*LIMITS, *SHARES_OF.values())),
            each.grade(i),
        )
        for each in judgement.evidence
        for i, au in columns
    ]
    nothing = (np.nan,) * len(LIMITS) + (None,) * len(SHARES_OF)
    for i, au in columns:
        real = int(judgement.on_real_faces[i])
        rows.append((ALL, real, None, au, *nothing, judgement.grades[i]))
    counts = ["people", *SHARES_OF.values()]
    table = pd.DataFrame(
        rows,
        columns=["faces", "real", "people", "au", *LIMITS, *SHARES_OF.values(), "grade"],
    )
    return table.astype(dict.fromkeys(counts, "Int64"))


def on_real_faces(judgement: Judgement, action_units: Sequence[int]) -> tuple[int, ...]:
    """The AUs of which anything was measured on real faces."""
    return tuple(
        au for au, tried in zip(action_units, judgement.on_real_faces, strict=True) if tried
    )


def warn_of_grades(judgement: Judgement, action_units: Sequence[int], video: str) -> None:
    """Say on stderr which AUs can be relied upon."""
    grades = [*zip(map(au_column, action_units), judgement.grades, strict=True)]
    units = {grade: [name for name, its in grades if its == grade] for grade in GRADES}
    said = "; ".join(f"{grade}: {' '.join(names)}" for grade, names in units.items() if names)
    parts = (
        f"warning: {video}: the network was trained on {judgement.trained_on}; its AUs, judged on "
        f"{judgement.judged_on}, are {said}.",
        of_real_faces(on_real_faces(judgement, action_units), action_units),
        ELSEWHERE,
    )
    print(" ".join(filter(None, parts)), file=sys.stderr)

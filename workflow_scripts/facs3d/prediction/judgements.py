"""What is known of the networks that predict a new video: for its files, and for people."""

import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from facs3d.core.action_units import au_column
from facs3d.training.judgement import ELSEWHERE, GRADES, Judgement
from facs3d.training.weights import TrainedModel


def trained_on(model: TrainedModel) -> str:
    """Whom a network was trained on, in words, as far as it is judged."""
    return f"trained on {model.judgement.trained_on}" if model.judgement else "not judged"


def mean_judgement(models: Sequence[TrainedModel]) -> Judgement | None:
    """What is known of the mean of several networks: the means of what is known of each; None if
    they are not judged."""
    judgements = [model.judgement for model in models if model.judgement]
    if not judgements:
        return None

    def mean(name: str) -> tuple[float, ...]:
        return tuple(np.mean([getattr(each, name) for each in judgements], axis=0).tolist())

    return Judgement(
        trained_on=judgements[0].trained_on,
        judged_on="; ".join(dict.fromkeys(each.judged_on for each in judgements)),
        auc=mean("auc"),
        slope=mean("slope"),
        intercept=mean("intercept"),
        threshold=mean("threshold"),
    )


def describe_judgement(judgement: Judgement, action_units: Sequence[int]) -> dict[str, Any]:
    """Plain values for a file: whom, and of each AU ``auc`` (None: undefined), ``threshold`` and
    ``grade``."""
    units = {
        au_column(au): {
            "auc": None if np.isnan(judgement.auc[column]) else judgement.auc[column],
            "threshold": judgement.threshold[column],
            "grade": judgement.grades[column],
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
    for said in dict.fromkeys(str(model.training_data or unknown) for model in models):
        print(f"{video}: the network was trained on {said}", file=sys.stderr)


def warn_of_grades(judgement: Judgement, action_units: Sequence[int], video: str) -> None:
    """Say on stderr which AUs can be relied upon."""
    grades = [*zip(map(au_column, action_units), judgement.grades, strict=True)]
    units = {grade: [name for name, its in grades if its == grade] for grade in GRADES}
    said = "; ".join(f"{grade}: {' '.join(names)}" for grade, names in units.items() if names)
    print(
        f"warning: {video}: the network was trained on {judgement.trained_on}; its AUs, judged on "
        f"{judgement.judged_on}, are {said}. {ELSEWHERE}",
        file=sys.stderr,
    )

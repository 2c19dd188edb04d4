"""Tables, JSON and YAML for :mod:`tests.support.fuzzing` to attack."""

import json
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import yaml

from facs3d.datasets import open_layout
from facs3d.datasets.folds import read_folds, write_folds
from facs3d.datasets.labels import FrameLabels
from facs3d.datasets.positive import positive_rules
from facs3d.datasets.sheet import Video, read_sheet, write_sheet
from facs3d.evaluation.provenance import FACTS, provenance_table
from facs3d.evaluation.runs import Run, read_histories
from facs3d.evaluation.tables import read_table
from facs3d.planning.config import complete_config
from facs3d.prediction.au_table import AuTable, read_au_table, write_au_table
from facs3d.preprocessing.tracking import TrackedFrame, read_tracking
from facs3d.training.judgement import GRADES
from facs3d.training.predictions import Predictions, read_predictions, write_predictions
from tests.support.fake_results import write_tracking
from tests.support.fuzzing import Target, damage_text

ROOT = Path(__file__).parents[2]
AUS = (1, 2, 12)


def random() -> np.random.Generator:
    return np.random.default_rng(0)


# --- tables and JSON of the pipeline's own


def make_sheet(folder: Path) -> Path:
    path = folder / "videos.csv"
    names = [(f"F{subject:03d}", f"T{task}") for subject in range(4) for task in (1, 2)]
    write_sheet([Video("_".join(n), *n, f"{n}.avi", f"{n}.csv", "80") for n in names], path)
    return path


def read_videos(path: Path) -> None:
    videos = read_sheet(path)
    assert videos
    assert len({video.video for video in videos}) == len(videos)
    assert all(all(video[:5]) and "\0" not in "".join(video) for video in videos)
    assert all(not video.fold or int(video.fold) > 0 for video in videos)


def make_folds(folder: Path) -> Path:
    write_folds({f"F{number:03d}": 1 + number % 3 for number in range(9)}, folder / "folds.csv")
    return folder / "folds.csv"


def read_fold_of_subjects(path: Path) -> None:
    folds = read_folds(path)
    assert folds
    assert all(isinstance(name, str) and name for name in folds)
    assert all(type(fold) is int and fold > 0 for fold in folds.values())


def make_predictions(folder: Path) -> Path:
    names = np.repeat(["F001_T1", "NA_T1"], 6)
    written = Predictions(
        names,
        np.char.partition(names, "_")[:, 0],
        np.tile(np.arange(6), 2),
        random().random((12, 3)),
        random().choice([1, 0, -1], (12, 3)).astype(np.int8),
        AUS,
    )
    write_predictions(written, folder / "predictions.csv")
    return folder / "predictions.csv"


def read_probabilities(path: Path) -> None:
    found = read_predictions(path)
    shape = (len(found.video), len(found.action_units))
    assert len(set(found.action_units)) == len(found.action_units) > 0
    assert found.subject.shape == found.frame_number.shape == found.video.shape
    assert found.video.dtype.kind == found.subject.dtype.kind == "U"
    assert (found.video != "").all()
    assert (found.subject != "").all()
    assert found.frame_number.dtype.kind == "i"
    assert found.probability.shape == found.label.shape == shape
    assert found.probability.dtype == np.float64
    assert ((found.probability >= 0) & (found.probability <= 1)).all()
    assert found.label.dtype == np.int8
    assert np.isin(found.label, (1, 0, -1)).all()


def make_history(folder: Path) -> Path:
    path = folder / "repeat1" / "fold1" / "history.csv"
    path.parent.mkdir(parents=True)
    path.write_text("epoch,loss,learning_rate\n1,0.9,0.1\n2,0.5,0.05\n3,0.25,1e-05\n")
    return path


def read_history(path: Path) -> None:
    history = read_histories([path])[Run(path.parents[2].name, 1, 1)]
    assert history["epoch"].dtype.kind == "i"
    assert history["loss"].dtype.kind in "fi"


def make_metrics(folder: Path) -> Path:
    path = folder / "metrics.csv"
    path.write_text("model,subject,au,value\nfacs3d,NA,1,0.5\nfacs3d,F001,12,\ncnn2d,F001,1,1\n")
    return path


def make_au_table(folder: Path) -> Path:
    rows = write_tracked(folder)
    probability = random().random((6, 3))
    probability[4] = np.nan
    table = AuTable(AUS, np.arange(6) / 25, probability, probability > 0.5)
    table = replace(
        table, grades=("good", "fair", "poor"), trained_on="rendered people", real_faces=AUS[:1]
    )
    write_au_table(table, rows, [""] * 6, folder / "film.aus.csv")
    return folder / "film.aus.csv"


def write_tracked(folder: Path) -> list[dict[str, str]]:
    path = make_tracking(folder)
    header, *rows = (line.split(",") for line in path.read_text().splitlines())
    return [dict(zip(header, row, strict=True)) for row in rows]


def read_aus(path: Path) -> None:
    found = read_au_table(path)
    n_frames, n_aus = len(found.seconds), len(found.action_units)
    assert len(set(found.action_units)) == n_aus > 0
    assert np.isfinite(found.seconds).all()
    assert found.probability.shape == found.present.shape == (n_frames, n_aus)
    known = found.probability[~np.isnan(found.probability)]
    assert ((known >= 0) & (known <= 1)).all()
    assert found.present.dtype == bool
    assert len(found.grades) == (n_aus if found.trained_on else 0)
    assert set(found.grades) <= {*GRADES}
    assert set(found.real_faces) <= {*found.action_units}
    assert found.eyes.shape == (n_frames, 2, 2)
    assert not np.isinf(found.eyes).any()


def make_tracking(folder: Path) -> Path:
    seen = {"right_eye_x": 60.5, "right_eye_y": 40.0, "left_eye_x": 90.0, "left_eye_y": 41.0}
    rows = [
        TrackedFrame(0, True, **seen, faces=1, person=1, note="turned"),
        *(TrackedFrame(number, True, **seen, person=1) for number in range(1, 4)),
        TrackedFrame(4, False, "no face"),
        TrackedFrame(5, True, **seen, person=2),
    ]
    return write_tracking(folder / "film.tracking.csv", rows)


def read_track(path: Path) -> None:
    found = read_tracking(path)
    n_frames = len(found.frame_number)
    assert found.frame_number.dtype.kind == "i"
    assert found.face_found.shape == found.faces.shape == (n_frames,)
    assert found.eyes.shape == (n_frames, 2, 2)
    assert not np.isinf(found.eyes).any()
    assert all(isinstance(problem, str) for problem in found.problem)


def make_provenance(folder: Path) -> Path:
    path = folder / "repeat1" / "fold1" / "provenance.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({"seed": 1, "code": "ab", "versions": {"torch": "2", "numpy": "2"}}))
    return path


def read_provenance(path: Path) -> None:
    assert set(provenance_table([path]).columns) == {"model", "repeat", "fold", *FACTS}


# --- the configuration


def make_config(folder: Path) -> Path:
    path = folder / "config.yaml"
    path.write_bytes((ROOT / "config" / "disfa.yaml").read_bytes())
    return path


def read_config(path: Path) -> None:
    """As Snakemake reads it, which refuses what is no YAML or no mapping."""
    try:
        given = yaml.safe_load(path.read_bytes())
    except (yaml.YAMLError, ValueError, RecursionError):
        return
    if isinstance(given, dict):
        schema = ROOT / "config" / "schemas" / "config.schema.yaml"
        complete = complete_config(given, schema)
        assert complete_config(complete, schema) == complete
        json.dumps(complete, allow_nan=False)


# --- labels


def make_labels(where: str, head: str, row: str, folder: Path) -> Path:
    """A file of labels at ``where``: a ``head`` and ten times ``row``, with the frame for ``#``."""
    path = folder / where
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [head, *(row.replace("#", str(number)) for number in range(1, 11))]
    path.write_text("\n".join(filter(None, lines)) + "\n")
    return path


def read_labels_of(layout: str, rule: str, aus: tuple[int, ...], path: Path) -> None:
    of = path.parent if layout == "disfa" else path
    if rule == "intensity>=2" and layout == "bp4dplus":
        of = path.parents[2] / "AU_OCC" / "F001_T1.csv"
    found: FrameLabels = open_layout(layout).read_labels(of, "F001_T1", positive_rules(rule, aus))
    assert found.frame_number.dtype == np.int32
    assert (np.diff(found.frame_number) > 0).all()
    assert len(found.frame_number)
    assert found.frame_number[0] >= 0
    assert found.labels.shape == (len(found.frame_number), len(aus))
    assert found.labels.dtype == np.int8
    assert np.isin(found.labels, (1, 0, -1)).all()
    assert len(found.coding) == len(aus)


def make_intensities(folder: Path) -> Path:
    make_labels("AUCoding/AU_OCC/F001_T1.csv", "0,1,2,12", "#,1,0,9", folder)
    return make_labels("AUCoding/AU_INT/AU12/F001_T1_AU12.csv", "", "#,3", folder)


def label_targets() -> dict[str, Target]:
    rows = {
        "bp4dplus": ("AUCoding/AU_OCC/F001_T1.csv", "0,1,2,4,12,39", "#,1,0,9,1,0"),
        "bp4d": ("AUCoding/F001_T1.csv", "0,1,2,4,12,39", "#,1,0,9,1,0"),
        "registered": ("labels/F001_T1.csv", "frame,AU01,AU02,AU12", "#,1,0,9"),
        "generic": ("labels.csv", "video,frame,AU01,AU02,AU12", "F001_T1,#,1,0,9"),
    }
    targets = {
        f"labels {layout}": text(
            partial(make_labels, *written), partial(read_labels_of, layout, "occurrence", AUS)
        )
        for layout, written in rows.items()
    }
    disfa = partial(make_labels, "SN001/SN001_au12.txt", "", "#,3")
    return {
        **targets,
        "labels disfa": text(disfa, partial(read_labels_of, "disfa", "intensity>=2", (12,))),
        "labels intensity": text(
            make_intensities, partial(read_labels_of, "bp4dplus", "intensity>=2", (12,))
        ),
    }


def text(
    make: Callable[[Path], Path], read: Callable[[Path], object], n_files: int = 2000
) -> Target:
    return Target(make, read, damage_text, n_files)


TARGETS: dict[str, Target] = {
    "sheet": text(make_sheet, read_videos),
    "folds": text(make_folds, read_fold_of_subjects),
    "predictions": text(make_predictions, read_probabilities),
    "history": text(make_history, read_history),
    "table": text(make_metrics, read_table),
    "au table": text(make_au_table, read_aus),
    "tracking": text(make_tracking, read_track),
    "provenance": text(make_provenance, read_provenance),
    "config": text(make_config, read_config, 300),
    **label_targets(),
}

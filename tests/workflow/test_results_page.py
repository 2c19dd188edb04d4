"""docs/results.md names what a run leaves: every folder, table, figure and column."""

import csv
import re
from pathlib import Path

import pytest

from facs3d.evaluation.metrics import METRICS
from facs3d.training.names import MODEL_NAMES
from tests.support.checkout import ROOT

pytestmark = pytest.mark.workflow

PAGE = (ROOT / "docs" / "results.md").read_text()
PAGE_OF_VIDEOS = (ROOT / "docs" / "your-video.md").read_text()


def header(path: Path) -> list[str]:
    with open(path, encoding="utf-8", newline="") as file:
        return next(csv.reader(file))


def as_on_page(column: str) -> str:
    """A column as the page has it, for whichever AU, metric and model."""
    metrics, models = "|".join(METRICS), "|".join(sorted(MODEL_NAMES, key=len, reverse=True))
    column = re.sub(rf"^({metrics})_({models})", "<metric>_<model>", column)
    column = re.sub(rf"^({metrics})_n_folds", "<metric>_n_folds", column)
    return re.sub(r"_[12]$", "_1", re.sub(r"^AU\d\d", "AU01", column))


def test_every_file_is_on_the_page(finished):
    tops = {path.name for path in finished.results.iterdir()}
    stems = {
        path.stem for name in ("tables", "figures") for path in (finished.results / name).iterdir()
    }
    models = "|".join(sorted(MODEL_NAMES, key=len, reverse=True))
    of_runs = re.compile(rf"({models})_repeat\d+_fold\d+")
    stems = {of_runs.sub("<model>_repeat<r>_fold<k>", stem) for stem in stems}
    of_run = {
        path.name
        for path in (finished.results / "models" / "facs3d" / "repeat1" / "fold1").iterdir()
    }
    assert {"clips.h5", "tables", "table1", "au_regions", "history.csv"} <= tops | stems | of_run
    names = tops - {"tables", "figures"} | stems | of_run
    assert sorted(name for name in names if name not in PAGE) == []


def test_every_column_is_on_the_page(finished):
    tables = [
        *(finished.results / "tables").glob("*.csv"),
        finished.results / "folds" / "repeat1.csv",
    ]
    tables += (finished.results / "models" / "facs3d" / "repeat1" / "fold1").glob("*.csv")
    columns = {(path.name, as_on_page(name)) for path in tables for name in header(path)}
    assert len(columns) > 90
    assert sorted(column for column in columns if f"`{column[1]}`" not in PAGE) == []


def test_every_column_of_a_tracking_table_is_on_the_pages(finished):
    path = next((finished.results / "tracking").glob("*.csv"))
    columns = [name for name in header(path) if "eye_" not in name and name != "frame_number"]
    words = set(re.findall(r"\w+", PAGE + PAGE_OF_VIDEOS))
    assert [name for name in columns if name not in words] == []

"""The table of what every training came from."""

import json

import pandas as pd
import pytest

from facs3d.core.errors import InputError
from facs3d.evaluation.provenance import provenance_table
from facs3d.report.provenance_tables import common_facts, provenance_grid

RUNS = (("cnn2d", 1), ("cnn2d", 2), ("facs3d", 1))


def write(folder, model: str, fold: int, **different) -> None:
    content = {
        "model": model, "fold": fold, "seed": 7, "device": "cpu", "data": f"{fold}" * 64,
        "code": "c" * 64, "training.precision": "fp32", "training.threads": 2,
        "training_clips": 8, "validation_clips": 0, "held_out_clips": 4, "seconds": 3725.4,
        "version": "0.2.0",
        "git_commit": "a" * 40,
        "versions": {"python": "3.11.7", "torch": "2.13.0", "numpy": "1.26.4", "h5py": "3.16.0",
                     "pandas": "3.0.6", "platform": "Linux"},
    } | different  # fmt: skip
    path = folder / model / "repeat1" / f"fold{fold}" / "provenance.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(content))


@pytest.fixture
def paths(tmp_path):
    for model, fold in RUNS:
        write(tmp_path, model, fold)
    return [
        tmp_path / model / "repeat1" / f"fold{fold}" / "provenance.json" for model, fold in RUNS
    ]


def test_a_row_a_run_with_everything_in_full(paths):
    table = provenance_table(paths)
    assert list(zip(table["model"], table["fold"], strict=True)) == list(RUNS)
    assert table["data"].tolist() == ["1" * 64, "2" * 64, "1" * 64]
    assert table.loc[0, "torch"] == "2.13.0"
    assert table.loc[0, "seconds"] == 3725.4


def test_what_all_runs_share_is_said_once(paths):
    table = provenance_table(paths)
    assert {"seed: 7", "commit: aaaaaaaaaaaa", "PyTorch: 2.13.0"} <= set(common_facts(table))
    grid = provenance_grid(table)
    heads = grid.groups[0][1]
    assert heads[:4] == ("model", "repeat", "fold", "data")
    assert not {"seed", "commit", "PyTorch"} & set(heads)
    first = [cell.text for cell in grid.rows[0]]
    assert first[:4] == ["2D CNN", "1", "1", "111111111111"]
    assert first[-1] == "1:02:05"


def test_a_run_of_another_commit_and_device_stands_out(tmp_path, paths):
    write(tmp_path, "facs3d", 2, git_commit="b" * 40, device="NVIDIA H100")
    table = provenance_table(
        [*paths, tmp_path / "facs3d" / "repeat1" / "fold2" / "provenance.json"]
    )
    heads = provenance_grid(table).groups[0][1]
    last = dict(zip(heads, (cell.text for cell in provenance_grid(table).rows[3]), strict=True))
    assert (last["commit"], last["device"]) == ("b" * 12, "NVIDIA H100")
    assert not any(fact.startswith("commit") for fact in common_facts(table))


def test_a_fact_that_a_file_lacks_is_unknown(tmp_path, paths):
    write(tmp_path, "facs3d", 2, git_commit=None)
    table = provenance_table(
        [*paths, tmp_path / "facs3d" / "repeat1" / "fold2" / "provenance.json"]
    )
    assert pd.isna(table["git_commit"].iloc[3])
    grid = provenance_grid(table)
    assert grid.rows[3][grid.groups[0][1].index("commit")].text == "unknown"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("{", "not JSON"),
        ("[1]", "expected a JSON object"),
        ('{"versions": 1}', "versions is 1; train this run again"),
    ],
)
def test_a_broken_file_is_named(paths, text, found):
    paths[1].write_text(text)
    with pytest.raises(InputError, match=f"fold2/provenance.json: {found}"):
        provenance_table(paths)

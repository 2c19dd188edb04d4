"""The examples of docs/architecture.md, put where they say into a checkout, work as they stand."""

import os
import re
import subprocess
import sys

import pytest

from tests.support.checkout import ROOT, Checkout, make_checkout
from tests.support.documents import blocks

pytestmark = pytest.mark.workflow

PAGE = ROOT / "docs" / "architecture.md"
PLACE = re.compile(r"# (\S+\.(?:py|smk|rst))( \+=)?\n")
MODEL_AND_METRIC = """
import numpy as np
import torch
from facs3d.evaluation.metrics import METRICS
from facs3d.evaluation.occlusion.incremental import IncrementalEngine, Patch
from facs3d.evaluation.occlusion.sensitivity import NaiveEngine
from facs3d.training.models import Architecture, build_model

shape = (6, 32, 32)
architecture = Architecture(channels=(3, 4, 5), features=6, padding="same", pool_padding=1)
model = build_model("difference", architecture, shape, 3, seed=1).eval()
with torch.inference_mode():
    still = torch.rand((32, 32), generator=torch.Generator().manual_seed(0)).expand(shape)
    logits = model(still[None])[0]
    assert logits.shape == (6, 3)
    assert torch.allclose(logits, logits[:1].expand(6, 3), atol=1e-6)
    moving = torch.rand(shape, generator=torch.Generator().manual_seed(0))
    places = np.array([[0, 0], [9, 13]])
    engines = [
        engine(model, shape, Patch(8, 0.5), 2**26) for engine in (NaiveEngine, IncrementalEngine)
    ]
    for engine in engines:
        engine.prepare(moving)
    naive, fast = (engine.logits(places) for engine in engines)
    assert torch.allclose(naive, fast, atol=1e-5)

label = np.array([1, 0, 1, -1, 0], np.int8)
probability = np.array([0.9, 0.8, 0.1, 0.9, 0.2])
assert METRICS["precision"](label, probability, 0.5) == 0.5
assert np.isnan(METRICS["precision"](label, probability, 0.95))
"""
CONFIG = """
dataset:
  {name: mine, synthesize: false, layout: side_by_side, root: data, sheet: sheet.csv, folds: 2}
models: [difference, facs3d]
figures: {occlusion_runs: [difference/repeat1/fold1]}
"""


@pytest.fixture(scope="module")
def extended(tmp_path_factory) -> Checkout:
    """A checkout with every example of the page in its place, and the settings made anew."""
    checkout = make_checkout(tmp_path_factory.mktemp("examples") / "checkout")
    placed = 0
    for text in blocks(PAGE, "python") + blocks(PAGE, "rst"):
        place = PLACE.match(text)
        if place is None:
            continue
        path, code = checkout.folder / place[1], text[place.end() :]
        assert path.exists() == bool(place[2]), path
        path.write_text(f"{path.read_text()}\n\n{code}" if place[2] else code)
        placed += 1
    assert placed == 9
    (checkout.folder / "docs").mkdir()
    run(
        *(checkout, "workflow_scripts/document_settings.py", "--demo", "config/config.yaml"),
        *("--output-schema", "config/schemas/config.schema.yaml"),
        *("--output-page", "docs/configuration.md"),
    )
    return checkout


def run(checkout: Checkout, *command: str) -> str:
    """Run Python in the checkout, with its library; what it wrote."""
    done = subprocess.run(
        [sys.executable, *command],
        cwd=checkout.folder,
        env=os.environ | {"PYTHONPATH": "workflow_scripts"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_the_model_and_the_metric_compute(extended):
    run(extended, "-c", MODEL_AND_METRIC)


def test_the_figure_is_planned_and_drawn(extended):
    assert extended.planned()["plot_base_rates"] == 1
    (extended.folder / "table1.csv").write_text("AU,BR\n12,52.82\nAve,52.82\n")
    run(
        *(extended, "workflow_scripts/plot_base_rates.py", "--table", "table1.csv"),
        *("--output-png", "a.png", "--output-pdf", "a.pdf"),
    )
    assert (extended.folder / "a.png").read_bytes().startswith(b"\x89PNG")


def test_a_dataset_of_the_layout_is_planned_with_the_model(extended):
    data = extended.folder / "data"
    data.mkdir()
    for name in ("anna_T1", "ben_T1"):
        (data / f"{name}.mp4").touch()
        (data / f"{name}.csv").write_text("frame,AU12\n0,1\n1,0\n")
    (data / "nobody_T1.mp4").touch()
    (extended.folder / "mine.yaml").write_text(CONFIG)
    done = extended.snakemake("--configfile", "tiny.yaml", "mine.yaml", "--", "index_videos")
    assert done.returncode == 0, done.stdout + done.stderr
    _header, *rows = (extended.folder / "sheet.csv").read_text().splitlines()
    assert [row.partition(",")[0] for row in rows] == ["anna_T1", "ben_T1"]
    jobs = extended.planned("--configfile", "tiny.yaml", "mine.yaml")
    assert jobs["train"] == 4

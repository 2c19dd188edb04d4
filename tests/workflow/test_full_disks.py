"""Each script of the chain on a disk that fills up: one line, nothing half, and then the same."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from facs3d.training.models import build_model
from facs3d.training.weights import TrainedModel, save_model
from tests.support.fake_results import write_results
from tests.support.full_disks import PAGE, disk_of
from tests.support.random_clips import write_random_clips
from tests.support.scripts import SCRIPTS
from tests.support.trainings import ARCHITECTURE, SETTINGS, train_options

pytestmark = pytest.mark.slow

SYNTHESIS = {"source": "portrait", "subjects": 1, "frames": 10, "width": 240, "height": 280}
SAMPLING = {"clip-length": 4, "steps": 1, "image-size": 64}
OCCLUSION = {"patch": 5, "stride": 3, "engine": "naive", "device": "cpu"}
SHARES = (0.0, 0.3, 0.7, 0.95)
FULL = ("No space left on device", "File too large")
TIMED = {"history.csv", "provenance.json"}
STATES = {"checkpoint.pt", "checkpoint.before.pt", "fold1.unfinished.npz"}
"""Kept on purpose, to go on from."""


@dataclass(frozen=True)
class Chain:
    """What the scripts read: ``made`` by each other undisturbed, and a few made-up results."""

    made: Path

    def step(self, name: str, output: Path) -> list:
        """The command that writes into the folder ``output``."""
        made, root = self.made, self.made / "synthesize_videos"
        registered = self.made / "register_faces"
        clips = (made / "random" / "clips.h5", made / "random" / "folds.csv")
        labels = root / "AUCoding" / "AU_OCC" / "F001_T1.csv"
        if name == "train":
            return [sys.executable, SCRIPTS / "train.py", *train_options(clips, output, SETTINGS)]
        options = {
            "synthesize_videos": {
                "portrait": made / "portrait.npz",
                "root": output,
                "seed": 1,
                **SYNTHESIS,
            },
            "register_faces": {
                "video": root / "Videos" / "F001" / "T1.avi",
                "name": "F001_T1",
                "labels": labels,
                "layout": "bp4dplus",
                "video-output": output / "F001_T1.avi",
                "tracking-output": output / "F001_T1.csv",
            },
            "convert_to_grayscale": {
                "input": registered / "F001_T1.avi",
                "output": output / "F001_T1.avi",
            },
            "sample_frames": {
                "video": "F001_T1",
                "subject": "F001",
                "task": "T1",
                "gray": made / "convert_to_grayscale" / "F001_T1.avi",
                "tracking": registered / "F001_T1.csv",
                "labels": labels,
                "layout": "bp4dplus",
                "positive": "intensity>=2",
                "action-units": 12,
                "seed": 1,
                **SAMPLING,
                "output": output / "F001_T1.h5",
            },
            "assemble_clips": {
                "folder": made / "sample_frames",
                "videos": "F001_T1",
                "max-excluded": 0.5,
                "output": output / "clips.h5",
                "digest": output / "clips.sha256",
                "excluded": output / "excluded.csv",
            },
            "split_folds": {
                "clips": clips[0],
                "folds": 2,
                "seed": 1,
                "repeat": 1,
                "output": output / "folds.csv",
            },
            "aggregate_metrics": {
                "predictions": sorted((made / "results").rglob("predictions.csv")),
                "folds": made / "results" / "folds.csv",
                **{f"output-by-{by}": output / f"by_{by}.csv" for by in ("fold", "subject")},
                "output-table1": output / "table1.csv",
                "output-table1-html": output / "table1.html",
                "output-table1-latex": output / "table1.tex",
            },
            "plot_training_curves": {
                "histories": sorted((made / "results").rglob("history.csv")),
                "output-png": output / "a.png",
                "output-pdf": output / "a.pdf",
            },
            "occlusion_sensitivity": {
                "weights": made / "weights.pt",
                "clips": clips[0],
                "folds": clips[1],
                "repeat": 1,
                "fold": 1,
                **OCCLUSION,
                "output": output / "fold1.h5",
            },
        }[name]
        words: list = [sys.executable, SCRIPTS / f"{name}.py"]
        for option, value in options.items():
            words += [f"--{option}", *(value if isinstance(value, list) else [str(value)])]
        return words


STEPS = (
    *("synthesize_videos", "register_faces", "convert_to_grayscale", "sample_frames"),
    *("assemble_clips", "split_folds", "train", "aggregate_metrics", "plot_training_curves"),
    "occlusion_sensitivity",
)


@pytest.fixture(scope="module")
def chain(tmp_path_factory) -> Chain:
    made = tmp_path_factory.mktemp("made")
    portrait = [sys.executable, SCRIPTS / "make_portrait.py", "--output", made / "portrait.npz"]
    subprocess.run(portrait, check=True, capture_output=True)
    for folder in ("random", "results"):
        (made / folder).mkdir()
    write_random_clips(made / "random")
    write_results(made / "results")
    aus, shape = (1, 4, 12), (4, 20, 20)
    network = build_model("cnn2d", ARCHITECTURE, shape, len(aus), seed=1)
    save_model(TrainedModel("cnn2d", ARCHITECTURE, aus, shape, network), made / "weights.pt")
    chain = Chain(made)
    for name in STEPS:
        done = subprocess.run(chain.step(name, made / name), capture_output=True, text=True)
        assert done.returncode == 0, (name, done.stderr)
    return chain


def files(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield str(path.relative_to(folder)), path.read_bytes()


def lasting(folder: Path) -> dict[str, bytes]:
    """What must come out the same: not what holds times."""
    return {name: content for name, content in files(folder) if Path(name).name not in TIMED}


@pytest.mark.parametrize("share", SHARES)
@pytest.mark.parametrize("name", STEPS)
def test_a_full_disk_is_one_line_nothing_is_half_and_the_rerun_is_the_same(
    chain, tmp_path, name, share
):
    whole = dict(files(chain.made / name))
    pages = sum(-(-len(content) // PAGE) for content in whole.values())
    if share and pages < 2:
        pytest.skip("fills no more than a page")
    output = tmp_path / "disk" / "output"
    with disk_of(max(1, int(share * pages)) * PAGE if share else PAGE, tmp_path / "disk") as run:
        if not share:
            # Not a byte is left.
            (tmp_path / "disk" / "filling").write_bytes(bytes(PAGE))
        done = run(chain.step(name, output))
        assert done.returncode == 1, done.stderr
        errors = [line for line in done.stderr.splitlines() if "error" in line.lower()]
        assert len(errors) == 1, done.stderr
        assert errors[0].startswith("error: ")
        assert any(words in errors[0] for words in FULL), errors
        assert str(output) in errors[0]
        assert "Traceback" not in done.stderr
        for file, content in files(output):
            assert Path(file).name in TIMED | STATES or content == whole[file], file
        (tmp_path / "disk" / "filling").unlink(missing_ok=True)
        (tmp_path / "left").mkdir()
        for file, content in files(output):
            (tmp_path / "left" / file).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / "left" / file).write_bytes(content)
    done = subprocess.run(chain.step(name, tmp_path / "left"), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert lasting(tmp_path / "left") == lasting(chain.made / name)

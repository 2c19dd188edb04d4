"""Small sound files with bytes turned, cut or doubled, by seed: a result or one clear error."""

import subprocess
import sys
import zipfile
from pathlib import Path

import cv2
import numpy as np
import pytest

from facs3d.training.models import build_model
from facs3d.training.weights import TrainedModel, save_model
from tests.support.damaged_videos import write_moving
from tests.support.random_clips import write_random_clips
from tests.support.trainings import ARCHITECTURE

pytestmark = pytest.mark.slow

N_FILES = 60
READ = """
import sys, warnings
from pathlib import Path
import numpy as np
from facs3d.core.errors import InputError
from tests.support.damaged_files import damage
kind, source, folder, n_files = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4])
if kind == "hdf5":
    from facs3d.preprocessing.clips import open_clips
    def read(path):
        clips = open_clips(path)
        clips.read_frames(range(min(len(clips), 20)))
elif kind == "torch":
    from facs3d.training.weights import load_model as read
else:
    from facs3d.video.frames import read_frames
    def read(path):
        for _ in read_frames(path / "T1" if path.suffix == ".zip" else path):
            pass
warnings.simplefilter("ignore")
random, n_read = np.random.default_rng(0), 0
for number in range(n_files):
    path = folder / f"{number}{source.suffix}"
    if kind == "image":
        path = folder / str(number) / f"1{source.suffix}"
        path.parent.mkdir()
    path.write_bytes(damage(source.read_bytes(), random))
    # What is read at a crash is the last in the output.
    print(number, flush=True)
    try:
        read(path.parent if kind == "image" else path)
        n_read += 1
    except (InputError, OSError) as error:
        assert str(error) and "weights_only" not in str(error)
    path.unlink()
print("end", n_read)
"""


def make(kind: str, suffix: str, folder: Path) -> Path:
    path = folder / f"sound{suffix}"
    noise = np.random.default_rng(0).integers(0, 256, (24, 32, 3), dtype=np.uint8)
    if kind == "video":
        write_moving(path, "FFV1" if suffix == ".avi" else "mp4v", 8)
    elif kind == "image":
        path.write_bytes(cv2.imencode(suffix, noise)[1].tobytes())
    elif kind == "zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for number in range(3):
                archive.writestr(f"T1/{number}.png", cv2.imencode(".png", noise)[1].tobytes())
    elif kind == "hdf5":
        write_random_clips(folder)[0].rename(path)
    else:
        network = build_model("cnn2d", ARCHITECTURE, (4, 20, 20), 2, seed=1)
        save_model(TrainedModel("cnn2d", ARCHITECTURE, (1, 2), (4, 20, 20), network), path)
    return path


@pytest.mark.parametrize(
    ("kind", "suffix"),
    [
        *(("video", suffix) for suffix in (".avi", ".mkv", ".mp4")),
        *(("image", suffix) for suffix in (".png", ".jpg", ".bmp")),
        *(("zip", ".zip"), ("hdf5", ".h5"), ("torch", ".pt")),
    ],
)
def test_a_damaged_file_gives_a_result_or_one_clear_error(tmp_path, kind, suffix):
    """In a process of its own, for a library that crashes or hangs takes its caller along."""
    source = make(kind, suffix, tmp_path)
    (tmp_path / "damaged").mkdir()
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", READ, kind, source, tmp_path / "damaged", str(N_FILES)],
        capture_output=True,
        text=True,
        errors="replace",
        timeout=120,
        env={"PYTHONPATH": f"{root / 'workflow_scripts'}:{root}", "OMP_NUM_THREADS": "1"},
    )
    last = (done.stdout.splitlines() or ["nothing"])[-1]
    assert done.returncode == 0, (last, done.stderr[-2000:])
    assert last.startswith("end ")

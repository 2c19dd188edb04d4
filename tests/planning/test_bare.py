"""Planning before there is an environment: what Snakemake reads needs no package but its own."""

import subprocess
import sys

from tests.support.workflow import ROOT

ABSENT = (
    *("numpy", "pandas", "scipy", "sklearn", "torch", "cv2", "h5py", "matplotlib", "tqdm"),
    *("mediapipe", "skimage"),
)
LIST_MODULES = """
import sys
from tests.support.workflow import read_rules
with read_rules():
    print(*sorted(name for name in sys.modules if name.startswith("facs3d.")))
"""
IMPORT_ALONE = """
import importlib, sys
for name in {absent!r}:
    sys.modules[name] = None
for name in sys.argv[1:]:
    importlib.import_module(name)
"""


def python(code: str, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=ROOT,
        env={"PYTHONPATH": f"{ROOT}:{ROOT / 'workflow_scripts'}", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_modules_that_rules_import_need_no_environment():
    modules = python(LIST_MODULES).split()
    assert {"facs3d.planning.config", "facs3d.datasets.sheet", "facs3d.core.errors"} <= {*modules}
    planning = (ROOT / "workflow_scripts" / "facs3d" / "planning").glob("*.py")
    modules += [f"facs3d.planning.{path.stem}" for path in planning if path.stem != "__init__"]
    python(IMPORT_ALONE.format(absent=ABSENT), *modules)

"""The code of a script: exactly the modules it imports, and what of their text counts."""

import subprocess
import sys
from pathlib import Path

import pytest

from facs3d.planning.code_digest import LIBRARY, code_digest, code_files

ON_A_GPU_ONLY = {
    LIBRARY / "training" / "fused" / f"{name}.py"
    for name in ("__init__", "blocks", "kernels", "layout")
}
SCRIPTS = sorted(LIBRARY.parent.glob("*.py"))


PROBE = """
import runpy, sys
runpy.run_path(sys.argv[1])
files = (getattr(module, "__file__", None) for module in list(sys.modules.values()))
print(*filter(None, files), sep="\\n")
"""


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_a_scripts_code_files_are_the_modules_that_python_imports(script):
    done = subprocess.run(
        [sys.executable, "-c", PROBE, str(script)],
        env={"PYTHONPATH": str(script.parent), "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    imported = {path for path in map(Path, done.stdout.splitlines()) if LIBRARY in path.parents}
    modules = {path for path in code_files(script) if path.suffix == ".py"}
    assert imported | {script} == modules - ON_A_GPU_ONLY
    assert modules >= ON_A_GPU_ONLY or script.stem != "train"


def test_data_files_that_a_module_names_are_code_too():
    names = {path.name for path in code_files(LIBRARY.parent / "register_faces.py")}
    assert "canonical_face.csv" in names


def test_modules_are_followed_but_not_executed(tmp_path):
    script = tmp_path / "script.py"
    script.write_text("from facs3d.preprocessing import clips\nraise SystemExit('executed')\n")
    names = {path.name for path in code_files(script)}
    assert {"script.py", "clips.py", "atomic.py", "errors.py", "progress.py"} <= names
    assert "models.py" not in names


def test_words_that_explain_a_setting_are_no_code_but_its_default_and_limits_are(tmp_path):
    def digest(name: str, text: str) -> str:
        (tmp_path / name).mkdir()
        script = tmp_path / name / "script.py"
        script.write_text(f"value = {text}\n")
        return code_digest(script)

    before = digest("before", 'setting(3, "rounds", minimum=1, paper="silent")')
    assert digest("words", 'setting(3, "rounds of it", minimum=1, paper="30")') == before
    assert digest("default", 'setting(4, "rounds", minimum=1, paper="silent")') != before
    assert digest("limit", 'setting(3, "rounds", minimum=2, paper="silent")') != before
    other = digest("other", 'label(3, "rounds", minimum=1, paper="silent")')
    assert digest("other words", 'label(3, "rounds of it", minimum=1, paper="silent")') != other

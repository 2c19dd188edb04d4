"""Code inputs: exactly the modules a script imports, and environments that declare all of them."""

import subprocess
import sys
from pathlib import Path

import pytest

from facs3d.code_inputs import LIBRARY, code_inputs

SCRIPTS = sorted(LIBRARY.parent.glob("*.py"))


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_a_scripts_help_imports_no_module_that_is_not_a_code_input(script):
    probe = (
        "import runpy, sys; sys.argv = ['x', '--help']\n"
        "try: runpy.run_path(sys.argv.pop() and SCRIPT, run_name='imported')\n"
        "finally: print('\\n'.join(m.__file__ for m in list(sys.modules.values())"
        " if (getattr(m, '__file__', '') or '').startswith(LIBRARY)))"
    )
    probe = f"SCRIPT = {str(script)!r}; LIBRARY = {str(LIBRARY)!r}\n" + probe
    done = subprocess.run(
        [sys.executable, "-c", probe],
        env={"PYTHONPATH": str(script.parent), "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    imported = {Path(line) for line in done.stdout.splitlines()}
    assert imported | {script} == set(code_inputs(script))


def test_modules_are_followed_but_not_executed(tmp_path):
    script = tmp_path / "script.py"
    script.write_text("from facs3d import clips\nraise SystemExit('executed')\n")
    names = {path.name for path in code_inputs(script)}
    assert {"script.py", "clips.py", "outputs.py", "errors.py", "progress.py"} <= names
    assert "models.py" not in names

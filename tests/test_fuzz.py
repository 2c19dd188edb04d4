"""Every reader, given small sound files with bytes turned, cut or doubled and cells lost, by seed:
a result as documented, or one clear error; in bounded time and memory."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import fuzz_files, fuzz_tables

pytestmark = pytest.mark.slow

ATTACK = """
import sys
from pathlib import Path
from tests.support import fuzz_files, fuzz_tables
from tests.support.fuzzing import attack
attack((fuzz_files.TARGETS | fuzz_tables.TARGETS)[sys.argv[1]], Path(sys.argv[2]))
"""


@pytest.mark.parametrize("name", [*fuzz_files.TARGETS, *fuzz_tables.TARGETS])
def test_a_damaged_file_gives_a_result_or_one_clear_error(tmp_path, name):
    """In a process of its own, for a library that crashes or hangs takes its caller along."""
    root = Path(__file__).parents[1]
    done = subprocess.run(
        [sys.executable, "-c", ATTACK, name, tmp_path],
        capture_output=True,
        text=True,
        errors="replace",
        timeout=300,
        env={"PYTHONPATH": f"{root / 'workflow_scripts'}:{root}", "OMP_NUM_THREADS": "1"},
    )
    last = (done.stdout.splitlines() or ["nothing"])[-1]
    assert done.returncode == 0, (last, done.stderr[-2000:])
    assert last.startswith("end ")

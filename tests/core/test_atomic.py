"""Outputs appear whole or not at all; mistakes end in one line; progress speaks plainly in logs."""

from pathlib import Path

import pytest

from facs3d.core.atomic import whole
from facs3d.core.errors import InputError
from facs3d.core.program import run
from facs3d.core.progress import track
from tests.support.scripts import run_code, run_process


def test_an_output_appears_when_it_is_finished_and_replaces_the_old_one(tmp_path):
    path = tmp_path / "deep" / "table.csv"
    for text in ("old", "new"):
        with whole(path) as unfinished:
            unfinished.write_text(text)
            assert unfinished.suffix == ".csv"
            assert not path.exists() or path.read_text() == "old"
        assert path.read_text() == text
    assert [item.name for item in path.parent.iterdir()] == ["table.csv"]


def test_a_failure_leaves_the_old_output_and_nothing_else(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("old")

    def fail():
        with whole(path) as unfinished:
            unfinished.write_text("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert path.read_text() == "old"
    assert [item.name for item in tmp_path.iterdir()] == ["table.csv"]


def test_what_a_killed_process_left_is_removed_by_the_next_writer(tmp_path):
    left = tmp_path / ".table.csv.x1y2"
    left.mkdir()
    (left / "table.csv").write_text("half")
    other = tmp_path / ".table.csv2.x1y2"
    other.mkdir()
    with whole(tmp_path / "table.csv") as unfinished:
        unfinished.write_text("new")
    assert sorted(item.name for item in tmp_path.iterdir()) == [".table.csv2.x1y2", "table.csv"]


def raise_input_error():
    raise InputError("labels.csv, line 3: no")


def raise_os_error():
    Path("/no/such/folder/file").read_text()


def raise_bug():
    raise ValueError("a bug")


@pytest.mark.parametrize(
    ("main", "message"),
    [
        (raise_input_error, "error: labels.csv, line 3: no"),
        (raise_os_error, "error: /no/such/folder/file: No such file or directory"),
    ],
)
def test_a_users_mistake_ends_in_one_line(main, message):
    with pytest.raises(SystemExit) as end:
        run(main)
    assert end.value.code == message


NO_MEMORY = """
import resource, sys
import cv2, numpy as np, torch
from facs3d.core.program import run
resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
run(
    {
        "Python": lambda: bytes(1 << 40),
        "NumPy": lambda: np.zeros(1 << 40),
        "PyTorch": lambda: torch.zeros(1 << 40),
        "OpenCV": lambda: cv2.resize(np.zeros((9, 9)), (32_000, 32_000)),
    }[sys.argv[1]]
)
"""


@pytest.mark.parametrize("library", ["Python", "NumPy", "PyTorch", "OpenCV"])
def test_a_lack_of_memory_ends_in_one_line(library):
    done = run_code(NO_MEMORY, library)
    assert done.returncode == 1
    assert done.stderr.startswith("error: -c: out of memory (")
    assert "less to do at once" in done.stderr
    assert done.stderr.count("\n") == 1


WRITE_HOME = """
import sys
from pathlib import Path
from facs3d.core.program import run
from facs3d.report.figures.style import new_figure, save_figure
def main():
    (Path.home() / "cache").write_text("x")
    save_figure(new_figure(1), sys.argv[1], sys.argv[2])
    print(Path.home())
run(main)
"""


def test_a_home_that_cannot_be_written_to_does_not_matter(tmp_path):
    files = tmp_path / "a.png", tmp_path / "a.pdf"
    done = run_code(WRITE_HOME, *files, HOME="/dev/null", TMPDIR=str(tmp_path))
    assert (done.returncode, done.stderr) == (0, "")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.pdf", "a.png"]
    assert not Path(done.stdout.strip()).exists()


def test_a_bug_keeps_its_traceback():
    with pytest.raises(ValueError, match="a bug"):
        run(raise_bug)


def test_progress_in_a_log_is_plain_lines(capsys):
    assert list(track([1, 2, 3], "training", "clips")) == [1, 2, 3]
    printed = capsys.readouterr().err
    assert printed.startswith("training: 3/3 clips, ")
    assert printed.count("\n") == 1
    assert "\r" not in printed


def test_a_missing_argument_and_bad_settings_exit_with_a_message(tmp_path):
    done = run_process("split_folds", "--folds", "5")
    assert done.returncode == 2
    assert "--clips" in done.stderr
    options = ("--clips", "no.h5", "--folds", "5", "--seed", "1", "--repeat", "1")
    done = run_process("split_folds", *options, "--output", tmp_path / "f")
    assert done.returncode == 1
    assert done.stderr.startswith("error: ")
    assert "no.h5" in done.stderr
    assert done.stderr.count("\n") == 1

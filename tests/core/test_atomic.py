"""Outputs appear whole or not at all; mistakes end in one line; progress speaks plainly in logs."""

from pathlib import Path

import pytest

from facs3d.core.atomic import whole
from facs3d.core.errors import InputError
from facs3d.core.program import run
from facs3d.core.progress import track
from tests.support.scripts import run_process


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
    options = ("--clips", "no.h5", "--folds", "5", "--seed", "1", "--output", tmp_path / "f")
    done = run_process("split_folds", *options)
    assert done.returncode == 1
    assert done.stderr.startswith("error: ")
    assert "no.h5" in done.stderr
    assert done.stderr.count("\n") == 1

"""What a disk that takes nothing says; see tests/workflow/test_local_machine.py for real ones."""

import errno
import os
import shutil
from types import SimpleNamespace

import pytest

from facs3d.core.atomic import whole
from facs3d.planning.disk import ROOM, from_the_future, obstacle


def test_a_folder_that_can_be_made_is_no_obstacle(tmp_path):
    assert obstacle(tmp_path / "not" / "there" / "yet") is None
    assert not (tmp_path / "not").exists()


def test_a_full_disk_and_a_read_only_one_are_named(tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=ROOM // 2))
    assert obstacle(tmp_path).startswith(f"{tmp_path}: 50 MB are free on its disk")
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    assert obstacle(tmp_path).startswith(f"{tmp_path}: cannot be written to")


def test_an_error_of_the_disk_names_the_output_and_leaves_nothing(tmp_path):
    with (
        pytest.raises(OSError, match=r"No space left on device: '.*/out.csv'") as caught,
        whole(tmp_path / "out.csv"),
    ):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert caught.value.filename == str(tmp_path / "out.csv")
    assert not list(tmp_path.iterdir())


def test_other_errors_pass_as_they_are(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"missing\.avi"), whole(tmp_path / "out.csv"):
        os.stat(tmp_path / "missing.avi")


def test_a_file_dated_to_come_is_named(tmp_path):
    results = tmp_path / "results" / "models"
    results.mkdir(parents=True)
    weights = results / "weights.pt"
    weights.touch()
    source = tmp_path / "video.mp4"
    source.touch()
    assert from_the_future(str(tmp_path / "results"), [str(source), "gone.mp4"]) is None
    for path in (weights, source):
        os.utime(path, (0, 1925000000))
        found = from_the_future(str(tmp_path / "results"), [str(source)])
        assert found is not None
        assert found.startswith(f"{path}: dated 2031-01-0")
        os.utime(path)

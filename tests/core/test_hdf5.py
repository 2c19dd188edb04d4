"""HDF5 files are read as plain data, and what is not plain is one line."""

import errno
import fcntl
import os

import h5py
import numpy as np
import pytest

from facs3d.core.errors import InputError
from facs3d.core.hdf5 import open_plain
from facs3d.evaluation.occlusion.maps import read_occlusion
from facs3d.prediction.faces import open_faces
from facs3d.preprocessing.clips import open_clips, read_excluded
from tests.support.random_clips import write_random_clips


@pytest.fixture
def path(tmp_path):
    return write_random_clips(tmp_path)[0]


def moved(file: h5py.File, other: str) -> None:
    file.move("labels", "kept")
    with h5py.File(other, "w") as elsewhere:
        file.copy("kept", elsewhere, "labels")
    del file["kept"]


def external_link(file, other):
    moved(file, other)
    file["labels"] = h5py.ExternalLink(other, "/labels")


def soft_link(file, other):
    file.move("labels", "kept")
    file["labels"] = h5py.SoftLink("/kept")


def virtual(file, other):
    moved(file, other)
    with h5py.File(other) as elsewhere:
        source = h5py.VirtualSource(elsewhere["labels"])
        layout = h5py.VirtualLayout(source.shape, np.int8)
    layout[:] = source
    file.create_virtual_dataset("labels", layout)


def external_storage(file, other):
    shape = file["labels"].shape
    moved(file, other)
    file.create_dataset("labels", shape, np.int8, external=[(other, 0, h5py.h5f.UNLIMITED)])


def group(file, other):
    del file["labels"]
    file.create_group("labels")


def other_kind(file, other):
    values = file["labels"][:]
    del file["labels"]
    file["labels"] = values.astype(float)


def text_for_numbers(file, other):
    del file["labels"]
    file["labels"] = ["a", "b"]


def other_sides(file, other):
    values = file["labels"][:-1]
    del file["labels"]
    file["labels"] = values


def scalar(file, other):
    del file["labels"]
    file["labels"] = np.int8(1)


def hardly_stored(file, other):
    _, n_frames, n_aus = file["labels"].shape
    for name, shape in {
        "frame_number": (1 << 40, n_frames),
        "labels": (1 << 40, n_frames, n_aus),
    }.items():
        kind = file[name].dtype
        del file[name]
        file.create_dataset(name, shape, kind, chunks=(1, *shape[1:]))
    for name in ("frames", "video", "subject", "task"):
        data = file[name]
        kind, rest = data.dtype, data.shape[1:]
        del file[name]
        file.create_dataset(name, (1 << 40, *rest), kind, chunks=(1, *rest))


def no_attribute(file, other):
    del file.attrs["action_units"]


def text_attribute(file, other):
    file.attrs["action_units"] = "1, 2"


def scalar_attribute(file, other):
    file.attrs["action_units"] = 1


def frames_hardly_stored(file, other):
    n_clips, n_frames, *_ = file["frames"].shape
    del file["frames"]
    shape = (n_clips, n_frames, 30000, 30000)
    file.create_dataset("frames", shape, np.uint8, chunks=(1, 1, 100, 100))


def other_codes(file, other):
    file["labels"][0, 0, 0] = 77


def descending_frames(file, other):
    file["frame_number"][0] = file["frame_number"][0][::-1]


def repeated_aus(file, other):
    file.attrs["action_units"] = [1] * file["labels"].shape[2]


HOSTILE = {
    external_link: "link to elsewhere",
    soft_link: "link to elsewhere",
    virtual: "'labels' is stored elsewhere",
    external_storage: "'labels' is stored elsewhere",
    group: "'labels' is no dataset",
    other_kind: "'labels' is float64, expected int8",
    text_for_numbers: "'labels' is object, expected int8",
    other_sides: "'labels' has the shape",
    scalar: r"'labels' has the shape \(\), expected 3 sides",
    hardly_stored: "'frames' is .* of which hardly anything is stored",
    frames_hardly_stored: "'frames' is .* of which hardly anything is stored",
    other_codes: "'labels' are not 1, 0 or -1",
    descending_frames: "'frame_number' does not ascend",
    repeated_aus: "'action_units' .* do not ascend",
    no_attribute: "action_units",
    text_attribute: "'action_units' is .*, expected whole numbers",
    scalar_attribute: "'action_units' is .*, expected whole numbers",
}


@pytest.mark.parametrize(("change", "found"), HOSTILE.items(), ids=[c.__name__ for c in HOSTILE])
def test_what_is_not_plain_is_refused_in_one_line(path, tmp_path, change, found):
    with h5py.File(path, "r+") as file:
        change(file, str(tmp_path / "other.h5"))
    with pytest.raises(InputError, match=rf"clips\.h5: not a clips file.*{found}") as refused:
        open_clips(path)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("read", [open_clips, read_excluded, read_occlusion])
@pytest.mark.parametrize("content", [b"", b"garbage" * 999, b"\x89HDF\r\n\x1a\n" + bytes(999)])
def test_garbage_is_refused(tmp_path, read, content):
    (tmp_path / "a.h5").write_bytes(content)
    with pytest.raises(InputError, match=r"a\.h5: not "):
        read(tmp_path / "a.h5")


@pytest.mark.parametrize("read", [open_clips, read_occlusion])
def test_what_the_system_refuses_is_not_called_no_such_file(tmp_path, read):
    with pytest.raises(FileNotFoundError) as missing:
        read(tmp_path / "a.h5")
    assert str(missing.value) == f"[Errno 2] No such file or directory: '{tmp_path / 'a.h5'}'"
    with pytest.raises(IsADirectoryError):
        read(tmp_path)


def test_an_error_of_whoever_reads_is_not_the_files(path):
    for error in (OSError(errno.ENOSPC, "No space left on device"), KeyError("a bug")):
        with pytest.raises(type(error)), open_plain(path, "a file", "look"):
            raise error


def test_a_file_is_read_whether_it_can_be_locked_or_not(path):
    """Another's lock stands for a file system that gives none: whoever asks for one fails."""
    descriptor = os.open(path, os.O_RDWR)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    with pytest.raises(OSError, match="lock"):
        h5py.File(path, "r", locking=True)
    clips = open_clips(path)
    assert clips.read_frames([0]).shape == (1, *clips.frame_shape)
    os.close(descriptor)


@pytest.mark.parametrize(
    ("frames", "seconds", "found"),
    [
        *(([*frames], [0.0, 0.1], "'frame' does not asc") for frames in ((0, 2), (1, 0), (0, 0))),
        ([-1, 0], [0.0, 0.1], "'frame' does not asc"),
        *(([0, 1], [0.5, second], "'seconds' do not incr") for second in (0.5, 0.4, np.nan)),
    ],
)
def test_frames_or_times_that_cannot_be_are_no_file_of_faces(tmp_path, frames, seconds, found):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["faces"] = np.zeros((2, 4, 4), np.uint8)
        file["frame"] = np.array(frames, np.int32)
        file["seconds"] = np.array(seconds)
        file["repaired"] = np.zeros(2, np.uint8)
        file.attrs.update(
            video="v", content="", remarks="", clock="c", registration="{}", tracking=""
        )
    with (
        pytest.raises(InputError, match=rf"a\.h5: not a file of faces \({found}"),
        open_faces(tmp_path / "a.h5"),
    ):
        pass

"""Clips on disk: schema, assembly, and what is refused."""

from dataclasses import replace

import h5py
import numpy as np
import pytest

from facs3d.core.errors import InputError
from facs3d.preprocessing.clips import (
    Clip,
    Excluded,
    assemble_clips,
    open_clips,
    read_excluded,
    write_clip,
    write_excluded,
)
from facs3d.preprocessing.expected_input import ExpectedInput
from tests.support.scripts import run_code

AUS = (1, 12)
EXPECTED = ExpectedInput((1, 3), 29.97, {"image_size": 200, "centre": "eye_line"})


def make(path, number, size=8, action_units=AUS, expected=EXPECTED):
    rng = np.random.default_rng(number)
    clip = Clip(
        frames=rng.integers(0, 256, (3, size, size), dtype=np.uint8),
        labels=rng.integers(-1, 2, (3, len(action_units))).astype(np.int8),
        frame_number=np.array([1, 3, 6], np.int32),
    )
    names = (f"F00{number}_T1", f"F00{number}", "T1")
    write_clip(path, names, action_units, clip, '{"seed": 1}', expected)
    return clip


def test_assembled_clips_are_the_clips_in_the_order_given(tmp_path):
    paths = [str(tmp_path / f"{number}.h5") for number in (2, 1)]
    written = [make(path, number) for path, number in zip(paths, (2, 1), strict=True)]
    assemble_clips(paths, tmp_path / "clips.h5")
    clips = open_clips(tmp_path / "clips.h5")
    assert len(clips) == 2
    assert clips.video == ("F002_T1", "F001_T1")
    assert clips.subject == ("F002", "F001")
    assert clips.action_units == AUS
    assert clips.expected_input == EXPECTED
    assert clips.of_subjects({"F001"}).tolist() == [1]
    np.testing.assert_array_equal(clips.labels, [clip.labels for clip in written])
    np.testing.assert_array_equal(clips.read_frames([1, 0]), [written[1].frames, written[0].frames])
    with h5py.File(tmp_path / "clips.h5") as file:
        assert file["frames"].chunks == (1, 3, 8, 8)
        assert file["frames"].dtype == np.uint8
        assert file["labels"].dtype == np.int8
        assert file["frame_number"].dtype == np.int32
        assert file.attrs["sampling"] == '{"seed": 1}'
        assert "h5py" in file.attrs["versions"]


def test_two_assemblies_are_the_same_bytes(tmp_path):
    make(tmp_path / "1.h5", 1)
    for name in ("a", "b"):
        assemble_clips([str(tmp_path / "1.h5")], tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_an_excluded_video_keeps_its_reason(tmp_path):
    excluded = Excluded("F001_T1", "F001", "T1", "no face in any frame")
    write_excluded(tmp_path / "1.h5", excluded, AUS, (3, 8, 8), EXPECTED)
    make(tmp_path / "2.h5", 2)
    assert read_excluded(tmp_path / "1.h5") == excluded
    assert read_excluded(tmp_path / "2.h5") is None
    assert len(open_clips(tmp_path / "1.h5")) == 0


def test_clips_that_do_not_agree_leave_no_file(tmp_path):
    make(tmp_path / "1.h5", 1)
    others = ({"size": 9}, {"action_units": (1, 2)}, {"expected": replace(EXPECTED, steps=(1,))})
    for other in others:
        make(tmp_path / "2.h5", 2, **other)
        with pytest.raises(InputError, match="2.h5: other action units, image size, steps"):
            assemble_clips([str(tmp_path / "1.h5"), str(tmp_path / "2.h5")], tmp_path / "clips.h5")
        assert sorted(path.name for path in tmp_path.iterdir()) == ["1.h5", "2.h5"]
    with pytest.raises(InputError, match="no video gives a clip"):
        assemble_clips([], tmp_path / "clips.h5")


def test_another_file_is_not_a_clips_file(tmp_path):
    (tmp_path / "clips.h5").write_text("not HDF5")
    with pytest.raises(InputError, match="not a clips file"):
        open_clips(tmp_path / "clips.h5")
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["x"] = 1
    with pytest.raises(InputError, match="not a clips file"):
        open_clips(tmp_path / "other.h5")


def test_clips_that_do_not_say_how_they_came_about_are_refused_in_one_line(tmp_path):
    path = tmp_path / "1.h5"
    for content, found in (
        (None, "it does not say how its clips came about"),
        ("[]", "no JSON object"),
        ('{"frames_per_second": 25.0}', "expected_input is .*'steps'"),
        ('{"steps": [0]}', "expected_input.steps|sampling.steps is .*, expected at least 1"),
        ('{"steps": [2], "registration": 3}', "expected_input is .*3"),
    ):
        make(path, 1)
        with h5py.File(path, "r+") as file:
            del file.attrs["expected_input"]
            if content is not None:
                file.attrs["expected_input"] = content
        with pytest.raises(
            InputError, match=rf"1\.h5: .*{found}.*delete it and run again"
        ) as error:
            open_clips(path)
        assert "\n" not in str(error.value)


def test_half_a_clips_file_is_refused_in_one_line(tmp_path):
    path = tmp_path / "1.h5"
    make(path, 1, size=64)
    path.write_bytes(path.read_bytes()[:-4000])
    for read in (open_clips, read_excluded, lambda path: assemble_clips([path], tmp_path / "c.h5")):
        with pytest.raises(InputError, match=r"1\.h5: not a clips file, or not all of it"):
            read(str(path))


FULL_DISK = """
import resource, signal, sys
from facs3d.preprocessing.clips import assemble_clips
from facs3d.core.program import run
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), resource.RLIM_INFINITY))
run(lambda: assemble_clips(sys.argv[3:], sys.argv[2]))
"""


@pytest.mark.parametrize("share", [0.05, 0.5, 0.9, 0.99])
def test_a_full_disk_leaves_no_clips_file_and_says_so_in_one_line(tmp_path, share):
    paths = [str(tmp_path / f"{number}.h5") for number in range(1, 6)]
    for number, path in enumerate(paths, start=1):
        make(path, number, size=128)
    assemble_clips(paths, tmp_path / "whole.h5")
    limit = int(share * (tmp_path / "whole.h5").stat().st_size)
    done = run_code(FULL_DISK, limit, tmp_path / "clips.h5", *paths)
    assert done.returncode == 1, done.stderr
    errors = [line for line in done.stderr.splitlines() if not line.startswith("assembling")]
    assert len(errors) == 1, done.stderr
    assert errors[0].startswith("error: ")
    assert not (tmp_path / "clips.h5").exists()

"""The predictions table: exact for float32, unknown labels empty, broken tables refused."""

import numpy as np
import pytest

from facs3d.core.errors import InputError
from facs3d.training.predictions import Predictions, read_predictions, write_predictions


def example(rng):
    return Predictions(
        video=np.array(["F001_T1"] * 3 + ["007_T1"]),
        subject=np.array(["NA"] * 3 + ["007"]),
        frame_number=np.array([1, 3, 6, 2]),
        probability=rng.random((4, 2), dtype=np.float32).astype(np.float64),
        label=np.array([[1, 0], [-1, 1], [0, -1], [0, 0]], np.int8),
        action_units=(1, 12),
    )


def test_a_table_survives_being_written(tmp_path):
    written = example(np.random.default_rng(0))
    write_predictions(written, tmp_path / "p.csv")
    read = read_predictions(tmp_path / "p.csv")
    for name in ("video", "subject", "frame_number", "label", "action_units"):
        np.testing.assert_array_equal(getattr(read, name), getattr(written, name))
    np.testing.assert_array_equal(
        read.probability.astype(np.float32), written.probability.astype(np.float32)
    )


def test_columns_are_named_and_unknown_is_empty(tmp_path):
    write_predictions(example(np.random.default_rng(0)), tmp_path / "p.csv")
    lines = (tmp_path / "p.csv").read_text().splitlines()
    assert lines[0] == "video,subject,frame_number,AU01,AU12,AU01_label,AU12_label"
    assert lines[2].endswith(",,1")
    assert lines[3].endswith(",0,")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "not a predictions table"),
        ("video,subject,frame_number\n", "no column 'AU01_label'"),
        ("video,subject,AU01,AU01_label\na,b,0.5,1\n", "no column 'frame_number'"),
        ("video,subject,frame_number,AU01,AU01_label\na,b,1,1.5,1\n", "between 0 and 1"),
        ("video,subject,frame_number,AU01,AU01_label\na,b,1,,1\n", "between 0 and 1"),
        ("video,subject,frame_number,AU01,AU01_label\na,b,1,0.5,2\n", "1, 0 or empty"),
        ("video,subject,frame_number,AU01,AU01_label\na,b,1,x,1\n", "'AU01' does not hold numbers"),
        ("video,subject,frame_number,AU01,AU01_label\n,b,1,0.5,1\n", "a row without a video"),
        ("video,subject,frame_number,AU01,AU01_label\na,b,1.5,0.5,1\n", "must be whole"),
        ("video,subject,frame_number,AU01,AU01_label\na,b,1,0.5\n", "line 2: 4 columns, expected"),
        ("video,subject,frame_number,AU01,AU01_label,AU1_label\na,b,1,0.5,1,1\n", "AU01 is there"),
    ],
)
def test_a_broken_table_is_refused(tmp_path, text, message):
    (tmp_path / "p.csv").write_text(text)
    with pytest.raises(InputError, match=message):
        read_predictions(tmp_path / "p.csv")


def test_a_table_cut_off_anywhere_in_its_last_row_says_so(tmp_path):
    """Whatever is left of the row: its labels, read as empty, would be unknown ones."""
    path = tmp_path / "p.csv"
    write_predictions(example(np.random.default_rng(0)), path)
    whole = path.read_bytes()
    last_row = whole[:-1].rindex(b"\n") + 1
    for length in range(last_row + 1, len(whole)):
        path.write_bytes(whole[:length])
        with pytest.raises(InputError, match=r"p\.csv, line 5: is cut off in mid-row; delete it"):
            read_predictions(path)

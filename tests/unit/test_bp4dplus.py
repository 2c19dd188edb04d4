"""The BP4D+ layout: labels by header and number, unknown kept unknown, bad files refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facs3d.datasets import open_layout
from facs3d.datasets.bp4dplus import find_videos, read_labels
from facs3d.datasets.labels import Positive
from facs3d.errors import InputError


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def occurrence(root, text, name="F001_T1"):
    return write(root / "AUCoding" / "AU_OCC" / f"{name}.csv", text)


def intensity(root, au, text, name="F001_T1"):
    return write(root / "AUCoding" / "AU_INT" / au / f"{name}_{au}.csv", text)


def test_columns_go_by_header_and_nine_is_unknown(tmp_path):
    path = occurrence(tmp_path, "1,1,12,2\n5,0,1,9\n6,1,0,0\n")
    frame_number, labels = read_labels(path, (12, 1, 2), "occurrence")
    assert frame_number.tolist() == [5, 6]
    assert labels.tolist() == [[1, 0, -1], [0, 1, 0]]
    assert labels.dtype == np.int8


def test_intensity_decides_where_it_is_coded_and_occurrence_elsewhere(tmp_path):
    path = occurrence(tmp_path, "0,6,12\n1,1,1\n2,1,0\n3,0,9\n4,1,1\n")
    intensity(tmp_path, "AU12", "1,1\n2,2\n3,9\n")
    _, labels = read_labels(path, (6, 12), "intensity>=2")
    assert labels[:, 0].tolist() == [1, 1, 0, 1]
    assert labels[:, 1].tolist() == [0, 1, -1, -1]
    assert read_labels(path, (12,), "occurrence").labels[:, 0].tolist() == [1, 0, -1, 1]


def test_windows_line_ends_and_byte_order_mark_are_read(tmp_path):
    path = occurrence(tmp_path, "\ufeff0,1\r\n7,1\r\n\r\n")
    assert read_labels(path, (1,), "occurrence").labels.tolist() == [[1]]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("<html><body>log in</body></html>", "web page"),
        ("0,1,2\n", "no frame is annotated"),
        ("0,2\n1,0\n", "line 1: 0 columns for AU01"),
        ("0,1,1\n1,0,0\n", "line 1: 2 columns for AU01"),
        ("0,1,AUx\n1,0,0\n", "line 1: 'AUx' is not an action unit"),
        ("0,1\n1,0\n2\n", "line 3: 1 columns, expected at least 2"),
        ("0;1\n1;0\n", "line 1: 0 columns for AU01"),
        ("0,1\n1,0\n1,0\n", "line 3: frame 1 follows frame 1"),
        ("0,1\n2,0\n1,0\n", "line 3: frame 1 follows frame 2"),
        ("0,1\n1,2\n", "line 2: code 2 in column 2, expected one of 0, 1, 9"),
        ("0,1\n1,-1\n", "line 2: code in column 2 is '-1'"),
        ("0,1\n1,0.5\n", "line 2: code in column 2 is '0.5'"),
        ("0,1\n1,nan\n", "line 2: code in column 2 is 'nan'"),
        ("0,1\nx,1\n", "line 2: frame number is 'x'"),
    ],
)
def test_a_broken_label_file_is_refused_with_file_and_line(tmp_path, text, message):
    path = occurrence(tmp_path, text)
    with pytest.raises(InputError, match=message) as error:
        read_labels(path, (1,), "occurrence")
    assert str(path) in str(error.value)


def test_a_binary_label_file_is_refused(tmp_path):
    path = occurrence(tmp_path, "")
    path.write_bytes(b"PK\x03\x04\xff\xfe\x00")
    with pytest.raises(InputError, match="not a text file"):
        read_labels(path, (1,), "occurrence")


def test_an_intensity_file_is_checked_too(tmp_path):
    path = occurrence(tmp_path, "0,12\n1,1\n")
    coded = intensity(tmp_path, "AU12", "1,6\n")
    with pytest.raises(InputError, match="line 1: code 6 in column 2") as error:
        read_labels(path, (12,), "intensity>=2")
    assert str(coded) in str(error.value)


@given(
    codes=st.lists(st.sampled_from([0, 1, 2, 3, 4, 5, 9]), min_size=1, max_size=40),
    threshold=st.integers(1, 5),
)
def test_unknown_is_never_a_negative(codes, threshold):
    labels = Positive.parse(f"intensity>={threshold}").labels(np.array(codes))
    for code, label in zip(codes, labels, strict=True):
        assert label == (-1 if code == 9 else int(code >= threshold))


@pytest.mark.parametrize("text", ["intensity", "intensity>=0", "intensity>2", ""])
def test_an_unknown_rule_for_positives_is_refused(text):
    with pytest.raises(InputError, match="positive"):
        Positive.parse(text)


def test_videos_are_found_by_parsed_numbers_in_every_form_they_come_in(tmp_path):
    for name in ("F001_T8", "F001_01", "F002_T1"):
        occurrence(tmp_path, "0,1\n1,0\n", name)
    write(tmp_path / "Videos" / "F001" / "T8.avi", "")
    (tmp_path / "2D+3D" / "F001" / "T1").mkdir(parents=True)
    write(tmp_path / "2D+3D" / "F002.zip", "")
    videos = find_videos(tmp_path)
    assert [(v.video, v.subject, v.task) for v in videos] == [
        ("F001_T1", "F001", "T1"),
        ("F001_T8", "F001", "T8"),
        ("F002_T1", "F002", "T1"),
    ]
    assert [v.path.removeprefix(str(tmp_path)) for v in videos] == [
        "/2D+3D/F001/T1",
        "/Videos/F001/T8.avi",
        "/2D+3D/F002.zip/T1",
    ]


def test_a_folder_that_is_not_the_dataset_says_what_is_missing(tmp_path):
    with pytest.raises(InputError, match="no such folder"):
        find_videos(tmp_path)
    label_path = occurrence(tmp_path, "0,1\n1,0\n")
    with pytest.raises(InputError, match="no frames for it"):
        find_videos(tmp_path)
    label_path.rename(label_path.with_name("notes.csv"))
    with pytest.raises(InputError, match="expected a file name such as"):
        find_videos(tmp_path)


def test_an_unknown_layout_names_the_known_ones():
    with pytest.raises(InputError, match="bp4dplus"):
        open_layout("bp5d")

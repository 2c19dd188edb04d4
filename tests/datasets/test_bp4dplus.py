"""The BP4D+ layout: labels by header and number, unknown kept unknown, bad files refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facs3d.core.errors import InputError
from facs3d.datasets import open_layout
from facs3d.datasets.bp4dplus import find_videos, read_labels
from facs3d.datasets.positive import Positive, positive_rules, read_positive
from tests.support.label_files import intensity, labels_of, occurrence, write


def test_columns_go_by_header_and_nine_is_unknown(tmp_path):
    path = occurrence(tmp_path, "1,1,12,2\n5,0,1,9\n6,1,0,0\n")
    frame_number, labels, coding, _notes = labels_of(path, (12, 1, 2), "occurrence")
    assert coding == ("occurrence",) * 3
    assert frame_number.tolist() == [5, 6]
    assert labels.tolist() == [[1, 0, -1], [0, 1, 0]]
    assert labels.dtype == np.int8


def test_intensity_decides_where_it_is_coded_and_occurrence_elsewhere(tmp_path):
    path = occurrence(tmp_path, "0,6,12\n1,1,1\n2,1,0\n3,0,9\n4,1,1\n")
    intensity(tmp_path, "AU12", "1,1\n2,2\n3,9\n4,9\n")
    _, labels, coding, notes = labels_of(path, (6, 12), "intensity>=2")
    assert coding == ("occurrence", "intensity")
    assert "contradict it: AU12 in 1 of 4 frames" in notes[0]
    assert labels[:, 0].tolist() == [1, 1, 0, 1]
    assert labels[:, 1].tolist() == [0, 1, -1, -1]
    assert labels_of(path, (12,), "occurrence").labels[:, 0].tolist() == [1, 0, -1, 1]


def test_windows_line_ends_and_byte_order_mark_are_read(tmp_path):
    path = occurrence(tmp_path, "\ufeff0,1\r\n7,1\r\n\r\n")
    assert labels_of(path, (1,), "occurrence").labels.tolist() == [[1]]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("<html><body>log in</body></html>", "web page"),
        ("0,1,2\n", "no frame is annotated"),
        ("0,2\n1,0\n", "line 1: 0 columns for AU01"),
        ("0,1,2,1\n1,0,0,0\n", "line 1: 2 columns for AU01"),
        ("1,0\n2,0\n", "line 1: '1,0' looks like codes, not like a header"),
        ("7,1\n8,0\n", "line 1: '7,1' looks like codes, not like a header"),
        ("0,1,1\n1,0,0\n", "line 1: '0,1,1' looks like codes, not like a header"),
        ("5,1,9\n6,1,9\n", "line 1: '5,1,9' looks like codes, not like a header"),
        ("0,1,2,4\n5,1,0,\n", "line 2: code in column 4 is '', expected one of 0, 1, 9; are the"),
        ("0,1,2,4\n5,1,,0\n", "line 2: code in column 3 is '', .* 9 means unknown"),
        ("0,1,2,4\n5,1,0,x\n", "line 2: code in column 4 is 'x'"),
        ("0,1,,4\n5,1,0,0\n", "line 2: '0' in column 3, which has no name in line 1"),
        ("0,1,4,\n5,1,0,0\n", "line 2: 4 columns, expected 3"),
        ("0,1,2,coder\n5,1,0,1\n", "line 2: column 'coder' holds 1, which could be a shifted AU"),
        ("onset,offset,1\n0,2,1\n", "line 1: the first column is called 'onset'"),
        ("AU01_r,x\n0,0\n", "line 1: 0 columns for AU01"),
        ("0,1\n1,0\n2\n", "line 3: 1 columns, expected 2"),
        ("0;1\n1;0\n", "line 1: separated by semicolons or tabs"),
        ("0,1\n1,0\n1,0\n", "line 3: frame 1 follows frame 1"),
        ("0,1\n2,0\n1,0\n", "line 3: frame 1 follows frame 2"),
        ("0,1\n1,2\n", "line 2: code 2 in column 2, expected one of 0, 1, 9"),
        ("0,1\n1,-1\n", "line 2: code in column 2 is '-1'"),
        ("0,1\n1,0.5\n", "line 2: code in column 2 is '0.5'"),
        ("0,1\n1,nan\n", "line 2: code in column 2 is 'nan'"),
        ("0,1\nx,1\n", "line 2: frame number is 'x'"),
        ('0,1\n1,0\n2,"0\n3,1\n4"\n5,1\n', "line 3: a quotation mark is not closed in this line"),
        ('0,1\n1,0\n2,"0\n', "line 3: not CSV"),
        (f"0,1\n1,{'7' * 5000}\n", "line 2: code in column 2 is '7{60}…', expected"),
    ],
)
def test_a_broken_label_file_is_refused_with_file_and_line(tmp_path, text, message):
    path = occurrence(tmp_path, text)
    with pytest.raises(InputError, match=message) as error:
        labels_of(path, (1,), "occurrence")
    assert str(path) in str(error.value)


def test_a_binary_label_file_is_refused(tmp_path):
    path = occurrence(tmp_path, "")
    path.write_bytes(b"PK\x03\x04\xff\xfe\x00")
    with pytest.raises(InputError, match="not a text file"):
        labels_of(path, (1,), "occurrence")


def test_an_intensity_file_is_checked_too(tmp_path):
    path = occurrence(tmp_path, "0,12\n1,1\n")
    coded = intensity(tmp_path, "AU12", "1,6\n")
    with pytest.raises(InputError, match="line 1: code 6 in column 2") as error:
        labels_of(path, (12,), "intensity>=2")
    assert str(coded) in str(error.value)


@pytest.mark.parametrize(
    ("au", "first"), [(12, "0,12"), (12, "frame,AU12"), (12, "frame,12"), (2, "0,2"), (9, "0,9")]
)
def test_an_intensity_file_with_a_header_line_is_refused(tmp_path, au, first):
    """``0,2`` could be intensity 2 of frame 0; the occurrence file tells."""
    path = occurrence(tmp_path, f"0,{au}\n1,1\n2,1\n")
    coded = intensity(tmp_path, f"AU{au:02d}", f"{first}\n1,2\n2,3\n")
    with pytest.raises(InputError, match=r"AU..\.csv, line 1: .* header.* remove"):
        labels_of(path, (au,), "intensity>=2")
    coded.write_text("0,2\n1,2\n2,3\n")
    occurrence(tmp_path, f"0,{au}\n0,1\n1,1\n2,1\n")
    assert labels_of(path, (au,), "intensity>=2").labels.tolist() == [[1], [1], [1]]


@pytest.mark.parametrize(
    "text",
    [
        "0,1,2,99\n7,1,0,9\n8,0,1,9\n",
        "1,1,2,99\n7,1,0,9\n8,0,1,9\n",
        "\ufeffframe,AU01,AU 2,au99\r\n7,1,0,9\r\n8,0,1,9\r\n\r\n",
        "1000,1,2,99\n7.0,1.0,0.0,9.0\n8.0,0.0,1.0,9.0",
        "0,1,2,99,,\n7,1,0,9,,\n8,0,1,9,,\n,,,,,\n , ,,,,\n",
        "0,1,2,99,coder\n7,1,0,9,Ann\n8,0,1,9,\n",
        "Frame,AU01_c,AU02_c,AU01_r\n7,1.00,0.00,2.13\n8,0.00,1.00,0.41\n",
    ],
)
def test_one_occurrence_file_in_the_forms_it_may_have(tmp_path, text):
    labels = labels_of(occurrence(tmp_path, text), (2, 1), "occurrence")
    assert labels.frame_number.tolist() == [7, 8]
    assert labels.labels.tolist() == [[0, 1], [1, 0]]


@pytest.mark.parametrize("first", ["0", "frame"])
@pytest.mark.parametrize("au", [1, 9])
def test_a_header_of_an_au_that_is_a_code_too_is_a_header(tmp_path, first, au):
    path = occurrence(tmp_path, f"{first},{au}\n1,0\n2,1\n")
    assert labels_of(path, (au,), "occurrence").labels.tolist() == [[0], [1]]


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


def test_label_files_are_found_whatever_the_case_of_their_suffix(tmp_path):
    path = occurrence(tmp_path, "0,12\n1,1\n")
    path.rename(path.with_suffix(".CSV"))
    coded = intensity(tmp_path, "AU12", "1,1\n")
    coded.rename(coded.with_suffix(".Csv"))
    write(tmp_path / "Videos" / "F001_T1.avi", "")
    (video,) = find_videos(tmp_path).videos
    assert video.label_path == str(path.with_suffix(".CSV"))
    assert labels_of(path.with_suffix(".CSV"), (12,), "intensity>=2").labels.tolist() == [[0]]


def coded_frames(frames, code=1):
    return "".join(f"{frame},{code}\n" for frame in frames)


@pytest.mark.parametrize(
    ("occurrences", "intensities", "lacking", "n_coded"),
    [
        (range(1, 21), range(1, 20), "F001_T1_AU12.csv: lacks 1 of the 20 frames", 20),
        (range(2, 21), range(1, 21), "F001_T1.csv: lacks 1 of the 20 frames", 19),
    ],
)
def test_a_few_frames_that_one_file_lacks_are_noted(
    tmp_path, occurrences, intensities, lacking, n_coded
):
    path = occurrence(tmp_path, "0,12\n" + coded_frames(occurrences))
    intensity(tmp_path, "AU12", coded_frames(intensities, 2))
    labels = labels_of(path, (12,), "intensity>=2")
    (note,) = labels.notes
    assert lacking in note
    assert note.endswith("codes for AU12")
    assert len(labels.labels) == n_coded
    assert labels_of(path, (12,), "occurrence").notes == ()


@pytest.mark.parametrize(
    ("occurrences", "intensities", "message"),
    [
        (range(1, 21), range(1, 11), r"F001_T1_AU12\.csv: lacks 10 of the 20 .* more than 10%"),
        (range(1, 11), range(1, 21), r"F001_T1\.csv: lacks 10 of the 20 frames that F001_T1_AU12"),
    ],
)
def test_a_file_copied_by_half_costs_its_video(tmp_path, occurrences, intensities, message):
    path = occurrence(tmp_path, "0,12\n" + coded_frames(occurrences))
    intensity(tmp_path, "AU12", coded_frames(intensities))
    with pytest.raises(InputError, match=message):
        labels_of(path, (12,), "intensity>=2")


def test_frames_unknown_in_one_file_may_be_absent_from_the_other(tmp_path):
    path = occurrence(tmp_path, "0,12\n1,1\n2,9\n3,9\n")
    intensity(tmp_path, "AU12", "1,3\n4,9\n5,9\n")
    labels = labels_of(path, (12,), "intensity>=2")
    assert labels.labels.tolist() == [[1], [-1], [-1]]
    assert labels.notes == ()


def test_an_intensity_file_missing_among_others_is_refused(tmp_path):
    path = occurrence(tmp_path, "0,12\n1,1\n", "F001_08")
    intensity(tmp_path, "AU12", "1,1\n", "F002_T1")
    with pytest.raises(InputError, match="AU12: no intensity file of F001_T8"):
        labels_of(path, (12,), "intensity>=2")
    intensity(tmp_path, "AU12", "1,3\n", "F001_T8")
    assert labels_of(path, (12,), "intensity>=2").labels.tolist() == [[1]]
    mixed = {"default": "intensity>=4", "AU12": "occurrence"}
    assert labels_of(path, (12,), mixed).labels.tolist() == [[1]]


def test_without_rules_only_the_annotated_frames_are_read(tmp_path):
    path = occurrence(tmp_path, "0,1\n4,0\n6,x\n")
    frame_number, labels, coding, _notes = read_labels(path, path.stem, {})
    assert frame_number.tolist() == [4, 6]
    assert labels.shape == (2, 0)
    assert coding == ()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["AU12=occurrence"], "no rule for AU01; give it one, or a `default`"),
        (["default=occurrence", "AU25=occurrence"], "AU25 is not among action_units"),
        (["default=often"], "found 'often'"),
        (["often"], "found 'often', expected 'occurrence'"),
        (["default=occurrence", "AU01"], "found '', expected 'occurrence'"),
        (["default=occurrence", "AU01=intensity>=2", "1=occurrence"], "AU01 has two"),
        (["default=occurrence", "AU01=intensity>=2", "AU01=occurrence"], "AU01 has two"),
    ],
)
def test_rules_that_do_not_fit_the_action_units_are_refused(words, message):
    with pytest.raises(InputError, match=message):
        positive_rules(read_positive(words), (1, 12))


def test_rules_on_a_command_line_are_one_for_all_or_by_au():
    assert read_positive(["intensity>=2"]) == "intensity>=2"
    assert read_positive(["occurrence"]) == "occurrence"
    words = ["default=intensity>=2", "AU24=occurrence"]
    assert read_positive(words) == {"default": "intensity>=2", "AU24": "occurrence"}


def test_an_unknown_layout_names_the_known_ones():
    with pytest.raises(InputError, match="bp4dplus"):
        open_layout("bp5d")


@pytest.mark.parametrize("row", ["2,0,1,0,0,1", "2,0,1,0", "2,0,1"])
def test_a_row_of_another_width_than_the_header_is_refused(tmp_path, row):
    path = occurrence(tmp_path, f"0,1,2,6,12\n1,0,0,0,0\n{row}\n")
    with pytest.raises(InputError, match=r"line 3: \d columns, expected 5"):
        read_labels(path, "F001_T1", {1: Positive.parse("occurrence")})


@pytest.mark.parametrize("first", ["", "image", "time"])
def test_a_first_column_of_another_name_is_not_taken_for_the_frame(tmp_path, first):
    with pytest.raises(InputError, match=f"line 1: the first column is called '{first}'"):
        labels_of(occurrence(tmp_path, f"{first},1,12\n0,1,1\n"), (1,), "occurrence")
    for first in ("1000", "Frame"):
        labels = labels_of(occurrence(tmp_path, f"{first},1,12\n7,1,1\n"), (1,), "occurrence")
        assert labels.frame_number.tolist() == [7]


def test_a_frame_column_that_is_not_the_first_is_refused(tmp_path):
    path = occurrence(tmp_path, ",frame,1\n0,100,1\n")
    with pytest.raises(InputError, match="line 1: the frame numbers are in column 2"):
        read_labels(path, "F001_T1", {1: Positive.parse("occurrence")})


def test_two_intensity_files_of_one_video_or_one_in_anothers_folder_are_refused(tmp_path):
    path = occurrence(tmp_path, "0,6\n1,1\n")
    rules = {6: Positive.parse("intensity>=2")}
    intensity(tmp_path, "AU06", "1,3\n")
    assert read_labels(path, "F001_T1", rules).labels.tolist() == [[1]]
    twin = intensity(tmp_path, "AU06", "1,0\n", name="F001_01")
    with pytest.raises(InputError, match="is of the same"):
        read_labels(path, "F001_T1", rules)
    other = occurrence(tmp_path, "0,6\n1,1\n", "F002_T1")
    intensity(tmp_path, "AU6", "1,3\n", name="F002_T1")
    assert read_labels(other, "F002_T1", rules).labels.tolist() == [[1]]
    twin.rename(twin.with_name("F001_T1_AU12.csv"))
    with pytest.raises(InputError, match="is named after AU12, but lies in the folder of AU 6"):
        read_labels(path, "F001_T1", rules)

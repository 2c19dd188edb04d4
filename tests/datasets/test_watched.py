"""The label files that the workflow watches: those the layouts read."""

from facs3d.datasets.watched import label_files


def write(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("1,0\n")
    return str(path)


def test_intensity_files_are_watched_with_their_occurrence_file(tmp_path):
    coding = tmp_path / "AUCoding"
    label_path = write(coding / "AU_OCC" / "F001_T1.csv")
    watched = write(coding / "AU_INT" / "AU06" / "F001_T1_AU06.csv")
    write(coding / "AU_INT" / "AU06" / "F002_T1_AU06.csv")
    write(coding / "AU_INT" / "AU12" / "F001_T1_AU12.csv")
    assert label_files(label_path, [1, 6]) == [label_path, watched]


def test_those_of_bp4d_lie_two_levels_up(tmp_path):
    label_path = write(tmp_path / "AUCoding" / "AU_OCC" / "F001_T1.csv")
    watched = write(tmp_path / "AU-Intensity-Codes3.0" / "AU06" / "F001_T1_AU06.csv")
    assert label_files(label_path, [6]) == [label_path, watched]


def test_files_are_watched_by_their_numbers_as_they_are_read(tmp_path):
    """Another padding of task, AU or folder, and a suffix in capitals, is the same file."""
    label_path = write(tmp_path / "AUCoding" / "AU_OCC" / "F001_01.csv")
    watched = write(tmp_path / "AUCoding" / "AU_INT" / "AU6" / "F001_T1_AU06.CSV")
    twin = write(tmp_path / "AUCoding" / "AU_INT" / "AU06" / "F001_T01_6.csv")
    assert label_files(label_path, [6]) == [label_path, twin, watched]


def test_of_a_folder_its_files_are_watched_and_of_a_lost_file_nothing(tmp_path):
    first = write(tmp_path / "SN001" / "SN001_au1.txt")
    second = write(tmp_path / "SN001" / "SN001_au12.txt")
    assert label_files(str(tmp_path / "SN001"), [1]) == [first, second]
    assert label_files(str(tmp_path / "lost.csv"), [1]) == []

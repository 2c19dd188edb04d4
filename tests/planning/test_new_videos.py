from pathlib import Path

import pytest

from facs3d.core.errors import InputError
from facs3d.planning.new_videos import check_networks, check_results, find_new_videos


def make(folder, *names):
    for name in names:
        (folder / name).write_bytes(b"")
    return folder


def test_a_file_is_one_video_whatever_its_suffix(tmp_path):
    make(tmp_path, "my clip (1).MOV", "film.h264")
    assert list(find_new_videos(str(tmp_path / "my clip (1).MOV"))) == ["my_clip_1_"]
    assert find_new_videos(str(tmp_path / "film.h264")) == {"film": tmp_path / "film.h264"}


def test_a_folder_gives_its_videos_and_nothing_else(tmp_path):
    make(tmp_path, "b.mp4", "a.MOV", "._a.MOV", "notes.txt", "a.jpg")
    (tmp_path / "sub.mp4").mkdir()
    assert find_new_videos(str(tmp_path)) == {"a": tmp_path / "a.MOV", "b": tmp_path / "b.mp4"}


@pytest.mark.parametrize("name", ["Ærø-1.mp4", "a b.c.mp4", "a{b}'$(x).mp4"])
def test_names_are_safe_in_a_command_line(tmp_path, name):
    (found,) = find_new_videos(str(make(tmp_path, name)))
    assert not set(found) & set(" {}'$()/")


@pytest.mark.parametrize(
    ("place", "message"),
    [
        (None, r"no video given; add --config input=my_video.mp4"),
        ("nowhere.mp4", r"input .*nowhere.mp4 does not exist"),
        ("", r"no video \(\.3gp .*\) in the folder"),
        ("twice", r"a.mov and a.mp4 would both give a.aus.csv; rename one"),
    ],
)
def test_what_is_no_video_is_refused(tmp_path, place, message):
    (tmp_path / "twice").mkdir()
    make(tmp_path / "twice", "a.mp4", "a.mov")
    with pytest.raises(InputError, match=message):
        find_new_videos(place if place is None else str(tmp_path / place))


def test_a_network_that_is_not_trained_is_named(tmp_path):
    make(tmp_path, "one.pt")
    check_networks([tmp_path / "one.pt"])
    with pytest.raises(InputError, match=r"no trained network .*two.pt; train it"):
        check_networks([tmp_path / "one.pt", tmp_path / "two.pt"])


def test_results_of_another_video_of_the_same_name_stay(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    provenance = tmp_path / "T1.aus.json"
    provenance.write_text('{"video": "F001/T1.avi"}')
    for same in (Path("F001/T1.avi"), tmp_path / "F001" / "T1.avi"):
        check_results({"T1": same}, tmp_path)
    check_results({"T2": Path("F002/T2.avi")}, tmp_path)
    with pytest.raises(InputError, match=r"T1.aus.json is of another video, F001/T1.avi; rename"):
        check_results({"T1": Path("F002/T1.avi")}, tmp_path)

import json
import os
import re
from pathlib import Path

import pytest
from snakemake.io import PeriodicityDetector

from facs3d.core.errors import InputError
from facs3d.planning.new_videos import (
    check_as_typed,
    check_networks,
    describe_passed_over,
    find_new_videos,
    replaced_videos,
    result_names,
)
from facs3d.video.file_names import file_fingerprint, fingerprint


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


def test_what_is_passed_over_is_counted_and_named(tmp_path):
    (tmp_path / "sub").mkdir()
    make(tmp_path, "b.M2TS", "c.gif", "._a.MOV", "d.srt", "sub/e.txt", "sub/f.vob")
    assert find_new_videos(str(tmp_path)).keys() == {"b", "c", "sub_f"}
    said = describe_passed_over(str(tmp_path))
    assert said.startswith("note: 2 files passed over")
    assert said.endswith(f"{tmp_path}/d.srt, {tmp_path}/sub/e.txt\n")
    assert describe_passed_over([str(tmp_path / "d.srt")]) == ""


def test_links_are_followed_and_images_beside_a_video_are_named(tmp_path):
    for name in ("P02", "all", "all/P01", "all/P03"):
        (tmp_path / name).mkdir()
    make(tmp_path, "P02/a.mp4", "all/P01/b.mp4", "all/P01/1.jpg", "all/P03/1.png", "all/P03/2.png")
    (tmp_path / "all" / "P02").symlink_to(tmp_path / "P02")
    (tmp_path / "all" / "back").symlink_to(tmp_path / "all")
    assert find_new_videos(str(tmp_path / "all")).keys() == {"P01_b", "P02_a", "P03"}
    said = describe_passed_over(str(tmp_path / "all"))
    assert said.startswith("note: 1 files passed over")
    assert said.endswith("all/P01/1.jpg\n")


HOSTILE = [
    *("Ærø-1.mp4", "a b.c.mp4", "a{b}'$(x).mp4", "{video}.mp4", "-dash.mp4", "..mp4.mp4"),
    *("L" * 60 + ".mp4", "ab" * 40 + ".mp4", "x" * 250 + ".mp4", "é" * 120 + ".mp4", "😀.mp4"),
    *("#1.mp4", "note: a.mp4", "007.mp4", "new\nline.mp4", "con_.mp4"),
]


@pytest.mark.parametrize("name", HOSTILE)
def test_names_are_safe_everywhere(tmp_path, name):
    (found,) = find_new_videos(str(make(tmp_path, name) / name))
    assert re.fullmatch(r"\w[\w.-]*", found)
    assert len(f".{found}.register_new_video.abcdefgh".encode()) < 255
    assert PeriodicityDetector().is_periodic(found) is None


def test_each_video_has_a_name_of_its_own(tmp_path):
    names = ["a.mp4", "a.mov", "A.avi", "😀.mp4", "🙃.mp4", "P01/webcam.mp4", "P02/webcam.mp4"]
    names += ["P01_webcam.mp4", ".hidden/film.mp4", ".film.mp4"]
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        make(tmp_path, name)
    found = find_new_videos(str(tmp_path))
    assert {str(file.relative_to(tmp_path)) for file in found.values()} == set(names[:-2])
    assert len({name.casefold() for name in found}) == 8
    assert found["P02_webcam"] == tmp_path / "P02" / "webcam.mp4"
    # A name does not depend on what else is in the folder, unless it is that of another.
    (tmp_path / "more.mp4").write_bytes(b"")
    assert found.items() <= find_new_videos(str(tmp_path)).items()


@pytest.mark.parametrize(
    ("place", "message"),
    [
        (None, r"no video given; add --config input=my_video.mp4"),
        ("nowhere.mp4", r"input .*nowhere.mp4 does not exist"),
        ("", r"no video \(\.3g2 \.3gp .*\) or image in the folder"),
    ],
)
def test_what_is_no_video_is_refused(tmp_path, place, message):
    with pytest.raises(InputError, match=message):
        find_new_videos(place if place is None else str(tmp_path / place))


def test_a_folder_of_images_without_a_video_is_one_recording(tmp_path):
    for name in ("shots/frame_1.png", "shots/frame_2.png", "film/a.mp4", "film/cover.jpg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        make(tmp_path, name)
    found = find_new_videos(str(tmp_path))
    assert found == {"film_a": tmp_path / "film" / "a.mp4", "shots": tmp_path / "shots"}
    assert find_new_videos(str(tmp_path / "shots")) == {"shots": tmp_path / "shots"}


def test_a_network_that_is_not_trained_is_named(tmp_path):
    make(tmp_path, "one.pt")
    check_networks([tmp_path / "one.pt"])
    with pytest.raises(InputError, match=r"no trained network .*two.pt; train it"):
        check_networks([tmp_path / "one.pt", tmp_path / "two.pt"])
    (tmp_path / "weights").mkdir()
    check_networks([tmp_path / "one.pt"], "one.pt")
    for name in ("two.pt", "weights"):
        with pytest.raises(InputError, match=f"predict.weights is {name}, but no such file"):
            check_networks([tmp_path / name], name)


def test_results_of_another_video_of_the_same_name_stay(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    provenance = tmp_path / "T1.aus.json"
    provenance.write_text('{"video": "F001/T1.avi"}')
    for same in (Path("F001/T1.avi"), tmp_path / "F001" / "T1.avi"):
        replaced_videos({"T1": same}, tmp_path)
    replaced_videos({"T2": Path("F002/T2.avi")}, tmp_path)
    with pytest.raises(InputError, match=r"T1.aus.json is of another video, F001/T1.avi; rename"):
        replaced_videos({"T1": Path("F002/T1.avi")}, tmp_path)


def test_another_recording_in_a_videos_place_is_noticed_by_its_content(tmp_path):
    video = tmp_path / "T1.avi"
    video.write_bytes(b"one")
    facts = {"video": str(video), "content": file_fingerprint(video)}
    (tmp_path / "T1.aus.json").write_text(json.dumps(facts))
    assert replaced_videos({"T1": video, "T2": video}, tmp_path) == []
    video.write_bytes(b"two")
    os.utime(video, (0, 0))
    fingerprint.cache_clear()
    assert replaced_videos({"T1": video}, tmp_path) == ["T1"]


def test_results_that_do_not_say_of_which_video_are_named(tmp_path):
    (tmp_path / "T1.aus.json").write_text('{"video": NaN')
    with pytest.raises(InputError, match=r"T1.aus.json does not say which video .*; delete it"):
        replaced_videos({"T1": Path("T1.avi")}, tmp_path)


def test_videos_named_one_by_one_may_share_a_name(tmp_path):
    for name in ("P01/webcam.mp4", "P02/webcam.mp4", "P02/b/x.mov"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        make(tmp_path, name)
    places = [str(tmp_path / "P01" / "webcam.mp4"), str(tmp_path / "P02")]
    assert find_new_videos(places) == {
        "P01_webcam": tmp_path / "P01" / "webcam.mp4",
        "P02_b_x": tmp_path / "P02" / "b" / "x.mov",
        "P02_webcam": tmp_path / "P02" / "webcam.mp4",
    }
    assert list(find_new_videos(places[:1])) == ["webcam"]


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        *(("007", 7), ("2023_05_12", 20230512), ("take 1 #2.mp4", "take 1"), ("1e5", 1e5)),
        *(("note: a.mp4", {"note": "a.mp4"}), ("#1.mp4", None), ("yes", True)),
    ],
)
def test_names_that_config_rewrites_are_refused_with_the_way_that_takes_them(typed, read):
    message = rf"--config reads input=.*predict\.py '?{re.escape(typed)}"
    with pytest.raises(InputError, match=message):
        check_as_typed(read, ["snakemake", "--config", f"input={typed}", "draw=true"])


def test_names_that_config_leaves_alone_pass():
    check_as_typed("my video.mp4", ["snakemake", "--config", "input=my video.mp4"])
    check_as_typed("a.mp4", ["snakemake", "--configfile", "x.yaml"])


def test_a_name_that_is_not_utf_8_spoils_no_other(tmp_path):
    odd = os.fsdecode(b"a\xffb.mp4")
    names = result_names({name: tmp_path / name for name in (odd, "a b.mp4", "c.mp4")})
    assert len(names) == 3
    assert "c" in names
    assert all(name.isascii() for name in names)

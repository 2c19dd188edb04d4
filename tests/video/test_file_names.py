"""Files as the workflow knows them by their names, and folders of images as it watches them."""

import os

from facs3d.video.file_names import folder_fingerprint, is_video
from tests.support.fake_dataset import image_bytes


def state(folder) -> str:
    folder_fingerprint.cache_clear()
    return folder_fingerprint(str(folder))


def test_an_image_mended_in_place_is_seen_and_a_touch_is_not(tmp_path):
    for number in range(3):
        (tmp_path / f"{number}.png").write_bytes(image_bytes()[: 100 if number == 1 else None])
    damaged, folders_time = state(tmp_path), tmp_path.stat().st_mtime_ns
    os.utime(tmp_path / "0.png")
    (tmp_path / ".DS_Store").write_bytes(b"x")
    (tmp_path / "Thumbs.db").write_bytes(b"x")
    assert state(tmp_path) == damaged
    os.utime(tmp_path, ns=(folders_time, folders_time))
    (tmp_path / "1.png").write_bytes(image_bytes())
    assert tmp_path.stat().st_mtime_ns == folders_time
    mended = state(tmp_path)
    assert mended != damaged
    (tmp_path / "2.png").rename(tmp_path / "3.png")
    assert state(tmp_path) != mended


def test_what_is_no_folder_of_images_has_none(tmp_path):
    (tmp_path / "video.avi").touch()
    assert state(tmp_path / "video.avi") == state(tmp_path / "gone") == ""
    (tmp_path / "1.png").symlink_to(tmp_path / "lost.png")
    assert state(tmp_path) != ""


def test_videos_by_their_suffix():
    for suffix in ("avi", "MP4", "m2ts", "ts", "mxf", "flv", "asf", "dv", "vob", "gif", "mts"):
        assert is_video(f"folder/a film.{suffix}")
    assert not any(map(is_video, ("a.srt", "._a.mp4", "a.jpg", "a.mp4.part", "mp4", "a.mp3")))

"""The overview of predicted videos: done, failed with the reason, and what they come to."""

import csv

import numpy as np
import pytest

from facs3d.prediction.au_table import AuTable
from facs3d.prediction.events import EventSettings, find_events, summarise, write_summary
from facs3d.report.prediction_index import collect, write_index, write_index_csv, write_index_page
from tests.support.browser import Browser, find_chromium


def predict(folder, name, units=(6, 12), grades=("good", "poor")):
    """10 s at 10 frames/s, one AU present in a quarter of the time with a face, the other never;
    a fifth of the frames has no face."""
    probability = np.full((100, 2), 0.1)
    probability[10:30, 0] = 0.9
    probability[80:] = np.nan
    seconds = np.arange(100) / 10
    noted = {"dark": np.arange(100) < 7}
    table = AuTable(units, seconds, probability, probability >= 0.5, None, grades, "others", noted)
    events = find_events(table, EventSettings())
    write_summary(summarise(table, events), folder / f"{name}.aus.summary.csv")


def log(folder, step, name, text):
    (folder / step).mkdir(exist_ok=True)
    (folder / step / f"{name}.log").write_text(text)


@pytest.fixture
def collected(tmp_path):
    logs, folder = tmp_path / "logs", tmp_path / "predictions"
    logs.mkdir()
    folder.mkdir()
    predict(folder, "a b")
    (folder / "a b.aus.html").write_text("<title>its page</title>")
    predict(folder, "before", units=(1, 6))
    (folder / "before.aus.json").write_text('{"video": "their/before.mp4"}')
    # Its results are of the recording that lay in its place.
    predict(folder, "bad")
    log(logs, "register_new_video", "a b", "register: 100 frames\nerror: no\nall is well\n")
    log(logs, "register_new_video", "bad", "warning: b\nerror: my/bad.mov: not a <video>\n")
    log(logs, "predict_aus", "bad", "10 frames\n")
    log(logs, "plot_aus", "drawn", "error: disk full\n")
    videos = {"bad": "my/bad.mov", "a b": "my/a b.mp4", "drawn": "c.mp4", "killed": "k.mp4"}
    return folder, collect(folder, logs, videos, drawn=True)


def test_each_video_is_done_or_failed_for_a_reason(collected):
    folder, videos = collected
    write_index_csv(videos, folder / "index.csv")
    with open(folder / "index.csv", newline="") as file:
        rows = {row["name"]: row for row in csv.DictReader(file)}
    assert [(name, row["state"]) for name, row in rows.items()] == [
        *(("a b", "done"), ("bad", "failed"), ("drawn", "failed"), ("killed", "failed")),
        ("before", "done"),
    ]
    assert rows["bad"]["reason"] == "not a <video>"
    assert rows["drawn"]["reason"] == "disk full"
    assert rows["killed"]["reason"].startswith("stopped before it was done; see the logs in ")
    assert rows["a b"] == {
        "name": "a b",
        "video": "my/a b.mp4",
        "state": "done",
        "reason": "",
        "seconds": "10.000",
        "frames": "100",
        "frames_with_face": "80",
        "notes": "dark: 7",
        "AU01_present_share": "",
        "AU01_events_per_minute": "",
        "AU06_present_share": "0.2500",
        "AU06_events_per_minute": "7.500",
        "AU12_present_share": "0.0000",
        "AU12_events_per_minute": "0.000",
    }
    before = rows["before"]
    assert (before["video"], before["AU01_present_share"]) == ("their/before.mp4", "0.2500")
    # What it came to before is not lost.
    assert (rows["bad"]["AU06_present_share"], rows["killed"]["AU06_present_share"]) == (
        "0.2500",
        "",
    )


def test_a_summary_that_cannot_be_read_is_a_failure_and_no_end(tmp_path):
    (tmp_path / "a.aus.summary.csv").write_text("AU,grade\nAU06\n")
    (video,) = collect(tmp_path, tmp_path, {}, drawn=False)
    assert video.state == "failed"
    assert "a.aus.summary.csv, line 1: no column" in video.reason
    write_index_page([video], tmp_path / "index.html")
    write_index_csv([], tmp_path / "index.csv")
    write_index_page([], tmp_path / "empty.html")
    assert "0 of 0 videos are done" in (tmp_path / "empty.html").read_text()


@pytest.mark.browser
def test_the_page_lists_failures_and_leads_to_each_videos_page(collected, tmp_path):
    if find_chromium() is None:
        pytest.skip("no Chromium here (Debian: apt install chromium)")
    folder, videos = collected
    write_index_page(videos, folder / "index.html")
    with Browser(tmp_path / "profile") as browser:
        browser.open(folder / "index.html")
        said = browser.evaluate("document.body.innerText")
        assert "2 of 5 videos are done; 3 failed" in said
        assert "my/bad.mov: not a <video>" in said
        heights = (
            "[...document.querySelectorAll('tbody tr:first-child i b')].map(bar =>"
            "bar.offsetHeight / bar.parentElement.offsetHeight)"
        )
        assert browser.evaluate(heights) == [pytest.approx(0.25, abs=0.03), 0]
        assert browser.evaluate("document.querySelectorAll('.poor').length") == 3
        rows = browser.evaluate(
            "[...document.querySelectorAll('tbody td:first-child')].map(cell => cell.innerText)"
        )
        # Only one has a page.
        assert rows == [
            "a b\nmy/a b.mp4",
            "bad\nmy/bad.mov\nfailed now: earlier results",
            "before\ntheir/before.mp4",
        ]
        assert browser.evaluate("document.querySelectorAll('td a').length") == 1
        browser.evaluate("document.querySelector('td a').click()")
        browser.wait("document.title === 'its page'")
        assert browser.complaints == []


def test_the_last_line_counts_the_runs_own_videos(tmp_path):
    logs, folder = tmp_path / "logs", tmp_path / "predictions"
    logs.mkdir()
    folder.mkdir()
    for name in ("before", "good"):
        predict(folder, name)
    log(logs, "register_new_video", "bad", "error: bad.mov: no video\n")
    where = f"see {folder / 'index.html'}"
    said = write_index(tmp_path, {"bad": tmp_path / "bad.mov"}, drawn=False)
    assert said == f"this run: done: 0, failed: 1; listed: 3, {where}"
    said = write_index(tmp_path, {"good": tmp_path / "good.mp4"}, drawn=False)
    assert said == f"this run: done: 1, failed: 0; listed: 2, {where}"


def test_a_drawing_that_failed_in_another_run_is_not_this_ones(tmp_path):
    (tmp_path / "draw_aus").mkdir()
    (tmp_path / "draw_aus" / "film.log").write_text("error: disk full\n")
    videos = {"film": tmp_path / "film.mp4"}
    (asked,) = collect(tmp_path, tmp_path, videos, drawn=True)
    (not_asked,) = collect(tmp_path, tmp_path, videos, drawn=False)
    assert asked.reason == "disk full"
    assert "disk full" not in not_asked.reason


def test_a_video_without_any_face_is_marked(tmp_path):
    table = AuTable((6,), np.arange(10) / 10, np.full((10, 1), np.nan), np.zeros((10, 1), bool))
    write_summary(summarise(table, []), tmp_path / "wall.aus.summary.csv")
    (video,) = collect(tmp_path, tmp_path, {"wall": tmp_path / "wall.mp4"}, drawn=False)
    assert video.state == "no face"
    write_index_page([video], tmp_path / "index.html")
    page = (tmp_path / "index.html").read_text()
    assert "1 of 1 videos are done, in 1 of them no face was found" in page
    assert "<strong>no face found</strong>" in page

"""The page of a new video's AUs, operated in a real browser."""

import json
import re
from dataclasses import replace

import cv2
import numpy as np
import pytest

from facs3d.prediction.au_table import AuTable
from facs3d.prediction.events import EventSettings, find_events
from facs3d.prediction.face_sheet import FaceSheet
from facs3d.report.aus_page import write_aus_page
from tests.support.browser import Browser, find_chromium

RATE, N, SIDE = 25, 500, 16
LOST = slice(300, 350)
FACTS = {
    "judged_on": "60 others",
    "action_units": {
        "AU06": {"auc": 0.91, "threshold": 0.5, "grade": "good"},
        "AU12": {"auc": 0.61, "threshold": 0.4, "grade": "poor"},
    },
}


def make_table():
    """20 s: AU 6 is present from 4 s on for 2 s, its apex at 5 s; AU 12 from 10 s for 1 s; no face
    from 12 s to 14 s; frames 50 to 74 are dark."""
    seconds = np.arange(N) / RATE
    probability = np.full((N, 2), 0.1)
    probability[100:150, 0] = 0.8
    probability[125, 0] = 0.95
    probability[250:275, 1] = 0.6
    probability[LOST] = np.nan
    present = probability >= [0.5, 0.4]
    dark = np.zeros(N, bool)
    dark[50:75] = True
    return AuTable(
        *((6, 12), seconds, probability, present, None),
        *(("good", "poor"), "rendered <people>", {"dark": dark}, (6,)),
    )


def make_sheet():
    """Every fifth frame with a face; each face is gray of its frame's number divided by 2.5."""
    frames = np.array([frame for frame in range(0, N, 5) if not LOST.start <= frame < LOST.stop])
    columns = 10
    sheet = np.kron(frames.reshape(-1, columns) / 2.5, np.ones((SIDE, SIDE))).astype(np.uint8)
    return FaceSheet(cv2.imencode(".jpg", sheet)[1].tobytes(), SIDE, columns, frames)


def write_page(folder, table=None, faces=None, facts=FACTS):
    table = table or make_table()
    png = cv2.imencode(".png", np.zeros((40, 60), np.uint8))[1].tobytes()
    path = folder / "film.aus.html"
    events = find_events(table, EventSettings())
    write_aus_page(table, events, "film & <co>", facts, png, faces, path)
    return path


@pytest.fixture
def page(tmp_path):
    if find_chromium() is None:
        pytest.skip("no Chromium here (Debian: apt install chromium)")
    path = write_page(tmp_path, faces=make_sheet())
    with Browser(tmp_path / "profile") as browser:
        browser.open(path)
        browser.wait("!document.getElementById('figure').hidden")
        yield browser
        remote = [url for url in browser.requests if not url.startswith(("data:", "file:"))]
        assert remote == []
        assert sum(url.startswith("file:") for url in browser.requests) == 1
        assert browser.complaints == []


def text(page, selector):
    return page.evaluate(f"document.querySelector({selector!r}).innerText")


def values(page):
    return page.evaluate("[...document.querySelectorAll('.value')].map(one => one.innerText)")


def mouse(page, kind, seconds, shown=(0.0, 20.0), clicks=1):
    """At this time, where the chart shows these."""
    box = page.evaluate("document.getElementById('marks').getBoundingClientRect().toJSON()")
    x = box["left"] + box["width"] * (seconds - shown[0]) / (shown[1] - shown[0])
    held = {"button": "left", "clickCount": clicks} if kind != "mouseMoved" else {}
    page.call("Input.dispatchMouseEvent", type=kind, x=x, y=box["top"] + 20, **held)


def press(page, key, modifiers=0):
    for kind in ("keyDown", "keyUp"):
        page.call("Input.dispatchKeyEvent", type=kind, key=key, modifiers=modifiers)


def face_gray(page):
    data = "document.getElementById('face').getContext('2d').getImageData(8, 8, 1, 1).data[{}]"
    return page.evaluate(data.format(0)), page.evaluate(data.format(3))


def colour(page, seconds, row, shown=(0.0, 20.0)):
    """RGB of the strip's lowest line but one, of the AU of this row, at this time."""
    share = (seconds - shown[0]) / (shown[1] - shown[0])
    return page.evaluate(
        "(() => { const strips = document.getElementById('strips');"
        f"const label = document.querySelectorAll('.label')[{row}];"
        "const scale = strips.height / strips.clientHeight;"
        "const y = (label.offsetTop + label.offsetHeight / 2 + 6) * scale;"
        f"const x = {share} * strips.width;"
        "return [...strips.getContext('2d').getImageData(x, y, 1, 1).data].slice(0, 3); })()"
    )


@pytest.mark.browser
def test_the_pointer_shows_the_moments_face_and_values(page):
    mouse(page, "mouseMoved", 5.01)
    assert text(page, "#time") == "5.00 s"
    assert text(page, "#frame") == "frame 125"
    assert values(page) == ["0.95", "0.10"]
    assert page.evaluate("[...document.querySelectorAll('.value.on')].length") == 1
    assert face_gray(page) == (pytest.approx(125 / 2.5, abs=3), 255)
    # Frame 127 has none on the sheet: the nearest one's.
    mouse(page, "mouseMoved", 5.09)
    assert page.evaluate("document.getElementById('face').dataset.frame") == "125"
    mouse(page, "mouseMoved", 2.5)
    assert text(page, "#note") == "dark"
    mouse(page, "mouseMoved", 13.0)
    assert values(page) == ["–", "–"]
    assert text(page, "#note") == "no face"


@pytest.mark.browser
def test_keys_move_by_frames_seconds_and_events(page):
    page.evaluate("document.getElementById('chart').focus()")
    press(page, "ArrowRight")
    assert text(page, "#frame") == "frame 1"
    press(page, "ArrowRight", modifiers=8)
    assert text(page, "#frame") == "frame 26"
    press(page, "ArrowLeft")
    assert text(page, "#frame") == "frame 25"
    press(page, "ArrowDown")
    assert text(page, "#frame") == "frame 125"
    press(page, "ArrowDown")
    assert text(page, "#frame") == "frame 250"
    press(page, "ArrowUp")
    assert text(page, "#frame") == "frame 125"
    press(page, "End")
    assert text(page, "#frame") == "frame 499"
    assert page.evaluate("document.getElementById('chart').ariaValueText") == "19.96 s"
    press(page, "Home")
    assert text(page, "#frame") == "frame 0"


@pytest.mark.browser
def test_dragging_zooms_and_a_double_click_shows_the_whole_video(page):
    mouse(page, "mousePressed", 4.0)
    mouse(page, "mouseMoved", 6.0)
    mouse(page, "mouseReleased", 6.0)
    mouse(page, "mouseMoved", 5.01, shown=(4.0, 6.0))
    assert text(page, "#frame") == "frame 125"
    # A key leads out of what is shown, and takes the view along.
    page.evaluate("document.getElementById('chart').focus()")
    press(page, "Home")
    mouse(page, "mouseMoved", 0.53, shown=(0.0, 2.0))
    assert text(page, "#frame") == "frame 13"
    for clicks in (1, 2):
        for kind in ("mousePressed", "mouseReleased"):
            mouse(page, kind, 0.53, (0.0, 2.0), clicks)
    mouse(page, "mouseMoved", 10.01)
    assert text(page, "#frame") == "frame 250"
    for name, shown in (("in", (5.0, 15.0)), ("out", (0.0, 20.0))):
        page.evaluate(f"document.getElementById('{name}').click()")
        mouse(page, "mouseMoved", 10.01, shown)
        assert text(page, "#frame") == "frame 250"
    page.evaluate("document.getElementById('in').click()")
    press(page, "Escape")
    mouse(page, "mouseMoved", 2.01)
    assert text(page, "#frame") == "frame 50"


@pytest.mark.browser
def test_strips_are_coloured_by_presence_and_gray_where_the_au_is_poor(page):
    assert colour(page, 5.0, 0) == [0xD5, 0x5E, 0x00]
    gray = colour(page, 10.5, 1)
    assert gray[0] == gray[1] == gray[2] == 0x8C
    assert colour(page, 17.0, 0) == [0xF3, 0xF3, 0xF3]
    page.evaluate("document.getElementById('events').click()")
    assert colour(page, 4.5, 0) == [0xD5, 0x5E, 0x00]
    assert colour(page, 7.0, 0) == [0xF3, 0xF3, 0xF3]
    assert text(page, "#events") == "events"
    assert page.evaluate("document.getElementById('events').ariaPressed") == "true"


@pytest.mark.browser
def test_the_table_of_events_jumps_to_the_apex_and_around_the_event(page):
    assert page.evaluate("document.querySelectorAll('a[data-event]').length") == 2
    page.evaluate("document.querySelector('a[data-event=\"0\"]').click()")
    assert text(page, "#frame") == "frame 125"
    mouse(page, "mouseMoved", 2.02, shown=(2.0, 8.0))
    assert text(page, "#frame") == "frame 50"


def test_grades_are_called_as_everywhere_and_what_fair_means_is_said(tmp_path):
    said = "Fair: an AUC of 0.70 or more, 50% or more of the frames with the AU found, at most 20%"
    graded = write_page(tmp_path, replace(make_table(), grades=("fair", "poor"))).read_text()
    assert said in graded
    assert "Poor by what is known, so do not rely on them here, drawn in gray: AU12." in graded
    assert "nreliable AU" not in graded
    assert said not in write_page(tmp_path, replace(make_table(), grades=("good",) * 2)).read_text()


@pytest.mark.browser
def test_a_window_made_wider_leaves_the_chart_as_high(page):
    height = "document.getElementById('chart').clientHeight"
    heights = []
    for width in (700, 1300):
        size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
        page.call("Emulation.setDeviceMetricsOverride", **size)
        page.wait(f"document.documentElement.clientWidth > {width - 40}")
        heights.append(page.evaluate(height))
    assert heights[0] == heights[1]


def open_page(browser, path):
    browser.open(path)
    browser.wait("!document.getElementById('figure').hidden")


@pytest.mark.browser
def test_a_hole_in_the_recording_is_hatched_and_no_frame_reaches_into_it(tmp_path):
    """From 5 s to 9 s nothing was recorded: neither the strip nor the event there is drawn on."""
    if find_chromium() is None:
        pytest.skip("no Chromium here (Debian: apt install chromium)")
    table = make_table()
    path = write_page(tmp_path, replace(table, seconds=table.seconds + 4 * (np.arange(N) > 125)))
    assert "Video: " not in path.read_text("utf-8")
    assert "times: 1, in all 3.9 s, in which nothing was seen" in path.read_text("utf-8")
    with Browser(tmp_path / "profile") as browser:
        open_page(browser, path)
        assert colour(browser, 5.0, 0, (0.0, 24.0)) == [0xD5, 0x5E, 0x00]
        assert colour(browser, 7.0, 0, (0.0, 24.0)) != [0xD5, 0x5E, 0x00]
        assert colour(browser, 9.5, 0, (0.0, 24.0)) == [0xD5, 0x5E, 0x00]
        browser.evaluate("document.getElementById('events').click()")
        assert colour(browser, 4.5, 0, (0.0, 24.0)) == [0xD5, 0x5E, 0x00]
        assert colour(browser, 7.0, 0, (0.0, 24.0)) != [0xD5, 0x5E, 0x00]
        assert browser.complaints == []


@pytest.mark.browser
@pytest.mark.parametrize(("width", "beside"), [(1300, True), (360, False)])
def test_a_label_is_two_lines_at_most_and_nothing_of_it_is_cut_off(tmp_path, width, beside):
    """The grade stands beside the AU's number, on a telephone below it instead of the name."""
    if find_chromium() is None:
        pytest.skip("no Chromium here (Debian: apt install chromium)")
    table = replace(make_table(), grades=("fair", "poor"))
    with Browser(tmp_path / "profile") as browser:
        size = {"width": width, "height": 740, "deviceScaleFactor": 1, "mobile": not beside}
        browser.call("Emulation.setDeviceMetricsOverride", **size)
        open_page(browser, write_page(tmp_path, table))
        labels = "[...document.querySelectorAll('.label')]"
        said = browser.evaluate(f"{labels}.map(label => label.innerText)")
        assert said == (
            ["AU06 fair\ncheek raiser", "AU12 poor\nlip corner puller"]
            if beside
            else ["AU06\nfair", "AU12\npoor"]
        )
        cut = f"{labels}.some(one => one.scrollHeight > one.clientHeight"
        assert not browser.evaluate(f"{cut} || one.scrollWidth > one.clientWidth)")


@pytest.mark.browser
@pytest.mark.parametrize("width", [1300, 360])
def test_no_value_is_covered(tmp_path, width):
    if find_chromium() is None:
        pytest.skip("no Chromium here (Debian: apt install chromium)")
    with Browser(tmp_path / "profile") as browser:
        size = {"width": width, "height": 740, "deviceScaleFactor": 1, "mobile": width < 640}
        browser.call("Emulation.setDeviceMetricsOverride", **size)
        open_page(browser, write_page(tmp_path, faces=make_sheet()))
        mouse(browser, "mouseMoved", 5.01)
        # What a reader sees in the middle of each value, and just inside its ends.
        seen = (
            "[...document.querySelectorAll('.value')].flatMap(value => {"
            "const box = value.getBoundingClientRect(), y = box.top + box.height / 2;"
            "return [box.left + 2, box.left + box.width / 2, box.right - 2].map("
            "x => document.elementFromPoint(x, y).className); })"
        )
        assert browser.evaluate(seen) == ["value on"] * 3 + ["value poor"] * 3


@pytest.mark.browser
def test_on_a_telephone_nothing_is_wider_than_the_screen(tmp_path):
    if find_chromium() is None:
        pytest.skip("no Chromium here (Debian: apt install chromium)")
    path = write_page(tmp_path, faces=make_sheet())
    with Browser(tmp_path / "profile") as browser:
        size = {"width": 360, "height": 740, "deviceScaleFactor": 2, "mobile": True}
        browser.call("Emulation.setDeviceMetricsOverride", **size)
        browser.call("Emulation.setTouchEmulationEnabled", enabled=True)
        browser.open(path)
        browser.wait("!document.getElementById('figure').hidden")
        assert browser.evaluate("document.documentElement.scrollWidth") == 360
        assert browser.evaluate("document.getElementById('strips').clientWidth") > 200
        # A finger moves the moment and does not zoom.
        box = "document.getElementById('marks').getBoundingClientRect()"
        left, top, width = (browser.evaluate(f"{box}.{name}") for name in ("left", "top", "width"))
        for kind, seconds in (("touchStart", 5.02), ("touchMove", 7.52), ("touchMove", 10.02)):
            x = left + width * seconds / 20
            touched = [{"x": x, "y": top + 20}]
            browser.call("Input.dispatchTouchEvent", type=kind, touchPoints=touched)
        browser.call("Input.dispatchTouchEvent", type="touchEnd", touchPoints=[])
        frame = int(text(browser, "#frame").removeprefix("frame "))
        assert frame == pytest.approx(250, abs=3)
        assert browser.complaints == []


@pytest.mark.browser
def test_without_javascript_the_figure_and_the_tables_are_shown(tmp_path):
    if find_chromium() is None:
        pytest.skip("no Chromium here (Debian: apt install chromium)")
    path = write_page(tmp_path, faces=make_sheet())
    with Browser(tmp_path / "profile") as browser:
        browser.call("Emulation.setScriptExecutionDisabled", value=True)
        browser.open(path)
        assert browser.evaluate("document.querySelector('img.static').naturalWidth") == 60
        assert browser.evaluate("document.getElementById('figure').offsetHeight") == 0
        assert "AU06" in browser.evaluate("document.querySelector('table').innerText")


def data_of(path):
    found = re.search('id="data">(.*?)</script>', path.read_text("utf-8"), re.DOTALL)
    return json.loads(found[1])


def test_the_page_says_what_the_network_knows(tmp_path):
    facts = {**FACTS, "video": "/home/me/my <film>.mp4"}
    page = write_page(tmp_path, facts=facts).read_text("utf-8")
    assert "trained on rendered &lt;people&gt;, and judged on 60 others." in page
    assert "do not rely on them here, drawn in gray: AU12." in page
    assert "Real faces were judged for AU06 only: no other grade stands for one." in page
    assert "film &amp; &lt;co&gt;" in page
    assert "<p>Video: my &lt;film&gt;.mp4.</p>" in page
    assert "/home/" not in page
    # AU 6 is present for 2 of the 18 s with a face, in one episode; its mean probability is
    # (16 * 0.1 + 2 * 0.8 + 0.04 * 0.15) / 18.
    cells = ("AU06", "cheek raiser", "0.91", "good", "11%", "3.3", "2.00 s", "0.18")
    row = re.search(r"<tr><td>AU06</td>.*?</tr>", page)[0]
    assert re.findall("<td[^>]*>(.*?)</td>", row) == [*cells]
    assert "<co>" not in page
    plain = replace(make_table(), grades=(), trained_on="")
    page = write_page(tmp_path, plain, facts={"threshold": 0.5})
    assert "its weights were not judged" in page.read_text("utf-8")
    assert [au["threshold"] for au in data_of(page)["aus"]] == [0.5, 0.5]


def test_without_faces_there_is_no_image_of_any(tmp_path):
    page = write_page(tmp_path)
    assert "data:image/jpeg" not in page.read_text("utf-8")
    assert data_of(page)["faces"] is None
    assert "data:image/jpeg" in write_page(tmp_path, faces=make_sheet()).read_text("utf-8")

"""The report: one page that a browser shows whole, every result with its caption, no network."""

import json
import re
import shutil

import pytest

from tests.support.browser import Browser, find_chromium
from tests.support.checkout import Checkout

pytestmark = pytest.mark.workflow

TABLES = {
    ("1 Claims", "The paper's claims"): "FACS3D-Net has the highest average F1.",
    ("2 Data", "Checks of the dataset"): "videos give a clip",
    ("2 Data", "Excluded videos"): "0 of 12 videos gave no clip",
    ("3 Training", "Provenance"): "What the results come from",
    ("4 Results", "Table I: AU detection"): "Multi-label AU detection results",
    ("4 Results", "Table II: every test"): "FACS3D-Net minus 2D CNN-LSTM",
    ("4 Results", "Table II: significance"): "FACS3D-Net v.s. 2D CNN-LSTM",
    ("5 Interpretation", "Co-occurrence of AUs: pairs"): "Pairs of AUs",
    ("5 Interpretation", "Occlusion maps and FACS regions"): "in its region",
}
"""Category and title -> a text that the table shows."""
FIGURES = [
    ("2 Data", "Registered faces"),
    ("2 Data", "The synthetic dataset"),
    ("3 Training", "Training curves"),
    ("4 Results", "AU over time (Fig. 1)"),
    ("5 Interpretation", "Occlusion maps (Fig. 4)"),
    ("5 Interpretation", "Occlusion maps of the AUC"),
    ("5 Interpretation", "Occlusion maps of the AUC, cnn2d, repeat 1, fold 2"),
    ("5 Interpretation", "Occlusion maps, cnn2d, repeat 1, fold 2"),
    ("5 Interpretation", "FACS regions of the AUs"),
    ("5 Interpretation", "Co-occurrence of AUs (Fig. 5)"),
]
DOWNLOADS = [("4 Results", "Metrics by fold (CSV)"), ("4 Results", "Metrics by subject (CSV)")]
CATEGORIES = ["1 Claims", "2 Data", "3 Training", "4 Results", "5 Interpretation"]


@pytest.fixture(scope="module")
def report(finished, tmp_path_factory):
    """The report of a finished and validated run."""
    folder = tmp_path_factory.mktemp("report") / "checkout"
    shutil.copytree(finished.folder, folder, symlinks=True)
    checkout = Checkout(folder)
    style = ("--report-stylesheet", "report/style.css")
    for arguments in (("validate",), ("--report", "report.html", *style)):
        done = checkout.snakemake(*arguments)
        assert done.returncode == 0, done.stdout + done.stderr
    return folder / "report.html"


@pytest.fixture
def page(report, tmp_path):
    """The report, open in a browser, its menu shown."""
    if find_chromium() is None:
        pytest.skip("no Chromium here (Debian: apt install chromium)")
    with Browser(tmp_path / "profile") as browser:
        browser.open(report)
        browser.wait("document.querySelector('#app nav li') !== null")
        yield browser


def written(report, variable: str):
    """A variable of the page's own script, which Snakemake writes as JSON."""
    text = report.read_text(encoding="utf-8")
    start = re.search(rf'<script id="{variable}">\s*var {variable} = ', text).end()
    return json.JSONDecoder().raw_decode(text, start)[0]


def link(text: str) -> str:
    """JavaScript for the entry of the menu that says this."""
    links = "[...document.querySelectorAll('#app nav a')]"
    return f"{links}.find(link => link.innerText.trim() === {text!r})"


def open_category(page, category: str) -> None:
    """From the menu, to which the link "Results" goes back."""
    for text in ("Results", category):
        if text == category or page.evaluate(f"{link(category)} === undefined"):
            page.wait(f"{link(text)} !== undefined")
            page.evaluate(f"{link(text)}.click()")


def row(title: str) -> str:
    """JavaScript for a result's row in the list of its category."""
    rows = "[...document.querySelectorAll('#app nav tr')]"
    return f"{rows}.find(row => row.innerText.trim() === {title!r})"


def uri(title: str) -> str:
    """JavaScript for a result's content."""
    return f"Object.values(results).find(one => one.labels.result === {title!r}).data_uri"


def click_result(page, title: str, button: int) -> None:
    """On a result's eye (0) or its caption (1)."""
    page.wait(f"{row(title)} !== undefined")
    page.evaluate(f"{row(title)}.querySelectorAll('a')[{button}].click()")


def test_every_result_is_in_its_category_with_a_caption(report):
    results = written(report, "results")
    titles = {path: result["labels"]["result"] for path, result in results.items()}
    found = {
        (category, titles[path])
        for category, groups in written(report, "categories").items()
        for paths in groups.values()
        for path in paths
    }
    assert {category for category, _ in found} == set(CATEGORIES)
    assert {*TABLES, *FIGURES, *DOWNLOADS} <= found
    for path, result in results.items():
        words = re.sub("<[^>]+>", "", result["caption"]).split()
        assert len(words) >= 15, f"{path}: no caption to speak of"
        assert "{{" not in result["caption"], path


def test_every_png_and_page_of_the_run_is_in_the_report(report):
    run = report.parent / "results" / "tiny"
    made = {*run.glob("figures/*.png"), *run.glob("tables/*.html")}
    shown = {report.parent / path for path in written(report, "results")}
    assert made <= shown


@pytest.mark.browser
def test_a_click_shows_each_table_and_figure_without_a_network(page):
    for (category, title), text in TABLES.items():
        open_category(page, category)
        click_result(page, title, 0)
        page.wait(f"document.querySelector('#app iframe')?.src === {uri(title)}")
        page.wait_for_text(text)
    for category, title in FIGURES:
        open_category(page, category)
        click_result(page, title, 0)
        page.wait(f"document.querySelector('#app .h-screen > .p-3 > img')?.src === {uri(title)}")
        page.wait("document.querySelector('#app .h-screen > .p-3 > img').naturalWidth > 200")
    for category, title in DOWNLOADS:
        open_category(page, category)
        page.wait(f"{row(title)}?.querySelector('a').href === {uri(title)}")
    assert [url[:60] for url in page.requests if not url.startswith(("data:", "file:"))] == []
    assert sum(url.startswith("file:") for url in page.requests) == 1, "more than one file"
    assert page.complaints == []


@pytest.mark.browser
def test_a_result_s_caption_and_the_description_are_shown(page):
    assert "FACS3D-Net: tiny" in page.evaluate("document.querySelector('#app h1.title').innerText")
    open_category(page, "4 Results")
    click_result(page, "Table I: AU detection", 1)
    page.wait("document.querySelector('#app nav').innerText.includes('The paper\\'s Table I.')")
    assert page.complaints == []


@pytest.mark.browser
def test_a_figure_larger_than_the_window_can_be_seen_from_its_upper_edge(page):
    open_category(page, "2 Data")
    click_result(page, "The synthetic dataset", 0)
    figure = "document.querySelector('#app img[src^=\"data:image/png\"]')"
    page.wait(f"{figure}?.naturalWidth > 200")
    assert page.evaluate(f"{figure}.getBoundingClientRect().height > innerHeight")
    assert page.evaluate(f"{figure}.getBoundingClientRect().top") >= 0


@pytest.mark.browser
def test_the_browser_tells_of_requests_and_errors(tmp_path):
    if find_chromium() is None:
        pytest.skip("no Chromium here (Debian: apt install chromium)")
    bad = tmp_path / "bad.html"
    bad.write_text(
        "<img src='http://example.invalid/x.png'>"
        "<script>console.error('a made-up complaint')</script>"
    )
    with Browser(tmp_path / "profile") as browser:
        browser.open(bad)
        assert "http://example.invalid/x.png" in browser.requests
        assert any("a made-up complaint" in complaint for complaint in browser.complaints)

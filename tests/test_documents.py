"""The pages that people read: links lead somewhere, and what is said is so."""

import ast
import re
import subprocess
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote

import numpy as np
import pytest
import yaml

from facs3d.core.settings import Settings, settings_of
from facs3d.evaluation.controls import COLUMNS as CONTROLS
from facs3d.evaluation.corrected import corrected_ttest
from facs3d.planning.config import complete_config
from facs3d.prediction.cover import choose_stride
from facs3d.preprocessing.expected_input import ExpectedInput
from facs3d.report.configuration import Configuration
from tests.support.checkout import ROOT
from tests.support.documents import PAGES, blocks, commands, prose
from tests.support.workflow import read_rules

README = ROOT / "README.md"
SCHEMA = ROOT / "config" / "schemas" / "config.schema.yaml"
LINK = re.compile(r"\]\(([^()\s]+)\)|^\[[^\]]+\]: (\S+)$", re.M)


def anchors(path: Path) -> set[str]:
    """The anchors that a forge makes of a page's headings."""
    found: set[str] = set()
    for title in re.findall(r"^#+ (.+)$", prose(path), re.M):
        anchor = re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
        number = sum(
            re.fullmatch(rf"{re.escape(anchor)}(-\d+)?", other) is not None for other in found
        )
        found.add(f"{anchor}-{number}" if number else anchor)
    return found


def places() -> list[tuple[Path, str]]:
    return [
        (path, inline or named)
        for path in PAGES
        for inline, named in LINK.findall(prose(path))
        if not re.match(r"[a-z]+:", inline or named)
    ]


def test_anchors_are_a_forges(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("# Whose face\n## `config/a.yaml`, it's +1\n## Whose face\n```\n# no\n```\n")
    assert anchors(page) == {"whose-face", "configayaml-its-1", "whose-face-1"}


def test_links_and_anchors_lead_somewhere():
    assert len(places()) > 50
    broken = []
    for path, place in places():
        file, _, anchor = unquote(place).partition("#")
        target = (path.parent / file).resolve() if file else path
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(f"{path.relative_to(ROOT)}: {place}")
    assert broken == []


def test_every_page_of_docs_can_be_found_from_the_readme():
    linked = {(path.parent / place.partition("#")[0]).resolve() for path, place in places()}
    assert [path.name for path in (ROOT / "docs").glob("*.md") if path not in linked] == []


def test_the_readme_is_one_page():
    lines = README.read_text().splitlines()
    assert len(lines) <= 120
    assert [line for line in lines if len(line) > 100] == []


@pytest.mark.parametrize(("config", "said"), [("config", "the demo"), ("weights", "the weights")])
def test_the_readme_counts_people_as_the_configs_do(config, said):
    own = yaml.safe_load((ROOT / "config" / f"{config}.yaml").read_text())
    people = complete_config(own, SCHEMA)["synthesis"]["subjects"]
    assert f"{people} rendered people" in README.read_text(), said


def of_silent_paper(settings: Settings) -> list[str]:
    own = settings_of(type(settings)).values()
    inner = [value for value in vars(settings).values() if isinstance(value, Settings)]
    silent = [known.place for known in own if known.paper.startswith("silent")]
    return silent + [place for section in inner for place in of_silent_paper(section)]


@pytest.mark.parametrize(
    ("table", "names"),
    [
        ("`table1`", ("train_status",)),
        ("`metrics_by_fold`", ("model", "repeat", "fold", "subject", "video", "train_status")),
        ("Controls", CONTROLS),
        ("Controls", (f"{name}.csv" for name in ("controls", "dose_response", "null", "company"))),
        ("Controls", ("controls.html", "controls.png", *corrected_ttest(np.arange(2.0), 1))),
        ("Controls", ("dose", "aus", "model", "n_cells", "n_aus", "corrected", "paper")),
        ("Controls", ("au", "occur", "network", "share")),
    ],
)
def test_the_page_of_results_says_of_each_table_what_is_in_it(table, names):
    page = (ROOT / "docs" / "results.md").read_text()
    (section,) = (part for part in page.split("\n### ") if part.startswith(table))
    assert [name for name in names if f"`{name}`" not in section] == []


def test_every_choice_where_the_paper_is_silent_is_on_its_page():
    page = (ROOT / "docs" / "paper-and-code.md").read_text()
    choices = of_silent_paper(Configuration())
    assert len(choices) >= 19
    assert [place for place in choices if f"`{place}`" not in page] == []


@pytest.mark.parametrize(
    ("page", "config"),
    [(path, text) for path in PAGES for text in blocks(path, "yaml")],
    ids=lambda value: value.name if isinstance(value, Path) else "",
)
def test_configs_on_pages_are_taken(page, config):
    demo = yaml.safe_load((ROOT / "config" / "config.yaml").read_text())
    complete_config({**demo, **yaml.safe_load(config)}, SCHEMA)


def test_every_target_of_make_that_is_named_is_there():
    lines = [command for path in PAGES for command in commands(path)]
    lines += re.findall(r"`([^`\n]+)`", "\n".join(map(prose, PAGES)))
    targets = sorted({line.split()[1] for line in lines if re.match(r"make \w", line)})
    assert {"demo", "environment", "report", "test"} <= set(targets)
    done = subprocess.run(["make", "--dry-run", *targets], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def texts_of(node: ast.AST) -> Iterator[str]:
    """The texts in a piece of code, with … for what it fills in."""
    if isinstance(node, ast.JoinedStr):
        yield "".join(
            str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values
        )
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    for child in ast.iter_child_nodes(node):
        yield from texts_of(child)


def is_said_by(text: str, message: str) -> bool:
    """Whether the message's fixed words stand in the text in their order."""
    place = 0
    for words in message.split("…"):
        place = text.find(words.strip(), place)
        if place < 0:
            return False
        place += len(words.strip())
    return True


def messages_on_page() -> list[str]:
    """The first cells of the tables of messages, but Snakemake's own."""
    page = (ROOT / "docs" / "troubleshooting.md").read_text()
    ours = re.sub(r"^## Said by Snakemake\n.*?(?=^## )", "", page, flags=re.M | re.S)
    return re.findall(r"^\| `(.+?)` \| ", ours, re.M)


def test_every_message_of_the_troubleshooting_page_is_one_of_the_code():
    modules = [ast.parse(path.read_text()) for path in (ROOT / "workflow_scripts").rglob("*.py")]
    others = [*(ROOT / "rules").glob("*.smk"), *(ROOT / "config" / "schemas").glob("*.yaml")]
    texts = {text for module in modules for text in texts_of(module)}
    lines = {line for path in others for line in path.read_text().splitlines()}
    assert not any(is_said_by(text, "no such … as this one") for text in texts | lines)
    assert len(messages_on_page()) > 90
    unknown = [m for m in messages_on_page() if not any(is_said_by(t, m) for t in texts | lines)]
    assert unknown == []


def raised(room: str) -> Iterator[str]:
    """What a room's modules raise :class:`InputError` with, where it is written there."""
    for path in (ROOT / "workflow_scripts" / "facs3d" / room).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "InputError":
                yield from list(texts_of(node))[:1]


@pytest.mark.parametrize("room", ["video", "datasets", "planning", "training", "prediction"])
def test_every_message_on_what_people_give_is_on_the_troubleshooting_page(room):
    named = [message for message in messages_on_page() if message.strip("…; ")]
    said = {text for text in raised(room) if len(text.replace("…", "").strip(": ;,.")) > 8}
    assert len(said) > 10
    assert sorted(text for text in said if not any(is_said_by(text, m) for m in named)) == []


# --- drawings


def test_the_drawn_steps_are_those_that_are_taken():
    page = (ROOT / "docs" / "your-video.md").read_text()
    lines = re.findall(r"^(\d+)(?: frames/s)? +(●.+●.*)    each (\d+)[a-z]", page, re.M)
    assert [rate for rate, *_ in lines] == ["60", "30", "15", "10"]
    networks = ExpectedInput(frames_per_second=6, steps=(1,))
    for rate, drawing, step in lines:
        assert choose_stride(float(rate), networks) == int(step)
        # Ten columns are 1/6 s.
        places = [place for place, sign in enumerate(drawing) if sign == "●"]
        assert {b - a for a, b in pairwise(places)} == {60 * int(step) // int(rate)}


# --- the table of files

ARCHITECTURE = ROOT / "docs" / "architecture.md"
CLIPS_ONLY = "dataset: {name: clips, synthesize: true}\nsynthesis: {write_videos: false}\n"


def rows_of_files() -> list[tuple[list[str], list[str], list[str]]]:
    """The table's rows: files, rules and modules."""
    page = ARCHITECTURE.read_text()
    table = page[
        page.index("| file | written by | schema in |") : page.index("Three files no rule")
    ]
    rows = [line.strip("| ").split(" | ") for line in table.splitlines()[2:] if line]
    return [tuple(re.findall(r"`(.+?)`", cell) for cell in row) for row in rows]


def braces(text: str) -> list[str]:
    """What a shell makes of a text with braces."""
    if not (found := re.search(r"\{([^{}]*)\}", text)):
        return [text]
    return [
        other
        for part in found[1].split(",")
        for other in braces(text[: found.start()] + part + text[found.end() :])
    ]


def matches(pattern: str, name: str) -> bool:
    """Whether a name is one of a pattern with ``<…>``; of a folder, whether it lies in it."""
    regex = re.sub(r"<\w+>", r"[^/]+", re.escape(pattern).replace(r"\.", "[.]"))
    return re.fullmatch(regex + (".*" if pattern.endswith("/") else ""), name) is not None


@pytest.fixture(scope="module")
def written(tmp_path_factory) -> dict[str, set[str]]:
    """Rule -> the files that it writes, below ``results/<dataset>/``; of all there are."""
    only = tmp_path_factory.mktemp("config") / "clips.yaml"
    only.write_text(CLIPS_ONLY)
    files: dict[str, set[str]] = {}
    for config in (None, only):
        with read_rules(config) as rules:
            for rule in rules:
                # A job of a few people is a rule of its own.
                name = re.sub(r"_[FM]\d+$", "", rule.name)
                paths = (re.sub(r"\{\w+(,[^{}]*)?\}", "x", str(path)) for path in rule.output)
                files.setdefault(name, set()).update(path.split("/", 2)[2] for path in paths)
    return files


def test_braces_and_names_are_read_as_meant():
    assert braces("a{b,}.{d,e}") == ["ab.d", "ab.e", "a.d", "a.e"]
    assert matches("fold<k>/a.csv", "fold2/a.csv")
    assert not matches("fold<k>.csv", "fold2/a.csv")
    assert matches("dataset/", "dataset/a/b.csv")


def test_every_file_that_a_rule_writes_is_in_the_table_of_files(written):
    assert {"train", "find_events", "page_aus", "render_clips", "all"} <= set(written)
    table = [
        (rule, pattern)
        for files, rules, _modules in rows_of_files()
        for rule in rules
        for file in files
        for pattern in braces(file)
    ]
    missing = [
        (name, file)
        for name, files in written.items()
        for file in sorted(files)
        if not any(matches(rule, name) and matches(pattern, file) for rule, pattern in table)
    ]
    assert missing == []
    wrong = [
        (rule, pattern)
        for rule, pattern in table
        if not any(
            matches(rule, name) and matches(pattern, file)
            for name, files in written.items()
            for file in files
        )
    ]
    assert wrong == []


def test_rules_that_write_nothing_are_said_to(written):
    page = ARCHITECTURE.read_text()
    silent = {name for name, files in written.items() if not files}
    assert {"validate", "all"} <= silent
    assert [name for name in sorted(silent) if f"`{name}`" not in page] == []


def test_the_modules_of_the_table_of_files_are_there():
    library = ROOT / "workflow_scripts" / "facs3d"
    modules = {module for *_, modules in rows_of_files() for module in modules}
    assert len(modules) > 20
    assert sorted(module for module in modules if not (library / module).exists()) == []

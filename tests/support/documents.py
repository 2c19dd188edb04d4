"""The Markdown files that people read, and what stands in them."""

import re
from collections.abc import Iterator
from pathlib import Path

from tests.support.checkout import ROOT

PAGES = sorted(
    path
    for pattern in ("*.md", "docs/*.md", "config/*.md", "results/*.md", "workflow_scripts/**/*.md")
    for path in ROOT.glob(pattern)
)
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)


def blocks(path: Path, language: str) -> list[str]:
    """The fenced blocks of a language."""
    return [text for name, text in FENCE.findall(path.read_text()) if name == language]


def named_configs(path: Path) -> dict[str, str]:
    """The ``yaml`` blocks that a page gives a file name, such as `mine.yaml`, by that name."""
    named = r"`(\w+\.yaml)`[^`]*\n\n```yaml\n(.*?)^```$"
    return dict(re.findall(named, path.read_text(), re.M | re.S))


def prose(path: Path) -> str:
    """A page without its fenced blocks."""
    return FENCE.sub("", path.read_text())


def commands(path: Path) -> Iterator[str]:
    """Every command of the ``bash`` blocks, in one line, without its comment; of those in ``$run``
    what it stands for."""
    named = re.search(r'^run="(.+)"$', path.read_text(), re.M)
    for block in blocks(path, "bash"):
        for line in re.sub(r"\\\n\s*", "", block).splitlines():
            command = re.sub(r"(^|\s+)#\s.*", "", line)
            if command and not command.startswith("run="):
                yield command.replace("$run", named[1] if named else "$run")

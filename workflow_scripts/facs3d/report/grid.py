"""Tables as people read them: a grid of cells, written as a page of HTML.

:mod:`facs3d.report.latex` writes the same grid for a paper.
"""

import math
from dataclasses import dataclass
from html import escape
from pathlib import Path

from facs3d.core.atomic import whole

LONG = 50
"""Characters from which a cell is a sentence: broken into lines and flush left."""


@dataclass(frozen=True)
class Cell:
    """A cell's text, in bold if it is the best of its kind, and lines of small print below it.

    ``faint``: of less interest than its neighbours (not significant, undefined); ``prose``: a
    sentence however short, broken into lines.
    """

    text: str
    best: bool = False
    details: tuple[str, ...] = ()
    faint: bool = False
    prose: bool = False


@dataclass(frozen=True)
class Grid:
    """A table as people read it: heads in two levels, rows of cells, notes below.

    ``groups``: upper head (may be empty) and the heads below it, from left to right.
    ``n_summaries``: how many of the last rows sum up those above, from which a line parts them.
    """

    caption: str
    groups: tuple[tuple[str, tuple[str, ...]], ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[str, ...] = ()
    n_summaries: int = 0

    @property
    def prose(self) -> tuple[bool, ...]:
        """Which columns are of prose."""
        n_columns = sum(len(heads) for _, heads in self.groups)
        return tuple(any(row[place].prose for row in self.rows) for place in range(n_columns))


def minus(text: str) -> str:
    """The text of a number with a minus sign instead of a hyphen."""
    return text.replace("-", "−")


def rounded(value: float, digits: int) -> str:
    """The value with so many decimals; nothing for NaN."""
    return "" if math.isnan(value) else minus(f"{value:.{digits}f}")


def write_html(grid: Grid, path: str | Path) -> None:
    """Write the grid as one self-contained page."""
    _write_page(grid.caption, _html_grid(grid), path)


def write_report(title: str, findings: list[str], grids: list[Grid], path: str | Path) -> None:
    """Write a self-contained page: a title, one finding per line, then the grids."""
    lines = "\n".join(f"<p>{escape(line)}</p>" for line in findings)
    body = "\n".join(map(_html_grid, grids))
    _write_page(title, f"<h1>{escape(title)}</h1>\n{lines}\n{body}", path)


def _write_page(title: str, body: str, path: str | Path) -> None:
    with whole(path) as unfinished:
        page = _PAGE.format(title=escape(title), body=body)
        unfinished.write_text(page, encoding="utf-8", newline="\n")


def _html_grid(grid: Grid) -> str:
    notes = "\n".join(f"<p>{escape(note)}</p>" for note in grid.notes if note)
    if not grid.rows:
        return f"<p><b>{escape(grid.caption)}</b></p>\n{notes}"
    upper = "".join(
        f'<th colspan="{len(heads)}" scope="colgroup">{escape(head)}</th>'
        for head, heads in grid.groups
    )
    starts = [place == 0 for _, heads in grid.groups for place in range(len(heads))]
    lower = "".join(
        f'<th scope="col"{_classes(start=start, long=long)}>{escape(head)}</th>'
        for head, start, long in zip(
            (head for _, heads in grid.groups for head in heads), starts, grid.prose, strict=True
        )
    )
    first_summary = len(grid.rows) - grid.n_summaries
    body = "\n".join(
        f"<tr{_SUMMARY if place == first_summary else ''}>"
        + "".join(map(_html_cell, row, starts))
        + "</tr>"
        for place, row in enumerate(grid.rows)
    )
    upper_row = f"<tr>{upper}</tr>\n" if any(head for head, _ in grid.groups) else ""
    return _TABLE.format(
        caption=escape(grid.caption), head=f"{upper_row}<tr>{lower}</tr>", body=body, notes=notes
    )


def _html_cell(cell: Cell, starts_group: bool) -> str:
    text = f"<b>{escape(cell.text)}</b>" if cell.best else escape(cell.text)
    if cell.faint:
        text = f"<i>{text}</i>"
    small = "".join(f"<small>{escape(line)}</small>" for line in cell.details)
    marks = _classes(start=starts_group, long=cell.prose or len(cell.text) > LONG)
    return f"<td{marks}>{text}{small}</td>"


def _classes(**which: bool) -> str:
    names = " ".join(name for name, holds in which.items() if holds)
    return f' class="{names}"' if names else ""


_SUMMARY = ' class="summary"'
_TABLE = """<table>
<caption>{caption}</caption>
<thead>
{head}
</thead>
<tbody>
{body}
</tbody>
</table>
{notes}"""
_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{title}</title>
<style>
body {{ font: 14px/1.35 system-ui, sans-serif; color: #1a1a1a; background: #fff; margin: 1.5em; }}
h1 {{ font-size: 1.3em; }}
table {{ margin-top: 1.5em; border-collapse: collapse; }}
table {{ border-top: 2px solid; border-bottom: 2px solid; }}
caption {{ text-align: left; font-weight: 600; white-space: nowrap; padding-bottom: .6em; }}
thead {{ border-bottom: 1px solid; }}
th, td {{ padding: .25em .4em; text-align: right; vertical-align: top; white-space: nowrap; }}
th[scope=colgroup] {{ text-align: center; }}
.start {{ padding-left: 1em; }}
td {{ font-variant-numeric: tabular-nums; }}
small {{ display: block; color: #595959; font-size: 11px; }}
td > i {{ color: #6b6b6b; font-style: normal; }}
.long {{ white-space: normal; text-align: left; min-width: 24em; max-width: 48em; }}
.summary {{ border-top: 1px solid; }}
tbody tr:nth-child(even) {{ background: #f4f4f4; }}
p {{ max-width: 70em; margin: .5em 0; }}
</style>
</head>
<body>
{body}
</body>
</html>
"""

"""A grid as LaTeX for a paper: a ``table*`` that needs the package booktabs alone."""

from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

from facs3d.core.atomic import whole
from facs3d.report.grid import Cell, Grid

SPECIAL = {
    **{character: f"\\{character}" for character in "#$%&_{}"},
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": "$<$",
    ">": "$>$",
    "±": r"$\pm$",
    "−": "$-$",
    "·": r"$\cdot$",
    "×": r"$\times$",
}
"""Characters that LaTeX would read as something else, or that its default fonts lack."""
PROSE = 0.6
"""Share of the page's width for columns of prose."""


def write_latex(grids: Mapping[str, Grid], path: str | Path) -> None:
    r"""Write label (what ``\ref`` finds it by) -> grid as a file to ``\input``: a ``table*`` each,
    with its caption above, notes below, and small print in rows of its own."""
    tables = [latex_table(grid, label) for label, grid in grids.items()]
    with whole(path) as unfinished:
        text = "\n".join([r"% Needs \usepackage{booktabs}.", *tables])
        unfinished.write_text(text, encoding="utf-8", newline="\n")


def latex_table(grid: Grid, label: str) -> str:
    """The grid as a ``table*`` environment."""
    first_summary = len(grid.rows) - grid.n_summaries
    parted = any(cell.details for row in grid.rows for cell in row)
    body = []
    for place, row in enumerate(grid.rows):
        if place == first_summary:
            body.append(r"\midrule")
        elif place and parted:
            body.append(r"\addlinespace[2pt]")
        body += _row(row)
    return "\n".join(
        [
            r"\begin{table*}",
            r"\centering\scriptsize\setlength{\tabcolsep}{1pt}",
            rf"\caption{{{escape(grid.caption)}}}\label{{{label}}}",
            # No space outside the outermost columns.
            rf"\begin{{tabular}}{{@{{}}{_columns(grid)}@{{}}}}",
            r"\toprule",
            *_heads(grid),
            r"\midrule",
            *body,
            r"\bottomrule",
            r"\end{tabular}",
            *(rf"\par\smallskip\raggedright {escape(note)}" for note in grid.notes if note),
            r"\end{table*}",
            "",
        ]
    )


def escape(text: str) -> str:
    """``text`` as LaTeX sets it literally."""
    return "".join(SPECIAL.get(character, character) for character in text)


def _columns(grid: Grid) -> str:
    """The first column names the row, those of prose share :data:`PROSE` of the page's width."""
    width = f"p{{{PROSE / max(sum(grid.prose), 1):.2f}\\textwidth}}"
    kinds = ["l", *["r"] * (len(grid.prose) - 1)]
    return "".join(width if long else kind for long, kind in zip(grid.prose, kinds, strict=True))


def _heads(grid: Grid) -> list[str]:
    lower = _line([escape(head) for _, heads in grid.groups for head in heads])
    if not any(head for head, _ in grid.groups):
        return [lower]
    starts = [1]
    for _, heads in grid.groups:
        starts.append(starts[-1] + len(heads))
    upper = [rf"\multicolumn{{{len(heads)}}}{{c}}{{{escape(head)}}}" for head, heads in grid.groups]
    rules = [
        rf"\cmidrule(lr){{{start}-{end - 1}}}"
        for (start, end), (head, _) in zip(pairwise(starts), grid.groups, strict=True)
        if head
    ]
    return [_line(upper), "".join(rules), lower]


def _row(row: tuple[Cell, ...]) -> list[str]:
    texts = [_text(cell) for cell in row]
    depth = max(len(cell.details) for cell in row)
    small = [
        [
            rf"{{\tiny {escape(cell.details[level])}}}" if level < len(cell.details) else ""
            for cell in row
        ]
        for level in range(depth)
    ]
    return [_line(texts), *map(_line, small)]


def _text(cell: Cell) -> str:
    text = rf"\textbf{{{escape(cell.text)}}}" if cell.best else escape(cell.text)
    # The group ends what \raggedright makes of \\.
    return rf"{{\raggedright {text}\par}}" if cell.prose and text else text


def _line(cells: list[str]) -> str:
    # A star or bracket that follows \\ would be read as its argument.
    first = f"{{{cells[0]}}}" if cells[0].startswith(("*", "[")) else cells[0]
    return " & ".join([first, *cells[1:]]) + r" \\"

"""LaTeX tables: structure, escaping, and that LaTeX compiles them where there is one."""

import re
import shutil
import subprocess

import pytest

from facs3d.report.grid import Cell, Grid
from facs3d.report.latex import escape, write_latex

GRID = Grid(
    caption="50 % of a_b & c",
    groups=(("", ("AU", "BR")), ("F1", ("2D", "3D"))),
    rows=(
        (Cell("1"), Cell("9.11"), Cell("−3.00", details=("± 1.20",)), Cell("4.00", best=True)),
        (Cell("*"), Cell(""), Cell("[x]"), Cell("p < .05 · S²")),
        (Cell("Ave"), Cell("9.11"), Cell("#1"), Cell("~^\\{}$")),
    ),
    notes=("S = 2·ACC − 1.", ""),
    n_summaries=1,
)


@pytest.fixture
def written(tmp_path):
    path = tmp_path / "table.tex"
    write_latex({"tab:x": GRID, "tab:y": GRID}, path)
    return path


def test_heads_rules_and_rows(written):
    lines = written.read_text(encoding="utf-8").splitlines()
    start = lines.index(r"\toprule")
    assert lines[start + 1 :][:6] == [
        r"\multicolumn{2}{c}{} & \multicolumn{2}{c}{F1} \\",
        r"\cmidrule(lr){3-4}",
        r"AU & BR & 2D & 3D \\",
        r"\midrule",
        r"1 & 9.11 & $-$3.00 & \textbf{4.00} \\",
        r" &  & {\tiny $\pm$ 1.20} &  \\",
    ]
    assert lines[lines.index(r"\bottomrule") - 2] == r"\midrule", "before the summary"
    assert r"\caption{50 \% of a\_b \& c}\label{tab:x}" in lines
    assert sum(line.startswith(r"\par") for line in lines) == 2, "an empty note is none"


def test_every_row_has_every_column(written):
    rows = [line for line in written.read_text().splitlines() if line.endswith(r"\\")]
    assert len(rows) == 2 * 6
    for row in rows:
        spanned = [int(n) - 1 for n in re.findall(r"multicolumn\{(\d)", row)]
        assert len(re.findall(r"(?<!\\)&", row)) + sum(spanned) == 3


def test_nothing_but_what_latex_prints_as_itself_is_left():
    assert escape("a_b 5% ±2") == r"a\_b 5\% $\pm$2"
    assert escape("\\") == r"\textbackslash{}"


def test_a_star_or_bracket_at_the_start_of_a_row_is_no_argument(written):
    assert r"{*} &  & [x]" in written.read_text()


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no pdflatex here")
def test_it_compiles_with_booktabs_alone(written):
    document = r"\documentclass{article}\usepackage{booktabs}\begin{document}"
    document += r"\input{table.tex}\ref{tab:x}\ref{tab:y}\end{document}"
    (written.parent / "document.tex").write_text(document)
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "document.tex"]
    done = subprocess.run(command, cwd=written.parent, capture_output=True, text=True, check=False)
    if "booktabs.sty' not found" in done.stdout:
        pytest.skip("pdflatex has no booktabs here")
    assert done.returncode == 0, done.stdout
    assert "Missing character" not in (written.parent / "document.log").read_text()

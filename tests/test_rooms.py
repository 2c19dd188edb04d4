"""The library's floor plan: rooms in a row, each importing only those before it."""

import ast
import contextlib
import re
from collections.abc import Iterator
from pathlib import Path

from facs3d.planning.code_digest import LIBRARY, imported_names

ROLE = re.compile(r":\w+:`~?(facs3d\b[^`]*)`")
"""What prose refers to, such as :func:`facs3d.planning.code_digest.code_files`."""

ROOMS = (
    *("core", "video", "datasets", "planning", "preprocessing"),
    *("training", "evaluation", "prediction", "synthetic", "report"),
)


def test_a_room_imports_only_rooms_above_it():
    against = [
        f"{path.relative_to(LIBRARY)} imports {name}"
        for path in LIBRARY.rglob("*.py")
        for name in imported_names(path)
        if name.startswith("facs3d.") and path.parent != LIBRARY
        if ROOMS.index(name.split(".")[1]) > ROOMS.index(path.relative_to(LIBRARY).parts[0])
    ]
    assert against == []


def test_every_module_lies_in_a_room():
    assert {path.name for path in LIBRARY.iterdir() if path.suffix == ".py"} == {"__init__.py"}
    assert {path.name for path in LIBRARY.iterdir() if path.is_dir()} - {"__pycache__"} == {*ROOMS}


def test_only_the_report_knows_figures_and_pages():
    knowing = {
        path.relative_to(LIBRARY).parts[0]
        for path in LIBRARY.rglob("*.py")
        if any(name.split(".")[0] == "matplotlib" for name in imported_names(path))
    }
    assert knowing == {"report"}


def test_no_file_has_more_than_400_lines():
    patterns = ("workflow_scripts/**/*.py", "tests/**/*.py", "rules/*.smk", "Snakefile")
    files = [path for pattern in patterns for path in LIBRARY.parents[1].glob(pattern)]
    lengths = {path.name: len(path.read_text(encoding="utf-8").splitlines()) for path in files}
    assert {"code_digest.py", "test_rooms.py", "training.smk", "Snakefile"} <= set(lengths)
    assert {name: length for name, length in lengths.items() if length > 400} == {}


def test_no_tests_are_imported_by_others():
    """What they share lies in tests.support, or in a folder's conftest.py."""
    against = [
        f"{path.name} imports {name}"
        for path in Path(__file__).parent.rglob("*.py")
        for name in imports(path.read_text(encoding="utf-8"))
        if any(part.startswith("test_") for part in name.split("."))
    ]
    assert against == []


def imports(code: str) -> Iterator[str]:
    """What Python code imports, that in its strings too, which may be for another process."""
    for node in ast.walk(ast.parse(code)):
        match node:
            case ast.Import(names=names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module=str(module), names=names):
                yield from (f"{module}.{alias.name}" for alias in names)
            case ast.Constant(value=str(text)) if "import " in text:
                with contextlib.suppress(SyntaxError, ValueError):
                    yield from imports(text)


def test_docstrings_refer_to_what_there_is():
    """Read, not imported, for some modules need a GPU's packages."""
    scripts, tests = LIBRARY.parent.glob("*.py"), Path(__file__).parent.rglob("*.py")
    places = [
        (path, reference)
        for path in (*LIBRARY.rglob("*.py"), *scripts, *tests)
        for text in prose(path)
        for reference in ROLE.findall(text)
    ]
    assert len(places) > 30
    astray = [f"{path.name}: {name}" for path, name in places if not exists(name)]
    assert astray == []


def test_a_reference_to_what_moved_or_never_was_is_found():
    there = "core core.errors core.errors.InputError training.models.ActionUnitModel.head"
    assert all(exists(f"facs3d.{name}") for name in there.split())
    gone = "tables errors.InputError core.errors.Input training.models.ActionUnitModel.decide core."
    assert not any(exists(f"facs3d.{name}") for name in gone.split())


def prose(path: Path) -> Iterator[str]:
    """Texts that stand alone: docstrings of modules, classes, functions and attributes."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield str(node.value.value)


def exists(reference: str) -> bool:
    """Whether a dotted name is a module, or what one or a class in it defines."""
    _library, *parts = reference.split(".")
    place = LIBRARY
    while parts and parts[0] and (place / parts[0]).is_dir():
        place /= parts.pop(0)
    if parts and (place / f"{parts[0]}.py").is_file():
        path = place / f"{parts.pop(0)}.py"
    else:
        path = place / "__init__.py"
    body = ast.parse(path.read_text(encoding="utf-8")).body
    for name in parts:
        found = [node for node in body if name in defined(node)]
        if not found:
            return False
        body = getattr(found[0], "body", [])
    return True


def defined(node: ast.stmt) -> set[str]:
    match node:
        case ast.ClassDef(name=name) | ast.FunctionDef(name=name):
            return {name}
        case ast.Assign(targets=targets):
            leaves = [leaf for target in targets for leaf in ast.walk(target)]
            return {leaf.id for leaf in leaves if isinstance(leaf, ast.Name)}
        case ast.AnnAssign(target=ast.Name(id=name)):
            return {name}
    return set()

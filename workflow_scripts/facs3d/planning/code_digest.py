"""The code that results depend on, a script or module and the library modules it imports: as files,
and as a digest.

The digest is a parameter of the rules, so that a change of code reruns exactly the steps that use
it; what is resumed keeps it. A comment or a docstring does not change it. Standard library only.
"""

import ast
import hashlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TypeGuard

LIBRARY = Path(__file__).parents[1]
PACKAGE = LIBRARY.name
WORDS_OF_A_SETTING = {"meaning", "paper", "allowed_words"}
"""What :func:`facs3d.core.settings.setting` says to people; the meaning is its second argument."""


@cache
def code_digest(source: Path, *more: Path) -> str:
    """16 hexadecimal digits that tell apart two states of the code of ``source``, of ``more`` and
    of all modules of this library that they import, directly or not.

    What counts is the syntax without docstrings and words that explain a setting, and the content
    of data files beside a module that it names in a string. ``more`` is for what is imported by a
    name made at run time. Raises ``FileNotFoundError`` for a file that does not exist.
    """
    digest = hashlib.sha256()
    for path in code_files(source, *more):
        digest.update(path.name.encode())
        digest.update(_content_digest(path))
    return digest.hexdigest()[:16]


def code_files(*sources: Path) -> list[Path]:
    """``sources``, the library modules that they import, and their data files; sorted.

    Imports are read from the source (``ast``), nothing is executed; importing a package means its
    ``__init__.py``.
    """
    found, waiting = set(sources), list(sources)
    while waiting:
        source = waiting.pop()
        found |= _data_files(source)
        for path in _imported_files(source):
            if path not in found:
                found.add(path)
                waiting.append(path)
    return sorted(found)


@cache
def _imported_files(path: Path) -> tuple[Path, ...]:
    return tuple(file for name in sorted(imported_names(path)) for file in _module_files(name))


@cache
def imported_names(path: Path) -> frozenset[str]:
    """Dotted names of what a Python file imports (``from a import b`` gives ``a`` and ``a.b``)."""
    names: set[str] = set()
    for node in ast.walk(_parse(path)):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module)
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return frozenset(names)


def _module_files(name: str) -> list[Path]:
    """Files that importing ``name`` executes, if it is this library's: its packages and itself."""
    package, *parts = name.split(".")
    if package != PACKAGE:
        return []
    folder = LIBRARY
    files = [folder / "__init__.py"]
    for part in parts:
        folder = folder / part
        files += [folder / "__init__.py", folder.with_suffix(".py")]
    return [path for path in files if path.is_file()]


@cache
def _data_files(path: Path) -> frozenset[Path]:
    """Files beside a Python file that a string in it names, such as ``canonical_face.csv``."""
    strings = {
        node.value
        for node in ast.walk(_parse(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    return frozenset(
        file for file in path.parent.iterdir() if file.name in strings and file.is_file()
    )


@cache
def _content_digest(path: Path) -> bytes:
    if path.suffix != ".py":
        return hashlib.sha256(path.read_bytes()).digest()
    return hashlib.sha256("\0".join(_syntax(_parse(path))).encode()).digest()


def _syntax(node: object) -> Iterator[str]:
    """What a syntax tree says, without strings that stand alone as statements.

    Not ``ast.dump``: Python versions differ in which empty fields there are, and a new Python for
    Snakemake must not train everything anew.
    """
    if _is_setting(node):
        yield "setting"
        yield from _syntax(node.args[:1])
        yield from _syntax([word for word in node.keywords if word.arg not in WORDS_OF_A_SETTING])
    elif isinstance(node, ast.AST):
        yield type(node).__name__
        for name, value in ast.iter_fields(node):
            if value is not None and value != []:
                yield name
                yield from _syntax(value)
    elif isinstance(node, list):
        yield "["
        for item in node:
            if not _stands_alone(item):
                yield from _syntax(item)
        yield "]"
    else:
        yield repr(node)


def _is_setting(node: object) -> TypeGuard[ast.Call]:
    return (
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "setting"
    )


def _stands_alone(node: object) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


@cache
def _parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))

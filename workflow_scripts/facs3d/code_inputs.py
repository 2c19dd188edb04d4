"""Which files a script's behaviour depends on: itself and the library modules it imports.

Rules take these as inputs, so that a change of a module reruns exactly the steps that use it.
"""

import ast
from functools import cache
from pathlib import Path

LIBRARY = Path(__file__).parent
PACKAGE = LIBRARY.name


def code_inputs(script: Path) -> list[Path]:
    """``script``, all modules of this library that it imports, directly or not, and their data.

    Sorted. A module's data are the files beside it that it names in a string. Imports are read
    from the source (``ast``), nothing is executed; importing a package means its ``__init__.py``.
    Raises ``FileNotFoundError`` if the script does not exist.
    """
    found = {script}
    waiting = [script]
    while waiting:
        source = waiting.pop()
        found |= data_files(source)
        for module in imported_names(source):
            for path in _module_files(module):
                if path not in found:
                    found.add(path)
                    waiting.append(path)
    return sorted(found)


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


@cache
def data_files(path: Path) -> frozenset[Path]:
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
def _parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


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

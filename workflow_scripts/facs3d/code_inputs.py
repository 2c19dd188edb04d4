"""Which files a script's behaviour depends on: itself and the library modules it imports.

Rules take these as inputs, so that a change of a module reruns exactly the steps that use it.
"""

import ast
from functools import lru_cache
from pathlib import Path

LIBRARY = Path(__file__).parent
PACKAGE = LIBRARY.name


def code_inputs(script: Path) -> list[Path]:
    """``script`` and all modules of this library that it imports, directly or not, sorted.

    Imports are read from the source (``ast``), nothing is executed; importing a package means its
    ``__init__.py``. Raises ``FileNotFoundError`` if the script does not exist.
    """
    found = {script}
    waiting = [script]
    while waiting:
        for module in imported_names(waiting.pop()):
            for path in _module_files(module):
                if path not in found:
                    found.add(path)
                    waiting.append(path)
    return sorted(found)


@lru_cache(maxsize=None)
def imported_names(path: Path) -> frozenset[str]:
    """Dotted names of everything a Python file imports (``from a import b`` gives ``a`` and ``a.b``)."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"), filename=str(path))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module)
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return frozenset(names)


def _module_files(name: str) -> list[Path]:
    """Files executed on importing ``name`` if it belongs to this library: its packages and itself."""
    package, *parts = name.split(".")
    if package != PACKAGE:
        return []
    folder = LIBRARY
    files = [folder / "__init__.py"]
    for part in parts:
        folder = folder / part
        files += [folder / "__init__.py", folder.with_suffix(".py")]
    return [path for path in files if path.is_file()]

"""The library's floor plan: rooms in a row, each importing only those before it."""

from facs3d.planning.code_digest import LIBRARY, imported_names

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

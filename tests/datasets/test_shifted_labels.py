"""What a spreadsheet does to label files: an edit is refused, or what is read is still the truth.

Each file is made with its truth beside it, then edited once at random: a block of cells deleted or
inserted, a row, a column, a lost header, another separator. The truth comes from what was written
and from the edit, never from a reader.
"""

import shutil
from typing import NamedTuple

import numpy as np
import pytest

from facs3d.core.errors import InputError
from facs3d.datasets import bp4d, bp4dplus, disfa, generic, registered
from facs3d.datasets.positive import positive_rules

BP4D_AUS = (1, 2, 4, 5, 6, 7, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 22, 23, 24, 27, 28)
Grid = list[list[str]]
Truth = dict[tuple[str, int, int], int]
"""Label 1, 0 or -1 of a video's frame and AU."""


class File(NamedTuple):
    """A label file: its cells, what they mean, and which video and frame each row is of."""

    grid: Grid
    truth: Truth
    rows: list[tuple[str, int] | None]
    aus: tuple[int, ...]
    blank_is_unknown: bool = False


def label(code, intensity):
    return -1 if code == 9 else int(code >= (2 if intensity else 1))


def codes_of(rng, shape, intensity):
    """Runs of codes as coders leave them, rather than noise: neighbours are often equal."""
    choice = (0, 0, 0, 1, 2, 3, 4, 5, 9) if intensity else (0, 0, 0, 1, 1, 9)
    codes = rng.choice(choice, shape)
    again = rng.random(shape) < 0.5
    for row in range(1, shape[0]):
        codes[row, again[row]] = codes[row - 1, again[row]]
    return codes


def occurrence_file(rng):
    aus = BP4D_AUS[: rng.integers(1, len(BP4D_AUS))]
    start = int(rng.choice([0, 1, 9, 2440]))
    codes = codes_of(rng, (rng.integers(6, 12), len(aus)), False)
    first = str(rng.choice(["0", "frame"])) if aus == (1,) else str(rng.choice(["0", "1", "frame"]))
    grid = [[first, *map(str, aus)]]
    grid += [[str(start + row), *map(str, line)] for row, line in enumerate(codes)]
    truth = {
        ("F001_T1", start + row, au): label(code, False)
        for row, line in enumerate(codes)
        for au, code in zip(aus, line, strict=True)
    }
    asked = tuple(au for au in aus if rng.random() < 0.6) or aus[:1]
    rows = [None, *(("F001_T1", start + row) for row in range(len(codes)))]
    return File(grid, truth, rows, asked)


def coded_file(rng, au, video):
    start = int(rng.choice([0, 1, 2440])) if video == "F001_T1" else 1
    codes = codes_of(rng, (rng.integers(11, 20), 1), True)[:, 0]
    rows = [(video, start + row) for row in range(len(codes))]
    grid = [[str(frame), str(code)] for (_video, frame), code in zip(rows, codes, strict=True)]
    truth = {(*row, au): label(code, True) for row, code in zip(rows, codes, strict=True)}
    return File(grid, truth, rows, (au,))


def intensity_file(rng):
    return coded_file(rng, int(rng.choice([1, 2, 4, 5, 6, 12])), "F001_T1")


def disfa_file(rng):
    return coded_file(rng, int(rng.choice([1, 2, 4, 5, 12])), "SN001_left")


def own_table(rng, videos):
    """A table by header: columns in any order, some that are not read, unknown codes left blank."""
    intensity = True
    decimals = str(rng.choice(["", ".0", ".00"]))
    aus = tuple(int(au) for au in rng.choice(BP4D_AUS, rng.integers(1, 7), replace=False))
    read = [*(["video"] if len(videos) > 1 else []), "frame"]
    if len(videos) > 1 and rng.random() < 0.3:
        read += ["subject", "task"]
    notes = [f"note {number}" for number in range(rng.integers(0, 3))]
    names = [*read, *notes, *(f"AU{au:02d}" for au in aus)]
    if rng.random() < 0.5:
        names = [str(name) for name in rng.permutation(names)]
    if rng.random() < 0.5:
        names += ["pose", "remark"][: rng.integers(1, 3)]
    if rng.random() < 0.5:
        names.insert(0, "session")
    read = max(place for place, name in enumerate(names) if name in read or name.startswith("AU"))
    if names[read] in ("video", "subject", "task"):
        names = names[read + 1 :] + names[: read + 1]
    grid, truth, rows = [names], {}, [None]
    for video in videos:
        start = int(rng.choice([0, 1, 30]))
        for row, codes in enumerate(codes_of(rng, (rng.integers(3, 8), len(aus)), intensity)):
            coded = {
                f"AU{au:02d}": f"{code}{decimals}" for au, code in zip(aus, codes, strict=True)
            }
            cells = {"video": video, "frame": str(start + row), "subject": video[:3], "task": "1"}
            cells |= {name: str(rng.choice(["", "x", "smiles"])) for name in [*notes, "remark"]}
            cells |= {
                "pose": f"{rng.integers(-20, 20) + rng.choice([0.25, 0.5, 0.98])}",
                "session": str(rng.integers(1, 12)),
            } | coded
            grid.append([cells[name] for name in names])
            rows.append((video, start + row))
            truth |= {
                (video, start + row, au): label(code, intensity)
                for au, code in zip(aus, codes, strict=True)
            }
    for cells in grid[1:-1]:
        for place, name in enumerate(names[:-1]):
            if (
                name.startswith("AU")
                and cells[place][:1] == "9"
                and cells[-1]
                and rng.random() < 0.5
            ):
                cells[place] = ""
    asked = tuple(au for au in aus if rng.random() < 0.6) or aus[:1]
    return File(grid, truth, rows, asked, blank_is_unknown=True)


def generic_file(rng):
    return own_table(rng, ["ann_1", "ben_1", "cem_1"][: rng.integers(2, 4)])


def registered_file(rng):
    return own_table(rng, ["F001_T1"])


def padded(grid):
    width = max(map(len, grid), default=0)
    return [[*row, *[""] * (width - len(row))] for row in grid]


def edited(rng, file):
    """The file edited once, with the truth that is left: name of the edit, grid, truth."""
    grid = [list(row) for row in file.grid]
    n_rows, n_columns = len(grid), len(grid[0])
    row, column = int(rng.integers(n_rows)), int(rng.integers(n_columns))
    height = int(rng.choice([1, 1, 1, 2, 3, n_rows - 1, n_rows]))
    width = int(rng.choice([1, 1, 1, 2, 3]))
    if height >= n_rows - 1:
        row = n_rows - height
    block = range(row, min(row + height, n_rows)), range(column, min(column + width, n_columns))
    edit = str(rng.choice([*EDITS]))
    grid, truth = EDITS[edit](file, grid, *block)
    if edit in ("delete_left", "delete_up", "blank") and len(block[1]) == n_columns:
        # Every cell of these rows is gone, so the rows are.
        truth = without_rows(file, block[0])
    if rng.random() < 0.3:
        # As an editor leaves rows; a spreadsheet writes commas up to its last column.
        grid = [",".join(cells).rstrip(",").split(",") for cells in grid]
    return edit, grid, truth


def without_rows(file, rows):
    gone = {file.rows[row] for row in rows}
    return {key: code for key, code in file.truth.items() if key[:2] not in gone}


def delete_left(file, grid, rows, columns):
    for row in rows:
        del grid[row][columns.start : columns.stop]
    return padded(grid), file.truth


def insert_right(file, grid, rows, columns):
    for row in rows:
        grid[row][columns.start : columns.start] = [""] * len(columns)
    return padded(grid), file.truth


def delete_up(file, grid, rows, columns):
    for column in columns:
        cells = [row[column] for row in grid]
        cells[rows.start : rows.stop] = []
        for row, cell in zip(grid, [*cells, *[""] * len(rows)], strict=True):
            row[column] = cell
    return grid, file.truth


def insert_down(file, grid, rows, columns):
    grid += [[""] * len(grid[0]) for _row in rows]
    for column in columns:
        cells = [row[column] for row in grid]
        cells[rows.start : rows.start] = [""] * len(rows)
        for row, cell in zip(grid, cells, strict=False):
            row[column] = cell
    return grid, file.truth


def delete_rows(file, grid, rows, columns):
    del grid[rows.start : rows.stop]
    return grid, without_rows(file, rows)


def insert_rows(file, grid, rows, columns):
    grid[rows.start : rows.start] = [[""] * len(grid[0]) for _row in rows]
    return grid, file.truth


def delete_columns(file, grid, rows, columns):
    return delete_left(file, grid, range(len(grid)), columns)


def insert_columns(file, grid, rows, columns):
    return insert_right(file, grid, range(len(grid)), columns)


def lose_header_cell(file, grid, rows, columns):
    grid[0][columns.start] = ""
    return grid, file.truth


def lose_header(file, grid, rows, columns):
    """The first line goes; where it is no header, one comes instead."""
    if file.rows[0] is None:
        return grid[1:], file.truth
    return [["frame" if columns.start else "0", str(file.aus[0])], *grid], file.truth


def blank(file, grid, rows, columns):
    """Cells cleared; where that is a way to write it, their AU becomes unknown."""
    truth = dict(file.truth)
    for row in rows:
        for column in columns:
            name = file.grid[0][column]
            if file.blank_is_unknown and row and name.startswith("AU"):
                truth[(*file.rows[row], int(name[2:]))] = -1
            grid[row][column] = ""
    return grid, truth


def swap_separators(file, grid, rows, columns):
    """Commas become semicolons or tabs: all, those of some rows, or one."""
    separator = ";" if columns.start % 2 else "\t"
    if len(rows) == 1:
        row, column = grid[rows.start], min(columns.start, len(grid[0]) - 2)
        row[column : column + 2] = [separator.join(row[column : column + 2])]
    else:
        for row in rows:
            grid[row] = [separator.join(grid[row])]
    return grid, file.truth


EDITS = {
    edit.__name__: edit
    for edit in (
        delete_left,
        insert_right,
        delete_up,
        insert_down,
        delete_rows,
        insert_rows,
        delete_columns,
        insert_columns,
        lose_header_cell,
        lose_header,
        blank,
        swap_separators,
    )
}


def write(path, grid, rng):
    lines = [",".join(row) for row in grid]
    end = str(rng.choice(["\n", "\r\n"]))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes((str(rng.choice(["", "\ufeff"])) + end.join(lines) + end).encode())
    return path


def read_occurrence(root, file, grid, rng):
    layout = bp4d if rng.random() < 0.5 else bp4dplus
    path = write(root / "AUCoding" / "AU_OCC" / "F001_T1.csv", grid, rng)
    return labels_of(layout, path, ["F001_T1"], "occurrence", file.aus)


def read_intensity(root, file, grid, rng):
    (au,) = file.aus
    frames = {frame for _video, frame, _au in file.truth}
    rows = [["0", str(au)], *([str(frame), "9"] for frame in sorted(frames))]
    path = write(root / "AUCoding" / "AU_OCC" / "F001_T1.csv", rows, rng)
    write(root / "AUCoding" / "AU_INT" / f"AU{au:02d}" / f"F001_T1_AU{au}.csv", grid, rng)
    return labels_of(bp4dplus, path, ["F001_T1"], "intensity>=2", file.aus)


def read_disfa(root, file, grid, rng):
    (au,) = file.aus
    folder = root / "ActionUnit_Labels" / "SN001"
    write(folder / f"SN001_au{au}.txt", grid, rng)
    return labels_of(disfa, folder, ["SN001_left"], "intensity>=2", file.aus)


def read_generic(root, file, grid, rng):
    path = write(root / "labels.csv", grid, rng)
    videos = sorted({video for video, _frame, _au in file.truth})
    return labels_of(generic, path, videos, "intensity>=2", file.aus)


def read_registered(root, file, grid, rng):
    path = write(root / "labels" / "F001_T1.csv", grid, rng)
    return labels_of(registered, path, ["F001_T1"], "intensity>=2", file.aus)


def labels_of(layout, path, videos, positive, aus):
    """What is read of each video that can be; a video refused costs its own labels only."""
    generic._read_state.cache_clear()
    found = {}
    for video in videos:
        try:
            read = layout.read_labels(path, video, positive_rules(positive, aus))
        except InputError:
            found[video] = None
            continue
        found[video] = {
            (video, int(frame), au): int(code)
            for frame, line in zip(read.frame_number, read.labels, strict=True)
            for au, code in zip(aus, line, strict=True)
        }
    return found


FORMATS = {
    "occurrence": (occurrence_file, read_occurrence),
    "intensity": (intensity_file, read_intensity),
    "disfa": (disfa_file, read_disfa),
    "generic": (generic_file, read_generic),
    "registered": (registered_file, read_registered),
}


def is_undetectable(name, file, edit):
    """The edits that `docs/limits.md` says leave no trace.

    A lost header of a file whose first codes read ``0,1``, ``0,9`` or ``0,1,9``: that is a header.
    """
    if name == "occurrence" and edit == "lose_header":
        return file.grid[1] in (["0", "1"], ["0", "9"], ["0", "1", "9"])
    return False


def check(root, name, seed):
    """Whether the edited file was read, and what it was edited by."""
    rng = np.random.default_rng([seed, *name.encode()])
    make, read = FORMATS[name]
    file = make(rng)
    wanted = {key: code for key, code in file.truth.items() if key[2] in file.aus}
    videos = {key[0] for key in wanted}
    folder = root / "sound"
    sound = read(folder, file, file.grid, rng)
    assert sound == {v: {k: c for k, c in wanted.items() if k[0] == v} for v in videos}, seed
    edit, grid, left = edited(rng, file)
    shutil.rmtree(folder)
    found = read(folder, file, grid, rng)
    shutil.rmtree(folder)
    if is_undetectable(name, file, edit):
        return edit, True
    for video, labels in found.items():
        expected = {k: c for k, c in left.items() if k[0] == video and k[2] in file.aus}
        if name == "intensity":
            # The frames are those of the occurrence file: what it alone has is unknown.
            expected = {key: left.get(key, -1) for key in wanted}
        if labels is not None:
            assert labels == expected, (name, seed, edit, file.grid, grid)
    return edit, any(labels is not None for labels in found.values())


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize(
    "seeds", [range(60), pytest.param(range(60, 1060), marks=pytest.mark.slow)], ids=["60", "1000"]
)
def test_an_edited_label_file_is_refused_or_still_the_truth(tmp_path, name, seeds):
    outcomes = [check(tmp_path, name, seed) for seed in seeds]
    # The check itself must see both: edits that do no harm are read, others refused.
    assert {read for _edit, read in outcomes} == {True, False}
    assert {edit for edit, _read in outcomes} == set(EDITS)
